"""Reads of allocation: free pools, rivals for short items, what waits, and the ladder behind "Why?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.allocation import rules
from flowrack.allocation.reasons import Rival
from flowrack.allocation.rules import Pool
from flowrack.allocation.types import CannotDisplace, GivenUp, PoolShortfall, Victim
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


def free_pools(item_ids: Sequence[int], site_id: int) -> list[Pool]:
    """Our own pools of the items that have free units at the site. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.item_id, p.lot_id, CASE WHEN p.lot_id = 0 THEN '' ELSE t.code END, t.expires_on,
               (extract(epoch FROM p.arrived_at) * 1000000)::bigint, p.reserve + p.forward_pick - p.committed,
               greatest(p.forward_pick - p.committed, 0)
        FROM unnest(%s::bigint[]) AS w(item_id)
        JOIN ledger_pool p ON p.item_id = w.item_id AND p.site_id = %s AND p.owner_id = 1
        JOIN catalog_lot t ON t.id = p.lot_id
        WHERE p.reserve + p.forward_pick > p.committed
        """,
        (list(item_ids), site_id),
    )
    return [Pool(*row) for row in rows]


def ask_holders(item_ids: Sequence[int], site_id: int, *, each: int = 4) -> sql.Asked:
    """Which orders hold the promises on items, the oldest promises first, and since which day at the site. One query.

    Only of these the orders are looked up: a thousand may hold an item.
    """
    return (
        """
        SELECT w.item_id, o.number, o.tier, h.units, (h.committed_at AT TIME ZONE s.timezone)::date
        FROM unnest(%s::bigint[]) AS w(item_id)
        CROSS JOIN LATERAL (
            SELECT c.id, c.units, c.committed_at, substr(c.ref, 12)::bigint AS line_id
            FROM ledger_pool p JOIN ledger_commitment c ON c.pool_id = p.id AND c.ref LIKE 'sales.line:%%'
            WHERE p.item_id = w.item_id AND p.site_id = %s
            ORDER BY c.id LIMIT %s
        ) AS h
        JOIN sales_orderline l ON l.id = h.line_id JOIN sales_order o ON o.id = l.order_id
        JOIN locations_site s ON s.id = o.site_id
        ORDER BY w.item_id, h.id
        """,
        (list(item_ids), site_id, each),
    )


def holders_of(rows: Sequence[Sequence[Any]]) -> dict[int, list[Rival]]:
    """The answer of `ask_holders` by item."""
    found: dict[int, list[Rival]] = {}
    for item_id, *rival in rows:
        found.setdefault(item_id, []).append(Rival(*rival))
    return found


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """An order line with units for which nothing is promised."""

    id: int
    order_id: int
    number: str
    customer: str
    tier: str
    requested_on: date
    ship_by_on: date
    item_id: int
    sku: str
    name: str
    units: int
    waiting: int
    value: Decimal
    site_id: int
    sentence: str


_WAITING = """
    SELECT l.id, o.id AS order_id, o.number, p.name AS customer, o.tier, o.requested_on, o.ship_by_on,
           i.id AS item_id, i.sku, i.name, l.units, l.open_units AS waiting,
           round(l.open_units * l.unit_price, 2) AS value, o.site_id,
           coalesce('Held: ' || h.sentence, d.sentence, 'Allocation has not looked at it yet.') AS sentence
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id AND l.open_units > 0
    JOIN parties_party p ON p.id = o.customer_id JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN LATERAL (
        SELECT d.sentence FROM platform_decision d
        WHERE d.subject = 'sales.line:' || l.id AND NOT starts_with(d.kind, 'wave.') ORDER BY d.id DESC LIMIT 1
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT h.sentence FROM sales_hold h
        WHERE l.held_at_units IS NOT NULL AND h.order_id = o.id AND h.ended_at IS NULL
        ORDER BY h.line_id = l.id DESC NULLS LAST, h.id LIMIT 1
    ) AS h ON true
    WHERE o.state IN ('confirmed', 'released')
