"""Orders that may ship from another site, and which wait where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from flowrack.allocation.reasons_sites import Words
from flowrack.carriers.rules_rates import Destination
from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.platform.web.format import currency_symbol


@dataclass(frozen=True, slots=True)
class MovableLine:
    """What a line still wants that no picker has; `allocated` of it is promised at the site of the order."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    units: int
    allocated: int
    unit_price: Decimal
    lot_code: str
    why_not: str  # what keeps it where it is, if anything does


@dataclass(frozen=True, slots=True)
class MovableOrder:
    """An order with all that its choice of a site needs."""

    order_id: int
    number: str
    site_id: int
    state: str
    any_site: bool
    customer_id: int
    policy: str
    requested_on: date
    life_days: int
    region: str
    way: int | None
    may_split: bool
    in_work: bool
    to: Destination
    lines: tuple[MovableLine, ...]


_ORDERS = """
    SELECT o.id, o.number, o.site_id, o.state, o.any_site, o.customer_id, o.policy, o.requested_on,
           o.min_life_days - o.transit_days, coalesce(a.region, ''),
           coalesce(a.transit_days, nullif(t.transit_days, 0)),
           o.policy <> 'complete' AND o.max_shipments IS NULL AND o.min_shipment_value = 0,
           EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id
                   AND (l.released_units > 0 OR l.picked_units > 0 OR l.shipped_units > 0)),
           coalesce(nullif(a.country, ''), p.country), coalesce(a.postcode, ''), coalesce(a.is_residential, false)
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
    LEFT JOIN parties_address a ON a.id = o.ship_to_id
    LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
    WHERE o.id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released') ORDER BY o.id
"""
_LINES = """
    SELECT l.order_id, l.id, l.line_no, l.item_id, i.sku, l.open_units + l.allocated_units - l.released_units,
           l.allocated_units - l.released_units, l.unit_price, l.lot_code,
           CASE WHEN l.held_at_units IS NOT NULL THEN 'it is on hold'
                WHEN EXISTS (SELECT FROM sales_substitution s
                             WHERE s.undone_at IS NULL AND l.id IN (s.line_id, s.original_id))
                THEN 'something is sent instead of it'
                WHEN EXISTS (SELECT FROM allocation_crossdock c WHERE c.order_line_id = l.id AND c.state = 'planned')
                THEN 'goods at the dock go straight to it'
                WHEN EXISTS (SELECT FROM allocation_overrideline x JOIN allocation_override v ON v.id = x.override_id
                             WHERE x.order_line_id = l.id AND v.ended_at IS NULL)
                THEN 'a person decided about its stock'
                WHEN EXISTS (SELECT FROM allocation_priorityrequest r
                             WHERE r.order_id = l.order_id AND r.state = 'waiting')
                THEN 'somebody is asked about its order, which is urgent' ELSE '' END
    FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
    WHERE l.order_id = ANY(%s::bigint[]) AND l.open_units + l.allocated_units - l.released_units > 0
    ORDER BY l.order_id, l.line_no
"""


Keeper = Callable[[Sequence[int]], Mapping[int, str]]
_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    """Make known which of some orders a later stage keeps at their site, and why: a truck waits for them there."""
    _keepers.append(keeper)


def movable(order_ids: Sequence[int]) -> list[MovableOrder]:
    """Open orders of some with their lines that no picker has all of. Two queries, and one of each keeper."""
    load_subscribers()  # later stages make themselves known with them
    kept: dict[int, str] = {}
    for keeper in _keepers:
        kept |= keeper(order_ids)
    lines: dict[int, list[MovableLine]] = {}
    for row in sql.fetch_all(_LINES, (list(order_ids),)):
        line = MovableLine(*row[1:])
        lines.setdefault(row[0], []).append(replace(line, why_not=line.why_not or kept.get(row[0], "")))
    found = []
    for row in sql.fetch_all(_ORDERS, (list(order_ids),)):
        to = Destination(row[13], row[14], row[9], row[15])
        found.append(MovableOrder(*(*row[:13], to, tuple(lines.get(row[0], ())))))
    return found


def waiting_elsewhere(item_ids: Sequence[int], site_id: int, *, most: int) -> list[int]:
    """Orders of other sites that any site may send and that wait for items, the best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM (
            SELECT DISTINCT l.order_id FROM sales_orderline l
            WHERE l.item_id = ANY(%s::bigint[]) AND l.open_units > 0 AND l.held_at_units IS NULL OFFSET 0) AS w
        CROSS JOIN LATERAL (
            SELECT h.id, h.site_id, h.state, h.any_site, h.tier, h.ship_by_on, h.ordered_at
            FROM sales_order h WHERE h.id = w.order_id OFFSET 0) AS o
        WHERE o.any_site AND o.state = 'confirmed' AND o.site_id <> %s
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id LIMIT %s
        """,
        (list(item_ids), site_id, most),
    )
    return [row[0] for row in rows]


def waiting_at(site_ids: Sequence[int]) -> list[int]:
    """Orders of sites that any site may send and that wait for something, the best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE o.state = 'confirmed' AND o.any_site AND o.site_id = ANY(%s::bigint[])
          AND EXISTS (SELECT FROM sales_orderline l
                      WHERE l.order_id = o.id AND l.open_units > 0 AND l.held_at_units IS NULL)
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id
        """,
        (list(site_ids),),
    )
    return [row[0] for row in rows]


def of_any_site(order_ids: Sequence[int] = (), *, line_ids: Sequence[int] = ()) -> list[int]:
    """Those of orders, and of the orders of lines, that any site may send and that wait for something, the best rank
    first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE (o.id = ANY(%s::bigint[])
               OR o.id IN (SELECT l.order_id FROM sales_orderline l WHERE l.id = ANY(%s::bigint[])))
          AND o.any_site AND o.state = 'confirmed'
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id
        """,
        (list(order_ids), list(line_ids)),
    )
    return [row[0] for row in rows]


def words() -> Words:
    """How sentences say money and sites. One query."""
    return Words(currency_symbol(), dict(sql.fetch_all("SELECT id, name FROM locations_site")))


def name_of(site_id: int) -> str:
    """The name of a site. One query."""
    return str(sql.fetch_value("SELECT name FROM locations_site WHERE id = %s", (site_id,)) or "")
