"""What returns must know to decide: what may come back, by which moves it left, places and items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.platform import sql
from flowrack.returns.rules import SentLine


@dataclass(frozen=True, slots=True)
class Issue:
    """One move by which units left for a customer, and how many of them have not come back."""

    move_id: int
    order_line_id: int
    item_id: int
    lot_id: int
    units_out: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place that returned goods may go to."""

    location_id: int
    code: str
    role: str
    site_id: int


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What returns must know of an item (and lot) to judge goods."""

    item_id: int
    sku: str
    tracking: str
    has_supplier: bool
    unit_cost: Decimal | None


def sent_lines(order_line_ids: Sequence[int]) -> dict[int, SentLine]:
    """What these order lines sent and what was announced as coming back. One query.

    A closed RMA counts with what it received, a cancelled one not at all.
    """
    rows = sql.fetch_all(
        """
        SELECT l.id, l.item_id, l.shipped_units, coalesce(a.units, 0)::bigint
        FROM sales_orderline l
        LEFT JOIN LATERAL (
            SELECT sum(CASE WHEN r.state = 'closed' THEN rl.received_units ELSE rl.units END) AS units
            FROM returns_rmaline rl JOIN returns_rma r ON r.id = rl.rma_id
            WHERE rl.order_line_id = l.id AND r.state <> 'cancelled'
        ) a ON true
        WHERE l.id = ANY(%s::bigint[])
        """,
        (list(order_line_ids),),
    )
    return {row[0]: SentLine(*row) for row in rows}


def order_of_lines(order_line_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Order line -> (order, customer, site). One query."""
    rows = sql.fetch_all(
        "SELECT l.id, o.id, o.customer_id, o.site_id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id"
        " WHERE l.id = ANY(%s::bigint[])",
        (list(order_line_ids),),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def order_head(order_id: int) -> tuple[int, int] | None:
    """(customer, site) of an order, None if there is none. One query."""
    row = sql.fetch_one("SELECT customer_id, site_id FROM sales_order WHERE id = %s", (order_id,))
    return None if row is None else (row[0], row[1])


def issues(order_line_ids: Sequence[int]) -> dict[tuple[int, int], list[Issue]]:
    """(order line, lot) -> the moves by which units left and are still out, oldest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.move_id, s.order_line_id, s.item_id, s.lot_id, (s.units - coalesce(b.units, 0))::bigint
        FROM (
            SELECT move_id, order_line_id, item_id, lot_id, sum(units) AS units
            FROM shipping_shipmentline WHERE order_line_id = ANY(%s::bigint[])
            GROUP BY 1, 2, 3, 4
        ) s
        LEFT JOIN LATERAL (
            SELECT sum(m.units) AS units FROM ledger_move m WHERE m.of_move_id = s.move_id AND m.of_move_id <> 0
        ) b ON true
        WHERE s.units > coalesce(b.units, 0)
        ORDER BY s.move_id
        """,
        (list(order_line_ids),),
    )
    found: dict[tuple[int, int], list[Issue]] = defaultdict(list)
    for row in rows:
        found[row[1], row[3]].append(Issue(*row))
    return found


def items(item_ids: Sequence[int], site_id: int) -> dict[int, ItemFacts]:
    """Facts of items at a site: tracking, whether a supplier exists, present unit cost of own stock. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.tracking,
               EXISTS (SELECT 1 FROM parties_supplieritem s WHERE s.item_id = i.id),
               coalesce(i.standard_cost, b.value / b.units, b.unit_cost)
        FROM catalog_item i
        LEFT JOIN LATERAL (
            SELECT nullif(sum(k.units), 0) AS units, sum(k.value) AS value, nullif(max(k.unit_cost), 0) AS unit_cost
            FROM ledger_book k WHERE k.item_id = i.id AND k.site_id = %s AND k.account = 'inventory'
        ) b ON true
        WHERE i.id = ANY(%s::bigint[])
        """,
        (site_id, list(item_ids)),
    )
    return {row[0]: ItemFacts(*row) for row in rows}


def lots(lot_ids: Sequence[int]) -> dict[int, tuple[int | None, str, date | None]]:
    """Lot -> (item, code, expiry). One query."""
    rows = sql.fetch_all(
        "SELECT id, item_id, code, expires_on FROM catalog_lot WHERE id = ANY(%s::bigint[])", (list(lot_ids),)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def places(location_ids: Sequence[int]) -> dict[int, PlaceRow]:
    """Physical, active places by id. One query."""
    rows = sql.fetch_all(
        "SELECT id, code, role, site_id FROM locations_location"
        " WHERE id = ANY(%s::bigint[]) AND NOT is_virtual AND is_active",
        (list(location_ids),),
    )
    return {row[0]: PlaceRow(*row) for row in rows}


def places_of_role(site_id: int, roles: Sequence[str], *, limit: int = 50) -> list[PlaceRow]:
    """Places of a site with one of these roles, in walking order. One query."""
    rows = sql.fetch_all(
        "SELECT id, code, role, site_id FROM locations_location WHERE site_id = %s AND role = ANY(%s::text[])"
        " AND NOT is_virtual AND is_active ORDER BY pick_sequence, id LIMIT %s",
        (site_id, list(roles), limit),
    )
    return [PlaceRow(*row) for row in rows]
