"""Reads of the catalogue for pages, API and later stages. Each function is one statement whatever the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from flowrack.catalog.models import Barcode, Item
from flowrack.catalog.types import (
    AmbiguousCode,
    ItemFields,
    ItemListRow,
    ItemRecord,
    ItemRow,
    LotRow,
    Pack,
    Resolved,
    SubstituteRow,
    UnknownCode,
    UnknownItem,
)
from flowrack.platform import sql
from flowrack.platform.lookup import SHORTEST_PART, Found, label_of
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.check_digits import gtin14, is_valid
from flowrack.shared.errors import BadLine
from flowrack.shared.gs1 import Gs1Scan

FIND_CODES = """
WITH asked AS (SELECT code, gtin FROM unnest(%s::text[], %s::text[]) AS a(code, gtin)),
hits AS (
    SELECT a.code, 1 AS rank, 'sku' AS matched_by, i.id AS item_id, 1::bigint AS factor, 'each' AS level,
           0::bigint AS lot_id
    FROM asked a JOIN catalog_item i ON i.sku = a.code
    UNION ALL
    SELECT a.code, 2, 'gtin', p.item_id, p.factor, p.level, 0
    FROM asked a JOIN catalog_packlevel p ON p.gtin = a.gtin
    UNION ALL
    SELECT a.code, 3, 'barcode', b.item_id, b.factor, '', 0
    FROM asked a JOIN catalog_barcode b ON b.code = a.code
    UNION ALL
    SELECT a.code, 4, 'serial', l.item_id, 1, 'each', l.id
    FROM asked a JOIN catalog_lot l ON l.code = a.code AND l.is_serial AND l.id > 0
)
SELECT DISTINCT ON (h.code, i.id, h.factor, h.lot_id)
       h.code, CASE WHEN h.lot_id > 0 THEN 'serial' ELSE 'item' END, h.matched_by, i.id, i.sku, i.name, h.factor,
       h.level, h.lot_id, i.tracking, i.has_expiry, i.is_active
