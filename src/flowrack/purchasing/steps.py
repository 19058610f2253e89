"""Writes of purchasing that run inside another stage's command."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context, refuse_on
from flowrack.purchasing import locks, queries, queries_orders, rules, rules_agreements, steps_cover, steps_requisitions
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.states import TAKES_RECEIPTS, PoState
from flowrack.purchasing.types import (
    BadPo,
    BelowMinimum,
    LineForReceipt,
    NewPo,
    NewPoLine,
    OverReceipt,
    PoCreated,
    PoLineUnknown,
    PosCreatedEvent,
    ShortLine,
)
from flowrack.purchasing.types_agreements import Priced
from flowrack.shared.documents import too_many_lines
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import MOST_ORDERED, beyond_any_order
from flowrack.shared.refs import ref

refuse_on(
    "po_line_received_within_tolerance",
    lambda: OverReceipt(
        "This would receive more than the order takes.",
        fix="Somebody else received the same line just now. Look at the order again.",
    ),
)


def create_drafts(ctx: Context, orders: Sequence[NewPo], *, is_judged: bool = False) -> list[PoCreated]:
    """Write POs as drafts; refuses with BadPo, BelowMinimum or AlreadyCovered naming every bad line. A dozen
    statements, whatever the number of lines.

    `is_judged`: the caller has held the need against what is coming. Emits purchasing.pos_created.
    """
    facts = queries_orders.order_facts(orders, now=ctx.now)
    wants = [] if is_judged else steps_cover.wants_of(orders, facts)
    overridden = steps_cover.both(lambda: check_orders(orders, facts), lambda: steps_cover.refuse_covered(ctx, wants))
    numbers = next_numbers("PO", len(orders))
    ids = _insert_pos(ctx, orders, numbers, facts)
    lines_of = insert_lines(ctx, ids, orders, facts)
    steps_cover.keep_order_overrides(ctx, ids, orders, overridden)
    ctx.emit(PosCreatedEvent(po_ids=ids))
    return [
        PoCreated(
            po_id=ids[i],
            number=numbers[i],
            line_ids=lines_of[i],
            total=sum(
                (rules.line_total(units=x.units, unit_cost=cost_of(order, x, facts)) for x in order.lines), Decimal(0)
            ),
        )
        for i, order in enumerate(orders)
    ]


def cost_of(order: NewPo, line: NewPoLine, facts: OrderFacts) -> Decimal:
    """The unit cost of a line: the one given, else the agreement's, else the supplier's, else the standard cost."""
    return priced(order, line, facts).unit_cost


def priced(order: NewPo, line: NewPoLine, facts: OrderFacts) -> Priced:
    """The price of a line that was checked, and where it comes from."""
    found = facts.priced(order, line)
    assert found is not None, "check_orders refuses a line without any cost"
    return found


def check_orders(orders: Sequence[NewPo], facts: OrderFacts) -> None:
    """Refuse what cannot be ordered; the line numbers count through the whole batch."""
    bad: list[BadLine] = []
    low: list[BadLine] = []
    number = 0
    if not orders:
        raise BadPo("There is nothing to order.", fix="Send at least one order.")
    for order in orders:
        if order.supplier_id not in facts.suppliers:
            bad.append(BadLine(number + 1, "supplier", f"{order.supplier_id} is no supplier.", "Choose a supplier."))
        if order.site_id not in facts.today:
            bad.append(BadLine(number + 1, "site", f"There is no site {order.site_id}.", "Choose a site."))
        elif order.due_on is not None and order.due_on < facts.today[order.site_id]:
            bad.append(BadLine(number + 1, "due_on", f"{order.due_on} is past.", "Choose today or later."))
        if not order.lines:
            bad.append(BadLine(number + 1, "lines", "The order has no lines.", "Add at least one item."))
        bad += too_many_lines(len(order.lines), "The order", at=number + 1)
        for line in order.lines:
            number += 1
            bad += _line_faults(number, order, line, facts)
            low += _agreement_faults(number, order, line, facts)
    if bad:
        raise BadPo(_count_sentence(bad), lines=bad + low)
    if low:
        raise BelowMinimum(
            "The supplier does not take these quantities.", lines=low, fix="Use the quantities named, or give a reason."
        )


def _count_sentence(bad: list[BadLine]) -> str:
    return bad[0].message if len(bad) == 1 else f"To write this, mend {len(bad)} things."


def _line_faults(number: int, order: NewPo, line: NewPoLine, facts: OrderFacts) -> list[BadLine]:
    item = facts.items.get(line.item_id)
    if item is None:
        return [BadLine(number, "item", f"There is no item {line.item_id}.", "Choose an item of the catalogue.")]
    faults = []
    if not item.is_active:
        faults.append(BadLine(number, "item", f"{item.sku} is not active.", "Activate it or choose another item."))
    if line.units <= 0:
        faults.append(BadLine(number, "units", f"{line.units} units cannot be ordered.", "Order at least 1."))
    faults += beyond_any_order(number, line.units)
    if line.unit_cost is not None and line.unit_cost < 0:
        faults.append(BadLine(number, "unit_cost", "A price cannot be negative.", "Type 0 or more."))
    if order.supplier_id in facts.suppliers and facts.priced(order, line) is None:
        faults.append(
            BadLine(number, "unit_cost", f"No price is known for {item.sku} from this supplier.", "Type the price.")
        )
    for name, pct in (("over_pct", line.over_pct), ("under_pct", line.under_pct)):
        if pct is not None and not 0 <= pct < 100:
            faults.append(BadLine(number, name, f"{pct} % is no tolerance.", "Type 0 to 99."))
    return faults


def _agreement_faults(number: int, order: NewPo, line: NewPoLine, facts: OrderFacts) -> list[BadLine]:
    agreed = facts.agreed(order, line)
    if agreed is None or order.override_reason.strip() or not 0 < line.units <= MOST_ORDERED:
        return []
    why = rules.off_agreement(units=line.units, moq=agreed.moq, multiple=agreed.multiple)
    next_fit = rules.fit_to_agreement(units=line.units, moq=agreed.moq, multiple=agreed.multiple)
    return [BadLine(number, "units", why, f"Order {next_fit}.")] if why else []


def _insert_pos(ctx: Context, orders: Sequence[NewPo], numbers: list[str], facts: OrderFacts) -> list[int]:
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_po
               (number, supplier_id, site_id, state, ordered_on, due_on, supplier_reference, note, override_reason,
                version, created_by_id, changed_by_id, created_at, content_hash, end_reason, early_days, late_days)
        SELECT n.number, n.supplier_id, n.site_id, 'draft', n.ordered_on, n.due_on, n.reference, n.note, n.reason,
               1, %s, %s, %s, '', '', n.early_days, n.late_days
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::text[], %s::text[], %s::text[],
                    %s::int[], %s::int[]) WITH ORDINALITY
             AS n(number, supplier_id, site_id, ordered_on, due_on, reference, note, reason, early_days, late_days,
                  place)
        ORDER BY n.place
        RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.actor_id,
            ctx.now,
            numbers,
            [o.supplier_id for o in orders],
            [o.site_id for o in orders],
            [facts.today[o.site_id] for o in orders],
            [o.due_on or facts.due_on(o) for o in orders],
            [o.supplier_reference for o in orders],
            [o.note for o in orders],
            [o.override_reason.strip() for o in orders],
            [facts.order_terms(o).early_days for o in orders],
            [facts.order_terms(o).late_days for o in orders],
        ),
    )
    return [row[0] for row in rows]


def insert_lines(ctx: Context, po_ids: list[int], orders: Sequence[NewPo], facts: OrderFacts) -> list[list[int]]:
    """Write the lines of POs, each with where its price came from; the ids per order. Two statements."""
    flat = [(i, no, order, line) for i, order in enumerate(orders) for no, line in enumerate(order.lines, start=1)]
    prices = [priced(order, x, facts) for _, _, order, x in flat]
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_poline
               (po_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on, price_source,
                agreed_cost, agreement_price_id, short_reason)
        SELECT n.po_id, n.line_no, n.item_id, n.units, n.unit_cost, n.over_units, n.under_units, po.due_on, po.due_on,
               n.source, n.agreed_cost, n.price_id, ''
        FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[],
                    %s::text[], %s::numeric[], %s::bigint[]) WITH ORDINALITY
             AS n(po_id, line_no, item_id, units, unit_cost, over_units, under_units, source, agreed_cost, price_id,
                  place)
        JOIN purchasing_po po ON po.id = n.po_id
        ORDER BY n.place
        RETURNING id
        """,
        (
            [po_ids[i] for i, _, _, _ in flat],
            [no for _, no, _, _ in flat],
            [x.item_id for _, _, _, x in flat],
            [x.units for _, _, _, x in flat],
            [price.unit_cost for price in prices],
            [over_units_of(order, x, facts) for _, _, order, x in flat],
            [under_units_of(order, x, facts) for _, _, order, x in flat],
            [str(price.source) for price in prices],
            [price.agreed_cost for price in prices],
            [price.price_id for price in prices],
        ),
    )
    keep_reasons(ctx, [(row[0], x) for row, (_, _, _, x) in zip(rows, flat, strict=True)], prices)
    ids: list[list[int]] = [[] for _ in orders]
    for (i, _, _, _), row in zip(flat, rows, strict=True):
        ids[i].append(row[0])
    return ids