"""


def waiting_list(query: ListQuery) -> Page[WaitingLine]:
    """Lines that wait for stock, with the stored reason. Two queries."""
    return sql_page(
        query,
        WaitingLine,
        _WAITING,
        search=("number", "customer", "sku"),
        totals={"waiting": "sum(waiting)", "value": "sum(value)"},
        site_column="site_id",
    )


def unallocated(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[WaitingLine]:
    """Lines that wait for stock with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        {_WAITING} AND l.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY l.id LIMIT %(limit)s
        """,
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [WaitingLine(*row) for row in rows]


def waiting_of(line_ids: Sequence[int]) -> dict[int, tuple[list[int], list[int]]]:
    """By site: the orders and items of those lines that wait for stock. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT o.id ORDER BY o.id), array_agg(DISTINCT l.item_id ORDER BY l.item_id)
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.id = ANY(%s::bigint[]) AND l.open_units > 0 AND o.state IN ('confirmed', 'released')
        GROUP BY o.site_id ORDER BY o.site_id
        """,
        (list(line_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for stock in all, and how much of what is listed waits for a person to end a hold."""

    lines: int
    orders: int
    units: int
    value: Decimal
    held_lines: int
    held_units: int


def waiting_totals(site_ids: frozenset[int]) -> Waiting:
    """Sums over all lines that wait for stock; what is held waits for a person. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE NOT z.is_held), count(DISTINCT o.id) FILTER (WHERE NOT z.is_held),
               coalesce(sum(l.open_units) FILTER (WHERE NOT z.is_held), 0)::bigint,
               coalesce(round(sum(l.open_units * l.unit_price) FILTER (WHERE NOT z.is_held), 2), 0),
               count(*) FILTER (WHERE z.is_held), coalesce(sum(l.open_units) FILTER (WHERE z.is_held), 0)::bigint
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id AND l.open_units > 0
        CROSS JOIN LATERAL (SELECT l.held_at_units IS NOT NULL AS is_held) AS z
        WHERE o.state IN ('confirmed', 'released')
          AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
        """,
        {"sites": sorted(site_ids)},
    )
    assert row is not None
    return Waiting(*row)


@dataclass(frozen=True, slots=True)
class Supply:
    """One pool of the ladder: a lot (or undated stock) at the site, by what can be done with it."""

    pool_id: int
    lot: str
    expires_on: date | None
    allocatable: int
    committed: int
    blocked: int
    blocked_as: str
    mendable: int  # of the blocked: neither expired nor damaged, so that somebody's work can free them
    lot_id: int = 0
    at_dock: int = 0  # of the blocked: in receiving or inspection, which promises count as supply to come

    @property
    def blocked_beside_dock(self) -> tuple[int, str]:
        """What else is blocked, and as what."""
        words = [one for one in self.blocked_as.split(", ") if not one.endswith((" in receiving", " in inspection"))]
        return self.blocked - self.at_dock, ", ".join(words)


@dataclass(frozen=True, slots=True)
class RankedClaim:
    """One claim of the ladder in rank order: what it wants, holds (promised and picked) and lacks."""

    line_id: int
    order_id: int
    number: str
    customer: str
    tier: str
    ship_by_on: date
    wanted: int
    promised: int
    picked: int
    waiting: int
    on_hold: str = ""  # why nothing is reserved for it, where it is held

    @property
    def held(self) -> int:
        """Promised and picked units together."""
        return self.promised + self.picked


@dataclass(frozen=True, slots=True)
class Ladder:
    """An item at a site: supply, claims in rank order, and who is promised how much of which pool."""

    supply: list[Supply]
    claims: list[RankedClaim]
    promised: dict[tuple[int, int], int]  # (pool, line) -> units


def supply(item_id: int, site_id: int, *, limit: int = 100) -> list[Supply]:
    """The pools of an item at a site in the order in which they are taken, with what of them cannot be promised. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, CASE WHEN p.lot_id = 0 THEN '' ELSE t.code END, t.expires_on, p.reserve + p.forward_pick,
               p.committed,
               p.receiving + p.inspection + p.quarantine + p.return_review + p.damaged + p.hold + p.expired,
               concat_ws(', ', CASE WHEN p.receiving > 0 THEN p.receiving || ' in receiving' END,
                         CASE WHEN p.inspection > 0 THEN p.inspection || ' in inspection' END,
                         CASE WHEN p.quarantine > 0 THEN p.quarantine || ' in quarantine' END,
                         CASE WHEN p.return_review > 0 THEN p.return_review || ' in return review' END,
                         CASE WHEN p.damaged > 0 THEN p.damaged || ' damaged' END,
                         CASE WHEN p.hold > 0 THEN p.hold || ' on hold' END,
                         CASE WHEN p.expired > 0 THEN p.expired || ' expired' END),
               p.receiving + p.inspection + p.quarantine + p.return_review + p.hold, p.lot_id,
               p.receiving + p.inspection
        FROM ledger_pool p JOIN catalog_lot t ON t.id = p.lot_id
        WHERE p.item_id = %s AND p.site_id = %s AND p.owner_id = 1
          AND p.reserve + p.forward_pick + p.committed + p.receiving + p.inspection + p.quarantine + p.return_review
              + p.damaged + p.hold + p.expired > 0
        ORDER BY t.expires_on NULLS LAST, p.arrived_at, p.id LIMIT %s
        """,
        (item_id, site_id, limit),
    )
    return [Supply(*row) for row in rows]


