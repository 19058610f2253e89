"""Reads of the codes of items and places that can be printed, and of what was printed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.labels.types import Kind
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class ItemCode:
    """An item by the code that a scanner reads on one unit: its GTIN, or the house's own number alone."""

    id: int
    sku: str
    name: str
    family: str
    gtin: str
    is_own: bool
    prints: int
    is_printed: bool
    printed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceCode:
    """A place of a site by the code on its label."""

    id: int
    code: str
    kind: str
    zone: str
    site_id: int
    site: str
    prints: int
    is_printed: bool
    printed_at: datetime | None


_PRINTED = """
    LEFT JOIN (
        SELECT subject, count(*) AS prints, max(printed_at) AS printed_at FROM labels_labelprint
        WHERE kind = '{kind}' GROUP BY subject
    ) AS p ON p.subject = '{of}:' || d.id
"""
_ITEMS = f"""
    SELECT d.id, d.sku, d.name, coalesce(f.name, '') AS family, coalesce(g.gtin, '') AS gtin, g.gtin IS NULL AS is_own,
           coalesce(p.prints, 0) AS prints, p.prints IS NOT NULL AS is_printed, p.printed_at
    FROM catalog_item d LEFT JOIN catalog_family f ON f.id = d.family_id
    LEFT JOIN (
        SELECT item_id, gtin FROM catalog_packlevel WHERE level = 'each' AND gtin <> ''
    ) AS g ON g.item_id = d.id
    {_PRINTED.format(kind="item", of="catalog.item")}
    WHERE d.is_active
"""  # noqa: S608 - our own text
_PLACES = f"""
    SELECT d.id, d.code, d.kind, z.name AS zone, d.site_id, s.code AS site, coalesce(p.prints, 0) AS prints,
           p.prints IS NOT NULL AS is_printed, p.printed_at
    FROM locations_location d JOIN locations_site s ON s.id = d.site_id JOIN locations_zone z ON z.id = d.zone_id
    {_PRINTED.format(kind="bin", of="locations.location")}
    WHERE NOT d.is_virtual
"""  # noqa: S608 - our own text


def items(query: ListQuery) -> Page[ItemCode]:
    """The items that are in use. Two queries."""
    return sql_page(query, ItemCode, _ITEMS, search=("sku", "name", "gtin"))


def places(query: ListQuery) -> Page[PlaceCode]:
    """The places of the viewer's sites. Two queries."""
    return sql_page(query, PlaceCode, _PLACES, search=("code", "zone"), site_column="site_id")


def codes_of(kind: str, ids: Sequence[int]) -> list[tuple[int, str]]:
    """(site, code) of items (site 0) or places, in the order of their ways and numbers. One query."""
    read = {
        Kind.ITEM: "SELECT 0::bigint, sku FROM catalog_item WHERE id = ANY(%s::bigint[]) ORDER BY sku, id",
        Kind.BIN: """
            SELECT site_id, code FROM locations_location WHERE id = ANY(%s::bigint[]) AND NOT is_virtual
            ORDER BY site_id, pick_sequence, code, id
        """,
    }[Kind(kind)]
    return [(row[0], row[1]) for row in sql.fetch_all(read, (list(ids),))]
