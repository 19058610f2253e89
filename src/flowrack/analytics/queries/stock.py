"""Stock by state of items and sites, and everything about one item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.analytics.types import ItemNotFound, SiteStates
from flowrack.platform import sql

# The order in which goods flow. Allocated is what is promised and not picked; it is taken out of the two before it.
SHOWN = (
    "receiving", "inspection", "quarantine", "reserve", "forward_pick", "allocated", "staged", "in_transit",
    "return_review", "damaged", "hold", "expired",
)  # fmt: skip
_PARTS = {
    "reserve": "p.reserve - greatest(p.committed - p.forward_pick, 0)",
    "forward_pick": "greatest(p.forward_pick - p.committed, 0)",
    "allocated": "p.committed",
}
COLUMNS = {state: _PARTS.get(state, f"p.{state}") for state in SHOWN}
SUMS = ", ".join(f"sum({expression})::bigint AS {state}" for state, expression in COLUMNS.items())

STOCK_LIST = f"""
    SELECT i.id, i.sku, i.name, s.code AS site, s.id AS site_id, coalesce(f.name, '') AS family, i.velocity, k.*,
           k.reserve + k.forward_pick AS free
    FROM (
        SELECT p.item_id, p.site_id AS at_site, {SUMS}, sum({" + ".join(f"p.{s}" for s in SHOWN if s != "allocated")})
               ::bigint AS whole
        FROM ledger_pool p GROUP BY 1, 2
    ) k
    JOIN catalog_item i ON i.id = k.item_id
    JOIN locations_site s ON s.id = k.at_site
    LEFT JOIN catalog_family f ON f.id = i.family_id
    WHERE k.whole > 0
