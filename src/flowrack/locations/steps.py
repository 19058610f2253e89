"""Writes of places that must run inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from flowrack.locations import rules
from flowrack.locations.types import (
    BinTemplate,
    CodeTaken,
    LpnKind,
    LpnRefused,
    PlaceHoldsStock,
    PlaceRefused,
    PlannedBin,
    SsccsUsedUp,
    ZoneRow,
)
from flowrack.platform import sql
from flowrack.platform.runner import refuse_on
from flowrack.shared.check_digits import is_valid
from flowrack.shared.errors import BadLine

MOST_ROUNDS, PASSED_OVER = 200, 1_000  # numbers in use that are passed over in one go before it is given up


def ensure_lpns(site_id: int, codes: Sequence[str], *, kind: str = LpnKind.PALLET) -> list[int]:
    """Ids of the license plates with these codes at the site, made where they are new; "" is LPN 0 (loose).

    Refuses with LpnRefused: a code of 18 digits with a wrong check digit, a plate that was closed, or one that is at
    another site.
    """
    if not any(codes):
        return [0] * len(codes)
    sql.execute(
        """
        INSERT INTO locations_lpn (code, kind, site_id)
        SELECT w.code, %s, %s FROM (SELECT DISTINCT code FROM unnest(%s::text[]) AS c(code) WHERE code <> '') w
        WHERE NOT EXISTS (SELECT 1 FROM locations_lpn l WHERE l.code = w.code)
        ORDER BY w.code
        ON CONFLICT (code) DO NOTHING
        """,
        (kind, site_id, list(codes)),
    )
    rows = sql.fetch_all(
        """
        SELECT w.line, w.code, CASE WHEN w.code = '' THEN 0 ELSE l.id END, l.site_id, l.closed_at IS NOT NULL
        FROM unnest(%s::text[]) WITH ORDINALITY AS w(code, line) LEFT JOIN locations_lpn l ON l.code = w.code
        ORDER BY w.line
        """,
        (list(codes),),
    )
    lines = [bad for line, code, _, at, closed in rows if code and (bad := _bad_lpn(line, code, at, closed, site_id))]
    if lines:
        raise LpnRefused(lines[0].message, lines=lines, fix=lines[0].fix)
    return [row[2] for row in rows]


def _bad_lpn(line: int, code: str, at_site: int, is_closed: bool, site_id: int) -> BadLine | None:
    if len(code) == 18 and code.isdigit() and not is_valid(code):
        return BadLine(line, "lpn", f"{code} is no SSCC: its check digit is wrong.", "Scan the label again.")
    if is_closed:
        return BadLine(
            line, "lpn", f"{code} was shipped or emptied; its label may not be used again.", "Use a new label."
        )
    if at_site != site_id:
        return BadLine(line, "lpn", f"{code} is at another site.", "Receive it by its transfer, or use a new label.")
    return None


def new_ssccs(count: int) -> list[str]:
    """So many new SSCCs of our own range, never given out before. Two statements.

    When the numbers of an extension digit are used up, the next digit goes on. A number that is on a plate already,
    which may be so from then on, is passed over, however old the plate: none is on two plates in a year or ever.
    Refuses with SsccsUsedUp when there is no number left.
    """
    if count <= 0:
        return []
    found = sql.fetch_one("SELECT prefix, extension FROM locations_ssccrange WHERE is_active")
    assert found is not None, "the migration makes a range and only replacing it is possible"
    fresh: list[str] = []
    missing, rounds = count, 0
    while len(fresh) < count:
        if rounds == MOST_ROUNDS:
            raise SsccsUsedUp(
                f"All SSCCs of the GS1 prefix {found[0]} are in use.",
                fix="Enter another prefix on the page GS1 prefix.",
            )
        serials = sql.fetch_all("SELECT nextval('locations_sscc_serial') FROM generate_series(1, %s::int)", (missing,))
        codes = [rules.numbered_sscc(found[0], found[1], row[0]) for row in serials]
        if serials[-1][0] >= rules.sscc_room(found[0]):
            taken = {
                row[0] for row in sql.fetch_all("SELECT code FROM locations_lpn WHERE code = ANY(%s::text[])", (codes,))
            }
            codes = [code for code in codes if code not in taken]
        fresh += dict.fromkeys(codes)
        missing, rounds = max(count - len(fresh), PASSED_OVER), rounds + 1
    return fresh[:count]


def new_lpns(site_id: int, count: int, *, kind: str = LpnKind.CARTON) -> list[tuple[int, str]]:
    """So many new license plates with SSCCs of our own: (id, code)."""
    codes = new_ssccs(count)
    rows = sql.fetch_all(
        """
        INSERT INTO locations_lpn (code, kind, site_id)
        SELECT c.code, %s, %s FROM unnest(%s::text[]) WITH ORDINALITY AS c(code, line) ORDER BY c.line
        RETURNING id, code
        """,
        (kind, site_id, codes),
    )
    return [(row[0], row[1]) for row in rows]


def insert_totes(site_id: int, codes: Sequence[str]) -> None:
    """Make totes with these codes. Refuses with CodeTaken when somebody numbered totes meanwhile. One statement."""
    sql.execute(
        """
        INSERT INTO locations_lpn (code, kind, site_id)
        SELECT c.code, %s, %s FROM unnest(%s::text[]) WITH ORDINALITY AS c(code, line) ORDER BY c.line
        """,
        (LpnKind.TOTE, site_id, list(codes)),
    )


def close_lpns(lpn_ids: Sequence[int], *, at: datetime) -> int:
    """Close plates that left the house or were emptied; how many were open."""
    return sql.execute(
        "UPDATE locations_lpn SET closed_at = %s WHERE id = ANY(%s::bigint[]) AND id > 0 AND closed_at IS NULL",
        (at, sorted(set(lpn_ids))),
    )


def ensure_zero_rows() -> None:
    """Put row 0 ("loose") and the SSCC range back; for tests whose database was emptied."""
    sql.execute("INSERT INTO locations_lpn (id, code) VALUES (0, '') ON CONFLICT DO NOTHING")
    sql.execute(
        """
        INSERT INTO locations_ssccrange (prefix, extension, is_active)
        SELECT '9520000', 0, true WHERE NOT EXISTS (SELECT 1 FROM locations_ssccrange WHERE is_active)
        """
    )


def columns_of(template: BinTemplate) -> dict[str, Any]:
    """A template as columns of a location."""
    return {f.name: getattr(template, f.name) for f in fields(template)}


def insert_planned(zone: ZoneRow, planned: Sequence[PlannedBin], template: BinTemplate) -> int:
    """Make planned places in a zone; how many are new. Codes that the site has already stay. One statement."""
    return sql.execute(
        """
        INSERT INTO locations_location (site_id, zone_id, role, code, aisle, bay, level, slot, pick_sequence, kind,
                                        max_volume_ml, max_weight_g, max_lpns, temperature, hazard_classes,
                                        max_height_mm, max_beam_weight_g, storage_classes)
        SELECT %s::bigint, %s::bigint, %s, p.code, p.aisle, p.bay, p.level, p.slot, p.pick_sequence, %s,
               %s::bigint, %s::bigint, %s::int, %s, %s::varchar[], %s::int, %s::bigint, %s::varchar[]
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
             AS p(code, aisle, bay, level, slot, pick_sequence)
        ON CONFLICT (site_id, code) DO NOTHING
        """,
        (
            zone.site_id,
            zone.zone_id,
            zone.role,
            template.kind,
            template.max_volume_ml,
            template.max_weight_g,
            template.max_lpns,
            template.temperature,
            template.hazard_classes,
            template.max_height_mm,
            template.max_beam_weight_g,
            template.storage_classes,
            [p.code for p in planned],
            [p.aisle for p in planned],
            [p.bay for p in planned],
            [p.level for p in planned],
            [p.slot for p in planned],
            [p.pick_sequence for p in planned],
        ),
    )


def _taken() -> CodeTaken:
    return CodeTaken("Another place has this code.", fix="Choose another code.")


def _numbered() -> CodeTaken:
    return CodeTaken("Somebody made totes with these numbers at this moment.", fix="Try again: the count goes on.")


def _stocked() -> PlaceHoldsStock:
    return PlaceHoldsStock("Stock lies there.", fix="Move it out before the role changes.")


def _bad_code() -> PlaceRefused:
    return PlaceRefused(
        "This cannot be a code.", fix="Use letters, digits and . _ / - only, beginning with a letter or digit."
    )


for _constraint in ("locations_site_code_key", "zone_code_once_per_site", "location_code_once_per_site"):
    refuse_on(_constraint, _taken)
refuse_on("locations_lpn_code_key", _numbered)
for _constraint in ("site_code_plain", "zone_code_plain", "location_code_plain"):
    refuse_on(_constraint, _bad_code)


def _no_limit() -> PlaceRefused:
    return PlaceRefused(
        "A place that takes nothing is no place.", fix="Leave a limit empty for none, or give at least 1."
    )


refuse_on("location_limits_positive", _no_limit)
refuse_on("location_locked_by_stock", _stocked)
