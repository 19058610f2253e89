"""What the people of a furnished house look at when goods came in: inspections, damaged units, open discrepancies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class WaitingLot:
    """A lot that nobody has looked at; `earlier` lots of this supplier and item were judged by sample before."""

    inspection_id: int
    supplier: str
    sku: str
    units: int
    earlier: int


def waiting_lots(site_id: int) -> list[WaitingLot]:
    """The lots of a site that wait for their inspector, in the order in which they came."""
    rows = sql.fetch_all(
        """
        SELECT n.id, s.code, i.sku, n.lot_units,
               (SELECT count(*) FROM inspection_inspection e
                WHERE e.supplier_id = n.supplier_id AND e.item_id = n.item_id AND e.sample_result <> '')
        FROM inspection_inspection n
        JOIN parties_party s ON s.id = n.supplier_id JOIN catalog_item i ON i.id = n.item_id
        WHERE n.site_id = %s AND n.state = 'open' ORDER BY n.opened_at, s.code, i.sku, n.id
        """,
        (site_id,),
    )
    return [WaitingLot(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DamagedLot:
    """Units of a lot that failed, where they stand, and the move by which they came."""

    supplier_id: int
    item_id: int
    lot_id: int
    location_id: int
    lpn_id: int
    units: int
    receipt_move_id: int


def damaged_lots(site_id: int, since: datetime, until: datetime) -> list[DamagedLot]:
    """What inspectors set apart between two times and is still there, by supplier."""
    rows = sql.fetch_all(
        """
        SELECT n.supplier_id, n.item_id, n.lot_id, c.location_id, c.lpn_id, n.damaged_units, m.id
        FROM inspection_inspection n
        JOIN LATERAL (
            SELECT r.posting_id FROM inspection_inspectionline x JOIN inbound_receiptline r ON r.id = x.receipt_line_id
            WHERE x.inspection_id = n.id AND NOT x.is_dropped ORDER BY r.id LIMIT 1
        ) AS came ON true
        JOIN LATERAL (
            SELECT k.id FROM ledger_move k JOIN ledger_cell t ON t.id = k.to_cell_id AND t.item_id = n.item_id
            WHERE k.posting_id = came.posting_id AND t.lot_id = n.lot_id AND k.units >= n.damaged_units
            ORDER BY k.id LIMIT 1
        ) AS m ON true
        JOIN LATERAL (
            SELECT d.location_id, d.lpn_id FROM ledger_cell d
            WHERE d.site_id = n.site_id AND d.item_id = n.item_id AND d.lot_id = n.lot_id AND d.quality = 'damaged'
              AND NOT d.is_virtual AND d.owner_id = 1 AND d.on_hand - d.reserved >= n.damaged_units
            ORDER BY d.id LIMIT 1
        ) AS c ON true
        WHERE n.site_id = %s AND n.state = 'decided' AND n.damaged_units > 0
          AND n.decided_at >= %s AND n.decided_at < %s
        ORDER BY n.supplier_id, n.decided_at, n.id
        """,
        (site_id, since, until),
    )
    return [DamagedLot(*row) for row in rows]


def open_discrepancies(site_id: int, before: date) -> list[tuple[int, str, str]]:
    """Discrepancies recorded before a day with money at stake: id, kind and who answers for them."""
    rows = sql.fetch_all(
        """
        SELECT id, kind, responsible FROM inbound_discrepancy
        WHERE site_id = %s AND state = 'open' AND value > 0 AND recorded_at < %s AND kind IN ('short', 'damaged')
        ORDER BY id
        """,
        (site_id, before),
    )
    return [(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitingPutaway:
    """Goods that have a bin and are not there yet; `is_rack`: the bin is an empty one in the racks."""

    planned_move_id: int
    sku: str
    planned_at: datetime
    is_rack: bool


def waiting_putaways(site_id: int) -> list[WaitingPutaway]:
    """The putaways of a site that have a bin, in the order in which they were planned."""
    rows = sql.fetch_all(
        """
        SELECT m.id, i.sku, m.planned_at, b.role = 'reserve' AND NOT EXISTS (
            SELECT FROM ledger_cell c WHERE c.location_id = b.id AND NOT c.is_virtual AND c.on_hand > 0)
        FROM storage_plannedmove m JOIN catalog_item i ON i.id = m.item_id
        JOIN locations_location b ON b.id = m.to_location_id
        WHERE m.site_id = %s AND m.kind = 'putaway' AND m.state = 'open' ORDER BY m.id
        """,
        (site_id,),
    )
    return [WaitingPutaway(*row) for row in rows]


def open_inspection_holds(site_id: int, before: datetime) -> list[int]:
    """Holds of inspected lots that were placed before a time and still stand."""
    rows = sql.fetch_all(
        """
        SELECT id FROM inspection_hold
        WHERE site_id = %s AND closed_at IS NULL AND inspection_id IS NOT NULL AND placed_at < %s ORDER BY id
        """,
        (site_id, before),
    )
    return [row[0] for row in rows]


def asked_approval(number: str) -> tuple[int, str]:
    """A request of the inbox by its number: id and content hash."""
    row = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert row is not None, "it was asked just now"
    return row[0], row[1]
