"""Reads of sales: what pages, API and later stages see of orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.lookup import Found, begun
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_changes import OrderTerms
from flowrack.shared.money import to_money


@dataclass(frozen=True, slots=True)
class OrderHead:
    """The facts of one order."""

    order_id: int
    number: str
    customer_id: int
    customer_code: str
    customer: str
    site_id: int
    site: str
    reference: str
    tier: str
    policy: str
    min_life_days: int
    state: str
    ordered_at: datetime
    requested_on: date
    entered_by: str
    finished_at: datetime | None
    ship_to: str
    entered_by_id: int
    ship_to_code: str
    latest_on: date | None
    transit_days: int
    substitutes: str
    lot_rule: str
    max_shipments: int | None
    last_shipment: str
    min_shipment_value: Decimal
    cancel_after_days: int | None
    shipments: int
    ship_by_on: date
    latest_ship_on: date | None
    gives_ship_day: bool
    channel: str
    order_type: str
    contract: str
    given_terms: list[str]  # those that are not its customer's
    any_site: bool
    origin_id: int | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of an order with its counts."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    units: int
    waiting: int
    allocated: int
    released: int
    picked: int
    shipped: int
    cancelled: int
    unit_price: Decimal
    value: Decimal
    unit_cost: Decimal | None
    lot: str

    @property
    def margin(self) -> Decimal | None:
        """What is left of the value after the cost of the goods at order time; None where the cost is not known."""
        if self.unit_cost is None:
            return None
        return self.value - to_money(self.unit_cost * (self.units - self.cancelled))


_HEAD = """
    SELECT o.id, o.number, o.customer_id, p.code, p.name, o.site_id, s.name, o.reference, o.tier, o.policy,
           o.min_life_days, o.state, o.ordered_at, o.requested_on, coalesce(nullif(u.full_name, ''), u.username),
           o.finished_at, coalesce(a.name, ''), o.entered_by_id, coalesce(a.code, ''), o.latest_on, o.transit_days,
           o.substitutes, o.lot_rule, o.max_shipments, o.last_shipment, o.min_shipment_value, o.cancel_after_days,
           o.shipments, o.ship_by_on, o.latest_ship_on, o.gives_ship_day, o.channel, o.order_type, o.contract,
           o.given_terms, o.any_site, o.origin_id
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = o.site_id
    JOIN platform_user u ON u.id = o.entered_by_id LEFT JOIN parties_address a ON a.id = o.ship_to_id
