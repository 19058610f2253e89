"""Reads of inbound: the dock for a receipt, receipts and their lines, the receiving board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flowrack.platform import sql
from flowrack.purchasing import queries as purchasing
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Dock:
    """A dock place as a receipt needs it."""

    location_id: int
    code: str
    site_id: int
    is_dock: bool
    supplier_location_id: int
    today: date
    receipt_id: int
    receipt_number: str


def dock(location_id: int, *, po_id: int, now: datetime) -> Dock:
    """The dock place, its site's SUPPLIER place and business day, and the PO's open receipt there. One query."""
    return dock_of(sql.fetch_all(*ask_dock(location_id, po_id=po_id, now=now)), location_id)


def ask_dock(location_id: int, *, po_id: int, now: datetime) -> sql.Asked:
    """The question of `dock`."""
    return (
        """
        SELECT l.id, l.code, l.site_id, l.is_active AND l.role = 'receiving', s.id,
               (%s::timestamptz AT TIME ZONE site.timezone)::date, coalesce(r.id, 0), coalesce(r.number, '')
        FROM locations_location l
        JOIN locations_site site ON site.id = l.site_id
        JOIN locations_location s ON s.site_id = l.site_id AND s.code = 'SUPPLIER'
        LEFT JOIN inbound_receipt r ON r.po_id = %s AND r.location_id = l.id AND r.state = 'open'
        WHERE l.id = %s
        """,
        (now, po_id, location_id),
    )


def dock_of(rows: Sequence[Sequence[Any]], location_id: int) -> Dock:
    """The answer of `dock`. Refuses with NotFound."""
    if not rows:
        raise NotFound(f"There is no place with id {location_id}.")
    return Dock(*rows[0])


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt in a list."""

    id: int
    number: str
    state: str
    po_id: int
    po_number: str
    supplier: str
    site_id: int
    place: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    line_count: int
    units: int
    value: Decimal
    discrepancy_count: int
    all_line_count: int = 0  # with those that were taken back
    closed_by: str = ""
    reopened_by: str = ""
    reopened_at: datetime | None = None
    reopen_reason: str = ""


RECEIPT = """
    SELECT r.id, r.number, r.state, r.po_id, po.number AS po_number, s.name AS supplier, r.site_id, p.code AS place,
           u.full_name AS opened_by, r.opened_at, r.closed_at, l.line_count, l.units, l.value,
           l.discrepancies AS discrepancy_count, l.all_line_count, coalesce(c.full_name, '') AS closed_by,
           coalesce(a.full_name, '') AS reopened_by, r.reopened_at, r.reopen_reason
    FROM inbound_receipt r
    JOIN purchasing_po po ON po.id = r.po_id
    JOIN parties_party s ON s.id = r.supplier_id
    JOIN locations_location p ON p.id = r.location_id
    JOIN platform_user u ON u.id = r.opened_by_id
    LEFT JOIN platform_user c ON c.id = r.closed_by_id
    LEFT JOIN platform_user a ON a.id = r.reopened_by_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE taken_back_at IS NULL) AS line_count, count(*) AS all_line_count,
               coalesce(sum(units) FILTER (WHERE taken_back_at IS NULL), 0)::bigint AS units,
               coalesce(sum(value) FILTER (WHERE taken_back_at IS NULL), 0) AS value,
               count(*) FILTER (WHERE discrepancy <> '' AND taken_back_at IS NULL) AS discrepancies
        FROM inbound_receiptline WHERE receipt_id = r.id
    ) AS l
"""