"""  # noqa: S608 - constant columns


@dataclass(frozen=True, slots=True)
class ItemHead:
    """An item as the enquiry names it."""

    item_id: int
    sku: str
    name: str
    family: str
    base_uom: str
    tracking: str
    velocity: str
    costing: str
    is_active: bool
    unit_cost: Decimal | None
    list_price: Decimal | None


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """Units of an item that somebody is promised."""

    order_id: int
    number: str
    customer: str
    tier: str
    ship_by_on: date
    site: str
    lot: str
    units: int
    since: datetime


@dataclass(frozen=True, slots=True)
class SupplyRow:
    """Units of an item that a supplier still owes."""

    po_id: int
    number: str
    supplier: str
    site: str
    due_on: date
    units: int
    state: str


@dataclass(frozen=True, slots=True)
class DemandRow:
    """Units of an item that an open order wants and no stock is promised for."""

    order_id: int
    number: str
    customer: str
    requested_on: date
    ordered: int
    waiting: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class LotRow:
    """A pool of an item: lot, owner, expiry and what is free."""

    lot_id: int
    lot: str
    site: str
    owner: str
    expires_on: date | None
    arrived_at: datetime
    units: int
    free: int
    committed: int


@dataclass(frozen=True, slots=True)
class CellLine:
    """Stock of an item in one place."""

    location_id: int
    location: str
    site: str
    lpn: str
    lot: str
    state: str
    on_hand: int
    reserved: int


def states_of_sites(site_id: int, *, item_id: int = 0) -> list[SiteStates]:
    """Units and value of each site by state, of all items or one; the largest site first. One query."""
    parts = ", ".join(f"sum({e})::bigint, coalesce(round(sum(({e}) * k.cost), 2), 0)" for e in COLUMNS.values())
    only = "AND p.item_id = %(item)s" if item_id else ""
    book = "AND item_id = %(item)s" if item_id else ""
    rows = sql.fetch_all(
        f"""
        WITH k AS MATERIALIZED (
            SELECT item_id, site_id, sum(value) / nullif(sum(units), 0) AS cost FROM ledger_book
            WHERE account IN ('inventory', 'in_transit') {book} GROUP BY 1, 2
        )
        SELECT s.id, s.code, s.name, {parts}
        FROM ledger_pool p JOIN locations_site s ON s.id = p.site_id
        LEFT JOIN k ON k.item_id = p.item_id AND k.site_id = p.site_id AND p.owner_id = 1
        WHERE (%(site)s = 0 OR p.site_id = %(site)s) {only} GROUP BY 1, 2, 3
        """,  # noqa: S608 - constant columns
        {"site": site_id, "item": item_id},
    )
    found = [
        SiteStates(
            row[0],
            row[1],
            row[2],
            {state: row[3 + 2 * n] for n, state in enumerate(SHOWN)},
            {state: row[4 + 2 * n] for n, state in enumerate(SHOWN)},
        )
        for row in rows
    ]
    return sorted(found, key=lambda s: (-s.total_value, -s.total_units, s.site))


def item_head(item_id: int) -> ItemHead:
    """One item. One query."""
    row = sql.fetch_one(
        """
        SELECT i.id, i.sku, i.name, coalesce(f.name, ''), i.base_uom, i.tracking, i.velocity, i.costing, i.is_active,
               coalesce(k.cost, i.standard_cost), i.list_price
        FROM catalog_item i LEFT JOIN catalog_family f ON f.id = i.family_id
        LEFT JOIN LATERAL (
            SELECT round(sum(value) / nullif(sum(units), 0), 4) AS cost FROM ledger_book
            WHERE item_id = i.id AND account IN ('inventory', 'in_transit')
        ) k ON true
        WHERE i.id = %s
        """,
        (item_id,),
    )
    if row is None:
        raise ItemNotFound("There is no such item.", fix="Search by SKU, GTIN or name.")
    return ItemHead(*row)


def promises(item_id: int, site_id: int, *, limit: int = 100) -> list[PromiseRow]:
    """Who is promised units of an item, oldest promise first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, c.name, o.tier, o.ship_by_on, s.code, lot.code, k.units, k.committed_at
        FROM ledger_pool p
        JOIN ledger_commitment k ON k.pool_id = p.id
        JOIN catalog_lot lot ON lot.id = p.lot_id
        JOIN locations_site s ON s.id = p.site_id
        JOIN sales_orderline l ON l.id = CASE WHEN k.ref LIKE 'sales.line:%%' THEN substr(k.ref, 12)::bigint END
        JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party c ON c.id = o.customer_id
        WHERE p.item_id = %s AND (%s = 0 OR p.site_id = %s) ORDER BY k.id LIMIT %s
        """,
        (item_id, site_id, site_id, limit),
    )
    return [PromiseRow(*row) for row in rows]


def supply(item_id: int, site_id: int, *, limit: int = 50) -> list[SupplyRow]:
    """What suppliers still owe of an item, by the day it is expected. One query."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, p.name, s.code, l.expected_on, l.units - l.short_units - l.received_units, po.state
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
        JOIN parties_party p ON p.id = po.supplier_id JOIN locations_site s ON s.id = po.site_id
        WHERE l.item_id = %s AND l.received_units < l.units - l.short_units
          AND po.state IN ('draft', 'approved', 'receiving') AND (%s = 0 OR po.site_id = %s)
        ORDER BY l.expected_on, po.id LIMIT %s
        """,
        (item_id, site_id, site_id, limit),
    )
    return [SupplyRow(*row) for row in rows]


def demand(item_id: int, site_id: int, *, limit: int = 50) -> list[DemandRow]:
    """Open orders that wait for an item, by the day the customer wants it. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, p.name, o.requested_on, l.units, l.open_units, l.unit_price
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
        JOIN parties_party p ON p.id = o.customer_id
        WHERE l.item_id = %s AND l.open_units > 0 AND (%s = 0 OR o.site_id = %s)
        ORDER BY o.requested_on, o.id LIMIT %s
        """,
        (item_id, site_id, site_id, limit),
    )
    return [DemandRow(*row) for row in rows]


def lots(item_id: int, site_id: int, *, limit: int = 200) -> list[LotRow]:
    """The pools of an item that hold stock: first-expired first. One query."""
    whole = " + ".join(f"p.{s}" for s in SHOWN if s != "allocated")
    rows = sql.fetch_all(
        f"""
        SELECT lot.id, lot.code, s.code, CASE WHEN p.owner_id = 1 THEN '' ELSE o.name END, lot.expires_on, p.arrived_at,
               {whole}, p.reserve + p.forward_pick - p.committed, p.committed
        FROM ledger_pool p JOIN catalog_lot lot ON lot.id = p.lot_id JOIN locations_site s ON s.id = p.site_id
        JOIN parties_party o ON o.id = p.owner_id
        WHERE p.item_id = %s AND (%s = 0 OR p.site_id = %s) AND {whole} > 0
        ORDER BY lot.expires_on NULLS LAST, p.arrived_at, p.id LIMIT %s
        """,  # noqa: S608 - constant columns
        (item_id, site_id, site_id, limit),
    )
    return [LotRow(*row) for row in rows]


def cells(item_id: int, site_id: int, *, state: str = "", limit: int = 300) -> list[CellLine]:
    """Where an item lies, in walking order. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.code, s.code, lpn.code, lot.code, c.state, c.on_hand, c.reserved
        FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id JOIN locations_site s ON s.id = c.site_id
        JOIN locations_lpn lpn ON lpn.id = c.lpn_id JOIN catalog_lot lot ON lot.id = c.lot_id
        WHERE c.item_id = %s AND NOT c.is_virtual AND c.on_hand > 0 AND (%s = 0 OR c.site_id = %s)
          AND (%s = '' OR c.state = %s)
        ORDER BY s.code, l.pick_sequence, c.id LIMIT %s
        """,
        (item_id, site_id, site_id, state, state, limit),
    )
    return [CellLine(*row) for row in rows]
