"""Writes of places that must run inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.locations.types import LpnKind, LpnRefused
from flowrack.platform import sql
from flowrack.shared.check_digits import is_valid, sscc
from flowrack.shared.errors import BadLine


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
    """So many new SSCCs of our own range, never given out before. Two statements."""
    if count <= 0:
        return []
    found = sql.fetch_one("SELECT prefix, extension FROM locations_ssccrange WHERE is_active")
    assert found is not None, "the migration makes a range and only replacing it is possible"
    serials = sql.fetch_all("SELECT nextval('locations_sscc_serial') FROM generate_series(1, %s::int)", (count,))
    return [sscc(found[0], found[1], row[0]) for row in serials]


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
