"""Reads of sales: what order entry looks up, and what pages, API and later stages see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.sales.types import OrderNotFound


@dataclass(frozen=True, slots=True)
class Terms:
    """What order entry needs to know of a customer; ids are None where the code is not known."""

    customer_id: int | None
    tier: str
    policy: str
    min_life_days: int
    ship_to_id: int | None
    duplicate: str | None
    site_known: bool


def terms(
    customers: Sequence[str], ship_tos: Sequence[str], references: Sequence[str], sites: Sequence[int]
) -> list[Terms]:
    """The terms for each asked order, in order. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, coalesce(t.tier, 'C'), coalesce(t.ships_partial, 'partial'),
               coalesce(t.min_remaining_life_days, 0), a.id, d.number, s.id IS NOT NULL
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
             WITH ORDINALITY AS w(code, ship_to, reference, site_id, n)
        LEFT JOIN parties_party p ON p.code = w.code AND p.is_customer
        LEFT JOIN parties_customerterms t ON t.party_id = p.id
        LEFT JOIN parties_address a ON a.party_id = p.id AND a.code = w.ship_to
        LEFT JOIN sales_order d ON d.customer_id = p.id AND d.reference = w.reference AND d.reference <> ''
        LEFT JOIN locations_site s ON s.id = w.site_id
        ORDER BY w.n
        """,
        (list(customers), list(ship_tos), list(references), list(sites)),
    )
    return [Terms(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item as an order line names it: by SKU, with the factor of the pack that was asked for."""

    item_id: int | None
    is_active: bool
    list_price: Decimal | None
    factor: int | None
    meanings: str = ""


