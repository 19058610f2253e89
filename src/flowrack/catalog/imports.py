"""What the catalogue takes from files: items with their packs and barcodes."""

from __future__ import annotations

from enum import StrEnum

from flowrack.catalog.types import HAZARD_CLASSES, HAZARD_DIVISIONS, Costing, Level, StorageClass, Temperature, Tracking
from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Rule, Target, cells

YES = "yes or no"
PACK_LEVELS = tuple(level.value for level in Level)


def _words(options: type[StrEnum]) -> dict[str, str]:
    return {str(option): str(option) for option in options}


ITEM_COLUMNS = [
    Column("sku", "SKU", cells.code(60), required=True, aliases=("item", "item code", "stock code", "article", "code")),
    Column("name", "Name", cells.text(240), aliases=("description", "title", "item name")),
    Column("long_text", "Long description", cells.text(4000), aliases=("long text", "details")),
    Column("family", "Family", cells.code(40), default="NULL", aliases=("category", "group", "product group")),
    Column("base_uom", "Base unit", cells.text(20), default="'each'", aliases=("uom", "unit")),
    Column(
        "tracking", "Tracking", cells.choice({**_words(Tracking), "no": "none", "batch": "lot"}), default="'none'",
        aliases=("traceability", "lot control"),
    ),
    Column("has_expiry", "Has expiry", cells.boolean, "boolean", default="false", aliases=("expiry", "perishable")),
    Column("shelf_life_days", "Shelf life days", cells.number(least=1, most=36500), "int", default="NULL"),
    Column("best_before_days", "Best before days", cells.number(least=0, most=36500), "int", default="NULL"),
    Column("removal_days", "Removal days", cells.number(least=0, most=36500), "int", default="NULL"),
    Column("alert_days", "Alert days", cells.number(least=0, most=36500), "int", default="NULL"),
    Column(
        "costing", "Costing", cells.choice({**_words(Costing), "avg": "average", "lot actual": "lot_actual"}),
        default="'fifo'", aliases=("costing method", "cost method", "valuation"),
    ),
    Column("standard_cost", "Standard cost", cells.decimal(places=6), "numeric", default="NULL", aliases=("cost",)),
    Column("list_price", "List price", cells.decimal(places=6), "numeric", default="NULL", aliases=("price",)),
    Column("storage_class", "Storage class", cells.choice(_words(StorageClass)), default="'general'"),
    Column("hazard_class", "Hazard class", cells.choice({c: c for c in HAZARD_CLASSES}), aliases=("un class",)),
    Column(
        "hazard_division", "Hazard division",
        cells.choice({d: d for divisions in HAZARD_DIVISIONS.values() for d in divisions}),
    ),
    Column(
        "is_limited_quantity", "Limited quantity", cells.boolean, "boolean", default="false",
        aliases=("lq", "ltd qty"),
    ),
    Column("temperature", "Temperature", cells.choice(_words(Temperature)), default="'ambient'"),
    Column("velocity", "Velocity", cells.choice({"A": "A", "B": "B", "C": "C"}), default="'C'", aliases=("abc",)),
    Column("origin_country", "Country of origin", cells.country, aliases=("origin", "coo")),
    Column("hs_code", "HS code", cells.code(12), aliases=("tariff", "commodity code")),
    Column("keep_upright", "This side up", cells.boolean, "boolean", default="false", aliases=("upright",)),
    Column("bears_g", "Bears g", cells.number(least=0, most=10**9), "bigint", default="NULL", aliases=("max load g",)),
    Column("steward", "Steward", cells.code(80), default="NULL", aliases=("owner", "responsible")),
    Column("reorder_point", "Reorder point", cells.number(least=0), "bigint", default="NULL"),
    Column("order_up_to", "Order up to", cells.number(least=0), "bigint", default="NULL", aliases=("max stock",)),
    Column("is_active", "Active", cells.boolean, "boolean", default="true", aliases=("in use",)),
    Column("barcodes", "Barcodes", cells.codes, "text[]", default="'{}'", aliases=("barcode", "other codes")),
]  # fmt: skip