def receipts(
    *,
    site_ids: Sequence[int],
    state: str = "",
    po_id: int = 0,
    search: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[ReceiptRow]:
    """Receipts at sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        RECEIPT
        + """
        WHERE (0 = ANY(%s::bigint[]) OR r.site_id = ANY(%s::bigint[]))
          AND (%s = '' OR r.state = %s) AND (%s = 0 OR r.po_id = %s)
          AND (%s = '' OR r.number ILIKE %s OR po.number ILIKE %s OR s.name ILIKE %s)
          AND (%s::bigint IS NULL OR r.id < %s::bigint)
        ORDER BY r.id DESC LIMIT %s
        """,
        (
            list(site_ids),
            list(site_ids),
            state,
            state,
            po_id,
            po_id,
            search,
            f"%{search}%",
            f"%{search}%",
            f"%{search}%",
            before,
            before,
            limit,
        ),
    )
    return [ReceiptRow(*row) for row in rows]


def receipt(receipt_id: int) -> ReceiptRow:
    """One receipt. One query. Refuses with NotFound."""
    row = sql.fetch_one(RECEIPT + " WHERE r.id = %s", (receipt_id,))
    if row is None:
        raise NotFound(f"There is no receipt with id {receipt_id}.")
    return ReceiptRow(*row)


@dataclass(frozen=True, slots=True)
class ReceiptLineRow:
    """A count on a receipt."""

    receipt_line_id: int
    po_line_id: int
    item_id: int
    sku: str
    name: str
    lot: str
    expires_on: date | None
    lpn: str
    units: int
    value: Decimal
    quality: str
    discrepancy: str
    posting_id: int
    received_by: str
    received_at: datetime
    taken_back_at: datetime | None
    available: str


def receipt_lines(receipt_id: int, *, limit: int, before: int | None = None) -> list[ReceiptLineRow]:
    """The counts of a receipt, newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.po_line_id, l.item_id, i.sku, i.name, lot.code, lot.expires_on, lpn.code, l.units, l.value,
               l.quality, l.discrepancy, l.posting_id, u.full_name, l.received_at, l.taken_back_at,
               l.available
        FROM inbound_receiptline l
        JOIN catalog_item i ON i.id = l.item_id
        JOIN catalog_lot lot ON lot.id = l.lot_id
        JOIN locations_lpn lpn ON lpn.id = l.lpn_id
        JOIN platform_user u ON u.id = l.received_by_id
        WHERE l.receipt_id = %s AND (%s::bigint IS NULL OR l.id < %s::bigint) ORDER BY l.id DESC LIMIT %s
        """,
        (receipt_id, before, before, limit),
    )
    return [ReceiptLineRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PostedReceipt:
    """What one `receive` posted: its receipt, PO and site."""

    receipt_id: int
    po_id: int
    site_id: int


def of_posting(posting_id: int) -> PostedReceipt:
    """The receipt that a posting counted on. One query. Refuses with NotFound."""
    row = sql.fetch_one(
        """
        SELECT r.id, r.po_id, r.site_id FROM inbound_receiptline l JOIN inbound_receipt r ON r.id = l.receipt_id
        WHERE l.posting_id = %s LIMIT 1
        """,
        (posting_id,),
    )
    if row is None:
        raise NotFound(f"Posting {posting_id} is no receipt.")
    return PostedReceipt(*row)


@dataclass(frozen=True, slots=True)
class DueRow:
    """A PO that should come, or is coming."""

    po_id: int
    number: str
    supplier: str
    due_on: date
    state: str
    owed_units: int
    ordered_units: int
    owed_lines: int
    days_late: int
    place: str
    last_count_at: datetime | None


def due(*, site_id: int, today: date, limit: int = 50) -> list[DueRow]:
    """Open POs of a site of which a line is expected by today, latest first, then what is already being received. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, s.name, coalesce(l.expected_on, po.due_on), po.state, l.owed, l.ordered, l.lines,
               greatest(%s::date - coalesce(l.expected_on, po.due_on), 0), coalesce(r.place, ''), r.last_count
        FROM purchasing_po po
        JOIN parties_party s ON s.id = po.supplier_id
        CROSS JOIN LATERAL (
            SELECT sum(greatest(units - received_units - short_units, 0))::bigint AS owed,
                   sum(units)::bigint AS ordered,
                   count(*) FILTER (WHERE units > received_units + short_units) AS lines,
                   min(expected_on) FILTER (WHERE units > received_units + short_units) AS expected_on
            FROM purchasing_poline WHERE po_id = po.id
        ) AS l
        LEFT JOIN LATERAL (
            SELECT p.code AS place, (SELECT max(received_at) FROM inbound_receiptline WHERE receipt_id = r.id)
                   AS last_count
            FROM inbound_receipt r JOIN locations_location p ON p.id = r.location_id
            WHERE r.po_id = po.id AND r.state = 'open' ORDER BY r.id DESC LIMIT 1
        ) AS r ON true
        WHERE po.site_id = %s AND po.state IN ('approved', 'receiving')
          AND (l.expected_on <= %s::date OR r.place IS NOT NULL)
        ORDER BY r.place IS NULL, coalesce(l.expected_on, po.due_on), po.id LIMIT %s
        """,
        (today, site_id, today, limit),
    )
    return [DueRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Stock of one LPN (or one loose item) that stands at the dock and is not put away."""

    place: str
    lpn: str
    sku: str
    name: str
    item_count: int
    units: int
    quality: str
    since: datetime | None
    minutes: int
    receipt_id: int
    receipt_number: str
    receipt_line_id: int
    discrepancy_id: int
    discrepancy: str


def waiting(*, site_id: int, now: datetime, limit: int = 50) -> list[WaitingRow]:
    """What stands at the dock, by LPN or loose item and quality, longest first. One query.

    The clock of stock starts with the oldest count of it that could still stand there; that of goods without an order
    with their discrepancy.
    """
    rows = sql.fetch_all(
        """
        WITH standing AS (
            SELECT c.location_id, c.lpn_id, c.quality, c.item_id, sum(c.on_hand)::bigint AS units,
                   array_agg(c.lot_id) AS lots
            FROM ledger_cell c JOIN locations_location p ON p.id = c.location_id
            WHERE p.site_id = %s AND p.role = 'receiving' AND c.on_hand > 0
            GROUP BY c.location_id, c.lpn_id, c.quality, c.item_id
        ), counted AS (
            SELECT st.*, n.received_at, n.id AS line_id, n.receipt_id
            FROM standing st
            LEFT JOIN LATERAL (
                SELECT w.received_at, w.id, w.receipt_id
                FROM (
                    SELECT l.received_at, l.id, l.receipt_id, sum(l.units) OVER (ORDER BY l.id DESC) - l.units AS newer
                    FROM inbound_receiptline l JOIN inbound_receipt r ON r.id = l.receipt_id
                    WHERE l.item_id = st.item_id AND r.site_id = %s AND r.location_id = st.location_id
                      AND l.lpn_id = st.lpn_id AND l.lot_id = ANY(st.lots) AND l.quality = st.quality
                      AND l.taken_back_at IS NULL
                    ORDER BY l.id DESC LIMIT 50
                ) AS w
                WHERE w.newer < st.units ORDER BY w.id LIMIT 1
            ) AS n ON true
        ), blind AS (
            SELECT d.id, d.number, d.item_id, d.location_id, coalesce(d.lot_id, 0) AS lot_id, l.id AS lpn_id,
                   d.recorded_at
            FROM inbound_discrepancy d JOIN locations_lpn l ON l.code = d.lpn
            WHERE d.site_id = %s AND d.state = 'open' AND d.kind = 'no_po'
        ), clocked AS (
            SELECT c.location_id, c.lpn_id, c.quality, c.item_id, c.units, c.line_id, c.receipt_id, d.id AS found_id,
                   d.number AS found, coalesce(c.received_at, d.recorded_at) AS received_at
            FROM counted c
            LEFT JOIN LATERAL (
                SELECT b.id, b.number, b.recorded_at FROM blind b
                WHERE b.item_id = c.item_id AND b.location_id = c.location_id AND b.lpn_id = c.lpn_id
                  AND b.lot_id = ANY(c.lots) AND c.quality = 'quarantine' AND c.received_at IS NULL
                ORDER BY b.id LIMIT 1
            ) AS d ON true
        )
        SELECT p.code, lpn.code, min(i.sku), (array_agg(i.name ORDER BY i.sku))[1], count(*), sum(c.units)::bigint,
               c.quality, min(c.received_at),
               coalesce(extract(epoch FROM %s::timestamptz - min(c.received_at)) / 60, 0)::int,
               coalesce(min(c.receipt_id), 0), coalesce(min(r.number), ''), coalesce(min(c.line_id), 0),
               coalesce(min(c.found_id), 0), coalesce((array_agg(c.found ORDER BY c.found_id))[1], '')
        FROM clocked c
        JOIN locations_location p ON p.id = c.location_id
        JOIN locations_lpn lpn ON lpn.id = c.lpn_id
        JOIN catalog_item i ON i.id = c.item_id
        LEFT JOIN inbound_receipt r ON r.id = c.receipt_id
        GROUP BY p.code, lpn.code, c.lpn_id, c.quality, CASE WHEN c.lpn_id = 0 THEN c.item_id ELSE 0 END
        ORDER BY min(c.received_at) NULLS LAST, p.code, lpn.code LIMIT %s
        """,
        (site_id, site_id, site_id, now, limit),
    )
    return [WaitingRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ScannedItem:
    """What a scan of an item on a PO needs: how it is tracked, what is owed and where else it may be meant."""

    po_id: int
    number: str
    supplier: str
    item_id: int
    sku: str
    name: str
    tracking: str
    has_expiry: bool
    owed: int


def items_on_open_pos(*, site_id: int, item_ids: Sequence[int] = (), po_id: int = 0) -> list[ScannedItem]:
    """Items that open POs of a site owe: of one PO, or some items of all, soonest due first. One query."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, s.name, i.id, i.sku, i.name, i.tracking, i.has_expiry,
               sum(greatest(l.units - l.received_units - l.short_units, 0))::bigint
        FROM purchasing_po po
        JOIN purchasing_poline l ON l.po_id = po.id
        JOIN catalog_item i ON i.id = l.item_id
        JOIN parties_party s ON s.id = po.supplier_id
        WHERE po.site_id = %s AND po.state IN ('approved', 'receiving', 'received')
          AND (%s = 0 OR po.id = %s) AND (%s::bigint[] = '{}' OR i.id = ANY(%s::bigint[]))
          AND (%s <> 0 OR l.units > l.received_units + l.short_units)
        GROUP BY po.id, s.id, i.id ORDER BY min(l.expected_on), po.id, min(l.line_no)
        """,
        (site_id, po_id, po_id, list(item_ids), list(item_ids), po_id),
    )
    return [ScannedItem(*row) for row in rows]


def most_of_item(po_id: int, item_id: int) -> int:
    """The most units of an item that may still come on a PO, tolerance and approvals included. One query."""
    return sum(line.most for line in purchasing.lines_for_receipt([po_id]) if line.item_id == item_id)
