"""Reads of what orders wait for: the list of orders with it, and each wait in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flowrack.allocation.queries_at_hand import AtHand, at_hand
from flowrack.allocation.queries_coming import FIRST_COMING
from flowrack.allocation.rules_coming import Coming
from flowrack.fulfilment import queries_unproved
from flowrack.fulfilment.queries_unproved import UnprovedRow
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.web.query import ListQuery, Page, Place, sql_page, sql_place
from flowrack.sales import queries_limits
from flowrack.sales.queries import ORDER_LIST, STANDINGS, OrderRow
from flowrack.sales.states import OrderState
from flowrack.shipping.rules_waits import InStock, Lacking, OrderStands, Unproved, Wait, waits_of

SEARCHED = ("number", "customer", "reference")
CONDITIONS = {"waits_for": "r.waits_for && %s::text[]"}
OPEN = (OrderState.CONFIRMED, OrderState.RELEASED)
ENDED = {"shipped": (OrderState.SHIPPED,), "cancelled": (OrderState.CANCELLED,)}  # standings of orders that are over

# The kinds of waits of an open order, the earliest stage first; `why` says whether somebody looked for stock.
_KINDS = """
    (SELECT array_remove(ARRAY[
                CASE WHEN count(l.held_at_units) > 0 THEN 'hold' END,
                CASE WHEN sum(l.open_units) FILTER (WHERE l.held_at_units IS NULL) > 0
                     THEN CASE WHEN {why} = '' THEN 'reservation' ELSE 'stock' END END,
                CASE WHEN sum(l.allocated_units - l.released_units) FILTER (WHERE l.held_at_units IS NULL) > 0
                          AND NOT (a.policy = 'complete' AND sum(l.open_units) > 0) THEN 'wave' END,
                CASE WHEN sum(l.released_units) > 0 THEN 'picker' END,
                CASE WHEN sum(l.picked_units) > k.packed AND NOT x.is_ready THEN 'packer' END,
                CASE WHEN x.is_ready OR least(sum(l.picked_units), k.packed) > 0 THEN 'carrier' END
            ], NULL)
     FROM sales_order a JOIN sales_orderline l ON l.order_id = a.id
     CROSS JOIN LATERAL (
         SELECT coalesce(sum(i.units), 0)::bigint AS packed
         FROM fulfilment_carton c JOIN fulfilment_cartonline i ON i.carton_id = c.id
         WHERE c.order_id = a.id AND c.state = 'packed'
     ) AS k
     CROSS JOIN LATERAL (
         SELECT EXISTS (SELECT FROM shipping_shipmentorder s WHERE s.order_id = a.id AND s.is_waiting) AS is_ready
     ) AS x
     WHERE a.id = {order} AND a.state IN ('confirmed', 'released')
     GROUP BY a.id, k.packed, x.is_ready)
"""

_LIST = f"""
    SELECT r.*, coalesce({_KINDS.format(why="r.why", order="r.id")}, ARRAY[]::text[]) AS waits_for
    FROM ({ORDER_LIST}) AS r
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class WaitingOrder(OrderRow):
    """An order in the list, with the kinds of what it waits for, and each in words."""

    waits_for: list[str]
    waits: tuple[Wait, ...] = ()


def order_list(query: ListQuery) -> Page[WaitingOrder]:
    """Orders as the list shows them, margins where the person may see them. Five queries, and
    more where all that an order waits for is in stock."""
    found = sql_page(
        _of_states(query),
        WaitingOrder,
        _LIST,
        search=SEARCHED,
        totals={"ready": "sum(ready)", "units": "sum(units)", "value": "sum(value)"},
        conditions=CONDITIONS,
        site_column="site_id",
        only_shown=True,
    )
    waits = of_orders([row.id for row in found.rows if row.waits_for], now())
    sites = _sites_with_margin(query.actor_id)
    rows = [
        replace(
            row,
            waits=tuple(waits.get(row.id, ())),
            margin=row.margin if 0 in sites or row.site_id in sites else None,
        )
        for row in found.rows
    ]
    return replace(found, rows=rows)


