"""Reads of substitutes: the short line, the graph around its item, what customers said, and requests that wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from flowrack.allocation import queries, queries_kept
from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_substitutes import Edge, Need, Offers, Rejected, left_for, offers
from flowrack.ledger import queries as stock
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales import queries_lots


@dataclass(frozen=True, slots=True)
class ShortLine:
    """A line with what its order says: where it ships from, for whom, and in which state."""

    order_id: int
    number: str
    state: str
    site_id: int
    customer_id: int
    customer: str
    line_no: int
    name: str
    is_held: bool
    sent: int
    need: Need
    ship_by_on: date
    policy: str


def short_line(line_id: int, today: date) -> ShortLine | None:
    """The line; None when there is none. Units that cross-docks bring already are left out. Two queries.

    What leaves now keeps long enough if it does from today, or from its ship-by day where that is later; how late it is
    counts from the ship-by day.
    """
    row = sql.fetch_one(
        """
        SELECT o.id, o.number, o.state, o.site_id, o.customer_id, c.name, l.line_no, i.name,
               l.held_at_units IS NOT NULL, l.id, l.item_id, i.sku, l.units - l.cancelled_units,
               l.allocated_units + l.picked_units + l.shipped_units,
               l.open_units - coalesce((SELECT sum(x.units) FROM allocation_crossdock x
                                        WHERE x.order_line_id = l.id AND x.state = 'planned'), 0)::bigint,
               l.unit_price, l.unit_cost, o.ship_by_on, o.min_life_days, o.transit_days, o.tier, o.substitutes,
               l.lot_code,
               EXISTS (SELECT FROM sales_substitution s WHERE s.line_id = l.id), l.shipped_units, o.policy
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE l.id = %s
        """,
        (line_id,),
    )
    if row is None:
        return None
    cost = stock.unit_costs([row[10]], row[3]).get(row[10], row[16])
    missing = 0 if row[23] else row[14]  # what stands for another item is not replaced again
    need = Need._make([*row[9:14], missing, row[15], cost, max(row[17], today), *row[18:23], frozenset()])
    return ShortLine(*[*row[:9], row[24], need, row[17], row[25]])


def edges(item_id: int, customer_id: int, site_id: int) -> list[Edge]:
    """What may be sent instead of an item, with what the customer said of each, price and cost. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, s.ratio_num, s.ratio_den, s.multiple, s.needs_consent, s.is_price_protected,
               s.excluded_tiers::text[], s.priority, s.valid_from, s.valid_until,
               coalesce(CASE WHEN k.takes THEN 'yes' WHEN NOT k.takes THEN 'no' END, ''), coalesce(i.list_price, 0)
        FROM catalog_substitute s JOIN catalog_item i ON i.id = s.replaces_with_id AND i.is_active
        LEFT JOIN allocation_substituteconsent k ON k.customer_id = %s AND k.item_id = s.item_id
                  AND k.replaces_with_id = s.replaces_with_id AND k.ended_at IS NULL
        WHERE s.item_id = %s ORDER BY s.priority, s.id
        """,
        (customer_id, item_id),
    )
    costs = stock.unit_costs([row[0] for row in rows], site_id) if rows else {}
    return [Edge._make([*row[:7], tuple(row[7]), *row[8:], costs.get(row[0])]) for row in rows]


def free_pools(item_ids: Sequence[int], site_id: int) -> dict[int, list[Pool]]:
    """Free pools by item. One query."""
    found: dict[int, list[Pool]] = {item_id: [] for item_id in item_ids}
    for pool in queries.free_pools(sorted(set(item_ids)), site_id):
        found[pool.item_id].append(pool)
    return found


def pools_instead(item_id: int, site_id: int) -> list[tuple[int, int, int, int]]:
    """The keys of our own pools with free units of an item and of what may be sent instead of it. One query."""
    return sql.fetch_all(
        """
        SELECT p.item_id, p.lot_id, p.site_id, p.owner_id FROM ledger_pool p
        WHERE p.site_id = %s AND p.owner_id = 1 AND p.reserve + p.forward_pick > p.committed AND p.item_id = ANY(
            ARRAY(SELECT %s::bigint UNION SELECT s.replaces_with_id FROM catalog_substitute s WHERE s.item_id = %s))
        """,
        (site_id, item_id, item_id),
    )


@dataclass(frozen=True, slots=True)
class Proposed:
    """Offers for a short line with the pools that they take from."""

    line: ShortLine
    edges: list[Edge]
    pools: dict[int, Pool]
    offers: Offers


def propose(line: ShortLine, today: date, now: datetime, *, agreed: Mapping[int, int] | None = None) -> Proposed:
    """What may be sent instead of what a line lacks; with `agreed`, of what somebody agreed to.

    Stock that must stay for promises to others is not offered. Four queries, and a dozen more for these promises.
    """
    around = edges(line.need.item_id, line.customer_id, line.site_id)
    free = free_pools([line.need.item_id, *(edge.item_id for edge in around)], line.site_id)
    return _propose(line, around, free, today, now, agreed)


def propose_at_hand(
    line: ShortLine, at_hand: Mapping[tuple[int, int], int], today: date, now: datetime, *, with_others: bool
) -> Proposed:
    """The same of what a picker can take now: `at_hand` are units by item and lot in bins; without other items where
    the policy says so. As many queries.
    """
    around = edges(line.need.item_id, line.customer_id, line.site_id) if with_others else []
    pools = free_pools([line.need.item_id, *(edge.item_id for edge in around)], line.site_id)
    free = {
        item_id: [pool._replace(free=min(pool.free, at_hand.get((item_id, pool.lot_id), 0))) for pool in of]
        for item_id, of in pools.items()
    }
    return _propose(line, around, free, today, now, None)


def _propose(
    line: ShortLine,
    around: list[Edge],
    free: dict[int, list[Pool]],
    today: date,
    now: datetime,
    agreed: Mapping[int, int] | None,
) -> Proposed:
    lotted = sorted(item_id for item_id, pools in free.items() if any(pool.lot_id for pool in pools))
    if lotted:
        had = queries_lots.lots_not_wanted(line.order_id, lotted)
        line = replace(line, need=line.need._replace(had=had))
    pegs = queries_kept.pegs(list(free), line.site_id, now)
    stays: list[Rejected] = []
    for item_id, sku in [(line.need.item_id, line.need.sku), *((edge.item_id, edge.sku) for edge in around)]:
        if item_id in pegs:
            free[item_id] = left_for(line.need, sku, free[item_id], pegs[item_id], stays)
    found = offers(line.need, around, free, today, agreed=agreed)
    found.rejected.extend(stays)
    return Proposed(line, around, {pool.pool_id: pool for pools in free.values() for pool in pools}, found)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What a customer says of a substitute."""

    id: int
    customer: str
    sku: str
    substitute: str
    takes: str
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    standing: str