"""


def access_order(order_id: int, site_ids: frozenset[int]) -> OrderHead:
    """The order, if it exists at a site that the person may see ({0} = all). One query."""
    row = sql.fetch_one(_HEAD + "WHERE o.id = %s", (order_id,))
    if row is None or not (0 in site_ids or row[5] in site_ids):
        raise OrderNotFound("There is no such order.", fix="Search for it by number, customer or reference.")
    return OrderHead(*row)


def neighbours(order_id: int, site_ids: frozenset[int]) -> tuple[int | None, int | None]:
    """The order before and the one after, at the sites that the person may see: of an open order the open ones as the
    list of open orders has them (ship-by day, tier, number), of a finished one those by number. One query."""
    row = sql.fetch_one(
        """
        WITH me AS (SELECT o.ship_by_on, o.tier, o.id, o.state IN ('confirmed', 'released') AS is_open
                    FROM sales_order o WHERE o.id = %(id)s),
             seen AS (SELECT 0 = ANY(%(sites)s::bigint[]) AS all_sites)
        SELECT CASE WHEN me.is_open THEN (
                   SELECT o.id FROM sales_order o WHERE o.state IN ('confirmed', 'released')
                     AND (o.ship_by_on, o.tier, o.id) < (me.ship_by_on, me.tier, me.id)
                     AND (seen.all_sites OR o.site_id = ANY(%(sites)s::bigint[]))
                   ORDER BY o.ship_by_on DESC, o.tier DESC, o.id DESC LIMIT 1)
               ELSE (SELECT max(o.id) FROM sales_order o WHERE o.id < me.id AND o.id > me.id - 1000
                     AND (seen.all_sites OR o.site_id = ANY(%(sites)s::bigint[]))) END,
               CASE WHEN me.is_open THEN (
                   SELECT o.id FROM sales_order o WHERE o.state IN ('confirmed', 'released')
                     AND (o.ship_by_on, o.tier, o.id) > (me.ship_by_on, me.tier, me.id)
                     AND (seen.all_sites OR o.site_id = ANY(%(sites)s::bigint[]))
                   ORDER BY o.ship_by_on, o.tier, o.id LIMIT 1)
               ELSE (SELECT min(o.id) FROM sales_order o WHERE o.id > me.id AND o.id < me.id + 1000
                     AND (seen.all_sites OR o.site_id = ANY(%(sites)s::bigint[]))) END
        FROM me CROSS JOIN seen
        """,
        {"id": order_id, "sites": sorted(site_ids)},
    )
    return (row[0], row[1]) if row else (None, None)


def terms_of(head: OrderHead) -> OrderTerms:
    """The terms of an order, with its days of life as the customer counts them: at his door."""
    return OrderTerms(
        max_shipments=head.max_shipments,
        last_shipment=head.last_shipment,
        min_shipment_value=head.min_shipment_value,
        cancel_after_days=head.cancel_after_days,
        substitutes=head.substitutes,
        life_days=head.min_life_days - head.transit_days,
        lot_rule=head.lot_rule,
    )


def order_of_line(line_id: int) -> int:
    """The order of a line; 0 when there is no such line. One query."""
    return int(sql.fetch_value("SELECT order_id FROM sales_orderline WHERE id = %s", (line_id,)) or 0)


def sites_of(order_ids: Sequence[int]) -> list[int]:
    """The sites from which orders ship. One query."""
    rows = sql.fetch_all("SELECT DISTINCT site_id FROM sales_order WHERE id = ANY(%s::bigint[])", (list(order_ids),))
    return sorted(row[0] for row in rows)


def order_id_of(number: str) -> int | None:
    """The id behind an order number; None when there is none. One query."""
    found: int | None = sql.fetch_value("SELECT id FROM sales_order WHERE number = %s", (number,))
    return found


def lines_of(order_id: int) -> list[LineRow]:
    """The lines of an order. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.line_no, l.item_id, i.sku, i.name, i.base_uom, l.units, l.open_units, l.allocated_units,
               l.released_units, l.picked_units, l.shipped_units, l.cancelled_units, l.unit_price,
               round(l.unit_price * (l.units - l.cancelled_units), 2), l.unit_cost, l.lot_code
        FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.order_id = %s ORDER BY l.line_no
        """,
        (order_id,),
    )
    return [LineRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list, with the sums of its lines and how it stands in one word."""

    id: int
    number: str
    tier: str
    customer: str
    standing: str
    requested_on: date
    ship_by_on: date
    site: str
    site_id: int
    owner: str
    reference: str
    ordered_at: datetime
    units: int
    waiting: int
    allocated: int
    picked: int
    shipped: int
    ready: int
    value: Decimal
    why: str
    latest_on: date | None
    margin: Decimal | None
    channel: str
    order_type: str
    contract: str
    state: str


STANDINGS = ("held", "waits", "part", "reserved", "picking", "picked", "shipped", "cancelled")

