"""How far the orders of a history have come in our books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.integrations.purchases.types import Totals
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class PoSoFar:
    """A PO that stands for an order of the history, and how far it is."""

    reference: str
    po_id: int
    state: str
    line_ids: list[int]


@dataclass(frozen=True, slots=True)
class RejectedGoods:
    """Rejected units that still stand where they were counted, and the move that brought them."""

    supplier_id: int
    move_id: int
    item_id: int
    units: int
    location_id: int


def pos_of(pairs: Sequence[tuple[int, str]], site_id: int) -> dict[str, PoSoFar]:
    """POs by the supplier and his reference. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.reference, po.id, po.state, (SELECT array_agg(l.id ORDER BY l.line_no) FROM purchasing_poline l
                                              WHERE l.po_id = po.id)
        FROM unnest(%s::bigint[], %s::text[]) AS w(supplier_id, reference)
        JOIN purchasing_po po ON po.supplier_id = w.supplier_id AND po.supplier_reference = w.reference
        WHERE po.site_id = %s AND po.state <> 'cancelled'
        ORDER BY po.id DESC
        """,
        ([p[0] for p in pairs], [p[1] for p in pairs], site_id),
    )
    return {row[0]: PoSoFar(*row) for row in rows}


def rejected_goods(po_ids: Sequence[int]) -> list[RejectedGoods]:
    """Units of POs that were counted as damaged and have not gone back yet. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.supplier_id, m.id, c.item_id, m.units, c.location_id
        FROM inbound_receipt r
        JOIN (SELECT DISTINCT receipt_id, posting_id FROM inbound_receiptline
              WHERE quality = 'damaged' AND taken_back_at IS NULL) l ON l.receipt_id = r.id
        JOIN ledger_move m ON m.posting_id = l.posting_id
        JOIN ledger_cell c ON c.id = m.to_cell_id AND c.quality = 'damaged'
        WHERE r.po_id = ANY(%s)
          AND NOT EXISTS (SELECT FROM ledger_move b WHERE b.of_move_id = m.id AND b.of_move_id <> 0)
        ORDER BY r.supplier_id, m.id
        """,
        (list(po_ids),),
    )
    return [RejectedGoods(*row) for row in rows]


def open_putaways(po_ids: Sequence[int]) -> list[int]:
    """Putaways of goods of POs that wait and have a bin. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id
        FROM inbound_receipt r
        JOIN inbound_receiptline l ON l.receipt_id = r.id
        JOIN storage_plannedmove p ON p.origin = 'inbound.line:' || l.id
        WHERE r.po_id = ANY(%s) AND p.kind = 'putaway' AND p.state = 'open' AND p.to_location_id IS NOT NULL
        ORDER BY p.id
        """,
        (list(po_ids),),
    )
    return [row[0] for row in rows]


def open_receipts(po_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Open receipts of POs, (po, receipt). One query."""
    rows = sql.fetch_all(
        "SELECT po_id, id FROM inbound_receipt WHERE po_id = ANY(%s) AND state = 'open' ORDER BY id", (list(po_ids),)
    )
    return [(row[0], row[1]) for row in rows]


def books(po_ids: Sequence[int]) -> Totals:
    """What purchase orders, receipts, ledger and putaways say of these POs. One query."""
    row = sql.fetch_one(
        """
        WITH line AS (
            SELECT * FROM purchasing_poline WHERE po_id = ANY(%(pos)s)
        ), counted AS (
            SELECT l.id, l.posting_id FROM inbound_receipt r JOIN inbound_receiptline l ON l.receipt_id = r.id
            WHERE r.po_id = ANY(%(pos)s) AND l.taken_back_at IS NULL
        ), back AS (
            SELECT b.units
            FROM (SELECT DISTINCT posting_id FROM counted) c
            JOIN ledger_move m ON m.posting_id = c.posting_id
            JOIN ledger_move b ON b.of_move_id = m.id AND b.of_move_id <> 0 AND b.reason = 'SUPPLIER_RETURN'
        )
        SELECT (SELECT count(DISTINCT po_id) FROM line), (SELECT count(*) FROM line),
               (SELECT coalesce(sum(units), 0)::bigint FROM line),
               (SELECT coalesce(sum(received_units), 0)::bigint FROM line),
               (SELECT coalesce(sum(units), 0)::bigint FROM back),
               (SELECT coalesce(sum(p.done_units), 0)::bigint
                FROM counted c JOIN storage_plannedmove p ON p.origin = 'inbound.line:' || c.id AND p.kind = 'putaway'),
               (SELECT count(*) FROM line WHERE received_units < units),
               (SELECT count(*) FROM back)
        """,
        {"pos": list(po_ids)},
    )
    assert row is not None
    return Totals(*row)