def _pack_columns() -> list[Column]:
    """GTIN, size and weight of every level; factors of all but the base unit; tie and high of the pallet."""
    columns: list[Column] = []
    for level in PACK_LEVELS:
        label = level.capitalize()
        if level != Level.EACH:
            factor = cells.number(least=1, most=10**9, unit="base units")
            columns.append(
                Column(
                    f"{level}_factor",
                    f"{label} factor",
                    factor,
                    "bigint",
                    default="NULL",
                    aliases=(f"{level} qty", f"units per {level}"),
                )
            )
        gtins = ("gtin", "ean", "upc") if level == Level.EACH else (f"{level} ean",)
        columns.append(Column(f"{level}_gtin", f"{label} GTIN", cells.gtin, default="NULL", aliases=gtins))
        for side in ("length", "width", "height"):
            size = cells.number(least=1, most=100_000)
            columns.append(Column(f"{level}_{side}_mm", f"{label} {side} mm", size, "int", default="NULL"))
        weight = cells.number(least=1, most=10**9)
        columns.append(Column(f"{level}_weight_g", f"{label} weight g", weight, "bigint", default="NULL"))
    most = cells.number(least=1, most=1000)
    columns.append(Column("tie", "Tie", most, "int", default="NULL", aliases=("cases per layer",)))
    columns.append(Column("high", "High", most, "int", default="NULL", aliases=("layers per pallet",)))
    return columns


def _pack_target(level: str) -> Target:
    sizes = {f"{side}_mm": f"{level}_{side}_mm" for side in ("length", "width", "height")}
    columns = {"gtin": f"{level}_gtin", **sizes, "weight_g": f"{level}_weight_g"}
    if level == Level.EACH:
        return Target(
            table="catalog_packlevel",
            key={"item_id": "s.item_id", "level": "'each'"},
            columns=columns,
            create={"factor": "1"},
            needs=("sku",),
        )
    if level == Level.PALLET:
        columns |= {"tie": "tie", "high": "high"}
    return Target(
        table="catalog_packlevel",
        key={"item_id": "s.item_id", "level": f"'{level}'"},
        columns={"factor": f"{level}_factor", **columns},
        where=f"(s.{level}_factor IS NOT NULL OR EXISTS (SELECT 1 FROM catalog_packlevel p"  # noqa: S608
        f" WHERE p.item_id = s.item_id AND p.level = '{level}'))",
    )


def check_packs(problems: Problems, mapped: Mapped) -> None:
    """GTINs that something else has, packs without a factor, factors that do not rise, and factors that stock locks."""
    levels = [level for level in PACK_LEVELS if mapped.has(f"{level}_gtin")]
    for level in levels:
        _check_gtins_taken(problems, mapped, level)
    _check_gtins_twice(problems, mapped, levels)
    bigger = [level for level in PACK_LEVELS[1:] if mapped.has(f"{level}_factor")]
    for level in PACK_LEVELS[1:]:
        _check_factor_given(problems, mapped, level)
    for level in bigger:
        rows = sql.fetch_all(
            f"""
            SELECT s.row, s.{level}_factor, p.factor FROM import_stage s
            JOIN catalog_packlevel p ON p.item_id = s.item_id AND p.level = %s AND p.factor <> s.{level}_factor
            WHERE s.item_id IN (SELECT catalog_stocked(ARRAY(
                SELECT x.item_id FROM import_stage x WHERE x.item_id IS NOT NULL AND x.{level}_factor IS NOT NULL)))
            ORDER BY s.row
            """,  # noqa: S608 (a pack level)
            (level,),
        )
        for row, factor, stored in rows:
            problems.add(
                row, mapped.label(f"{level}_factor"), str(factor),
                f"The item is in stock with {stored} in a {level}: this may not change to {factor}.",
                "Use the stored factor, or make a new item for the new pack.",
                same="Pack factors may not change while there is stock.",
            )  # fmt: skip
    if len(bigger) > 1:
        _check_rising(problems, mapped, bigger)


