"""Writes of tolerances."""

from __future__ import annotations

from flowrack.inbound.types_discrepancies import BadTolerance, SetTolerance
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on


def family_id(code: str) -> int:
    """The item family with this code; 0 when there is none. One query."""
    return int(sql.fetch_value("SELECT id FROM catalog_family WHERE code = %s", (code,)) or 0)


def replace(ctx: Context, current_id: int, version: int, req: SetTolerance, of_family: int) -> int:
    """End the version in force and write the next; its id. Two statements."""
    if current_id:
        sql.execute("UPDATE inbound_tolerance SET ended_at = %s WHERE id = %s", (ctx.now, current_id))
    return int(
        sql.fetch_value(
            """
            INSERT INTO inbound_tolerance
                   (supplier_id, family_id, version, over_pct, over_units, under_pct, under_units, early_days,
                    late_days, min_life_days, on_over, on_under, on_early, on_late, on_short_dated, reason,
                    set_by_id, set_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
            """,
            (
                req.supplier_id or None,
                of_family or None,
                version,
                req.over_pct,
                req.over_units,
                req.under_pct,
                req.under_units,
                req.early_days,
                req.late_days,
                req.min_life_days,
                req.on_over,
                req.on_under,
                req.on_early,
                req.on_late,
                req.on_short_dated,
                req.reason.strip()[:200],
                ctx.actor_id,
                ctx.now,
            ),
        )
    )


def _meanwhile() -> BadTolerance:
    return BadTolerance("Somebody set this tolerance at this moment.", fix="Look at it again.")


refuse_on("tolerance_one_in_force", _meanwhile)
refuse_on("tolerance_version_once", _meanwhile)
