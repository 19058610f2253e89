"""What returns can tell: what may come back, where it came from, and what waits on the returns desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.returns.rules import SentLine
from flowrack.returns.types import RmaNotFound


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


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One return on the desk, oldest first."""

    rma_id: int
    number: str
    customer: str
    customer_code: str
    site: str
    order_number: str
    reason: str
    state: str
    is_blind: bool
    announced_units: int
    received_units: int
    waiting_units: int
    waiting_value: Decimal
    created_at: datetime
    arrived_at: datetime | None
    created_by: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """Returned goods as they arrived, with the proposal."""

    returned_lot_id: int
    lot: str
    expires_on: date | None
    lpn: str
    location: str
    units: int
    left_units: int
    value: Decimal
    condition: str
    proposal: str
    received_at: datetime
    received_by: str


@dataclass(frozen=True, slots=True)
class DispositionRow:
    """A verdict that was given."""

    returned_lot_id: int
    verdict: str
    units: int
    reason: str
    decided_at: datetime
    decided_by: str
    posting_id: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One RMA line with its goods and verdicts."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    units: int
    received_units: int
    disposed_units: int
    order_line_no: int | None
    lots: list[LotRow] = field(default_factory=list)
    dispositions: list[DispositionRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RmaView:
    """A return as its page and the API show it."""

    head: DeskRow
    site_id: int
    order_id: int | None
    customer_id: int
    created_by_id: int
    note: str
    lines: list[LineRow]


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


_DESK = """
    SELECT r.id, r.number, p.name, p.code, s.code, coalesce(o.number, ''), r.reason, r.state, r.is_blind,
           coalesce(l.units, 0)::bigint, coalesce(l.received, 0)::bigint, coalesce(w.units, 0)::bigint,
           coalesce(w.value, 0), r.created_at, w.arrived_at, u.full_name,
           r.site_id, r.order_id, r.customer_id, r.created_by_id, r.note
    FROM returns_rma r
    JOIN parties_party p ON p.id = r.customer_id
    JOIN locations_site s ON s.id = r.site_id
    JOIN platform_user u ON u.id = r.created_by_id
    LEFT JOIN sales_order o ON o.id = r.order_id
    LEFT JOIN LATERAL (
        SELECT sum(units) AS units, sum(received_units) AS received FROM returns_rmaline WHERE rma_id = r.id
    ) l ON true
    LEFT JOIN LATERAL (
        SELECT sum(rl.left_units) AS units, sum(round(rl.value * rl.left_units / rl.units, 2)) AS value,
               min(rl.received_at) FILTER (WHERE rl.left_units > 0) AS arrived_at
        FROM returns_returnedlot rl JOIN returns_rmaline x ON x.id = rl.line_id WHERE x.rma_id = r.id
    ) w ON true
"""


def desk(
    site_ids: Sequence[int] | None, *, states: Sequence[str] = ("announced", "receiving"), limit: int = 200
) -> list[DeskRow]:
    """Returns in these states, goods that wait longest first, then announcements by age. One query."""
    rows = sql.fetch_all(
        _DESK
        + """
        WHERE r.state = ANY(%s::text[]) AND (%s::bigint[] IS NULL OR r.site_id = ANY(%s::bigint[]))
        ORDER BY w.arrived_at NULLS LAST, r.created_at, r.id LIMIT %s
        """,
        (list(states), _sites(site_ids), _sites(site_ids), limit),
    )
    return [DeskRow(*row[:16]) for row in rows]


def _sites(site_ids: Sequence[int] | None) -> list[int] | None:
    return None if site_ids is None else list(site_ids)


def rma_by_number(number: str) -> int | None:
    """The id of a return by its number. One query."""
    key: int | None = sql.fetch_value("SELECT id FROM returns_rma WHERE number = upper(%s)", (number.strip(),))
    return key


def rma_view(rma_id: int) -> RmaView:
    """A return with lines, goods and verdicts. Four queries."""
    rows = sql.fetch_all(_DESK + " WHERE r.id = %s", (rma_id,))
    if not rows:
        raise RmaNotFound("There is no such return.", fix="Search for its number on the returns desk.")
    row = rows[0]
    lines = {line.line_id: line for line in _lines(rma_id)}
    by_lot: dict[int, int] = {}
    for line_id, lot in _lots(rma_id):
        lines[line_id].lots.append(lot)
        by_lot[lot.returned_lot_id] = line_id
    for done in _dispositions(list(by_lot)):
        lines[by_lot[done.returned_lot_id]].dispositions.append(done)
    return RmaView(DeskRow(*row[:16]), row[16], row[17], row[18], row[19], row[20], list(lines.values()))


def _lines(rma_id: int) -> list[LineRow]:
    rows = sql.fetch_all(
        """
        SELECT l.id, l.line_no, i.id, i.sku, i.name, l.units, l.received_units, l.disposed_units, ol.line_no
        FROM returns_rmaline l JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN sales_orderline ol ON ol.id = l.order_line_id
        WHERE l.rma_id = %s ORDER BY l.line_no
        """,
        (rma_id,),
    )
    return [LineRow(*row) for row in rows]


def _lots(rma_id: int) -> list[tuple[int, LotRow]]:
    rows = sql.fetch_all(
        """
        SELECT x.line_id, x.id, lot.code, lot.expires_on, lpn.code, loc.code, x.units, x.left_units, x.value,
               x.condition, x.proposal, x.received_at, u.full_name
        FROM returns_returnedlot x
        JOIN returns_rmaline l ON l.id = x.line_id
        JOIN catalog_lot lot ON lot.id = x.lot_id
        JOIN locations_lpn lpn ON lpn.id = x.lpn_id
        JOIN locations_location loc ON loc.id = x.location_id
        JOIN platform_user u ON u.id = x.received_by_id
        WHERE l.rma_id = %s ORDER BY x.id
        """,
        (rma_id,),
    )
    return [(row[0], LotRow(*row[1:])) for row in rows]


def _dispositions(returned_lot_ids: Sequence[int]) -> list[DispositionRow]:
    rows = sql.fetch_all(
        """
        SELECT d.returned_lot_id, d.verdict, d.units, d.reason, d.decided_at, u.full_name, d.posting_id
        FROM returns_disposition d JOIN platform_user u ON u.id = d.decided_by_id
        WHERE d.returned_lot_id = ANY(%s::bigint[]) ORDER BY d.id
        """,
        (list(returned_lot_ids),),
    )
    return [DispositionRow(*row) for row in rows]