def _check_factor_given(problems: Problems, mapped: Mapped, level: str) -> None:
    parts = ["gtin", "length_mm", "width_mm", "height_mm", "weight_g"]
    some = " OR ".join(f"s.{level}_{part} IS NOT NULL" for part in parts)
    rows = sql.fetch_all(
        f"""
        SELECT s.row FROM import_stage s WHERE s.{level}_factor IS NULL AND ({some}) AND NOT EXISTS (
            SELECT 1 FROM catalog_packlevel p WHERE p.item_id = s.item_id AND p.level = %s) ORDER BY s.row
        """,  # noqa: S608 (a pack level)
        (level,),
    )
    for (row,) in rows:
        problems.add(
            row, mapped.label(f"{level}_factor"), "", f"The {level} has a GTIN or size, but no factor.",
            f"Fill in how many base units a {level} holds.",
        )  # fmt: skip


def _check_gtins_taken(problems: Problems, mapped: Mapped, level: str) -> None:
    rows = sql.fetch_all(
        f"""
        SELECT s.row, s.{level}_gtin, i.sku, p.level FROM import_stage s
        JOIN catalog_packlevel p ON p.gtin = s.{level}_gtin JOIN catalog_item i ON i.id = p.item_id
        WHERE p.item_id IS DISTINCT FROM s.item_id OR p.level <> %s ORDER BY s.row
        """,  # noqa: S608 (a pack level)
        (level,),
    )
    for row, gtin, sku, other in rows:
        problems.add(
            row, mapped.label(f"{level}_gtin"), gtin, f"{sku} ({other}) already has this GTIN.",
            "A GTIN names one pack of one item: correct it here or there.", same="The GTIN belongs to another pack.",
        )  # fmt: skip


def _check_gtins_twice(problems: Problems, mapped: Mapped, levels: list[str]) -> None:
    if not levels:
        return
    parts = " UNION ALL ".join(
        f"SELECT row, '{level}' AS level, {level}_gtin AS gtin FROM import_stage WHERE {level}_gtin IS NOT NULL"  # noqa: S608
        for level in levels
    )
    rows = sql.fetch_all(
        f"""
        SELECT row, level, gtin, first FROM (
            SELECT g.*, first_value(row) OVER w AS first, row_number() OVER w AS turn
            FROM ({parts}) g WINDOW w AS (PARTITION BY gtin ORDER BY row, level)
        ) t WHERE turn > 1 ORDER BY row
        """  # noqa: S608
    )
    for row, level, gtin, first in rows:
        problems.add(
            row, mapped.label(f"{level}_gtin"), gtin, f"Row {first} has this GTIN too.",
            "A GTIN names one pack of one item.", same="The same GTIN twice.",
        )  # fmt: skip


def _check_rising(problems: Problems, mapped: Mapped, levels: list[str]) -> None:
    for number, smaller in enumerate(levels):
        for larger in levels[number + 1 :]:
            rows = sql.fetch_all(
                f"SELECT row, {larger}_factor, {smaller}_factor FROM import_stage"  # noqa: S608 (pack levels)
                f" WHERE {larger}_factor < {smaller}_factor ORDER BY row"
            )
            for row, large, small in rows:
                problems.add(
                    row, mapped.label(f"{larger}_factor"), str(large),
                    f"A {larger} of {large} holds less than the {smaller} of {small}.",
                    "Larger packs hold at least as many base units.", same="Packs do not grow.",
                )  # fmt: skip


