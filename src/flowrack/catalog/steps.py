"""Writes of the catalogue that must run inside somebody's command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.catalog.models import Barcode, Family, PackLevel
from flowrack.catalog.types import ItemFields, ItemRefused, Level, LockedByStock, LotRefused, Pack, SkuTaken
from flowrack.platform import sql
from flowrack.platform.runner import refuse_on
from flowrack.shared.check_digits import gtin14
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


def _bad_lot(
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
    """The new standard cost of items; for costing, which revalues their stock in the same transaction."""
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


def columns_of(item: ItemFields) -> dict[str, Any]:
    """An item's fields as columns: family and steward by id; a family that is new is added."""
    values = {f.name: getattr(item, f.name) for f in fields(item)}
    family, steward = values.pop("family"), values.pop("steward")
    values["family_id"] = Family.objects.get_or_create(code=family, defaults={"name": family})[0].pk if family else None
    values["steward_id"] = None
    if steward:
        values["steward_id"] = sql.fetch_value("SELECT id FROM platform_user WHERE username = %s", (steward,))
        if values["steward_id"] is None:
            line = BadLine(
                0, "steward", f"There is no user “{steward}”.", "Use the name with which the person signs in."
            )
            raise ItemRefused(line.message, lines=[line], fix=line.fix)
    return values


def with_each(packs: list[Pack]) -> list[Pack]:
    """The packs, with the base unit put first when it is left out."""
    return packs if any(pack.level == Level.EACH for pack in packs) else [Pack(Level.EACH, "", 1), *packs]


def save_packs(item_id: int, packs: Sequence[Pack]) -> None:
    """Bring the packs of one item in line; levels that are not given stay."""
    for pack in packs:
        PackLevel.objects.update_or_create(
            item_id=item_id,
            level=pack.level,
            defaults={
                "name": "" if pack.name == pack.level.capitalize() else pack.name,
                "factor": pack.factor,
                "gtin": gtin14(pack.gtin),
                "length_mm": pack.length_mm,
                "width_mm": pack.width_mm,
                "height_mm": pack.height_mm,
                "weight_g": pack.weight_g,
                "tie": pack.tie,
                "high": pack.high,
            },
        )


def add_barcodes(item_id: int, codes: Sequence[str]) -> None:
    """Further codes of one item; known ones stay."""
    Barcode.objects.bulk_create(
        [Barcode(item_id=item_id, code=code) for code in dict.fromkeys(codes)], ignore_conflicts=True
    )


refuse_on("catalog_item_sku_key", lambda: SkuTaken("Another item has this SKU.", fix="Choose another SKU."))
refuse_on(
    "catalog_packlevel_gtin_key",
    lambda: ItemRefused(
        "Another pack has this GTIN.", fix="A GTIN names one pack of one item: correct it here or there."
    ),
)


def _locked(what: str) -> Callable[[], LockedByStock]:
    def refusal() -> LockedByStock:
        return LockedByStock(
            f"The item is in stock: {what} may not change.", fix="Use up the stock first, or make a new item."
        )

    return refusal


refuse_on("pack_factor_locked_by_stock", _locked("pack factors"))
refuse_on("item_costing_locked_by_stock", _locked("the costing method"))
refuse_on("item_tracking_locked_by_stock", _locked("tracking"))
