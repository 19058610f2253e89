"""Reads of purchasing: what a new order must know, what a receipt must know, lists and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flowrack.platform import sql
from flowrack.purchasing import rules
from flowrack.purchasing.states import OPEN
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import NotFound


def business_days(site_ids: Sequence[int], *, now: datetime) -> dict[int, date]:
    """Which day it is at each site. One query."""
    return dict(
        sql.fetch_all(
            "SELECT id, (%s::timestamptz AT TIME ZONE timezone)::date FROM locations_site WHERE id = ANY(%s)",
            (now, list(site_ids)),
        )
    )


def lines_for_receipt(po_ids: Sequence[int]) -> list[LineForReceipt]:
    """The lines of POs with the facts that a receipt checks. One query."""
    return lines_for_receipt_of(sql.fetch_all(*ask_lines_for_receipt(po_ids)))


def lines_for_receipt_of(rows: Sequence[Sequence[Any]]) -> list[LineForReceipt]:
    """The answer of `lines_for_receipt`."""
    return [LineForReceipt(*row) for row in rows]


def ask_lines_for_receipt(po_ids: Sequence[int]) -> sql.Asked:
    """The question of `lines_for_receipt`."""
    return (
        """
        SELECT po.id, po.number, po.state, po.site_id, po.supplier_id, po.writer_ids, l.id, l.line_no,
               l.item_id, i.sku, l.units, l.received_units, l.short_units, l.over_units, l.unit_cost,
               i.tracking, i.has_expiry, l.expected_on, l.allowed_units
        FROM purchasing_po po
        JOIN purchasing_poline l ON l.po_id = po.id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE po.id = ANY(%s::bigint[])
        ORDER BY po.id, l.line_no
        """,
        (list(po_ids),),
    )


def content_hashes(po_ids: Sequence[int]) -> dict[int, str]:
    """The fingerprint of each PO as it stands. One query."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.supplier_id, po.site_id, po.due_on::text,
               array_agg(l.line_no ORDER BY l.line_no), array_agg(l.item_id ORDER BY l.line_no),
               array_agg(l.units ORDER BY l.line_no), array_agg(l.unit_cost ORDER BY l.line_no),
               array_agg(l.over_units ORDER BY l.line_no)
        FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
        WHERE po.id = ANY(%s) GROUP BY po.id
        """,
        (list(po_ids),),
    )
    return {
        row[0]: rules.content_hash(
            supplier_id=row[1], site_id=row[2], due_on=row[3], lines=list(zip(*row[4:9], strict=True))
        )
        for row in rows
    }


def totals(po_ids: Sequence[int]) -> dict[int, Decimal]:
    """What each PO costs: the sum of its lines, each to the cent. One query."""
    return dict(
        sql.fetch_all(
            "SELECT po_id, sum(round(units * unit_cost, 2)) FROM purchasing_poline WHERE po_id = ANY(%s) GROUP BY 1",
            (list(po_ids),),
        )
    )


def on_order(item_ids: Sequence[int], site_id: int) -> dict[int, int]:
    """Units per item that approved POs still owe a site; drafts are not counted. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT l.item_id, sum(l.units - l.received_units - l.short_units)::bigint
            FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
            WHERE l.item_id = ANY(%s) AND l.received_units < l.units - l.short_units
              AND po.site_id = %s AND po.state = ANY(%s)
            GROUP BY l.item_id
            """,
            (list(item_ids), site_id, [str(s) for s in OPEN]),
        )
    )


@dataclass(frozen=True, slots=True)
class PoRow:
    """A PO in a list."""

    id: int
    number: str
    state: str
    supplier_id: int
    supplier: str
    site_id: int
    site: str
    ordered_on: date
    due_on: date
    line_count: int
    ordered_units: int
    received_units: int
    owed_units: int
    total: Decimal
    created_by: str
    created_by_id: int


PO_ROW = """
    SELECT po.id, po.number, po.state, po.supplier_id, s.name AS supplier, po.site_id, site.code AS site,
           po.ordered_on, po.due_on, l.line_count, l.units AS ordered_units, l.received AS received_units,
           l.owed AS owed_units, l.total, u.full_name AS created_by, po.created_by_id
    FROM purchasing_po po
    JOIN parties_party s ON s.id = po.supplier_id
    JOIN locations_site site ON site.id = po.site_id
    JOIN platform_user u ON u.id = po.created_by_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE units > 0) AS line_count, coalesce(sum(units), 0)::bigint AS units,
               coalesce(sum(received_units), 0)::bigint AS received,
               coalesce(sum(greatest(units - received_units - short_units, 0)), 0)::bigint AS owed,
               coalesce(sum(round(units * unit_cost, 2)), 0) AS total
        FROM purchasing_poline WHERE po_id = po.id
    ) AS l