FROM hits h JOIN catalog_item i ON i.id = h.item_id
ORDER BY h.code, i.id, h.factor, h.lot_id, h.rank
"""

ITEM_COLUMNS = """
i.id, i.sku, i.name, i.family_id, i.base_uom, i.tracking, i.has_expiry, i.shelf_life_days, i.removal_days, i.alert_days,
i.costing, i.standard_cost, i.list_price, i.storage_class, i.hazard_class, i.hazard_division, i.temperature, i.velocity,
i.reorder_point, i.order_up_to, i.is_active,
COALESCE((p.length_mm::bigint * p.width_mm * p.height_mm + 999) / 1000, 0), COALESCE(p.weight_g, 0)
"""


def find_codes(codes: Iterable[str]) -> dict[str, list[Resolved]]:
    """All that each code may stand for: SKU, GTIN of any pack level, other barcode, serial number. One statement.

    A GTIN is found however many leading zeros it was written with. An archived item is named only when no item in
    use has the code.
    """
    asked = sorted({code for code in codes if code})
    rows = sql.fetch_all(FIND_CODES, (asked, [gtin14(code) for code in asked]))
    found: dict[str, list[Resolved]] = {code: [] for code in asked}
    for row in rows:
        found[row[0]].append(Resolved(*row))
    for code, hits in found.items():
        in_use = [hit for hit in hits if hit.is_active]
        found[code] = in_use or hits
    return found


PLAIN = ("other", "gtin")  # kinds of labels that may be a lot's plain text


def find_label(label: Gs1Scan) -> list[Resolved]:
    """What a scanned label can mean, an item once: by its codes, else (a lot's plain label) by the lot. Two statements.

    A lot that several items have is named once for each.
    """
    return find_labels([label])[0]


def find_labels(labels: Sequence[Gs1Scan]) -> list[list[Resolved]]:
    """What each of these labels can mean, as `find_label` says. Two statements, however many there are."""
    codes = find_codes(code for label in labels for code in label.codes)
    hits = [{hit.item_id: hit for code in label.codes for hit in codes.get(code, [])} for label in labels]
    plain = {label.raw for label, found in zip(labels, hits, strict=True) if not found and label.kind in PLAIN}
    if not plain:
        return [list(found.values()) for found in hits]
    rows = sql.fetch_all(
        """
        SELECT l.* FROM unnest(%s::text[]) AS a(code) CROSS JOIN LATERAL (
            SELECT l.code, 'lot', 'lot', i.id, i.sku, i.name, 1, 'each', l.id, i.tracking, i.has_expiry, i.is_active
            FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id
            WHERE l.code = a.code AND l.id > 0 ORDER BY i.is_active DESC, i.id LIMIT 20
        ) AS l
        """,
        (sorted(plain),),
    )
    lots: dict[str, list[Resolved]] = {}
    for row in rows:
        lots.setdefault(row[0], []).append(Resolved(*row))
    return [
        list(found.values()) or (lots.get(label.raw, []) if label.kind in PLAIN else [])
        for label, found in zip(labels, hits, strict=True)
    ]


def resolve_codes(codes: Sequence[str]) -> dict[str, Resolved]:
    """The one meaning of each code. Refuses with UnknownCode or AmbiguousCode, naming every bad line. One statement."""
    cleaned = [code.strip() for code in codes]
    found = find_codes(cleaned)
    unknown: list[BadLine] = []
    ambiguous: list[BadLine] = []
    answers: dict[str, Resolved] = {}
    for line, (code, key) in enumerate(zip(codes, cleaned, strict=True), start=1):
        hits = found.get(key, [])
        if len(hits) == 1:
            answers[code] = hits[0]
        elif not hits:
            unknown.append(
                BadLine(line, "code", _unknown_sentence(key), "Check the label, or add the code to its item.")
            )
        else:
            names = ", ".join(f"{hit.sku} ({hit.matched_by}, {hit.factor} units)" for hit in hits)
            ambiguous.append(BadLine(line, "code", f"“{key}” stands for several things: {names}.", "Use the SKU."))
    if ambiguous:
        raise AmbiguousCode(ambiguous[0].message, lines=ambiguous + unknown, fix=ambiguous[0].fix)
    if unknown:
        raise UnknownCode(unknown[0].message, lines=unknown, fix=unknown[0].fix)
    return answers


def _unknown_sentence(code: str) -> str:
    if code.isdigit() and len(code) in (8, 12, 13, 14) and gtin14(code) is None:
        return f"“{code}” looks like a GTIN, but its check digit is wrong."
    sscc = code.removeprefix("(00)")
    sscc = sscc[2:] if len(sscc) == 20 and sscc.startswith("00") else sscc
    if sscc.isdigit() and len(sscc) == 18 and not is_valid(sscc):
        return f"“{sscc}” looks like an SSCC, but its check digit is wrong."
    return f"No item has the code “{code}”."


def items(item_ids: Iterable[int]) -> dict[int, ItemRow]:
    """Items by id; ids that do not exist are left out. One statement."""
    rows = sql.fetch_all(
        f"SELECT {ITEM_COLUMNS} FROM catalog_item i"  # noqa: S608 (a constant of this module)
        " LEFT JOIN catalog_packlevel p ON p.item_id = i.id AND p.level = 'each' WHERE i.id = ANY(%s::bigint[])",
        (sorted(set(item_ids)),),
    )
    return {row[0]: ItemRow(*row) for row in rows}


def item(item_id: int) -> ItemRow:
    """One item; refuses with UnknownItem."""
    found = items([item_id])
    if item_id not in found:
        raise UnknownItem(f"There is no item {item_id}.", fix="Open it from the list of items.")
    return found[item_id]


def item_ids(skus: Iterable[str]) -> dict[str, int]:
    """SKU -> id; unknown SKUs are left out. One statement."""
    rows = sql.fetch_all("SELECT sku, id FROM catalog_item WHERE sku = ANY(%s::text[])", (sorted(set(skus)),))
    return dict(rows)


def packs(wanted: Iterable[int]) -> dict[int, list[Pack]]:
    """The packaging tree of each item, smallest pack first. One statement."""
    found: dict[int, list[Pack]] = {}
    rows = sql.fetch_all(
        """
        SELECT item_id, level, COALESCE(NULLIF(name, ''), initcap(level)), factor, COALESCE(gtin, ''),
               length_mm, width_mm, height_mm, weight_g, tie, high
        FROM catalog_packlevel WHERE item_id = ANY(%s::bigint[])
        ORDER BY item_id, factor, array_position(ARRAY['each', 'inner', 'case', 'layer', 'pallet'], level::text)
        """,
        (sorted(set(wanted)),),
    )
    for item_id, *pack in rows:
        found.setdefault(item_id, []).append(Pack(*pack))
    return found


def usual_units(item_id: int) -> int:
    """The most units that one typed quantity of an item usually is: two pallets, else forty of its largest pack, at
    least a thousand where it has none larger than one unit. One statement."""
    levels = packs([item_id]).get(item_id, [])
    largest = max((pack.factor for pack in levels), default=1)
    if any(pack.level == "pallet" and pack.factor == largest for pack in levels):
        return 2 * largest
    return 40 * largest if largest > 1 else 1_000


def lots(lot_ids: Iterable[int]) -> dict[int, LotRow]:
    """Lots by id, without row 0. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, item_id, code, is_serial, made_on, expires_on FROM catalog_lot
        WHERE id = ANY(%s::bigint[]) AND id > 0
        """,
        (sorted(set(lot_ids)),),
    )
    return {row[0]: LotRow(*row) for row in rows}


def lots_by_code(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], LotRow]:
    """Lots by (item, code); unknown ones are left out. One statement."""
    asked = sorted(set(pairs))
    rows = sql.fetch_all(
        """
        SELECT l.id, l.item_id, l.code, l.is_serial, l.made_on, l.expires_on
        FROM unnest(%s::bigint[], %s::text[]) AS a(item_id, code)
        JOIN catalog_lot l ON l.item_id = a.item_id AND l.code = a.code
        """,
        ([item_id for item_id, _ in asked], [code for _, code in asked]),
    )
    return {(row[1], row[2]): LotRow(*row) for row in rows}


def substitutes(wanted: Iterable[int]) -> dict[int, list[SubstituteRow]]:
    """What may be sent instead of each item, without archived ones. One statement."""
    found: dict[int, list[SubstituteRow]] = {}
    rows = sql.fetch_all(
        """
        SELECT s.item_id, s.replaces_with_id, s.ratio_num, s.ratio_den, s.needs_consent, s.multiple,
               s.is_price_protected, s.priority, s.valid_from, s.valid_until, s.excluded_tiers::text[]
        FROM catalog_substitute s JOIN catalog_item i ON i.id = s.replaces_with_id AND i.is_active
        WHERE s.item_id = ANY(%s::bigint[]) ORDER BY s.item_id, s.priority, s.needs_consent, s.id
        """,
        (sorted(set(wanted)),),
    )
    for row in rows:
        one = SubstituteRow(*row[:7])
        tiers = tuple(row[10])
        one = replace(one, priority=row[7], valid_from=row[8], valid_until=row[9], excluded_tiers=tiers)
        found.setdefault(one.item_id, []).append(one)
    return found


def substitute_ways(start_id: int) -> list[tuple[int, int]]:
    """Every edge (item, substitute) that can be reached from an item, archived ones too. One statement."""
    return sql.fetch_all(
        """
        WITH RECURSIVE way(item_id, substitute_id) AS (
            SELECT item_id, replaces_with_id FROM catalog_substitute WHERE item_id = %s
            UNION
            SELECT s.item_id, s.replaces_with_id FROM way JOIN catalog_substitute s ON s.item_id = way.substitute_id
        )
        SELECT item_id, substitute_id FROM way ORDER BY 1, 2
        """,
        (start_id,),
    )


def item_list(query: ListQuery) -> Page[ItemListRow]:
    """Items for the list page. Two statements."""
    return sql_page(
        query,
        ItemListRow,
        """
        SELECT i.id, i.sku, i.name, COALESCE(f.code, '') AS family, i.tracking, i.costing, i.storage_class, i.velocity,
               (SELECT string_agg(p.level || ' ' || p.factor, ', ' ORDER BY p.factor) FROM catalog_packlevel p
                WHERE p.item_id = i.id AND p.factor > 1) AS packs, i.is_active
        FROM catalog_item i LEFT JOIN catalog_family f ON f.id = i.family_id
        """,
        search=("sku", "name", "family"),
    )


def items_after(item_id: int, *, limit: int) -> list[ItemRow]:
    """The next items by id, for cursor pages. One statement."""
    rows = sql.fetch_all(
        f"SELECT {ITEM_COLUMNS} FROM catalog_item i"  # noqa: S608 (a constant of this module)
        " LEFT JOIN catalog_packlevel p ON p.item_id = i.id AND p.level = 'each'"
        " WHERE i.id > %s ORDER BY i.id LIMIT %s",
        (item_id, limit),
    )
    return [ItemRow(*row) for row in rows]


def item_record(item_id: int) -> ItemRecord:
    """One item with all its fields, packs and barcodes; refuses with UnknownItem. Three statements."""
    item = Item.objects.select_related("family", "steward").filter(pk=item_id).first()
    if item is None:
        raise UnknownItem(f"There is no item {item_id}.", fix="Open it from the list of items.")
    plain = {f.name: getattr(item, f.name) for f in fields(ItemFields) if f.name not in ("family", "steward")}
    return ItemRecord(
        item_id=item.pk,
        sku=item.sku,
        version=item.version,
        is_active=item.is_active,
        item=ItemFields(
            **plain,
            family=item.family.code if item.family else "",
            steward=item.steward.username if item.steward else "",
        ),
        packs=packs([item_id]).get(item_id, []),
        barcodes=list(Barcode.objects.filter(item=item).order_by("code").values_list("code", flat=True)),
    )


_LOOK_UP = """
SELECT i.id, i.sku, i.name || CASE WHEN i.is_active THEN '' ELSE ', archived' END, hit.is_exact
FROM (
    SELECT h.id, bool_or(h.is_exact) AS is_exact FROM (
        SELECT id, true AS is_exact FROM catalog_item WHERE sku = ANY(%(exact)s::text[])
        UNION ALL
        SELECT item_id, true FROM catalog_packlevel WHERE gtin = lpad(%(code)s, 14, '0') AND length(%(code)s) > 7
        UNION ALL
        SELECT item_id, true FROM catalog_barcode WHERE code = %(code)s
        UNION ALL
        (SELECT n.id, false FROM catalog_item n WHERE n.sku LIKE %(starts)s ORDER BY n.sku USING ~<~ LIMIT %(limit)s)
        UNION ALL
        (SELECT n.id, false FROM catalog_item n WHERE n.sku LIKE %(starts_upper)s
         ORDER BY n.sku USING ~<~ LIMIT %(limit)s)
        UNION ALL
        (SELECT n.id, false FROM catalog_item n WHERE n.name ILIKE %(inside)s
         ORDER BY n.is_active DESC, n.sku LIMIT %(limit)s)
    ) h GROUP BY h.id
) hit JOIN catalog_item i ON i.id = hit.id
ORDER BY hit.is_exact DESC, i.is_active DESC, i.sku LIMIT %(limit)s
"""


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Items by SKU, by the GTIN or barcode of a pack (also inside a GS1 label), or by part of the name. One query."""
    return _look_up(_LOOK_UP, label_of(text).gtin or text)


def named(words: Sequence[str], *, limit: int) -> list[Found]:
    """Items in use whose name holds all the words, those that begin with the first word before others. One query.

    Without a word of three letters nothing is found: that would read every name.
    """
    if max((len(word) for word in words), default=0) < SHORTEST_PART:
        return []
    plain = [word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words]
    holds = " AND ".join("i.name ILIKE %s" for _ in plain)
    rows = sql.fetch_all(
        f"""
        SELECT i.id, i.sku, i.name, false FROM catalog_item i WHERE i.is_active AND {holds}
        ORDER BY i.name NOT ILIKE %s, length(i.name), i.sku LIMIT %s
        """,  # noqa: S608 - as many conditions as words, each bound
        [*(f"%{word}%" for word in plain), f"{plain[0]}%", limit],
    )
    return [Found(*row) for row in rows]
