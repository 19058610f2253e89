"""Judging: which orders and lines are in doubt, at entry, after a change, and when a credit or an address changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales import queries_holds as reads
from flowrack.sales import rules_holds as rules
from flowrack.sales import steps_holds, steps_quantities
from flowrack.sales.queries_holds import OpenHold
from flowrack.sales.rules_holds import Doubt, Rules
from flowrack.sales.steps_quantities import AskedUnits
from flowrack.sales.types_holds import Ending, HoldKind, NewHold


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that may be in doubt, and the units of all lines with the `same` item, of its order and of those beside it
    that send parts of the same wish; `first_order_id` was the first of these."""

    line_id: int
    order_id: int
    first_order_id: int
    site_id: int
    any_site: bool
    customer_id: int
    item_id: int
    units: int
    same: list[int]


def judge_entered(ctx: Context, doubtful_line_ids: Sequence[int], order_ids: Sequence[int]) -> None:
    """Hold what is in doubt of orders that were entered just now: lines above their limit, and whole orders."""
    new = [*_quantity_doubts(doubtful_line_ids), *_order_doubts(order_ids, (HoldKind.CREDIT, HoldKind.ADDRESS))]
    steps_holds.place(ctx, new)


def judge_changed(ctx: Context, order_id: int, wanted_before: Mapping[int, int], *, is_priced: bool) -> None:
    """Lines have other units or another price: their quantity and the customer's credit are judged anew.

    `wanted_before` are the units of the lines before. What a person has released stays released until it grows.
    """
    standing = reads.open_holds([order_id])
    counted = [hold for hold in standing if hold.kind == HoldKind.QUANTITY]
    item_of = {line.line_id: line.item_id for line in _lines([hold.line_id for hold in counted])} if counted else {}
    lines = _lines(sorted(wanted_before))
    now = {line.line_id: line.units for line in lines}
    grown = [line_id for line_id, units in now.items() if units > wanted_before[line_id]]
    other = {line_id for line_id, units in now.items() if units != wanted_before[line_id]}
    items = {line.item_id for line in lines if line.line_id in other}
    gone = [hold for hold in counted if hold.line_id in other or item_of.get(hold.line_id) in items]
    credit = [hold for hold in standing if hold.kind == HoldKind.CREDIT]
    new = _quantity_doubts(sorted({*grown, *(hold.line_id for hold in gone)}))
    if credit or is_priced or grown:
        doubts = _order_doubts([order_id], (HoldKind.CREDIT,))
        gone += [] if doubts else credit
        new += [] if credit else doubts
    said = ", ".join(f"{now[line_id]:,}" for line_id in sorted(other)) or "the same"
    for words in dict.fromkeys(f"{now[hold.line_id]:,}" if hold.line_id in other else said for hold in gone):
        of_these = [hold for hold in gone if (f"{now[hold.line_id]:,}" if hold.line_id in other else said) == words]
        steps_holds.end(ctx, of_these, Ending.CHANGED, f"now {words} units")
    steps_holds.place(ctx, new)


def judge_cancelled(ctx: Context, order_ids: Sequence[int]) -> None:
    """Units were cancelled: holds of what is gone end, and so do those of quantities that are ordinary now."""
    standing = reads.open_holds(order_ids)
    if not standing:
        return
    left = dict(
        sql.fetch_all(
            """
            SELECT l.id, l.units - l.cancelled_units - l.shipped_units FROM sales_orderline l
            WHERE l.order_id = ANY(%s::bigint[])
            """,
            (list(order_ids),),
        )
    )
    still_open = {row.order_id for row in reads.judged(order_ids)}
    gone = [h for h in standing if h.order_id not in still_open or (h.line_id and not left[h.line_id])]
    steps_holds.end(ctx, gone, Ending.CANCELLED, "nothing is left of it")
    ended = {hold.id for hold in gone}
    counted = [h for h in standing if h.kind == HoldKind.QUANTITY and h.id not in ended]
    doubtful = {one.line_id for one in _quantity_doubts([hold.line_id for hold in counted])}
    ordinary = [hold for hold in counted if hold.line_id not in doubtful]
    steps_holds.end(ctx, ordinary, Ending.CHANGED, "the rest is an ordinary quantity")


def judge_moved(ctx: Context, order_id: int, from_site: int, to_site: int) -> None:
    """A person lets an order ship from a site that holds for credit or address what its own one did not."""
    of = reads.rules_at([from_site, to_site])
    _judge_stricter(ctx, order_id, of[from_site], of[to_site])


def judge_anywhere(ctx: Context, order_id: int, site_id: int, line_ids: Sequence[int]) -> None:
    """A person lets the rules choose the site of an order: it is judged by all that may send it from now on. The
    `line_ids` may still ship from elsewhere; a quantity that a person has released stays so."""
    of = steps_quantities.rules_of([(site_id, False), (site_id, True)])
    _judge_stricter(ctx, order_id, of[site_id, False], of[site_id, True])
    known = sql.fetch_all(
        "SELECT line_id FROM sales_hold WHERE order_id = %s AND kind = %s AND (ended_at IS NULL OR ending = %s)",
        (order_id, HoldKind.QUANTITY, Ending.RELEASED),
    )
    steps_holds.place(ctx, _quantity_doubts(sorted({*line_ids} - {row[0] for row in known})))