def place_of(query: ListQuery, order_id: int) -> Place | None:
    """Where an order stands in a view of the list. One query."""
    return sql_place(_of_states(query), _LIST, order_id, search=SEARCHED, conditions=CONDITIONS, site_column="site_id")


def _of_states(query: ListQuery) -> ListQuery:
    """The query with the states in which orders can be what it asks for: the lines of all others need not be read."""
    asked = query.filters.get("standing")
    standings = asked if isinstance(asked, list) else STANDINGS
    states = {state for one in standings for state in ENDED.get(one, OPEN)}
    if "waits_for" in query.filters:
        states &= set(OPEN)
    if states == set(OrderState):
        return query
    return replace(query, filters={**query.filters, "state": sorted(states)})


def _sites_with_margin(person_id: int) -> set[int]:
    """The sites (0 = all) at which a person may see margins. One query."""
    rows = sql.fetch_all(
        """
        SELECT held.site_id FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s AND 'sales.see_margin' = ANY(r.permissions)
        """,
        (person_id,),
    )
    return {row[0] for row in rows}


def waiting_orders(
    site_ids: frozenset[int], kind: str, *, at: datetime | None = None, after_id: int = 0, limit: int
) -> list[WaitingOrder]:
    """Open orders with ids above `after_id` that wait for something (of a kind), for the API's pages. Three queries."""
    rows = sql.fetch_all(
        f"""
        SELECT r.* FROM ({_LIST}) AS r
        WHERE r.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[]))
          AND CASE WHEN %(kind)s::text = '' THEN cardinality(r.waits_for) > 0 ELSE %(kind)s = ANY(r.waits_for) END
        ORDER BY r.id LIMIT %(limit)s
        """,  # noqa: S608 - our own text
        {"sites": sorted(site_ids), "after": after_id, "kind": kind, "limit": limit},
    )
    found = [WaitingOrder(*row) for row in rows]
    waits = of_orders([row.id for row in found], at or now())
    return [replace(row, waits=tuple(waits.get(row.id, ()))) for row in found]


def of_orders(order_ids: Sequence[int], at: datetime) -> dict[int, list[Wait]]:
    """What each of the open orders waits for. One query, one where some are packed, and a decision of now for those
    whose stock is all at hand."""
    stands = _with_cartons(_stands(order_ids, at) if order_ids else [], at)
    read = _at_hand([one.order_id for one in stands if one.lacking is None and "stock" in one.kinds], at)
    return {one.order_id: waits_of(_with_stock(one, read)) for one in stands}


def of_order(order_id: int, at: datetime) -> tuple[list[Wait], dict[int, AtHand]]:
    """What an order waits for, also what its customer's terms keep back; and what its lines that find stock would get
    now. Four queries, and a decision of now where there is stock that it waits for."""
    found = next(iter(_with_cartons(_stands([order_id], at), at)), None)
    if found is None:
        return [], {}
    if {"wave", "carrier"} & set(found.kinds):
        found = replace(found, terms=queries_limits.kept_back([order_id], at).get(order_id, ""))
    read = _at_hand([order_id] if {"stock", "reservation"} & set(found.kinds) else [], at)
    return waits_of(_with_stock(found, read)), read.get(order_id, {})


def _with_cartons(orders: list[OrderStands], at: datetime) -> list[OrderStands]:
    """The orders with the first of their cartons that no truck takes as it is."""
    kept = queries_unproved.kept_back([one.order_id for one in orders if "carrier" in one.kinds], now=at)
    return [replace(one, unproved=first_of(kept.get(one.order_id, []))) for one in orders]


