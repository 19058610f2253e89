"""What the returns desk shows: returns by age, one return with its goods, orders that a return is announced from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.lookup import Found, numbered
from flowrack.platform.lookup import look_up as _look_up
from flowrack.returns.queries import sent_lines
from flowrack.returns.types import RmaNotFound


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
    instead_of: str
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


def desk_rows(
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
        SELECT l.id, l.line_no, i.id, i.sku, i.name, l.units, l.received_units, l.disposed_units, ol.line_no,
               coalesce(was.sku || ', line ' || original.line_no, '')
        FROM returns_rmaline l JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN sales_orderline ol ON ol.id = l.order_line_id
        LEFT JOIN sales_substitution sub ON sub.line_id = ol.id
        LEFT JOIN sales_orderline original ON original.id = sub.original_id
        LEFT JOIN catalog_item was ON was.id = original.item_id
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


DESK_LIST = """
    SELECT r.id, r.number, p.name AS customer, s.code AS site, s.id AS site_id, r.order_id,
           coalesce(o.number, '') AS order_number, r.reason, r.state,
           (SELECT sum(units) FROM returns_rmaline WHERE rma_id = r.id)::bigint AS announced_units,
           (SELECT sum(received_units) FROM returns_rmaline WHERE rma_id = r.id)::bigint AS received_units,
           coalesce(w.units, 0)::bigint AS waiting_units, coalesce(w.value, 0) AS waiting_value, w.arrived_at,
           r.created_at, u.full_name AS created_by
    FROM returns_rma r
    JOIN parties_party p ON p.id = r.customer_id
    JOIN locations_site s ON s.id = r.site_id
    JOIN platform_user u ON u.id = r.created_by_id
    LEFT JOIN sales_order o ON o.id = r.order_id
    LEFT JOIN LATERAL (
        SELECT sum(x.left_units) AS units, sum(round(x.value * x.left_units / x.units, 2)) AS value,
               min(x.received_at) FILTER (WHERE x.left_units > 0) AS arrived_at
        FROM returns_returnedlot x JOIN returns_rmaline l ON l.id = x.line_id WHERE l.rma_id = r.id
    ) w ON true
"""


@dataclass(frozen=True, slots=True)
class SentRow:
    """One line of a shipped order, and how many of it may come back."""

    order_line_id: int
    line_no: int
    sku: str
    name: str
    shipped_units: int
    returnable_units: int
    instead_of: str


@dataclass(frozen=True, slots=True)
class SentOrder:
    """A shipped order as a return is announced from it."""

    order_id: int
    number: str
    customer: str
    site_id: int
    lines: list[SentRow]


def order_by_number(number: str, site_ids: frozenset[int]) -> SentOrder | None:
    """A shipped order of these sites (0 = all) with what may come back of it. Three queries."""
    head = sql.fetch_one(
        "SELECT o.id, o.number, p.name, o.site_id FROM sales_order o JOIN parties_party p ON p.id = o.customer_id"
        " WHERE o.number = %s AND (0 = ANY(%s::bigint[]) OR o.site_id = ANY(%s::bigint[]))",
        (number, sorted(site_ids), sorted(site_ids)),
    )
    if head is None:
        return None
    rows = sql.fetch_all(
        "SELECT l.id, l.line_no, i.sku, i.name, l.shipped_units,"
        " coalesce(was.sku || ', line ' || original.line_no, '') FROM sales_orderline l"
        " JOIN catalog_item i ON i.id = l.item_id LEFT JOIN sales_substitution sub ON sub.line_id = l.id"
        " LEFT JOIN sales_orderline original ON original.id = sub.original_id"
        " LEFT JOIN catalog_item was ON was.id = original.item_id"
        " WHERE l.order_id = %s AND l.shipped_units > 0 ORDER BY l.line_no",
        (head[0],),
    )
    sent = sent_lines([row[0] for row in rows])
    lines = [SentRow(*[*row[:5], sent[row[0]].returnable, row[5]]) for row in rows]
    return SentOrder(head[0], head[1], head[2], head[3], lines)


def lot_by_code(item_id: int, code: str) -> int | None:
    """The id of an item's lot by its code. One query."""
    key: int | None = sql.fetch_value("SELECT id FROM catalog_lot WHERE item_id = %s AND code = %s", (item_id, code))
    return key


def rmas_for(code: str, site_ids: frozenset[int]) -> list[int]:
    """Open returns of these sites (0 = all) that a scanned code can mean: by their number or their order's. One query.

    No sites means none: who may receive returns nowhere finds none.
    """
    rows = sql.fetch_all(
        """
        SELECT r.id FROM returns_rma r LEFT JOIN sales_order o ON o.id = r.order_id
        WHERE r.state IN ('announced', 'receiving')
          AND (0 = ANY(%(sites)s::bigint[]) OR r.site_id = ANY(%(sites)s::bigint[]))
          AND (r.number = upper(%(code)s) OR o.number = upper(%(code)s)) ORDER BY r.id
        """,
        {"sites": sorted(site_ids), "code": code.strip()},
    )
    return [row[0] for row in rows]


_LOOK_UP = numbered(
    "returns_rma",
    "p.name || ', ' || d.state",
    joins="JOIN parties_party p ON p.id = d.customer_id",
    also="SELECT r.id FROM returns_rma r JOIN sales_order o ON o.id = r.order_id"
    " WHERE o.number = ANY(%(exact)s::text[])",
)


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Returns by number or by the order that they are of. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