def _judge_stricter(ctx: Context, order_id: int, was: Rules, now: Rules) -> None:
    """An order may ship where credit or address hold what they did not before."""
    kinds = [HoldKind.CREDIT] if now.holds_credit and not was.holds_credit else []
    needs = now.needs_address and not was.needs_address
    kinds += [HoldKind.ADDRESS] if needs or (now.holds_address and not was.holds_address) else []
    stand = {hold.kind for hold in reads.open_holds([order_id])} if kinds else set()
    steps_holds.place(ctx, _order_doubts([order_id], [kind for kind in kinds if kind not in stand]))


def judge_credit(ctx: Context, order_ids: Sequence[int], stopped: Collection[int]) -> tuple[list[int], list[int]]:
    """The credit of customers changed: hold orders of the `stopped`, free those that now fit; ids placed and ended.

    The caller has locked the lines of these orders.
    """
    standing = {h.order_id: h for h in reads.open_holds(order_ids) if h.kind == HoldKind.CREDIT}
    free = [row.order_id for row in reads.judged(order_ids) if row.customer_id in stopped]
    new = _order_doubts([order_id for order_id in free if order_id not in standing], (HoldKind.CREDIT,))
    doubted = {one.order_id for one in _order_doubts(list(standing), (HoldKind.CREDIT,))}
    gone = [hold for order_id, hold in standing.items() if order_id not in doubted]
    steps_holds.end(ctx, gone, Ending.RELEASED, "the customer's credit was changed")
    return steps_holds.place(ctx, new), [hold.id for hold in gone]


def judge_addresses(ctx: Context, order_ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Addresses changed: hold orders that go to one in doubt, free those whose address is mended."""
    standing = {h.order_id: h for h in reads.open_holds(order_ids) if h.kind == HoldKind.ADDRESS}
    doubts = _order_doubts(order_ids, (HoldKind.ADDRESS,))
    doubted = {one.order_id for one in doubts}
    gone: list[OpenHold] = [hold for order_id, hold in standing.items() if order_id not in doubted]
    steps_holds.end(ctx, gone, Ending.CHANGED, "the address was mended")
    placed = steps_holds.place(ctx, [one for one in doubts if one.order_id not in standing])
    return placed, [hold.id for hold in gone]


def _lines(line_ids: Sequence[int]) -> list[_Line]:
    rows = sql.fetch_all(
        """
        WITH wish AS (
            SELECT DISTINCT coalesce(o.origin_id, o.id) AS id
            FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.id = ANY(%(lines)s::bigint[])
        ), part AS (
            SELECT w.id AS wish_id, w.id FROM wish w
            UNION ALL SELECT b.origin_id, b.id FROM sales_order b WHERE b.origin_id IN (SELECT id FROM wish)
        )
        SELECT l.id, o.id, coalesce(o.origin_id, o.id), o.site_id, o.any_site, o.customer_id, l.item_id,
               l.units - l.cancelled_units, coalesce(s.same, '{}')
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN (
            SELECT p.wish_id, x.item_id, array_agg(x.units - x.cancelled_units) AS same
            FROM part p JOIN sales_orderline x ON x.order_id = p.id AND x.units > x.cancelled_units
            GROUP BY p.wish_id, x.item_id
        ) AS s ON s.wish_id = coalesce(o.origin_id, o.id) AND s.item_id = l.item_id
        WHERE l.id = ANY(%(lines)s::bigint[]) ORDER BY l.id
        """,
        {"lines": list(line_ids)},
    )
    return [_Line(*row) for row in rows]


def _quantity_doubts(line_ids: Sequence[int]) -> list[NewHold]:
    """Holds for those of the lines that are absurdly large. Five queries at most, and none without lines."""
    if not line_ids:
        return []
    lines = _lines(line_ids)
    asked = [
        AskedUnits(line.site_id, line.any_site, line.customer_id, line.item_id, line.units, line.same) for line in lines
    ]
    found = steps_quantities.doubts(asked, min(line.first_order_id for line in lines))
    return [
        _hold(line.order_id, line.line_id, *doubt)
        for line, doubt in zip(lines, found, strict=True)
        if doubt is not None
    ]


def _order_doubts(order_ids: Sequence[int], kinds: Collection[HoldKind]) -> list[NewHold]:
    """Holds for those of the open orders that are in doubt, the oldest first: what is not held uses up the credit."""
    if not order_ids:
        return []
    rows = reads.judged(order_ids)
    of_site = steps_quantities.rules_of([(row.site_id, row.any_site) for row in rows])
    by_credit = HoldKind.CREDIT in kinds
    credits = reads.credits_now(sorted({row.customer_id for row in rows}), order_ids) if by_credit else {}
    used: dict[int, Decimal] = {}
    new = []
    for row in rows:
        here, credit = of_site[row.site_id, row.any_site], credits.get(row.customer_id)
        if credit is not None and here.holds_credit:
            others = credit.open_value + used.get(row.customer_id, Decimal(0))
            doubt = rules.judge_credit(
                is_stopped=credit.is_stopped,
                reason=credit.reason,
                limit=credit.credit_limit,
                owed=credit.owed,
                others=others,
                value=row.value,
            )
            if doubt is not None:
                new.append(_hold(row.order_id, 0, doubt, here))
            else:
                used[row.customer_id] = used.get(row.customer_id, Decimal(0)) + row.value
        if HoldKind.ADDRESS in kinds:
            doubt = rules.judge_address(here, code=row.address, is_marked=row.is_marked, is_active=row.is_active)
            if doubt is not None:
                new.append(_hold(row.order_id, 0, doubt, here))
    return new


def _hold(order_id: int, line_id: int, doubt: Doubt, here: Rules) -> NewHold:
    return NewHold(order_id, line_id, doubt.kind, doubt.sentence, here.name, doubt.detail)