def first_of(cartons: Sequence[UnprovedRow]) -> Unproved | None:
    """The first carton that is kept back, and how many more."""
    if not cartons:
        return None
    return Unproved(cartons[0].carton_id, cartons[0].sscc, cartons[0].lacks, len(cartons) - 1)


def _with_stock(order: OrderStands, read: Mapping[int, Mapping[int, AtHand]]) -> OrderStands:
    """The order with what its lines would get now, where all that it waits for is in stock."""
    lines = read.get(order.order_id)
    if order.lacking is not None or not lines:
        return order
    worst = max(lines, key=lambda line_id: (lines[line_id].wanted - lines[line_id].units, -line_id))
    free = sum(one.units for one in lines.values())
    return replace(order, in_stock=InStock(worst, free, lines[worst].cause))


def _at_hand(order_ids: Sequence[int], at: datetime) -> dict[int, dict[int, AtHand]]:
    """What the waiting lines of orders would get now, by order, for lines of whose item some is free."""
    if not order_ids:
        return {}
    rows = sql.fetch_all(
        """
        SELECT o.site_id, o.id, l.id, l.item_id FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.id = ANY(%s::bigint[]) AND l.open_units > 0 AND l.held_at_units IS NULL
          AND (SELECT sum(p.reserve + p.forward_pick - p.committed) FROM ledger_pool p
               WHERE p.item_id = l.item_id AND p.site_id = o.site_id AND p.owner_id = 1) > 0
        """,
        (list(order_ids),),
    )
    orders = {line_id: order_id for _, order_id, line_id, _ in rows}
    found: dict[int, dict[int, AtHand]] = {}
    for site_id in sorted({row[0] for row in rows}):
        here = [row for row in rows if row[0] == site_id]
        for line_id, one in at_hand([row[2] for row in here], [row[3] for row in here], site_id, at).items():
            found.setdefault(orders[line_id], {})[line_id] = one
    return found


# The lines of the order `o` that wait for stock, and how many units of each are not at hand at its site.
_MISSING = """
    SELECT l.id AS line_id, l.line_no, l.item_id, i.sku, l.open_units, l.promised_on,
           l.open_units - least(s.free, l.open_units) AS missing
    FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.reserve + p.forward_pick - p.committed), 0)::bigint AS free
        FROM ledger_pool p JOIN catalog_lot t ON t.id = p.lot_id
        WHERE p.item_id = l.item_id AND p.site_id = o.site_id AND p.owner_id = 1
          AND (l.lot_code = '' OR t.code = l.lot_code)
          AND (t.expires_on IS NULL OR t.expires_on - o.ship_by_on >= greatest(o.min_life_days, 0))
    ) AS s
    WHERE l.order_id = o.id AND l.open_units > 0 AND l.held_at_units IS NULL
"""

# Whether all that an order waits for is at hand, whoever it is kept for. For later stages' queries.
IS_IN_STOCK = f"""
    NOT EXISTS (SELECT FROM sales_order o CROSS JOIN LATERAL ({_MISSING}) AS z WHERE o.id = {{order}} AND z.missing > 0)
"""

