"""Reads of labels: specs with their versions, which one holds, and what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flowrack.labels.rules_fields import GOODS
from flowrack.labels.states import SpecState
from flowrack.labels.types import DraftLabelSpec, Element, LabelSpecNotFound
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

ELEMENT = (
    "name, shape, x_mm, y_mm, width_mm, height_mm, content, symbology, rotation, size_pt, is_bold, thick_tenths_mm"
)


@dataclass(frozen=True, slots=True)
class SpecRow:
    """A version of a spec, as lists and pages show it."""

    id: int
    spec_id: int
    code: str
    kind: str
    number: int
    state: str
    name: str
    for_whom: str
    customer: str
    carrier: str
    width_mm: int
    height_mm: int
    dpi: int
    copies: int
    placement: str
    is_scanned: bool
    valid_from: date | None
    valid_until: date | None
    drafted_by: str
    drafted_at: datetime
    approved_by: str
    approved_at: datetime | None
    ended_at: datetime | None
    printed: int
    drafted_by_id: int | None
    counts: str = ""  # whether labels are printed by it, where somebody asked


_VERSIONS = """
    SELECT v.id, s.id AS spec_id, s.code, s.kind, v.number, v.state, v.name,
           coalesce(c.name, a.name, 'House') AS for_whom,
           coalesce(c.code, '') AS customer, coalesce(a.code, '') AS carrier,
           v.width_mm, v.height_mm, v.dpi, v.copies,
           v.placement, v.is_scanned, v.valid_from, v.valid_until, coalesce(d.full_name, 'Flowrack') AS drafted_by,
           v.drafted_at,
           CASE WHEN v.approved_at IS NULL THEN '' ELSE coalesce(p.full_name, 'Flowrack') END AS approved_by,
           v.approved_at, v.ended_at,
           (SELECT count(*) FROM labels_labelprint l WHERE l.version_id = v.id)::bigint AS printed,
           v.drafted_by_id
    FROM labels_labelspecversion v JOIN labels_labelspec s ON s.id = v.spec_id
    LEFT JOIN parties_party c ON c.id = s.customer_id LEFT JOIN parties_party a ON a.id = s.carrier_id
    LEFT JOIN platform_user d ON d.id = v.drafted_by_id LEFT JOIN platform_user p ON p.id = v.approved_by_id