"""


def pos(
    *,
    site_ids: Sequence[int],
    states: Sequence[str] = (),
    search: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[PoRow]:
    """POs of sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        PO_ROW
        + """
        WHERE (0 = ANY(%s::bigint[]) OR po.site_id = ANY(%s::bigint[]))
          AND (%s::text[] = '{}' OR po.state = ANY(%s::text[]))
          AND (%s = '' OR po.number ILIKE %s OR s.name ILIKE %s)
          AND (%s::bigint IS NULL OR po.id < %s::bigint)
        ORDER BY po.id DESC LIMIT %s
        """,
        (
            list(site_ids),
            list(site_ids),
            list(states),
            list(states),
            search,
            f"%{search}%",
            f"%{search}%",
            before,
            before,
            limit,
        ),
    )
    return [PoRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PoLineRow:
    """A line of a PO's record."""

    po_line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    units: int
    received_units: int
    short_units: int
    owed_units: int
    over_units: int
    unit_cost: Decimal
    total: Decimal
    short_reason: str
    due_on: date
    expected_on: date
    price_source: str
    agreed_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class PoRecord:
    """A PO with its lines."""

    head: PoRow
    version: int
    supplier_reference: str
    note: str
    approved_by: str
    approved_at: datetime | None
    content_hash: str
    end_reason: str
    lines: list[PoLineRow]
    override_reason: str
    supplier_code: str


def po(po_id: int) -> PoRecord:
    """One PO with its lines. Three queries. Refuses with NotFound."""
    head = sql.fetch_one(PO_ROW + " WHERE po.id = %s", (po_id,))
    more = sql.fetch_one(
        """
        SELECT po.version, po.supplier_reference, po.note, coalesce(u.full_name, ''), po.approved_at, po.content_hash,
               po.end_reason, po.override_reason, s.code
        FROM purchasing_po po JOIN parties_party s ON s.id = po.supplier_id
        LEFT JOIN platform_user u ON u.id = po.approved_by_id WHERE po.id = %s
        """,
        (po_id,),
    )
    if head is None or more is None:
        raise NotFound(f"There is no PO with id {po_id}.")
    version, reference, note, approved_by, approved_at, content_hash, end_reason, override_reason, code = more
    return PoRecord(
        head=PoRow(*head),
        version=version,
        supplier_reference=reference,
        note=note,
        approved_by=approved_by,
        approved_at=approved_at,
        content_hash=content_hash,
        end_reason=end_reason,
        lines=po_lines(po_id),
        override_reason=override_reason,
        supplier_code=code,
    )


def po_lines(po_id: int) -> list[PoLineRow]:
    """The lines of a PO in order. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.line_no, l.item_id, i.sku, i.name, i.base_uom, l.units, l.received_units, l.short_units,
               greatest(l.units - l.received_units - l.short_units, 0), l.over_units, l.unit_cost,
               round(l.units * l.unit_cost, 2), l.short_reason, l.due_on, l.expected_on, l.price_source,
               l.agreed_cost
        FROM purchasing_poline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.po_id = %s ORDER BY l.line_no
        """,
        (po_id,),
    )
    return [PoLineRow(*row) for row in rows]


def find_open(*, site_id: int, number: str = "", item_id: int = 0, limit: int = 20) -> list[tuple[int, str, str]]:
    """Open POs of a site by number, or those that still owe an item, soonest due first: (id, number, supplier)."""
    return [
        (row[0], row[1], row[2])
        for row in sql.fetch_all(
            """
            SELECT po.id, po.number, s.name
            FROM purchasing_po po JOIN parties_party s ON s.id = po.supplier_id
            WHERE po.site_id = %s AND po.state = ANY(%s)
              AND (%s = '' OR upper(po.number) = upper(%s))
              AND (%s = 0 OR EXISTS (
                    SELECT FROM purchasing_poline l WHERE l.po_id = po.id AND l.item_id = %s
                    AND l.received_units < l.units - l.short_units))
            ORDER BY (SELECT min(l.expected_on) FROM purchasing_poline l WHERE l.po_id = po.id
                      AND l.received_units < l.units - l.short_units), po.id LIMIT %s
            """,
            (
                site_id,
                [*map(str, OPEN), "received"] if number else [*map(str, OPEN)],
                number,
                number,
                item_id,
                item_id,
                limit,
            ),
        )
    ]