def keep_reasons(ctx: Context, lines: Sequence[tuple[int, NewPoLine]], prices: Sequence[Priced]) -> None:
    """Store why lines (with their ids) cost what they cost. One statement."""
    decisions.record(
        ctx,
        [
            _why(line_id, line, price)
            for (line_id, line), price in zip(lines, prices, strict=True)
            if price.price_id is not None or price.is_off
        ],
    )


def _why(line_id: int, line: NewPoLine, price: Priced) -> DecisionRow:
    """Why the line costs what it costs; kept for prices of agreements, and for typed ones that are not as agreed."""
    detail = {
        "item": line.item_id,
        "units": line.units,
        "unit_cost": price.unit_cost,
        "source": str(price.source),
        "agreed_cost": price.agreed_cost,
        "agreement_price": price.price_id,
    }
    return DecisionRow("price", ref("purchasing.po_line", line_id), price.sentence, rules_agreements.RULE, detail)


def over_units_of(order: NewPo, line: NewPoLine, facts: OrderFacts) -> int:
    """Units that a line takes on top of what it orders."""
    agreed = facts.agreed(order, line)
    return rules.over_units(
        units=line.units,
        line_pct=line.over_pct,
        supplier_pct=agreed.over_pct if agreed else facts.order_terms(order).over_pct,
        case_factor=facts.items[line.item_id].case_factor,
    )


