"""Reads of what inbound knows of ASNs: lines that are missing, lines that were counted, pallets that stand here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class MissingLine:
    """Units of an ASN line that were announced, never counted and not on record as short."""

    asn_line_id: int
    site_id: int
    supplier_id: int
    asn_number: str
    item_id: int
    sku: str
    units: int
    po_line_id: int
    unit_cost: Decimal
    sscc: str


def missing_of_asn(asn_id: int) -> list[MissingLine]:
    """What an ASN announced and nobody counted. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, a.site_id, a.supplier_id, a.number, l.item_id, i.sku,
               l.units - l.received_units - coalesce(d.units, 0), coalesce(l.po_line_id, 0), coalesce(pl.unit_cost, 0),
               coalesce(p.sscc, '')
        FROM dock_asn a
        JOIN dock_asnline l ON l.asn_id = a.id
        JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN dock_asnpack p ON p.id = l.pack_id
        LEFT JOIN purchasing_poline pl ON pl.id = l.po_line_id
        LEFT JOIN LATERAL (
            SELECT sum(x.units)::bigint AS units FROM inbound_discrepancy x
            WHERE x.asn_line_id = l.id AND x.kind = 'short' AND x.state <> 'withdrawn'
        ) AS d ON true
        WHERE a.id = %s AND a.state = 'closed' AND l.units - l.received_units - coalesce(d.units, 0) > 0
        ORDER BY l.line_no
        """,
        (asn_id,),
    )
    return [MissingLine(*row) for row in rows]


def missing_lines_of_asn(asn_id: int) -> set[int]:
    """Lines of an ASN that are on record as short with all their units. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id FROM dock_asnline l WHERE l.asn_id = %s AND l.received_units = 0 AND l.units <= (
            SELECT sum(x.units) FROM inbound_discrepancy x
            WHERE x.asn_line_id = l.id AND x.kind = 'short' AND x.state <> 'withdrawn')
        """,
        (asn_id,),
    )
    return {row[0] for row in rows}


def counted_before(asn_line_ids: Sequence[int]) -> tuple[datetime, str] | None:
    """When lines of an ASN were counted first and by whom; None if never. One query."""
    row = sql.fetch_one(
        """
        SELECT c.at, u.full_name FROM inbound_packcount k
        CROSS JOIN LATERAL (
            SELECT received_at AS at, received_by_id AS by FROM inbound_receiptline
            WHERE posting_id = k.posting_id AND taken_back_at IS NULL
            UNION ALL
            SELECT recorded_at, recorded_by_id FROM inbound_discrepancy
            WHERE posting_id = k.posting_id AND state <> 'withdrawn'
        ) AS c
        JOIN platform_user u ON u.id = c.by
        WHERE k.asn_line_id = ANY(%s::bigint[]) ORDER BY c.at LIMIT 1
        """,
        (list(asn_line_ids),),
    )
    return (row[0], row[1]) if row else None


def places_of_lpns(codes: Sequence[str]) -> dict[str, str]:
    """Of LPNs with these codes on which stock stands: the code of its place. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT DISTINCT ON (l.code) l.code, p.code FROM locations_lpn l
            JOIN ledger_cell c ON c.lpn_id = l.id AND c.on_hand > 0 AND NOT c.is_virtual
            JOIN locations_location p ON p.id = c.location_id WHERE l.code = ANY(%s::text[]) ORDER BY l.code, p.code
            """,
            (list(codes),),
        )
    )