def items(codes: Sequence[str], packs: Sequence[str]) -> list[KnownItem]:
    """Items by SKU, in order; the factor is None when the item has no such pack. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, coalesce(i.is_active, false), i.list_price, CASE WHEN w.pack = '' THEN 1 ELSE l.factor END
        FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS w(code, pack, n)
        LEFT JOIN catalog_item i ON i.sku = w.code
        LEFT JOIN catalog_packlevel l ON l.item_id = i.id AND l.level = w.pack AND w.pack <> ''
        ORDER BY w.n
        """,
        (list(codes), list(packs)),
    )
    return [KnownItem(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class FreePromise:
    """Units that a line is promised from one pool and that no picker has."""

    line_id: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


def promises_not_in_picking(line_ids: Sequence[int]) -> list[FreePromise]:
    """What the ledger has committed to lines less what is reserved in bins for their picks, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, p.item_id, p.lot_id, p.site_id, p.owner_id, c.units - coalesce(r.units, 0)::bigint
        FROM unnest(%s::bigint[]) AS w(id)
        JOIN ledger_commitment c ON c.ref = 'sales.line:' || w.id
        JOIN ledger_pool p ON p.id = c.pool_id
        LEFT JOIN LATERAL (
            SELECT sum(r.units) AS units FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
            WHERE r.ref = c.ref AND e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.owner_id = p.owner_id
              AND e.site_id = p.site_id AND e.state IN ('reserve', 'forward_pick')
        ) AS r ON true
        ORDER BY c.id DESC
        """,
        (list(line_ids),),
    )
    return [FreePromise(*row) for row in rows]


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


_HEAD = """
    SELECT o.id, o.number, o.customer_id, p.code, p.name, o.site_id, s.name, o.reference, o.tier, o.policy,
           o.min_life_days, o.state, o.ordered_at, o.requested_on, coalesce(nullif(u.full_name, ''), u.username),
           o.finished_at, coalesce(a.name, '')
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = o.site_id
    JOIN platform_user u ON u.id = o.entered_by_id LEFT JOIN parties_address a ON a.id = o.ship_to_id
"""


def access_order(order_id: int, site_ids: frozenset[int]) -> OrderHead:
    """The order, if it exists at a site that the person may see ({0} = all). One query."""
    row = sql.fetch_one(_HEAD + "WHERE o.id = %s", (order_id,))
    if row is None or not (0 in site_ids or row[5] in site_ids):
        raise OrderNotFound("There is no such order.", fix="Search for it by number, customer or reference.")
    return OrderHead(*row)


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
               round(l.unit_price * (l.units - l.cancelled_units), 2)
        FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.order_id = %s ORDER BY l.line_no
        """,
        (order_id,),
    )
    return [LineRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list, with the sums of its lines."""

    order_id: int
    number: str
    tier: str
    customer: str
    state: str
    requested_on: date
    site: str
    entered_by: str
    reference: str
    ordered_at: datetime
    units: int
    waiting: int
    allocated: int
    picked: int
    shipped: int
    cancelled: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders shows. Empty fields do not narrow it."""

    view: str = "open"
    search: str = ""
    tier: str = ""
    site_ids: frozenset[int] = frozenset({0})
    today: date | None = None
    after: tuple[date, int] | None = None


VIEWS: dict[str, str] = {
    "open": "o.state IN ('confirmed', 'released')",
    "waiting": "o.state IN ('confirmed', 'released') AND EXISTS (SELECT FROM sales_orderline w WHERE w.order_id = o.id "
    "AND w.open_units > 0)",
    "late": "o.state IN ('confirmed', 'released') AND o.requested_on <= %(today)s",
    "ready": "o.state = 'confirmed' AND EXISTS (SELECT FROM sales_orderline w WHERE w.order_id = o.id "
    "AND w.allocated_units > w.released_units)",
    "picking": "o.state = 'released'",
    "tier_a": "o.state IN ('confirmed', 'released') AND o.tier = 'A'",
    "shipped": "o.state = 'shipped'",
    "cancelled": "o.state = 'cancelled'",
    "all": "true",
}

_MATCH = """
    {view} AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
    AND (%(tier)s::text = '' OR o.tier = %(tier)s)
    AND (%(search)s::text = '' OR o.number ILIKE %(like)s OR o.reference ILIKE %(like)s OR p.name ILIKE %(like)s
         OR EXISTS (SELECT FROM sales_orderline f JOIN catalog_item g ON g.id = f.item_id
                    WHERE f.order_id = o.id AND g.sku = %(search)s))
"""


def _params(wanted: OrderFilter) -> dict[str, object]:
    return {
        "sites": sorted(wanted.site_ids),
        "tier": wanted.tier,
        "search": wanted.search,
        "like": f"%{wanted.search}%",
        "today": wanted.today,
    }


def orders(wanted: OrderFilter, *, limit: int, offset: int = 0, newest_first: bool = False) -> list[OrderRow]:
    """Orders with the sums of their lines, by requested date and rank. One query."""
    match = _MATCH.format(view=VIEWS[wanted.view])
    sort = "o.id DESC" if newest_first else "o.requested_on, o.tier, o.id"
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, o.tier, p.name, o.state, o.requested_on, s.name,
               coalesce(nullif(u.full_name, ''), u.username), o.reference, o.ordered_at, t.*
        FROM (
            SELECT o.* FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
            WHERE {match} ORDER BY {sort} LIMIT %(limit)s OFFSET %(offset)s
        ) AS o
        JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = o.site_id
        JOIN platform_user u ON u.id = o.entered_by_id
        CROSS JOIN LATERAL (
            SELECT sum(l.units)::bigint, sum(l.open_units)::bigint, sum(l.allocated_units)::bigint,
                   sum(l.picked_units)::bigint, sum(l.shipped_units)::bigint, sum(l.cancelled_units)::bigint,
                   round(sum(l.unit_price * (l.units - l.cancelled_units)), 2)
            FROM sales_orderline l WHERE l.order_id = o.id
        ) AS t
        ORDER BY {sort}
        """,  # noqa: S608 - the view and the sort are our own text, the values are bound
        {**_params(wanted), "limit": limit, "offset": offset},
    )
    return [OrderRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """Sums over all orders that match a filter."""

    orders: int
    units: int
    ready: int
    waiting_lines: int
    waiting_value: Decimal
    value: Decimal


def totals(wanted: OrderFilter) -> OrderTotals:
    """Sums over all matching orders. One query."""
    match = _MATCH.format(view=VIEWS[wanted.view])
    row = sql.fetch_one(
        f"""
        SELECT count(DISTINCT o.id), coalesce(sum(l.units - l.cancelled_units), 0)::bigint,
               coalesce(sum(l.allocated_units + l.picked_units + l.shipped_units), 0)::bigint,
               count(*) FILTER (WHERE l.open_units > 0),
               coalesce(round(sum(l.unit_price * l.open_units), 2), 0),
               coalesce(round(sum(l.unit_price * (l.units - l.cancelled_units)), 2), 0)
        FROM sales_order o JOIN parties_party p ON p.id = o.customer_id JOIN sales_orderline l ON l.order_id = o.id
        WHERE {match}
        """,  # noqa: S608 - the view is our own text, the values are bound
        _params(wanted),
    )
    assert row is not None
    return OrderTotals(*row)


def view_counts(site_ids: frozenset[int], today: date) -> dict[str, int]:
    """How many orders each saved view shows. One query."""
    wanted = OrderFilter(site_ids=site_ids, today=today)
    names = [name for name in VIEWS if name not in ("all", "shipped", "cancelled")]
    counts = ", ".join(f"count(*) FILTER (WHERE {VIEWS[name]})" for name in names)
    row = sql.fetch_one(
        f"""
        SELECT {counts} FROM sales_order o
        WHERE o.state IN ('confirmed', 'released')
          AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
        """,  # noqa: S608 - the views are our own text, the values are bound
        _params(wanted),
    )
    assert row is not None
    return dict(zip(names, row, strict=True))