def under_units_of(order: NewPo, line: NewPoLine, facts: OrderFacts) -> int:
    """Units that may be missing while a line counts as complete."""
    pct = line.under_pct if line.under_pct is not None else facts.order_terms(order).under_pct
    return rules.under_units(units=line.units, pct=pct)


def lines_for_receipt(po_ids: Sequence[int], *, giving_up: bool = False) -> list[LineForReceipt]:
    """Lock the POs and read their lines with what a receipt must know. Two statements; `giving_up`, which needs the
    locks of their requisitions too, one more."""
    if giving_up:
        locks.requisitions_of(po_ids)
    return lines_of_locked(sql.fetch_together(ask_lines_for_receipt(po_ids)))


def ask_lines_for_receipt(po_ids: Sequence[int]) -> list[sql.Asked]:
    """The question of `lines_for_receipt`, for one message with others: lock the POs, then read their lines."""
    return [locks.ask_po_of_receipt(po_ids), queries.ask_lines_for_receipt(po_ids)]


def lines_of_locked(answers: Sequence[Sequence[Sequence[Any]]]) -> list[LineForReceipt]:
    """The answer to `ask_lines_for_receipt`."""
    return queries.lines_for_receipt_of(answers[1])


def allow_over(lines: Sequence[tuple[int, int]]) -> None:
    """Let so many units more of PO lines come than their tolerance takes; the POs must be locked. One statement."""
    sql.execute(
        """
        UPDATE purchasing_poline AS l SET allowed_units = l.allowed_units + n.units
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units) AS n WHERE l.id = n.id
        """,
        ([line_id for line_id, _ in lines], [units for _, units in lines]),
    )


