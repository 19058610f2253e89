"""Writes of the catalogue that must run inside somebody's command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.catalog.types import LotRefused
from flowrack.platform import sql
from flowrack.shared.errors import BadLine

WANTED = """
WITH wanted AS (
    SELECT DISTINCT ON (w.item_id, w.code) w.item_id, w.code, w.expires_on
    FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS w(item_id, code, expires_on)
    WHERE w.code <> '' ORDER BY w.item_id, w.code, w.expires_on NULLS LAST
)
"""


def ensure_lots(wanted: Sequence[tuple[int, str, date | None]]) -> list[int]:
    """Ids of the lots (item, code, expires on), made where they are new; "" is lot 0. Four statements at most.

    Refuses with LotRefused: a lot for an item that is not tracked, an item with expiry whose new lot has no date, or
    a known lot with another expiry date. A known lot without a date takes the date that comes now.
    """
    if not any(code for _, code, _ in wanted):
        return [0] * len(wanted)
    params = ([w[0] for w in wanted], [w[1] for w in wanted], [w[2] for w in wanted])
    bad = sql.fetch_all(
        """
        SELECT w.line, i.sku, i.tracking, i.has_expiry, w.code, w.expires_on, l.expires_on
        FROM unnest(%s::bigint[], %s::text[], %s::date[]) WITH ORDINALITY AS w(item_id, code, expires_on, line)
        JOIN catalog_item i ON i.id = w.item_id
        LEFT JOIN catalog_lot l ON l.item_id = w.item_id AND l.code = w.code
        WHERE w.code <> '' AND (
            i.tracking = 'none' OR l.expires_on <> w.expires_on
            OR (i.has_expiry AND COALESCE(l.expires_on, w.expires_on) IS NULL))
        ORDER BY w.line
        """,
        params,
    )
    if bad:
        lines = [_bad_lot(*row) for row in bad]
        raise LotRefused(lines[0].message, lines=lines, fix=lines[0].fix)
    sql.execute(
        WANTED  # noqa: S608 (a constant of this module)
        + """
        INSERT INTO catalog_lot (item_id, code, is_serial, expires_on)
        SELECT w.item_id, w.code, i.tracking = 'serial', w.expires_on
        FROM wanted w JOIN catalog_item i ON i.id = w.item_id
        WHERE NOT EXISTS (SELECT 1 FROM catalog_lot l WHERE l.item_id = w.item_id AND l.code = w.code)
        ORDER BY w.item_id, w.code
        ON CONFLICT (item_id, code) DO NOTHING
        """,
        params,
    )
    sql.execute(
        WANTED  # noqa: S608 (a constant of this module)
        + """
        UPDATE catalog_lot l SET expires_on = w.expires_on FROM wanted w
        WHERE l.item_id = w.item_id AND l.code = w.code AND l.expires_on IS NULL AND w.expires_on IS NOT NULL
        """,
        params,
    )
    rows = sql.fetch_all(
        """
        SELECT CASE WHEN w.code = '' THEN 0 ELSE l.id END
        FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS w(item_id, code, line)
        LEFT JOIN catalog_lot l ON l.item_id = w.item_id AND l.code = w.code
        ORDER BY w.line
        """,
        params[:2],
    )
    return [row[0] for row in rows]


def _bad_lot(  # noqa: PLR0917 (one row of the statement above)
    line: int, sku: str, tracking: str, has_expiry: bool, code: str, asked: date | None, known: date | None
) -> BadLine:
    if tracking == "none":
        return BadLine(line, "lot", f"{sku} is not kept by lot, but lot {code} was given.", "Leave the lot empty.")
    if known is not None and asked is not None:
        return BadLine(
            line,
            "expires_on",
            f"Lot {code} of {sku} expires on {known.isoformat()}, not on {asked.isoformat()}.",
            "Check the date on the label; if the lot's date is wrong, correct it in the item's lots.",
        )
    return BadLine(line, "expires_on", f"Lot {code} of {sku} needs an expiry date.", "Give the date from the label.")


def ensure_zero_rows() -> None:
    """Put row 0 ("no lot") back; for tests whose database was emptied."""
    sql.execute("INSERT INTO catalog_lot (id, code) VALUES (0, '') ON CONFLICT DO NOTHING")


def set_standard_costs(costs: Mapping[int, Decimal]) -> None:
    """The new standard cost of items; for costing, which revalues their stock in the same transaction. One statement."""
    sql.execute(
        """
        UPDATE catalog_item i SET standard_cost = c.cost, version = i.version + 1, updated_at = now()
        FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, cost) WHERE i.id = c.id
        """,
        (list(costs), list(costs.values())),
    )


def set_costing(item_id: int, costing: str, standard_cost: Decimal | None) -> None:
    """Another costing method for an item; for costing, which has made sure that there is no stock. One statement."""
    sql.execute(
        """
        UPDATE catalog_item SET costing = %s, standard_cost = coalesce(%s, standard_cost), version = version + 1,
               updated_at = now()
        WHERE id = %s
        """,
        (costing, standard_cost, item_id),
    )
