"""Orders and lines that ship from another site, and who chooses the site of an order that any site may send.

An order has one site. A whole order changes it; lines of it go to an order beside it, of the same customer, days and
terms, with the first one as its origin. So a line has stock at one site only: what is split is two lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from flowrack.platform import numbers, sql
from flowrack.platform.outbox import load_subscribers
from flowrack.platform.runner import Context, refuse_on
from flowrack.sales import steps, steps_holds
from flowrack.sales.steps_changes import Head
from flowrack.sales.types import ORDER, LineCounts, NewOrder, TooLate, UnitsChange
from flowrack.sales.types_sites import LinesMoved, MovedTo, Settled

Held = Mapping[int, tuple[int, LineCounts]]
REFERENCE = 60


class Chooser(Protocol):
    """Chooses from which site orders ship that any site may send."""

    def first(self, ctx: Context, orders: Sequence[NewOrder]) -> list[int]:
        """For orders that name no site, one at which they may be entered; 0 where there is none."""
        ...

    def settle(self, ctx: Context, order_ids: Sequence[int]) -> dict[int, Settled]:
        """Bring orders that were just entered to the sites that the rules choose, and store why; what came of it."""
        ...


_choosers: list[Chooser] = []


def register(chooser: Chooser) -> None:
    """Make it known; called once by the stage that does it."""
    _choosers[:] = [chooser]


def with_sites(ctx: Context, orders: Sequence[NewOrder]) -> list[NewOrder]:
    """Orders with the site at which they are entered; those that name one stay as they are."""
    open_ones = [order for order in orders if order.any_site and not order.site_id]
    if not open_ones:
        return list(orders)
    load_subscribers()  # later stages make themselves known with them
    found = iter(_choosers[0].first(ctx, open_ones) if _choosers else [0] * len(open_ones))
    return [replace(one, site_id=next(found)) if one.any_site and not one.site_id else one for one in orders]


def settle(ctx: Context, orders: Sequence[NewOrder], order_ids: Sequence[int]) -> list[Settled]:
    """Let the rules choose the site of those that any site may send; they were entered in this command. The site of
    each, and why it ships from there."""
    found = {order_id: Settled(order.site_id) for order, order_id in zip(orders, order_ids, strict=True)}
    movable = [order_id for order, order_id in zip(orders, order_ids, strict=True) if order.any_site]
    if movable:
        load_subscribers()
        for chooser in _choosers:
            found |= chooser.settle(ctx, movable)
    return [found[order_id] for order_id in order_ids]


def stand_beside(order_id: int, others: Sequence[int]) -> None:
    """Orders that were just entered send parts of the same wish as another. One statement."""
    if others:
        sql.execute("UPDATE sales_order SET origin_id = %s WHERE id = ANY(%s::bigint[])", (order_id, list(others)))


def place(places: Sequence[tuple[int, int, int]]) -> None:
    """Orders that were just entered, and of which nobody knows yet, ship from sites: (order, line, site) of all their
    lines. One statement, and one for each site."""
    if not places:
        return
    sites = {order_id: site_id for order_id, _, site_id in places}
    sql.execute(
        """
        UPDATE sales_order o SET site_id = p.site FROM unnest(%s::bigint[], %s::bigint[]) AS p(id, site)
        WHERE o.id = p.id
        """,
        (list(sites), list(sites.values())),
    )
    for site_id in sorted(set(sites.values())):
        _cost_anew([line_id for _, line_id, at in places if at == site_id], site_id)


def move(
    ctx: Context, order_id: int, head: Head, held: Held, wanted: Mapping[int, int], site_id: int, reason: str
) -> MovedTo:
    """Units of lines of an order ship from another site: all of it, or in an order beside it.

    All lines of the order and its head are locked by the caller. What waits moves first, then promises, which are given
    back; what a picker has, or what is picked, stays. Emits sales.lines_moved. Refuses with TooLate.
    """
    late = [line_id for line_id, units in wanted.items() if units > _movable(held[line_id][1])]
    if late:
        raise TooLate(
            f"{len(late)} of these lines {'is' if len(late) == 1 else 'are'} being picked, picked or gone.",
            fix="Call them back from picking, or move what waits.",
        )
    back = {line_id: max(units - held[line_id][1].waiting, 0) for line_id, units in wanted.items()}
    lost = steps.unpromise(ctx, back)
    steps.apply_units(UnitsChange(line_id, allocated=-units) for line_id, units in back.items() if units)
    if _is_all(held, wanted):
        sql.execute("UPDATE sales_order SET site_id = %s WHERE id = %s", (site_id, order_id))
        target, number, ids = order_id, head.number, sorted(wanted)
        pairs = {line_id: line_id for line_id in ids}
    else:
        target, number = _beside(ctx, order_id, head, site_id)
        pairs = _carry(target, held, wanted)
        steps_holds.mark_anew(target)  # an order beside it may be on hold: what joins it is held with it
        ids = sorted(pairs)
        steps.settle_orders([order_id], at=ctx.now)
    _cost_anew(ids, site_id)
    found = MovedTo(target, number, site_id, ids, [pairs[key] for key in ids], sum(claim.units for claim in lost))
    ctx.about(ORDER, sorted({order_id, target}))
    ctx.emit(
        LinesMoved(
            order_id, head.site_id, target, number, site_id, ids, found.from_line_ids, found.unpromised_units, reason
        )
    )
    return found


def _movable(counts: LineCounts) -> int:
    return counts.waiting + counts.unreleased


def _is_all(held: Held, wanted: Mapping[int, int]) -> bool:
    """Whether nothing of the order stays behind: no line is in work, and all that is wanted moves."""
    return all(
        counts.released == counts.picked == counts.shipped == 0
        and counts.units - counts.cancelled == wanted.get(line_id, 0)
        for line_id, (_, counts) in held.items()
    )


def _beside(ctx: Context, order_id: int, head: Head, site_id: int) -> tuple[int, str]:
    """The order at a site that stands beside another, of the same days and address; entered when there is none. Three
    statements."""
    row = sql.fetch_one(
        """
        SELECT t.id, t.number FROM sales_order o
        JOIN sales_order t ON coalesce(t.origin_id, t.id) = coalesce(o.origin_id, o.id) AND t.id <> o.id
             AND t.customer_id = o.customer_id AND t.requested_on = o.requested_on AND t.policy = o.policy
             AND t.latest_on IS NOT DISTINCT FROM o.latest_on AND t.ship_to_id IS NOT DISTINCT FROM o.ship_to_id
        WHERE o.id = %s AND t.site_id = %s AND t.state IN ('confirmed', 'released') AND (
              t.id = o.origin_id OR t.origin_id = o.origin_id OR t.origin_id = o.id)
        ORDER BY t.id LIMIT 1 FOR NO KEY UPDATE OF t
        """,
        (order_id, site_id),
    )
    if row is not None:
        return int(row[0]), str(row[1])
    [number] = numbers.next_numbers("SO", 1)
    copied = (
        "customer_id, ship_to_id, tier, policy, min_life_days, transit_days, substitutes, lot_rule, max_shipments, "
        "last_shipment, min_shipment_value, cancel_after_days, ordered_at, requested_on, latest_on, ship_by_on, "
        "latest_ship_on, gives_ship_day, channel, order_type, contract, entered_by_id, any_site, given_terms"
    )
    made = sql.fetch_value(
        f"""
        WITH named AS (
            SELECT o.*, CASE WHEN o.reference = '' THEN '' ELSE left(o.reference, %(room)s - length(s.code)) || ' '
                        || s.code END AS own
            FROM sales_order o, locations_site s WHERE o.id = %(order)s AND s.id = %(site)s
        )
        INSERT INTO sales_order (number, site_id, reference, state, shipments, origin_id, {copied})
        SELECT %(number)s::text, %(site)s,
               CASE WHEN EXISTS (SELECT FROM sales_order d WHERE d.customer_id = n.customer_id
                                 AND d.reference = n.own AND n.own <> '')
                    THEN left(n.reference, %(room)s - length(%(number)s::text)) || ' ' || %(number)s::text
                    ELSE n.own END,
               'confirmed', 0, coalesce(n.origin_id, n.id), {copied}
        FROM named n RETURNING id
        """,  # noqa: S608 - names of columns
        {"order": order_id, "site": site_id, "number": number, "room": REFERENCE - 1},
    )
    return int(made), number


def _carry(target: int, held: Held, wanted: Mapping[int, int]) -> dict[int, int]:
    """Bring lines, or units of them, into another order; the lines there, each with the one that it was or was a part
    of. Two statements."""
    whole = sorted(key for key, units in wanted.items() if units == held[key][1].units)
    parts = sorted(key for key in wanted if key not in set(whole))
    sql.execute(
        """
        UPDATE sales_orderline l SET order_id = %(target)s, line_no = t.line_no + w.place
        FROM (SELECT coalesce(max(line_no), 0) AS line_no FROM sales_orderline WHERE order_id = %(target)s) AS t,
             unnest(%(lines)s::bigint[]) WITH ORDINALITY AS w(id, place)
        WHERE l.id = w.id
        """,
        {"target": target, "lines": whole},
    )
    made = sql.fetch_all(
        """
        WITH w AS (
            SELECT * FROM unnest(%(lines)s::bigint[], %(units)s::bigint[]) WITH ORDINALITY AS w(id, units, place)
        ), less AS (
            UPDATE sales_orderline l SET units = l.units - w.units FROM w WHERE l.id = w.id RETURNING l.id
        )
        INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units, picked_units,
                                     shipped_units, cancelled_units, unit_price, unit_cost, lot_code,
                                     first_promised_on, promised_on)
        SELECT %(target)s, t.line_no + w.place, l.item_id, w.units, 0, 0, 0, 0, 0, l.unit_price, l.unit_cost,
               l.lot_code, l.first_promised_on, l.promised_on
        FROM w JOIN sales_orderline l ON l.id = w.id
        CROSS JOIN (SELECT coalesce(max(line_no), 0) AS line_no FROM sales_orderline WHERE order_id = %(target)s) AS t
        ORDER BY w.place RETURNING id
        """,
        {"target": target, "lines": parts, "units": [wanted[key] for key in parts]},
    )
    return {key: key for key in whole} | {row[0]: key for row, key in zip(made, parts, strict=True)}


def _cost_anew(line_ids: Sequence[int], site_id: int) -> None:
    """What a unit costs by the books of the site that sends it, where it ever lay there. One statement."""
    sql.execute(
        """
        UPDATE sales_orderline l SET unit_cost = coalesce((
            SELECT coalesce(sum(b.value) / nullif(sum(b.units), 0), max(b.unit_cost)) FROM ledger_book b
            WHERE b.item_id = l.item_id AND b.site_id = %s AND b.account = 'inventory'), l.unit_cost)
        WHERE l.id = ANY(%s::bigint[])
        """,
        (site_id, list(line_ids)),
    )


def _in_work() -> TooLate:
    return TooLate("Somebody works on these lines at their site.", fix="Open the order again and see how it stands.")


for _name in ("sales_order_moves_empty", "sales_line_moves_empty"):
    refuse_on(_name, _in_work)