"""


def spec_list(query: ListQuery) -> Page[SpecRow]:
    """Versions of specs, the newest first. Two queries."""
    return sql_page(query, SpecRow, _VERSIONS, search=("code", "name", "for_whom"))


def version(version_id: int) -> SpecRow:
    """One version. One query. Refuses with LabelSpecNotFound."""
    row = sql.fetch_one(_VERSIONS + " WHERE v.id = %s", (version_id,))
    if row is None:
        raise LabelSpecNotFound("There is no such label spec.", fix="See the list of label specs.")
    return SpecRow(*row)


def versions_after(after: int, *, kind: str, limit: int) -> list[SpecRow]:
    """Versions by id, for the API. One query."""
    rows = sql.fetch_all(
        _VERSIONS + " WHERE v.id > %s AND (%s = '' OR s.kind = %s) ORDER BY v.id LIMIT %s", (after, kind, kind, limit)
    )
    return [SpecRow(*row) for row in rows]


def versions_of(spec_id: int) -> list[SpecRow]:
    """All versions of a spec, the newest first. One query."""
    return [
        SpecRow(*row)
        for row in sql.fetch_all(_VERSIONS + " WHERE v.spec_id = %s ORDER BY v.number DESC LIMIT 200", (spec_id,))
    ]


def elements(version_id: int) -> list[Element]:
    """The elements of a version, in order. One query."""
    return elements_of([version_id])[version_id]


def elements_of(version_ids: Sequence[int]) -> dict[int, list[Element]]:
    """The elements of versions. One query."""
    found: dict[int, list[Element]] = {version_id: [] for version_id in version_ids}
    for version_id, *element in sql.fetch_all(
        f"SELECT version_id, {ELEMENT} FROM labels_labelelement WHERE version_id = ANY(%s::bigint[]) "  # noqa: S608
        "ORDER BY version_id, number",
        (list(version_ids),),
    ):
        found[version_id].append(Element(*element))
    return found


def draft_of(version_id: int) -> DraftLabelSpec:
    """A version as the request that would write it. Two queries."""
    row = version(version_id)
    return DraftLabelSpec(
        row.code, row.kind, row.name, elements(version_id), row.customer, row.carrier, row.width_mm, row.height_mm,
        row.dpi, row.copies, row.placement, row.is_scanned, row.valid_from, row.valid_until,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """The version that holds for a label."""

    version_id: int
    code: str
    number: int
    width_mm: int
    height_mm: int
    dpi: int
    copies: int
    is_scanned: bool
    placement: str


def chosen(wanted: Sequence[tuple[str, int, int]], *, on: date) -> list[Chosen | None]:
    """The version for each (kind, customer, carrier): the customer's, the carrier's or the house's. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.n, v.id, v.code, v.number, v.width_mm, v.height_mm, v.dpi, v.copies, v.is_scanned, v.placement
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) WITH ORDINALITY AS w(kind, customer_id, carrier_id, n)
        CROSS JOIN LATERAL (
            SELECT v.*, s.code FROM labels_labelspec s JOIN labels_labelspecversion v ON v.spec_id = s.id
            WHERE s.kind = w.kind AND v.state = 'approved' AND (v.valid_from IS NULL OR v.valid_from <= %s)
              AND (v.valid_until IS NULL OR v.valid_until >= %s)
              AND (s.customer_id = w.customer_id
                   OR s.customer_id IS NULL AND (s.carrier_id IS NULL OR s.carrier_id = w.carrier_id))
            ORDER BY s.customer_id IS NULL, s.carrier_id IS NULL, v.approved_at DESC, v.id DESC LIMIT 1
        ) AS v
        """,
        ([kind for kind, _, _ in wanted], [who for _, who, _ in wanted], [by for _, _, by in wanted], on, on),
    )
    found = {row[0]: Chosen(*row[1:]) for row in rows}
    return [found.get(n) for n in range(1, len(wanted) + 1)]


def with_counts(rows: Sequence[SpecRow], *, on: date) -> list[SpecRow]:
    """The same versions, each saying whether labels are printed by it on a day, or what goes before it. One query."""
    found = sql.fetch_all(
        """
        SELECT DISTINCT ON (s.kind, c.code, a.code) s.kind, coalesce(c.code, ''), coalesce(a.code, ''), v.id,
               s.code || ' ' || v.number
        FROM labels_labelspecversion v JOIN labels_labelspec s ON s.id = v.spec_id
        LEFT JOIN parties_party c ON c.id = s.customer_id LEFT JOIN parties_party a ON a.id = s.carrier_id
        WHERE v.state = 'approved' AND coalesce(v.valid_from, %(on)s) <= %(on)s
          AND coalesce(v.valid_until, %(on)s) >= %(on)s
        ORDER BY s.kind, c.code, a.code, v.approved_at DESC, v.id DESC
        """,
        {"on": on},
    )
    now = {(kind, customer, carrier): (found_id, said) for kind, customer, carrier, found_id, said in found}
    return [replace(row, counts=_counts(row, now.get((row.kind, row.customer, row.carrier)), on)) for row in rows]


def _counts(row: SpecRow, now: tuple[int, str] | None, on: date) -> str:
    if row.state != SpecState.APPROVED:
        return ""
    if (row.customer or row.carrier) and row.kind not in GOODS:
        return "no, only cartons and pallets know for whom they are"
    if row.valid_from and row.valid_from > on:
        return "not yet"
    if now is None or (row.valid_until and row.valid_until < on):
        return "no more"
    return "yes" if now[0] == row.id else f"no, {now[1]} goes before"


def rivals(version_id: int, *, on: date) -> list[str]:
    """Approved versions of other specs for the same kind and party that hold on a day of this one from now. One query.

    Each by code and number.
    """
    rows = sql.fetch_all(
        """
        SELECT s.code || ' ' || o.number FROM labels_labelspecversion v
        JOIN labels_labelspec own ON own.id = v.spec_id
        JOIN labels_labelspec s ON s.kind = own.kind AND s.id <> own.id
             AND s.customer_id IS NOT DISTINCT FROM own.customer_id
             AND s.carrier_id IS NOT DISTINCT FROM own.carrier_id
        JOIN labels_labelspecversion o ON o.spec_id = s.id AND o.state = 'approved'
        WHERE v.id = %(version)s
          AND coalesce(o.valid_until, 'infinity') >= greatest(v.valid_from, %(on)s)
          AND coalesce(o.valid_from, '-infinity') <= coalesce(v.valid_until, 'infinity')
        ORDER BY o.approved_at DESC, o.id DESC LIMIT 20
        """,
        {"version": version_id, "on": on},
    )
    return [row[0] for row in rows]


def party_ids(customer: str, carrier: str) -> tuple[int | None, int | None]:
    """The ids of a customer and a carrier by their codes; None where there is none of that code. One query."""
    row = sql.fetch_one(
        """
        SELECT (SELECT id FROM parties_party WHERE code = %s AND is_customer),
               (SELECT id FROM parties_party WHERE code = %s AND is_carrier)
        """,
        (customer, carrier),
    )
    assert row is not None
    return row[0], row[1]
