"""Writes of requisitions: heads and lines, what orders them, and whether all is ordered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from flowrack.platform import sql
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.purchasing import queries_cover, queries_orders, queries_requisitions, rules_cover, steps_cover
from flowrack.purchasing import rules_requisitions as rules
from flowrack.purchasing.models_requisitions import Requisition, RequisitionLine
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.queries_cover import ORDERED_UNITS
from flowrack.purchasing.queries_offers import OfferKey, offers
from flowrack.purchasing.queries_requisitions import RequisitionFacts, RequisitionLineRow
from flowrack.purchasing.states_requisitions import RequisitionState
from flowrack.purchasing.steps_cover import Overridden
from flowrack.purchasing.types import NewPo, NewPoLine
from flowrack.purchasing.types_cover import Want
from flowrack.purchasing.types_requisitions import (
    REQUISITION_KIND,
    BadRequisition,
    LineToOrder,
    NewRequisition,
    NewRequisitionLine,
    OrderRequisitions,
    RequisitionsAsked,
)
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units, beyond_any_order


def write(ctx: Context, wanted: Sequence[NewRequisition]) -> tuple[list[int], list[str], list[list[int]]]:
    """Write requisitions that ask; ids, numbers and line ids. Emits purchasing.requisitions_created.

    Refuses with BadRequisition and AlreadyCovered, naming every line.
    """
    facts = queries_requisitions.facts(wanted, now=ctx.now)
    overridden = steps_cover.both(lambda: check(wanted, facts), lambda: refuse_covered(ctx, wanted, facts))
    numbers = next_numbers("RQ", len(wanted))
    ids = [
        row[0]
        for row in sql.fetch_all(
            """
            INSERT INTO purchasing_requisition
                   (number, site_id, state, reason, requested_by_id, requested_at, changed_by_id)
            SELECT n.number, n.site, 'requested', n.reason, %s, %s, %s
            FROM unnest(%s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY AS n(number, site, reason, place)
            ORDER BY n.place RETURNING id
            """,
            (
                ctx.actor_id,
                ctx.now,
                ctx.actor_id,
                numbers,
                [one.site_id for one in wanted],
                [one.reason.strip()[:200] for one in wanted],
            ),
        )
    ]
    lines = insert_lines(ctx, ids, wanted, facts)
    keep_overrides(ctx, ids, wanted, overridden)
    ctx.emit(RequisitionsAsked(ids))
    return ids, numbers, lines


def insert_lines(
    ctx: Context, ids: Sequence[int], wanted: Sequence[NewRequisition], facts: RequisitionFacts
) -> list[list[int]]:
    """Write the lines of requisitions; the ids of each. Needs the locks of `refuse_covered`. A query for each kind."""
    flat = [(i, no, x) for i, one in enumerate(wanted) for no, x in enumerate(one.lines, start=1)]
    keys = [(wanted[i].site_id, x.item_id) for i, _, x in flat]
    announced = rules_cover.by_key(queries_cover.covers(keys, today=ctx.now.date(), announced=True))
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_requisitionline
               (requisition_id, line_no, item_id, units, wanted_on, supplier_id, unit_cost, announced_units)
        SELECT n.requisition, n.line_no, n.item, n.units, n.wanted_on, n.supplier, n.cost, n.announced
        FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::date[], %s::bigint[], %s::numeric[],
                    %s::bigint[])
             WITH ORDINALITY AS n(requisition, line_no, item, units, wanted_on, supplier, cost, announced, place)
        ORDER BY n.place RETURNING id
        """,
        (
            [ids[i] for i, _, _ in flat],
            [no for _, no, _ in flat],
            [x.item_id for _, _, x in flat],
            [x.units for _, _, x in flat],
            [x.wanted_on for _, _, x in flat],
            [x.supplier_id for _, _, x in flat],
            [facts.cost_of(wanted[i].site_id, x) for i, _, x in flat],
            [
                sum(c.units for c in rules_cover.inside(announced.get(key, []), facts.until(key[0], x)))
                for key, (_, _, x) in zip(keys, flat, strict=True)
            ],
        ),
    )
    found: list[list[int]] = [[] for _ in ids]
    for (i, _, _), row in zip(flat, rows, strict=True):
        found[i].append(row[0])
    return found


