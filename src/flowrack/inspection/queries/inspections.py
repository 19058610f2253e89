"""Reads of inspections, their results, photos and the severity of their suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.inspection.rules import Defects, defects
from flowrack.inspection.types import DefectClass
from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """An inspection with the names of what it is about."""

    id: int
    number: str
    site_id: int
    site: str
    receipt_id: int
    receipt: str
    supplier_id: int
    supplier: str
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot_id: int
    lot: str
    plan_id: int
    quality: str
    state: str
    mode: str
    severity: str
    letter: str
    lot_units: int
    sample_units: int
    accept: int
    reject: int
    accept_minor: int | None
    reject_minor: int | None
    tested_units: int
    sorted_units: int
    sample_result: str
    opened_at: datetime
    started_by: str
    started_at: datetime | None
    verdict: str
    reason: str
    released_units: int
    held_units: int
    damaged_units: int
    decided_by: str
    decided_at: datetime | None
    places: str


INSPECTION = """
    SELECT n.id, n.number, n.site_id, w.name AS site, n.receipt_id, r.number AS receipt, n.supplier_id,
           s.name AS supplier, n.item_id, i.sku, i.name, i.base_uom, n.lot_id, t.code AS lot,
           coalesce(n.plan_id, 0) AS plan_id, n.quality, n.state, n.mode, n.severity, n.letter, n.lot_units,
           n.sample_units, n.accept, n.reject, n.accept_minor, n.reject_minor, n.tested_units, n.sorted_units,
           n.sample_result, n.opened_at, coalesce(sb.full_name, '') AS started_by, n.started_at, n.verdict, n.reason,
           n.released_units, n.held_units, n.damaged_units, coalesce(db.full_name, '') AS decided_by, n.decided_at,
           (SELECT string_agg(DISTINCT l.code, ', ') FROM inspection_inspectionline x
            JOIN locations_location l ON l.id = x.location_id WHERE x.inspection_id = n.id AND NOT x.is_dropped)
               AS places
    FROM inspection_inspection n
    JOIN locations_site w ON w.id = n.site_id JOIN inbound_receipt r ON r.id = n.receipt_id
    JOIN parties_party s ON s.id = n.supplier_id JOIN catalog_item i ON i.id = n.item_id
    JOIN catalog_lot t ON t.id = n.lot_id
    LEFT JOIN platform_user sb ON sb.id = n.started_by_id LEFT JOIN platform_user db ON db.id = n.decided_by_id
"""


def inspection_row(inspection_id: int) -> InspectionRow | None:
    """One inspection. One query."""
    row = sql.fetch_one(INSPECTION + " WHERE n.id = %s", (inspection_id,))
    return InspectionRow(*row) if row else None


def inspection_list(query: ListQuery) -> Page[InspectionRow]:
    """Every inspection, for its list."""
    return sql_page(
        query,
        InspectionRow,
        INSPECTION,
        search=("number", "sku", "name", "supplier", "lot", "receipt"),
        totals={"lot_units": "sum(lot_units)"},
        site_column="site_id",
    )


def waiting_list(site_ids: Sequence[int], *, limit: int = 100) -> list[InspectionRow]:
    """Inspections without a verdict at sites (0 = all), the oldest first. One query."""
    rows = sql.fetch_all(
        INSPECTION
        + """
        WHERE n.state IN ('open', 'started', 'sorting')
          AND (0 = ANY(%s::bigint[]) OR n.site_id = ANY(%s::bigint[])) ORDER BY n.opened_at, n.id LIMIT %s
        """,
        (list(site_ids), list(site_ids), limit),
    )
    return [InspectionRow(*row) for row in rows]


def find_waiting(site_id: int, *, number: str = "", lpn: str = "", item_ids: Sequence[int] = ()) -> list[InspectionRow]:
    """Inspections without a verdict that a scan could mean: by number, LPN, or item. One query."""
    rows = sql.fetch_all(
        INSPECTION
        + """
        WHERE n.state IN ('open', 'started', 'sorting') AND n.site_id = %s
          AND (n.number = %s OR n.item_id = ANY(%s::bigint[]) OR EXISTS (
               SELECT FROM inspection_inspectionline x JOIN locations_lpn p ON p.id = x.lpn_id
               WHERE x.inspection_id = n.id AND NOT x.is_dropped AND x.lpn_id <> 0 AND p.code = %s))
        ORDER BY n.opened_at, n.id LIMIT 20
        """,
        (site_id, number, list(item_ids), lpn),
    )
    return [InspectionRow(*row) for row in rows]


def waiting_on(site_id: int, item_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """The number of the oldest inspection without a verdict on each (item, lot) at a site. One query."""
    rows = sql.fetch_all(
        """
        SELECT item_id, lot_id, number FROM inspection_inspection
        WHERE state IN ('open', 'started', 'sorting') AND site_id = %s AND item_id = ANY(%s::bigint[])
          AND quality = 'inspection' ORDER BY id DESC
        """,
        (site_id, list(item_ids)),
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A receipt line of an inspected lot."""

    receipt_line_id: int
    location_id: int
    location: str
    lpn_id: int
    lpn: str
    units: int
    received_by_id: int
    received_by: str
    received_at: datetime


def lines_of(inspection_id: int) -> list[LineRow]:
    """The receipt lines that make the lot, as they were counted. One query."""
    return lines_of_all([inspection_id]).get(inspection_id, [])