def check_locked(problems: Problems, mapped: Mapped) -> None:
    """Costing method and tracking, which stock in hand locks."""
    for column in ("costing", "tracking"):
        if not mapped.has(column):
            continue
        rows = sql.fetch_all(
            f"""
            SELECT s.row, s.{column}, t.{column} FROM import_stage s JOIN catalog_item t ON t.id = s.item_id
            WHERE s.{column} <> t.{column} AND s.item_id IN (
                SELECT catalog_stocked(ARRAY(
                    SELECT x.item_id FROM import_stage x JOIN catalog_item i ON i.id = x.item_id
                    WHERE x.{column} <> i.{column})))
            ORDER BY s.row
            """  # noqa: S608 (two column names)
        )
        for row, asked, stored in rows:
            problems.add(
                row, mapped.label(column), asked, f"The item is in stock with {column} {stored}.",
                f"Keep {stored}, or use up the stock first.", same=f"{column.capitalize()} may not change over stock.",
            )  # fmt: skip


ITEMS = Definition(
    kind="items",
    title="Items",
    permission="catalog.import",
    columns=[*ITEM_COLUMNS, *_pack_columns()],
    key=("sku",),
    lookups=[
        Lookup(
            "family",
            "catalog_family",
            "code",
            "family_id",
            "family",
            make="INSERT INTO catalog_family (code, name) SELECT DISTINCT family, family FROM {stage}"
            " WHERE family IS NOT NULL AND NOT bad AND family_id IS NULL ORDER BY 1 ON CONFLICT DO NOTHING",
        ),
        Lookup("steward", "platform_user", "username", "steward_id", "user"),
    ],
    targets=[
        Target(
            table="catalog_item",
            key={"sku": "s.sku"},
            columns={
                "name": "name",
                "description": "long_text",
                **{
                    column.name: column.name
                    for column in ITEM_COLUMNS
                    if column.name not in ("sku", "name", "long_text", "family", "steward", "barcodes")
                },
                "family_id": "family",
                "steward_id": "steward",
            },
            id_into="item_id",
            versioned=True,
        ),
        *(_pack_target(level) for level in PACK_LEVELS),
    ],
    rules=[
        Rule("e.is_new AND e.name = ''", "name", "A new item needs a name.", "Fill it in."),
        Rule(
            "e.has_expiry AND e.tracking = 'none'",
            "has_expiry",
            "An item with expiry dates is kept by lot.",
            "Set tracking to lot or serial.",
        ),
        Rule(
            "e.costing = 'standard' AND e.standard_cost IS NULL",
            "standard_cost",
            "An item at standard cost needs one.",
            "Fill in the standard cost.",
        ),
        Rule(
            "e.costing = 'lot_actual' AND e.tracking = 'none'",
            "costing",
            "Costing by lot needs lots.",
            "Set tracking to lot or serial.",
        ),
        Rule(
            "e.is_limited_quantity AND e.hazard_class = ''",
            "is_limited_quantity",
            "Limited quantity is of a hazard class.",
            "Name the class, or say no.",
        ),
        Rule(
            "e.hazard_division <> '' AND split_part(e.hazard_division, '.', 1) <> e.hazard_class",
            "hazard_division",
            "The division is not one of the hazard class.",
            "Correct class or division: 2.1 belongs to class 2.",
        ),
        Rule(
            "e.hs_code <> '' AND e.hs_code !~ '^[0-9]{6,12}$'",
            "hs_code",
            "An HS code has 6 to 12 digits.",
            "Leave out dots and blanks.",
        ),
        Rule(
            "e.order_up_to < e.reorder_point",
            "order_up_to",
            "Order up to is less than the reorder point.",
            "Order up to must be at least the reorder point.",
        ),
    ],
    checks=[check_packs, check_locked],
    finish=[
        """
        INSERT INTO catalog_barcode (item_id, code)
        SELECT s.item_id, b.code FROM {stage} s CROSS JOIN LATERAL unnest(s.barcodes) AS b(code)
        WHERE NOT s.bad ORDER BY s.row ON CONFLICT (item_id, code) DO NOTHING
        """,
    ],
    also_changed="EXISTS (SELECT 1 FROM unnest(s.barcodes) AS b(code) WHERE NOT EXISTS"
    " (SELECT 1 FROM catalog_barcode k WHERE k.item_id = s.item_id AND k.code = b.code))",
    help="One row for each item; packs and other barcodes in further columns. Empty cells leave stored values alone.",
)