def refuse_covered(
    ctx: Context,
    wanted: Sequence[NewRequisition],
    facts: RequisitionFacts,
    *,
    had: Mapping[int, int] | None = None,
    without: Sequence[tuple[str, int]] = (),
) -> Overridden:
    """Refuse with AlreadyCovered what is coming already; what a reason lets through. `had`: units of items that were
    asked for before and need no second look."""
    flat = [(one, x) for one in wanted for x in one.lines]
    wants = [
        Want(
            no,
            one.site_id,
            x.item_id,
            x.units,
            x.counted.until if x.counted else facts.until(one.site_id, x),
            counted=x.counted.units if x.counted else None,
            reason=one.cover_reason.strip(),
        )
        for no, (one, x) in enumerate(flat, start=1)
        if one.site_id in facts.today and x.item_id in facts.items and x.units > 0
    ]
    return steps_cover.refuse_covered(ctx, rules_cover.on_top(wants, had or {}), without=without)


def refuse_covered_order(
    ctx: Context,
    req: OrderRequisitions,
    chosen: Sequence[LineToOrder],
    found: Sequence[RequisitionLineRow],
    suppliers: Sequence[int],
) -> Overridden:
    """Refuse with AlreadyCovered what goods cover that came under way since it was asked for, and of units beyond
    those asked for what anything covers; what a reason lets through."""
    reason = req.cover_reason.strip()
    keys: list[OfferKey] = [(supplier, x.site_id, x.item_id) for supplier, x in zip(suppliers, found, strict=True)]
    offered = offers(keys, today=business_days(sorted({x.site_id for x in found}), now=ctx.now))
    beyond = rules.wants_beyond(chosen, found, lead_days=[offered[key].lead_days for key in keys], reason=reason)
    own = sorted({x.requisition_id for x in found})
    overridden: Overridden = []

    def of_asked() -> None:
        wants = rules.wants(chosen, found, reason=reason)
        overridden.extend(steps_cover.refuse_covered(ctx, wants, announced=True))

    def of_beyond() -> Overridden:
        return steps_cover.refuse_covered(ctx, beyond, without=[(REQUISITION_KIND, pk) for pk in own])

    return steps_cover.both(of_asked, of_beyond) + overridden


def keep_overrides(ctx: Context, ids: Sequence[int], wanted: Sequence[NewRequisition], overridden: Overridden) -> None:
    """Store what was asked for in spite of cover, at the first requisition that asks for it. Two statements."""
    asked = [
        (
            next(
                pk
                for pk, one in zip(ids, wanted, strict=True)
                if one.site_id == need.site_id and any(x.item_id == need.item_id for x in one.lines)
            ),
            need,
            reason,
        )
        for need, reason in overridden
    ]
    steps_cover.keep_overrides(ctx, REQUISITION_KIND, asked)


def check(wanted: Sequence[NewRequisition], facts: RequisitionFacts) -> None:
    """Refuse with BadRequisition what cannot be asked for; line numbers count through the whole batch."""
    bad: list[BadLine] = []
    number = 0
    if not wanted:
        raise BadRequisition("There is nothing to ask for.", fix="Send at least one requisition.")
    for one in wanted:
        first = number + 1
        if one.site_id not in facts.today:
            bad.append(BadLine(0, "site", f"There is no site {one.site_id}.", "Choose a site."))
        if not one.reason.strip():
            bad.append(BadLine(0, "reason", "The reason is missing.", "Say in a few words what it is for."))
        if not one.lines:
            bad.append(BadLine(first, "item", "The requisition has no lines.", "Add at least one item."))
        for x in one.lines:
            number += 1
            bad += _line_faults(number, x, facts, facts.today.get(one.site_id))
    if bad:
        raise BadRequisition(bad[0].message if len(bad) == 1 else f"Mend {len(bad)} things to ask for this.", lines=bad)


def _line_faults(number: int, x: NewRequisitionLine, facts: RequisitionFacts, today: date | None) -> list[BadLine]:
    item = facts.items.get(x.item_id)
    if item is None:
        return [BadLine(number, "item", f"There is no item {x.item_id}.", "Choose an item of the catalogue.")]
    bad = []
    if not item.is_active:
        bad.append(BadLine(number, "item", f"{item.sku} is not active.", "Activate it or choose another item."))
    if x.units <= 0:
        bad.append(BadLine(number, "units", f"{x.units} units cannot be asked for.", "Ask for at least 1."))
    bad += beyond_any_order(number, x.units)
    if today is not None and x.wanted_on < today:
        bad.append(BadLine(number, "wanted_on", f"{x.wanted_on} is past.", "Choose today or later."))
    if x.supplier_id is not None and x.supplier_id not in facts.suppliers:
        bad.append(BadLine(number, "supplier", f"{x.supplier_id} is no supplier.", "Choose a supplier, or none."))
    return bad