def lines_of_all(inspection_ids: Sequence[int]) -> dict[int, list[LineRow]]:
    """The receipt lines that make each lot. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.inspection_id, x.receipt_line_id, x.location_id, l.code, x.lpn_id, p.code, x.units, r.received_by_id,
               u.full_name, r.received_at
        FROM inspection_inspectionline x
        JOIN inbound_receiptline r ON r.id = x.receipt_line_id JOIN platform_user u ON u.id = r.received_by_id
        JOIN locations_location l ON l.id = x.location_id JOIN locations_lpn p ON p.id = x.lpn_id
        WHERE x.inspection_id = ANY(%s::bigint[]) AND NOT x.is_dropped ORDER BY x.id
        """,
        (list(inspection_ids),),
    )
    found: dict[int, list[LineRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(LineRow(*row[1:]))
    return found


def receivers_of(inspection_id: int) -> set[int]:
    """Who received the goods. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT r.received_by_id FROM inspection_inspectionline x
        JOIN inbound_receiptline r ON r.id = x.receipt_line_id WHERE x.inspection_id = %s AND NOT x.is_dropped
        """,
        (inspection_id,),
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One answer with the words of its check."""

    id: int
    is_sorting: bool
    check_id: int
    check: str
    unit_no: int
    defect_class: str
    measured: Decimal | None
    defective_units: int
    note: str
    recorded_by: str
    recorded_at: datetime

    @property
    def value(self) -> str:
        """The measured value without trailing zeros."""
        return "" if self.measured is None else f"{self.measured.normalize():f}"


def results_of(inspection_id: int, *, limit: int = 40) -> tuple[list[ResultRow], int]:
    """What was found, in order, up to a limit, and how many results there are. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.id, r.is_sorting, coalesce(r.check_line_id, 0), coalesce(c.name, 'Other'), r.unit_no, r.defect_class,
               r.measured, r.defective_units, r.note, u.full_name, r.recorded_at, count(*) OVER ()
        FROM inspection_result r JOIN platform_user u ON u.id = r.recorded_by_id
        LEFT JOIN inspection_check c ON c.id = r.check_line_id
        WHERE r.inspection_id = %s ORDER BY r.is_sorting, c.line_no NULLS LAST, r.unit_no, r.id LIMIT %s
        """,
        (inspection_id, limit),
    )
    return [ResultRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def found_by_check(inspection_id: int, *, is_sorting: bool) -> dict[int, tuple[int, list[Decimal]]]:
    """Of each check with results: the defective units of its first, and what was measured, by unit. One query."""
    rows = sql.fetch_all(
        """
        SELECT check_line_id, (array_agg(defective_units ORDER BY unit_no, id))[1],
               coalesce(array_agg(measured ORDER BY unit_no, id) FILTER (WHERE measured IS NOT NULL), '{}')
        FROM inspection_result WHERE inspection_id = %s AND is_sorting = %s AND check_line_id IS NOT NULL
        GROUP BY 1
        """,
        (inspection_id, is_sorting),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def defects_of(inspection_id: int, *, is_sorting: bool) -> Defects:
    """Defective units by class, of the sample or of the sorted lot. One query."""
    rows = sql.fetch_all(
        """
        SELECT defect_class, unit_no, sum(defective_units)::bigint FROM inspection_result
        WHERE inspection_id = %s AND is_sorting = %s GROUP BY 1, 2
        """,
        (inspection_id, is_sorting),
    )
    return defects([(DefectClass(row[0]), row[1], row[2]) for row in rows])


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo of an inspection."""

    id: int
    digest: str
    filename: str
    note: str
    taken_by: str
    taken_at: datetime


def photos_of(inspection_id: int) -> list[PhotoRow]:
    """The photos of an inspection. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.digest, p.filename, p.note, u.full_name, p.taken_at
        FROM inspection_photo p JOIN platform_user u ON u.id = p.taken_by_id
        WHERE p.inspection_id = %s ORDER BY p.id LIMIT 50
        """,
        (inspection_id,),
    )
    return [PhotoRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """How strictly lots of a supplier and item are sampled now."""

    severity_id: int
    severity: str
    recent: str
    score: int
    accepted_run: int
    tightened_rejects: int


def severity_of(supplier_id: int, item_id: int) -> SeverityRow | None:
    """The severity of a supplier and item, if a lot was ever inspected. One query."""
    row = sql.fetch_one(
        """
        SELECT id, severity, recent, score, accepted_run, tightened_rejects FROM inspection_supplierseverity
        WHERE supplier_id = %s AND item_id = %s
        """,
        (supplier_id, item_id),
    )
    return SeverityRow(*row) if row else None


def severity_changes(supplier_id: int, item_id: int) -> list[tuple[datetime, str, str, str]]:
    """(when, from, to, why) of each change, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.changed_at, c.from_severity, c.to_severity, c.reason FROM inspection_severitychange c
        JOIN inspection_supplierseverity s ON s.id = c.of_id
        WHERE s.supplier_id = %s AND s.item_id = %s ORDER BY c.id DESC LIMIT 20
        """,
        (supplier_id, item_id),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def past_lots(supplier_id: int, item_id: int, *, but: int, limit: int = 8) -> list[InspectionRow]:
    """Earlier inspections of a supplier and item, newest first. One query."""
    rows = sql.fetch_all(
        INSPECTION
        + """
        WHERE n.supplier_id = %s AND n.item_id = %s AND n.id <> %s AND n.state IN ('decided', 'skipped')
        ORDER BY n.id DESC LIMIT %s
        """,
        (supplier_id, item_id, but, limit),
    )
    return [InspectionRow(*row) for row in rows]


_LOOK_UP = numbered(
    "inspection_inspection",
    "i.sku || ' ' || i.name || ', ' || replace(d.state, '_', ' ')",
    joins="JOIN catalog_item i ON i.id = d.item_id",
)


def look_up_inspections(text: str, sites: frozenset[int]) -> list[Found]:
    """Inspections by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)
