"""Reads of what was printed, and the values of places, totes and items for their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.labels.types import Kind, LabelSpecNotFound, Wanted
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.refs import ref


@dataclass(frozen=True, slots=True)
class PrintRow:
    """One label that was printed."""

    id: int
    kind: str
    code: str
    subject: str
    spec: str
    version: int
    version_id: int
    copies: int
    copy_of: int
    site_id: int
    site: str
    printed_by: str
    printed_at: datetime
    scanned_by: str
    scanned_at: datetime | None
    is_scanned: bool
    sha256: str
    width_mm: int
    height_mm: int
    dpi: int


_PRINTS = """
    SELECT l.id, l.kind, l.code, l.subject, s.code AS spec, v.number AS version, v.id AS version_id, l.copies,
           l.copy_of, l.site_id, coalesce(t.code, '') AS site, u.full_name AS printed_by, l.printed_at,
           coalesce(b.full_name, '') AS scanned_by, l.scanned_at, v.is_scanned, l.sha256, v.width_mm, v.height_mm, v.dpi
    FROM labels_labelprint l JOIN labels_labelspecversion v ON v.id = l.version_id
    JOIN labels_labelspec s ON s.id = v.spec_id JOIN platform_user u ON u.id = l.printed_by_id
    LEFT JOIN platform_user b ON b.id = l.scanned_by_id LEFT JOIN locations_site t ON t.id = l.site_id
"""


def print_list(query: ListQuery) -> Page[PrintRow]:
    """Prints at the sites of the viewer. Two queries."""
    return sql_page(query, PrintRow, _PRINTS, search=("code", "spec", "printed_by"), site_column="site_id")


def access_print(print_id: int, site_ids: frozenset[int]) -> PrintRow:
    """One print at a site that the person may see. One query. Refuses with LabelSpecNotFound."""
    row = sql.fetch_one(_PRINTS + " WHERE l.id = %s", (print_id,))
    found = PrintRow(*row) if row else None
    if found is None or not ({0, found.site_id} & site_ids or found.site_id == 0):
        raise LabelSpecNotFound("There is no such print.", fix="See the list of printed labels.")
    return found


def prints_by_id(ids: Sequence[int], site_ids: frozenset[int]) -> list[PrintRow]:
    """Prints at the sites that a person may see (0 = all), the oldest first. One query."""
    rows = sql.fetch_all(
        _PRINTS
        + """ WHERE l.id = ANY(%s::bigint[])
              AND (0 = ANY(%s::bigint[]) OR l.site_id = 0 OR l.site_id = ANY(%s::bigint[])) ORDER BY l.id""",
        (list(ids), sorted(site_ids), sorted(site_ids)),
    )
    return [PrintRow(*row) for row in rows]


def prints_of(subjects: Iterable[str], kind: str) -> dict[str, list[PrintRow]]:
    """The prints of subjects, the newest first. One query."""
    found: dict[str, list[PrintRow]] = {}
    for row in sql.fetch_all(
        _PRINTS + " WHERE l.subject = ANY(%s::text[]) AND l.kind = %s ORDER BY l.id DESC", (sorted(set(subjects)), kind)
    ):
        found.setdefault(row[3], []).append(PrintRow(*row))
    return found


def values_of(print_id: int) -> dict[str, str]:
    """The values that a label was made of. One query."""
    return values_of_all([print_id])[print_id]


def values_of_all(print_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The values that labels were made of, by print. One query."""
    found: dict[int, dict[str, str]] = {print_id: {} for print_id in print_ids}
    for print_id, name, value in sql.fetch_all(
        "SELECT print_id, name, value FROM labels_labelprintvalue WHERE print_id = ANY(%s::bigint[])",
        (list(print_ids),),
    ):
        found[print_id][name] = value
    return found


def wanted(kind: str, codes: Sequence[str], site_id: int, copies: int) -> dict[str, Wanted]:
    """Labels of places, totes or items, by code; one that is missing is unknown. One query."""
    read = {Kind.BIN: _BINS, Kind.TOTE: _TOTES, Kind.ITEM: _ITEMS}[Kind(kind)]
    found = {}
    for subject_id, code, site, names, values in sql.fetch_all(read, {"codes": list(codes), "site": site_id}):
        subject = ref(SUBJECTS[Kind(kind)], subject_id)
        found[code] = Wanted(kind, subject, code, dict(zip(names, values, strict=True)), site or 0, copies=copies)
    return found


SUBJECTS = {Kind.BIN: "locations.location", Kind.TOTE: "locations.lpn", Kind.ITEM: "catalog.item"}
_BINS = """
    SELECT b.id, b.code, b.site_id, ARRAY['code', 'zone', 'aisle', 'bay', 'level', 'slot', 'site', 'site_code'],
           ARRAY[b.code, z.name, b.aisle, b.bay, b.level, b.slot, s.name, s.code]
    FROM locations_location b JOIN locations_site s ON s.id = b.site_id JOIN locations_zone z ON z.id = b.zone_id
    WHERE b.site_id = %(site)s AND b.code = ANY(%(codes)s::text[]) AND NOT b.is_virtual
"""
_TOTES = """
    SELECT p.id, p.code, p.site_id, ARRAY['code', 'site', 'site_code'], ARRAY[p.code, s.name, s.code]
    FROM locations_lpn p JOIN locations_site s ON s.id = p.site_id
    WHERE p.site_id = %(site)s AND p.code = ANY(%(codes)s::text[]) AND p.kind = 'tote' AND p.closed_at IS NULL
"""
_ITEMS = """
    SELECT i.id, i.sku, %(site)s::bigint, ARRAY['sku', 'name', 'gtin', 'base_unit', 'site', 'site_code'],
           ARRAY[i.sku, i.name, coalesce((
               SELECT lpad(e.gtin, 14, '0') FROM catalog_packlevel e
               WHERE e.item_id = i.id AND e.level = 'each' AND e.gtin <> ''), ''), i.base_uom,
               coalesce(s.name, ''), coalesce(s.code, '')]
    FROM catalog_item i LEFT JOIN locations_site s ON s.id = %(site)s WHERE i.sku = ANY(%(codes)s::text[])
"""