def link(pairs: Sequence[tuple[int, int]]) -> None:
    """Remember which PO line orders which requisition line: (requisition line, PO line). One statement."""
    sql.execute(
        """
        INSERT INTO purchasing_requisitionorder (requisition_line_id, po_line_id)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[])
        """,
        ([line for line, _ in pairs], [po_line for _, po_line in pairs]),
    )


def settle(po_ids: Sequence[int] = (), requisition_ids: Sequence[int] = ()) -> None:
    """Requisitions (those named, and those that POs order) are ordered when no unit is open, else approved again. One
    statement."""
    sql.execute(
        f"""
        WITH mine AS (
            SELECT unnest(%s::bigint[]) AS id
            UNION
            SELECT l.requisition_id FROM purchasing_poline pl
            JOIN purchasing_requisitionorder ro ON ro.po_line_id = pl.id
            JOIN purchasing_requisitionline l ON l.id = ro.requisition_line_id
            WHERE pl.po_id = ANY(%s::bigint[])
        ), progress AS (
            SELECT l.requisition_id, bool_and({ORDERED_UNITS} >= l.units) AS complete
            FROM mine JOIN purchasing_requisitionline l ON l.requisition_id = mine.id GROUP BY 1
        )
        UPDATE purchasing_requisition r SET state = CASE WHEN p.complete THEN 'ordered' ELSE 'approved' END
        FROM progress p
        WHERE r.id = p.requisition_id AND r.state IN ('approved', 'ordered')
          AND r.state <> CASE WHEN p.complete THEN 'ordered' ELSE 'approved' END
        """,  # noqa: S608 (a constant)
        (list(requisition_ids), list(po_ids)),
    )


def replace(ctx: Context, row: Requisition, wanted: NewRequisition) -> list[int]:
    """Write new lines for a locked requisition in place of its own; the ids.

    Units on top of those it had are held against what is coming. Refuses with BadRequisition, AlreadyCovered.
    """
    facts = queries_requisitions.facts([wanted], now=ctx.now)
    had: dict[int, int] = {}
    if row.site_id == wanted.site_id and row.state == RequisitionState.REQUESTED:
        for line in queries_requisitions.lines_of([row.pk]):
            had[line.item_id] = had.get(line.item_id, 0) + line.units
    overridden = steps_cover.both(
        lambda: check([wanted], facts),
        lambda: refuse_covered(ctx, [wanted], facts, had=had, without=[(REQUISITION_KIND, row.pk)]),
    )
    RequisitionLine.objects.filter(requisition=row).delete()
    [line_ids] = insert_lines(ctx, [row.pk], [wanted], facts)
    keep_overrides(ctx, [row.pk], [wanted], overridden)
    return line_ids


def orders_for(
    ctx: Context, req: OrderRequisitions, chosen: Sequence[tuple[LineToOrder, RequisitionLineRow, int]]
) -> list[NewPo]:
    """The orders that lines become, each with its supplier: neighbours of one supplier and site are one order, due
    when the first of it is wanted, but not before the supplier can. Six queries."""
    orders = [
        (supplier_id, site_id, list(of))
        for (supplier_id, site_id), of in groupby(chosen, key=lambda one: (one[2], one[1].site_id))
    ]
    plain = [
        NewPo(
            supplier_id=supplier_id,
            site_id=site_id,
            lines=[
                NewPoLine(row.item_id, x.units if x.units is not None else Units(row.open_units)) for x, row, _ in of
            ],
            note=f"For {', '.join(sorted({row.number for _, row, _ in of}))}",
            override_reason=req.override_reason,
        )
        for supplier_id, site_id, of in orders
    ]
    facts = queries_orders.order_facts(plain, now=ctx.now)
    return [
        dataclasses.replace(
            order,
            lines=[
                x if mine.units is not None else dataclasses.replace(x, units=facts.fitting(order, x))
                for x, (mine, _, _) in zip(order.lines, of, strict=True)
            ],
            due_on=max(facts.due_on(order), min(row.wanted_on for _, row, _ in of))
            if order.supplier_id in facts.suppliers
            else None,
        )
        for order, (_, _, of) in zip(plain, orders, strict=True)
    ]
