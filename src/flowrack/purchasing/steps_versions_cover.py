"""What changes of approved POs buy on top, held against what is coming already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from flowrack.platform.runner import Context
from flowrack.purchasing import (
    locks,
    queries_cover,
    queries_orders,
    queries_requisitions,
    rules_cover,
    rules_versions,
    steps_budgets,
    steps_cover,
)
from flowrack.purchasing.queries_budgets import Order, families_of
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules import line_total
from flowrack.purchasing.rules_budgets import by_family
from flowrack.purchasing.steps_cover import Overridden
from flowrack.purchasing.types import PO_KIND, NewPo, NewPoLine
from flowrack.purchasing.types_cover import Cover, Key, Want
from flowrack.purchasing.types_requisitions import REQUISITION_KIND
from flowrack.purchasing.types_versions import Content, PoChange
from flowrack.shared.quantity import Units

WantedBy = list[tuple[int, Want]]  # PO id, want


def on_top(
    orders: Sequence[tuple[NewPo, list[int]]],
    changes: Sequence[PoChange],
    standing: Mapping[int, Standings],
    facts: OrderFacts,
) -> WantedBy:
    """The units that changes want beyond those that their POs have of an item; `orders` as to be checked, with the
    places of their lines in the change. Wants are numbered as in the request."""
    found: WantedBy = []
    first = 1
    for (order, places), change in zip(orders, changes, strict=True):
        content = standing[change.po_id].content
        singles = [
            replace(
                order,
                lines=[line],
                due_on=rules_versions.due_on(content, change, change.lines[place]),
                cover_reason=change.cover_reason,
            )
            for place, line in zip(places, order.lines, strict=True)
        ]
        wants = [replace(w, line=first + places[w.line - 1]) for w in steps_cover.wants_of(singles, facts)]
        had = rules_versions.units_touched(content, change)
        found += [(change.po_id, want) for want in rules_cover.on_top(wants, had)]
        first += max(len(change.lines), 1)
    return found


def refuse_covered(ctx: Context, wanted: WantedBy, standing: Mapping[int, Standings]) -> Overridden:
    """Refuse with AlreadyCovered units on top that are coming already; what a reason lets through.

    What the PO itself has of the item is no cover for more of it, nor what is open of the requisition that its line
    orders. Where two POs of one request grow by the same item, each is cover for the other.
    """
    if not wanted:
        return []
    growing = {(want.key, po_id) for po_id, want in wanted}
    is_own = _own_cover(standing, growing)
    return steps_cover.refuse_covered(ctx, [want for _, want in wanted], is_own=is_own)


def _own_cover(standing: Mapping[int, Standings], wanted: set[tuple[Key, int]]) -> Callable[[Cover], bool]:
    """Whether a cover is what the growing POs have of their items themselves; of an item that two grow by, none."""
    growing: dict[Key, set[int]] = {}
    for key, po_id in wanted:
        growing.setdefault(key, set()).add(po_id)
    lines = {
        standing[po_id].line_ids[x.line_no]
        for key, po_ids in growing.items()
        if len(po_ids) == 1
        for po_id in po_ids
        for x in standing[po_id].content.lines
        if x.item_id == key[1]
    }
    asked = queries_requisitions.ordered_for(lines)

    def is_own(cover: Cover) -> bool:
        return cover.po_line_id in lines or (
            cover.kind == REQUISITION_KIND and (cover.document_id, cover.item_id) in asked
        )

    return is_own


def keep_overrides(ctx: Context, wanted: WantedBy, overridden: Overridden) -> dict[int, int]:
    """Store what changes buy in spite of cover, at the first PO that grows by the item; the units by PO. Two
    statements."""
    first: dict[tuple[int, int], int] = {}
    for po_id, want in wanted:
        first.setdefault(want.key, po_id)
    kept = [(first[need.site_id, need.item_id], need, reason) for need, reason in overridden]
    steps_cover.keep_overrides(ctx, PO_KIND, kept)
    covered: dict[int, int] = {}
    for po_id, need, _ in kept:
        covered[po_id] = covered.get(po_id, 0) + need.covered
    return covered


def covered_since(
    ctx: Context, contents: Mapping[int, Content], standing: Mapping[int, Standings], told: Mapping[int, int]
) -> dict[int, str]:
    """What approved changes would buy twice by now, though nobody was told: a sentence by PO.

    Between asking and approving others may have ordered for the same need, also a change of another PO: of those that
    are approved together the first counts for the next. `told` are the covered units that the approvers saw. Locks the
    items at their sites.
    """
    wants = _wants(ctx, contents, standing)
    if not any(wants.values()):
        return {}
    keys = sorted({want.key for of in wants.values() for want in of})
    steps_cover.lock_keys(keys)
    coming = queries_cover.covers(keys, today=ctx.now.date())
    names = {x.item_id: x.sku for content in contents.values() for x in content.lines}
    found: dict[int, str] = {}
    for po_id, of in wants.items():
        if not of:
            continue
        is_own = _own_cover(standing, {(want.key, po_id) for want in of})
        besides = [cover for cover in coming if not is_own(cover)]
        ends = rules_cover.windows(of)
        judged = rules_cover.judge(of, besides, queries_cover.claims(ends, ctx.now) if besides else {})
        if sum(need.covered for _, need in judged) > told.get(po_id, 0):
            found[po_id] = " ".join(rules_cover.sentence(need, sku=names[need.item_id]) for _, need in judged)
        else:
            coming += [
                Cover(PO_KIND, x.site_id, x.item_id, x.units, standing[po_id].number, po_id, contents[po_id].due_on)
                for x in of
            ]
    return found


def _wants(ctx: Context, contents: Mapping[int, Content], standing: Mapping[int, Standings]) -> dict[int, list[Want]]:
    """The units of each change beyond those that its PO has of the items."""
    singles = {
        po_id: [
            NewPo(standing[po_id].supplier_id, standing[po_id].site_id,
                  [NewPoLine(x.item_id, Units(x.units), x.unit_cost)], due_on=x.due_on)
            for x in content.lines
            if x.units
        ]
        for po_id, content in contents.items()
    }  # fmt: skip
    facts = queries_orders.order_facts([order for of in singles.values() for order in of], now=ctx.now)
    found = {}
    for po_id, of in singles.items():
        had: dict[int, int] = {}
        for x in standing[po_id].content.lines:
            had[x.item_id] = had.get(x.item_id, 0) + x.units
        found[po_id] = rules_cover.on_top(steps_cover.wants_of(of, facts), had)
    return found


def budget_since(
    contents: Mapping[int, Content], standing: Mapping[int, Standings], told: Mapping[int, Decimal | None]
) -> dict[int, str]:
    """Approved changes that overdraw a budget by now, by more than the approvers saw: a sentence by PO. Locks the
    budgets. Three statements."""
    families = families_of([x.item_id for content in contents.values() for x in content.lines])
    money = {
        po_id: [(x.item_id, line_total(units=x.units, unit_cost=x.unit_cost)) for x in content.lines]
        for po_id, content in contents.items()
    }
    orders: dict[int, Order] = {
        po_id: (standing[po_id].site_id, standing[po_id].ordered_on, by_family(of, families))
        for po_id, of in money.items()
    }
    locks.budgets([(site, day) for site, day, _ in orders.values()])
    return steps_budgets.since(orders, told)