_CONSENTS = """
    SELECT k.id, c.name AS customer, i.sku, s.sku AS substitute, 
           CASE WHEN k.takes THEN 'takes' ELSE 'never' END AS takes,
           k.reason, u.full_name AS set_by, k.set_at, k.ended_at,
           CASE WHEN k.ended_at IS NULL THEN 'in force' ELSE 'ended' END AS standing
    FROM allocation_substituteconsent k JOIN parties_party c ON c.id = k.customer_id
    JOIN catalog_item i ON i.id = k.item_id JOIN catalog_item s ON s.id = k.replaces_with_id
    JOIN platform_user u ON u.id = k.set_by_id
"""


def consent_page(query: ListQuery) -> Page[ConsentRow]:
    """What customers say of substitutes. Two queries."""
    return sql_page(query, ConsentRow, _CONSENTS, search=("customer", "sku", "substitute"))


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request for substitutes that somebody must agree to."""

    id: int
    number: str
    site_id: int
    order_id: int
    order: str
    customer: str
    line_id: int
    sku: str
    substitutes: str
    replaces: int
    reason: str
    state: str
    outcome: str
    margin_delta: Decimal | None
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    approval: str
    approval_id: int
    decided_by: str


_REQUESTS = """
    SELECT r.id, r.number, r.site_id, o.id AS order_id, o.number AS order, c.name AS customer, l.id AS line_id, i.sku,
           p.substitutes, p.replaces, r.reason, r.state, r.outcome, round(r.margin_delta, 2) AS margin_delta,
           u.full_name AS asked_by, r.asked_at, r.ended_at, coalesce(a.number, '') AS approval,
           coalesce(a.id, 0) AS approval_id, coalesce(v.by, '') AS decided_by
    FROM allocation_substituterequest r JOIN sales_orderline l ON l.id = r.order_line_id
    JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN catalog_item i ON i.id = l.item_id JOIN platform_user u ON u.id = r.asked_by_id
    CROSS JOIN LATERAL (
        SELECT string_agg(p.units || ' × ' || s.sku, ', ' ORDER BY p.id) AS substitutes,
               sum(p.replaces)::bigint AS replaces
        FROM allocation_substituteportion p JOIN catalog_item s ON s.id = p.item_id WHERE p.request_id = r.id
    ) AS p
    LEFT JOIN LATERAL (
        SELECT q.id, q.number FROM approvals_request q
        WHERE q.kind = 'allocation.substitution' AND q.subject = 'allocation.substitution:' || r.id
        ORDER BY q.id DESC LIMIT 1
    ) AS a ON true
    LEFT JOIN LATERAL (
        SELECT w.full_name AS by FROM approvals_verdict v JOIN platform_user w ON w.id = v.given_by_id
        WHERE v.request_id = a.id ORDER BY v.id DESC LIMIT 1
    ) AS v ON true