_STANDS = f"""
    SELECT o.id, o.number, coalesce({_KINDS.format(why="coalesce(d.sentence, '')", order="o.id")}, ARRAY[]::text[]),
           coalesce(h.sentence, ''), t.waiting, t.reserved, coalesce(w.to_pick, 0), coalesce(w.of_picks, 0),
           coalesce(w.id, 0), coalesce(w.number, ''), coalesce(f.units, 0), coalesce(f.number, ''), t.picked,
           least(k.packed, t.picked), coalesce(x.id, 0), coalesce(x.number, ''), coalesce(x.carrier, ''),
           m.line_id, m.line_no, m.sku, m.missing, m.lines, m.open_units,
           CASE WHEN m.promised_on >= site_day.today THEN m.promised_on END,
           p.units, p.number, p.due_on, p.is_overdue, p.has_left, t.promised
    FROM sales_order o JOIN locations_site site ON site.id = o.site_id
    CROSS JOIN LATERAL (SELECT (%s::timestamptz AT TIME ZONE site.timezone)::date AS today) AS site_day
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.open_units) FILTER (WHERE l.held_at_units IS NULL), 0)::bigint AS waiting,
               coalesce(sum(l.open_units) FILTER (
                   WHERE l.held_at_units IS NULL AND l.promised_on IS NOT NULL), 0)::bigint AS promised,
               coalesce(sum(l.allocated_units - l.released_units), 0)::bigint AS reserved,
               sum(l.picked_units)::bigint AS picked, count(l.held_at_units) AS held,
               min(l.id) FILTER (WHERE l.open_units > 0) AS first_waiting
        FROM sales_orderline l WHERE l.order_id = o.id
    ) AS t
    LEFT JOIN LATERAL (
        SELECT d.sentence FROM platform_decision d
        WHERE d.subject = 'sales.line:' || t.first_waiting AND NOT starts_with(d.kind, 'wave.')
        ORDER BY d.id DESC LIMIT 1
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT h.sentence FROM sales_hold h WHERE t.held > 0 AND h.order_id = o.id AND h.ended_at IS NULL
        ORDER BY h.id LIMIT 1
    ) AS h ON true
    LEFT JOIN LATERAL (
        SELECT z.line_id, z.line_no, z.item_id, z.sku, z.missing, z.open_units, z.promised_on, count(*) OVER () AS lines
        FROM (
            {_MISSING}
        ) AS z
        WHERE z.missing > 0 ORDER BY z.missing DESC, z.line_no LIMIT 1
    ) AS m ON t.waiting > 0
    LEFT JOIN LATERAL (
        {FIRST_COMING.format(item="m.item_id", site="o.site_id", today="site_day.today")}
    ) AS p ON m.item_id IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT v.id, v.number, sum(c.units) FILTER (WHERE c.state = 'open')::bigint AS to_pick,
               sum(c.units)::bigint AS of_picks
        FROM fulfilment_pickline c JOIN fulfilment_wave v ON v.id = c.wave_id
        WHERE c.order_id = o.id AND c.state IN ('open', 'picked')
        GROUP BY v.id HAVING count(*) FILTER (WHERE c.state = 'open') > 0 ORDER BY v.id LIMIT 1
    ) AS w ON true
    LEFT JOIN LATERAL (
        SELECT v.number, sum(c.short_units)::bigint AS units
        FROM fulfilment_pickline c JOIN fulfilment_wave v ON v.id = c.wave_id
        JOIN sales_orderline l ON l.id = c.order_line_id AND l.open_units > 0
        WHERE c.order_id = o.id AND c.short_units > 0 GROUP BY v.id ORDER BY v.id DESC LIMIT 1
    ) AS f ON t.waiting > 0
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(i.units), 0)::bigint AS packed
        FROM fulfilment_carton c JOIN fulfilment_cartonline i ON i.carton_id = c.id
        WHERE c.order_id = o.id AND c.state = 'packed'
    ) AS k ON true
    LEFT JOIN LATERAL (
        SELECT n.id, n.number, n.carrier FROM shipping_shipmentorder s
        JOIN shipping_shipment n ON n.id = s.shipment_id WHERE s.order_id = o.id AND s.is_waiting
    ) AS x ON true
    WHERE o.id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released')
"""  # noqa: S608 - our own text


def _stands(order_ids: Sequence[int], at: datetime) -> list[OrderStands]:
    return [_stand(row) for row in sql.fetch_all(_STANDS, (at, list(order_ids)))]


def _stand(row: tuple[Any, ...]) -> OrderStands:
    coming = None if row[24] is None else Coming(*row[24:29])
    lacking = None if row[17] is None else replace(Lacking(*row[17:24]), coming=coming)
    return replace(OrderStands(row[0], row[1], tuple(row[2]), *row[3:17]), lacking=lacking, promised=row[29])
