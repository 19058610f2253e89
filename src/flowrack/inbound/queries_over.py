"""Reads of over-receipts: what of a pallet is too much, and what was asked for an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.dock import queries as dock
from flowrack.platform import sql
from flowrack.purchasing import queries as purchasing


@dataclass(frozen=True, slots=True)
class TooMany:
    """Units of a pallet beyond what a PO line still takes, tolerance and approvals included."""

    po_id: int
    po_line_id: int
    item_id: int
    sku: str
    units: int


def of_pack(sscc: str) -> list[TooMany]:
    """What of a pallet that nobody has counted is too much for its order lines. Two queries."""
    pack = dock.pack_by_sscc(sscc)
    wanted: dict[int, int] = {}
    for line in pack.lines if pack else []:
        if line.po_line_id and not line.received_units:
            wanted[line.po_line_id] = wanted.get(line.po_line_id, 0) + line.units
    po_ids = sorted({line.po_id for line in pack.lines if line.po_id}) if pack else []
    return [
        TooMany(line.po_id, line.po_line_id, line.item_id, line.sku, wanted[line.po_line_id] - line.most)
        for line in (purchasing.lines_for_receipt(po_ids) if po_ids else [])
        if wanted.get(line.po_line_id, 0) > line.most
    ]


@dataclass(frozen=True, slots=True)
class OverRow:
    """A question for more than an order takes."""

    number: str
    sku: str
    units: int
    state: str
    reason: str
    asked_by: str
    asked_at: datetime
    request_id: int
    approval: str


def of_po(po_id: int, *, limit: int = 100) -> list[OverRow]:
    """What was asked for an order, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.number, i.sku, o.units, o.state, o.reason, u.full_name, o.asked_at, coalesce(a.id, 0),
               coalesce(a.number, '')
        FROM inbound_overreceipt o JOIN purchasing_poline l ON l.id = o.po_line_id
        JOIN catalog_item i ON i.id = l.item_id JOIN platform_user u ON u.id = o.asked_by_id
        LEFT JOIN LATERAL (
            SELECT id, number FROM approvals_request WHERE subject = 'inbound.over_receipt:' || o.id
            ORDER BY id DESC LIMIT 1
        ) AS a ON true
        WHERE l.po_id = %s ORDER BY o.id DESC LIMIT %s
        """,
        (po_id, limit),
    )
    return [OverRow(*row) for row in rows]