def record_receipts(received: Sequence[tuple[int, int]]) -> None:
    """Add received units (negative: taken back) to PO lines and move their POs on. One statement.

    The POs must be locked. The CHECK on the line refuses what goes beyond its tolerance.
    """
    refuse_unknown(received, sql.fetch_all(*ask_record_receipts(received)))


def ask_record_receipts(received: Sequence[tuple[int, int]]) -> sql.Asked:
    """The statement of `record_receipts`."""
    return (
        """
        WITH counted AS (
            SELECT c.id, sum(c.units)::bigint AS units
            FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS units) AS c GROUP BY c.id
        ), lines AS (
            UPDATE purchasing_poline AS l SET received_units = l.received_units + c.units
            FROM counted AS c, purchasing_po AS po
            WHERE l.id = c.id AND po.id = l.po_id AND po.state = ANY(%s)
            RETURNING l.id, l.po_id
        ), progress AS (
            SELECT l.po_id,
                   bool_and(l.received_units + coalesce(c.units, 0) + l.short_units + l.under_units >= l.units)
                       AS complete
            FROM purchasing_poline AS l LEFT JOIN counted AS c ON c.id = l.id
            WHERE l.po_id IN (SELECT po_id FROM lines)
            GROUP BY l.po_id
        ), moved AS (
            UPDATE purchasing_po AS po SET state = CASE WHEN p.complete THEN 'received' ELSE 'receiving' END
            FROM progress AS p
            WHERE po.id = p.po_id AND po.state <> CASE WHEN p.complete THEN 'received' ELSE 'receiving' END
        )
        SELECT count(*) FROM lines
        """,
        ([line for line, _ in received], [units for _, units in received], [str(s) for s in TAKES_RECEIPTS]),
    )


def refuse_unknown(received: Sequence[tuple[int, int]], answer: Sequence[Sequence[Any]]) -> None:
    """Refuse with PoLineUnknown when not every line could be counted."""
    if answer[0][0] != len({line for line, _ in received}):
        raise PoLineUnknown("A line of this receipt belongs to a PO that takes no receipts.", fix="Look at the PO.")


def give_up_short(ctx: Context, shorts: Sequence[ShortLine]) -> None:
    """Expect nothing more of these lines; completes their POs when nothing else is owed, and opens the requisitions
    that they ordered. Three statements.

    The requisitions and POs must be locked (see `lines_for_receipt`).
    """
    sql.execute(
        """
        WITH given AS (
            SELECT * FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS reason) AS g
        ), lines AS (
            UPDATE purchasing_poline AS l
            SET short_units = l.units - l.received_units, short_reason = g.reason
            FROM given AS g
            WHERE l.id = g.id AND l.received_units + l.short_units < l.units
            RETURNING l.id, l.po_id
        ), progress AS (
            SELECT l.po_id,
                   bool_and(g.id IS NOT NULL OR l.received_units + l.short_units + l.under_units >= l.units) AS complete
            FROM purchasing_poline AS l LEFT JOIN given AS g ON g.id = l.id
            WHERE l.po_id IN (SELECT po_id FROM lines)
            GROUP BY l.po_id
        )
        UPDATE purchasing_po AS po SET state = %s
        FROM progress AS p WHERE po.id = p.po_id AND p.complete AND po.state = ANY(%s)
        """,
        (
            [s.po_line_id for s in shorts],
            [s.reason for s in shorts],
            str(PoState.RECEIVED),
            [str(PoState.APPROVED), str(PoState.RECEIVING)],
        ),
    )
    ids = sql.fetch_all(
        "SELECT DISTINCT po_id FROM purchasing_poline WHERE id = ANY(%s)", ([s.po_line_id for s in shorts],)
    )
    steps_requisitions.settle(po_ids=[row[0] for row in ids])
