"""The ledger as a list: moves found by item, lot, place, LPN, document, reason and day, the latest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from flowrack.analytics.queries import records
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, Range


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One move as the list shows it."""

    id: int
    occurred_at: datetime
    item_id: int
    sku: str
    lot: str
    from_place: str
    from_state: str
    to_place: str
    to_state: str
    lpn: str
    units: int
    value: Decimal
    reason: str
    origin: str
    demand: str
    actor: str
    record: str = ""
    page: str = ""
    record_id: int = 0


_SELECT = """
    SELECT m.id, p.occurred_at, f.item_id, i.sku, lot.code, fl.code, f.state, tl.code, t.state,
           CASE WHEN t.lpn_id > 0 THEN tp.code ELSE fp.code END, m.units, m.value, m.reason, m.origin, m.demand,
           u.full_name
    FROM picked JOIN ledger_move m ON m.id = picked.id
    JOIN ledger_posting p ON p.id = m.posting_id JOIN platform_user u ON u.id = p.actor_id
    JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
    JOIN catalog_item i ON i.id = f.item_id JOIN catalog_lot lot ON lot.id = f.lot_id
    JOIN locations_location fl ON fl.id = f.location_id JOIN locations_location tl ON tl.id = t.location_id
    JOIN locations_lpn fp ON fp.id = f.lpn_id JOIN locations_lpn tp ON tp.id = t.lpn_id
"""
LATEST = "ORDER BY p.booked_on DESC, p.occurred_at DESC, m.id DESC"


def move_list(query: ListQuery) -> Page[MoveLine]:
    """Moves of one view, the latest first by business day and the time when they happened; three statements.

    A search is an exact item, lot, place, LPN, document number or record. Found over the indexes of cells, origins and
    days, so that ten million other moves cost nothing: sorted are the moves of one day, or those that were found.
    """
    source, params = _source(query)
    where, more = _where(query)
    limited = f"SELECT m.id {source} JOIN ledger_posting p ON p.id = m.posting_id {where} {LATEST} LIMIT %s OFFSET %s"
    rows = sql.fetch_all(
        f"WITH picked AS ({limited}) {_SELECT} {LATEST}",
        (*params, *more, query.limit + 1, query.offset),
    )
    lines = _named([MoveLine(*row) for row in rows[: query.limit]])
    total = query.offset + len(rows)
    return Page(lines, total, is_bounded=len(rows) > query.limit)


def _named(lines: list[MoveLine]) -> list[MoveLine]:
    """The lines with what people call the record behind each. One query."""
    names = records.named(line.origin for line in lines)
    return [
        replace(line, record=known.words, page=known.page, record_id=known.record_id)
        if (known := names.get(line.origin))
        else replace(line, record=line.origin.partition(":")[0].replace(".", " ").replace("_", " "))
        for line in lines
    ]


def _source(query: ListQuery) -> tuple[str, list[object]]:
    """FROM clause: all moves, or those of the cells and origins that the search means."""
    text = query.search.strip()
    if not text:
        return "FROM ledger_move m", []
    return (
        f"""
        FROM (
            WITH documents AS MATERIALIZED ({records.OF_NUMBER}), its AS MATERIALIZED (
                SELECT c.id FROM ledger_cell c WHERE c.item_id IN (
                    SELECT id FROM catalog_item WHERE sku = %s
                    UNION SELECT item_id FROM catalog_barcode WHERE code = %s
                    UNION SELECT item_id FROM catalog_packlevel WHERE gtin = lpad(%s, 14, '0'))
                UNION SELECT c.id FROM ledger_cell c JOIN catalog_lot l ON l.id = c.lot_id
                      AND l.id > 0 AND l.code = %s
                UNION SELECT c.id FROM ledger_cell c JOIN locations_lpn l ON l.id = c.lpn_id
                      AND l.id > 0 AND l.code = %s
                UNION SELECT c.id FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
                      AND l.code IN (%s, upper(%s))
            )
            SELECT x.* FROM its JOIN ledger_move x ON x.from_cell_id = its.id
            UNION SELECT x.* FROM its JOIN ledger_move x ON x.to_cell_id = its.id
            UNION SELECT x.* FROM ledger_move x WHERE x.origin = %s AND x.origin <> ''
            UNION SELECT x.* FROM ledger_move x WHERE x.demand = %s AND x.demand <> ''
            UNION SELECT x.* FROM documents d JOIN ledger_move x ON x.origin = d.origin AND x.origin <> ''
            UNION SELECT x.* FROM documents d JOIN ledger_move x ON x.demand = d.origin AND x.demand <> ''
        ) m
        """,  # noqa: S608 - our own text
        [text.upper(), *[text] * 9],
    )


def _where(query: ListQuery) -> tuple[str, list[object]]:
    parts: list[str] = []
    values: list[object] = []
    reason = query.filters.get("reason")
    if isinstance(reason, list):
        parts.append("m.reason = ANY(%s::text[])")
        values.append(reason)
    day = query.filters.get("occurred_at")
    if isinstance(day, Range):
        parts.append(
            "m.posting_id IN (SELECT id FROM ledger_posting WHERE booked_on >= coalesce(%s::date, '-infinity')"
            " AND booked_on <= coalesce(%s::date, 'infinity'))"
        )
        values += [day.low, day.high]
    if query.site_id:
        parts.append(
            "EXISTS (SELECT 1 FROM ledger_cell c WHERE c.id IN (m.from_cell_id, m.to_cell_id) AND c.site_id = %s)"
        )
        values.append(query.site_id)
    return ("WHERE " + " AND ".join(parts) if parts else ""), values