"""


def request_row(request_id: int) -> RequestRow | None:
    """One request; None when there is none. One query."""
    row = sql.fetch_one(f"SELECT * FROM ({_REQUESTS}) AS r WHERE id = %s", (request_id,))  # noqa: S608 - a constant
    return RequestRow(*row) if row else None


def requests_of_order(order_id: int) -> list[RequestRow]:
    """Requests for lines of an order, newest first. One query."""
    rows = sql.fetch_all(
        f"SELECT * FROM ({_REQUESTS}) AS r WHERE order_id = %s ORDER BY id DESC",  # noqa: S608 - a constant
        (order_id,),
    )
    return [RequestRow(*row) for row in rows]


def asked_by(request_id: int) -> int:
    """Who asked. One query."""
    return int(sql.fetch_value("SELECT asked_by_id FROM allocation_substituterequest WHERE id = %s", (request_id,)))


def portions_of(request_id: int) -> list[tuple[int, int]]:
    """(Item, units) that a request asks for. One query."""
    return sql.fetch_all(
        "SELECT item_id, units FROM allocation_substituteportion WHERE request_id = %s ORDER BY id", (request_id,)
    )


@dataclass(frozen=True, slots=True)
class PortionRow:
    """Units of one substitute that a request asks for."""

    sku: str
    units: int
    replaces: int
    asks: str


def portion_rows(request_id: int) -> list[PortionRow]:
    """What a request asks for. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, p.units, p.replaces, p.asks FROM allocation_substituteportion p
        JOIN catalog_item i ON i.id = p.item_id WHERE p.request_id = %s ORDER BY p.id
        """,
        (request_id,),
    )
    return [PortionRow(*row) for row in rows]


def waiting_request(line_id: int) -> int:
    """The request of a line that waits; 0 when none. One query."""
    return int(
        sql.fetch_value(
            "SELECT id FROM allocation_substituterequest WHERE order_line_id = %s AND state = 'waiting'", (line_id,)
        )
        or 0
    )