def ladder(item_id: int, site_id: int, *, limit: int = 100) -> Ladder:
    """Supply and claims of an item at a site, as they stand now. Three queries."""
    pools = supply(item_id, site_id, limit=limit)
    claims = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, c.name, o.tier, o.ship_by_on, l.units - l.cancelled_units - l.shipped_units,
               l.allocated_units, l.picked_units, l.open_units,
               CASE WHEN l.held_at_units IS NULL THEN '' ELSE coalesce((
                   SELECT h.sentence FROM sales_hold h WHERE h.order_id = o.id AND h.ended_at IS NULL
                   ORDER BY h.line_id = l.id DESC NULLS LAST, h.id LIMIT 1
               ), 'on hold') END
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
        WHERE l.item_id = %s AND o.site_id = %s AND o.state IN ('confirmed', 'released')
          AND l.units > l.shipped_units + l.cancelled_units
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no LIMIT %s
        """,
        (item_id, site_id, limit),
    )
    promised = sql.fetch_all(
        """
        SELECT c.pool_id, substr(c.ref, 12)::bigint, c.units
        FROM ledger_commitment c WHERE c.pool_id = ANY(%s::bigint[]) AND c.ref LIKE 'sales.line:%%'
        """,
        ([pool.pool_id for pool in pools],),
    )
    held = {(row[0], row[1]): int(row[2]) for row in promised}
    return Ladder(pools, [RankedClaim(*row) for row in claims], held)


@dataclass(frozen=True, slots=True)
class Promise:
    """Units that a line is promised from one pool, and how many of them a picker already has."""

    line_id: int
    units: int
    in_picking: int


def promises_on(keys: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, list[Promise]]]:
    """For each pool (item, lot, site, owner): its free units, and the promises on it, best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT k.n, p.reserve + p.forward_pick - p.committed, l.id, c.units, coalesce(r.units, 0)::bigint
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
             AS k(item, lot, site, owner, n)
        JOIN ledger_pool p ON p.item_id = k.item AND p.lot_id = k.lot AND p.site_id = k.site AND p.owner_id = k.owner
        LEFT JOIN ledger_commitment c ON c.pool_id = p.id AND c.ref LIKE 'sales.line:%%'
        LEFT JOIN sales_orderline l ON l.id = substr(c.ref, 12)::bigint
        LEFT JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN LATERAL (
            SELECT sum(r.units) AS units FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
            WHERE r.ref = c.ref AND e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.owner_id = p.owner_id
              AND e.site_id = p.site_id AND e.state IN ('reserve', 'forward_pick')
        ) AS r ON true
        ORDER BY k.n, o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no
        """,
        tuple(list(column) for column in zip(*keys, strict=True)),
    )
    found: list[tuple[int, list[Promise]]] = [(0, []) for _ in keys]
    for n, free, *promise in rows:
        found[n - 1] = (free, found[n - 1][1])
        if promise[0] is not None:
            found[n - 1][1].append(Promise(*promise))
    return found


def pool_of(of: PoolShortfall | GivenUp) -> tuple[int, int, int, int]:
    """The key of the pool: item, lot, site, owner. No query."""
    return (of.item_id, of.lot_id, of.site_id, of.owner_id)


def victims_of(gap: PoolShortfall, free: int, promises: Sequence[Promise], given_up: Sequence[GivenUp]) -> list[Victim]:
    """Who loses how much to one shortfall; refuses with CannotDisplace when that is not enough. No query."""
    if free >= gap.units:
        return []
    back: dict[int, int] = {}
    for given in given_up:
        if pool_of(given) == pool_of(gap):
            back[given.line_id] = back.get(given.line_id, 0) + given.units
    movable = [(p.line_id, p.units - p.in_picking + back.get(p.line_id, 0)) for p in promises]
    chosen = rules.victims(gap.units - free, [(line_id, units) for line_id, units in movable if units > 0])
    missing = gap.units - free - sum(units for _, units in chosen)
    if missing:
        raise CannotDisplace(
            "More would vanish than is free or can be taken back: the rest is being picked.",
            fix="Call the picks back first, or count again when they are done.",
            item_id=gap.item_id,
            lot_id=gap.lot_id,
            missing=missing,
        )
    return [Victim(line_id, *pool_of(gap), units) for line_id, units in chosen]