ORDER_LIST = """
    SELECT o.id, o.number, o.tier, p.name AS customer,
           CASE WHEN o.state IN ('shipped', 'cancelled') THEN o.state
                WHEN t.held > 0 AND t.released = 0 THEN 'held'
                WHEN t.released > 0 THEN 'picking'
                WHEN t.waiting = 0 AND t.allocated = 0 THEN 'picked'
                WHEN t.waiting = 0 THEN 'reserved'
                WHEN t.allocated + t.picked + t.shipped > 0 THEN 'part' ELSE 'waits' END AS standing,
           o.requested_on, o.ship_by_on, s.name AS site, o.site_id,
           coalesce(nullif(u.full_name, ''), u.username) AS owner, o.reference,
           o.ordered_at, t.units, t.waiting, t.allocated, t.picked, t.shipped,
           t.allocated + t.picked + t.shipped AS ready, t.value,
           coalesce(
               CASE WHEN t.held > 0 THEN (
                   SELECT 'held: ' || h.sentence FROM sales_hold h
                   WHERE h.order_id = o.id AND h.ended_at IS NULL ORDER BY h.id LIMIT 1) END,
               CASE WHEN t.first_waiting IS NOT NULL THEN (
                   SELECT d.sentence FROM platform_decision d
                   WHERE d.subject = 'sales.line:' || t.first_waiting AND NOT starts_with(d.kind, 'wave.')
                   ORDER BY d.id DESC LIMIT 1) END,
               '') AS why,
           o.latest_on, t.value - t.cost AS margin, o.channel, o.order_type, o.contract, o.state
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = o.site_id
    JOIN platform_user u ON u.id = o.entered_by_id
    CROSS JOIN LATERAL (
        SELECT sum(l.units - l.cancelled_units)::bigint AS units, sum(l.open_units)::bigint AS waiting,
               sum(l.allocated_units)::bigint AS allocated, sum(l.released_units)::bigint AS released,
               sum(l.picked_units)::bigint AS picked, sum(l.shipped_units)::bigint AS shipped,
               round(sum(l.unit_price * (l.units - l.cancelled_units)), 2) AS value,
               CASE WHEN count(l.unit_cost) = count(*)
                    THEN round(sum(l.unit_cost * (l.units - l.cancelled_units)), 2) END AS cost,
               min(l.id) FILTER (WHERE l.open_units > 0) AS first_waiting, count(l.held_at_units) AS held
        FROM sales_orderline l WHERE l.order_id = o.id
    ) AS t
"""


def order_list(query: ListQuery) -> Page[OrderRow]:
    """Orders as the list shows them. Two queries."""
    return sql_page(
        query,
        OrderRow,
        ORDER_LIST,
        search=("number", "customer", "reference"),
        totals={"ready": "sum(ready)", "units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )


def orders_after(after_id: int, site_ids: frozenset[int], *, standing: str = "", limit: int) -> list[OrderRow]:
    """Orders with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT r.* FROM ({ORDER_LIST} WHERE o.id > %(after)s
            AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))) AS r
        WHERE %(standing)s::text = '' OR r.standing = %(standing)s ORDER BY r.id LIMIT %(limit)s
        """,  # noqa: S608 - our own text, the values are bound
        {"after": after_id, "sites": sorted(site_ids), "standing": standing, "limit": limit},
    )
    return [OrderRow(*row) for row in rows]


_LOOK_UP = f"""
SELECT o.id, o.number, c.name || CASE WHEN o.reference = '' THEN '' ELSE ', ' || o.reference END,
       o.number = ANY(%(exact)s::text[]) OR o.reference = ANY(%(exact)s::text[])
FROM sales_order o JOIN parties_party c ON c.id = o.customer_id
WHERE o.id = ANY (ARRAY(
    SELECT id FROM sales_order WHERE number = ANY(%(exact)s::text[])
    UNION ALL
    {begun("sales_order", "(0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))")}
    UNION ALL
    (SELECT n.id FROM sales_order n
     WHERE n.reference LIKE %(starts)s AND n.reference <> ''
     AND (0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))
     ORDER BY n.reference USING ~<~ LIMIT %(limit)s)
    UNION ALL
    (SELECT last.id FROM (
        SELECT id FROM parties_party
        WHERE is_customer AND (code = ANY(%(exact)s::text[]) OR name ILIKE %(inside)s) ORDER BY code LIMIT %(limit)s
     ) c CROSS JOIN LATERAL (
        SELECT n.id FROM sales_order n WHERE n.customer_id = c.id
        AND (0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY n.id DESC LIMIT %(limit)s) last)
)) AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
ORDER BY 4 DESC, o.id DESC LIMIT %(limit)s
"""  # noqa: S608 - our own text


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Orders by number or the customer's reference, or the last ones of a customer. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)


def unit_prices(line_ids: Iterable[int]) -> dict[int, Decimal]:
    """What a unit of lines costs the customer. One query."""
    rows = sql.fetch_all("SELECT id, unit_price FROM sales_orderline WHERE id = ANY(%s::bigint[])", (sorted(line_ids),))
    return dict(rows)
