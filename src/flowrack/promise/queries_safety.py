"""Reads of safety stock: what is kept back where, and who changed it when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

MAY = """
    EXISTS (SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, s.id) AND 'promise.setup' = ANY(r.permissions))
"""


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """Units of an item that are kept back at a site, against what lies there; and the last change."""

    id: int
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    units: int
    on_hand: int
    free: int
    standing: str
    changed_by: str
    changed_at: datetime | None
    reason: str


def safety_page(query: ListQuery) -> Page[SafetyRow]:
    """Safety stock at the viewer's sites. Two queries."""
    return sql_page(
        query,
        SafetyRow,
        f"""
        SELECT f.id, s.id AS site_id, s.code AS site, i.id AS item_id, i.sku, i.name, f.units,
               p.on_hand, greatest(p.free - f.units, 0) AS free,
               CASE WHEN p.on_hand < f.units THEN 'below' WHEN p.free < f.units THEN 'promised into' ELSE 'kept' END
               AS standing, coalesce(nullif(u.full_name, ''), u.username, '') AS changed_by, c.changed_at,
               coalesce(c.reason, '') AS reason
        FROM promise_safetystock f JOIN locations_site s ON s.id = f.site_id JOIN catalog_item i ON i.id = f.item_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(p.reserve + p.forward_pick), 0)::bigint AS on_hand,
                   coalesce(sum(p.reserve + p.forward_pick - p.committed), 0)::bigint AS free
            FROM ledger_pool p WHERE p.item_id = f.item_id AND p.site_id = f.site_id AND p.owner_id = 1
        ) AS p
        LEFT JOIN LATERAL (
            SELECT c.changed_by_id, c.changed_at, c.reason FROM promise_safetychange c
            WHERE c.item_id = f.item_id AND c.site_id = f.site_id ORDER BY c.id DESC LIMIT 1
        ) AS c ON true
        LEFT JOIN platform_user u ON u.id = c.changed_by_id
        WHERE {MAY}
        """,  # noqa: S608 - our own text
        [query.actor_id],
        search=("sku", "name"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """That the safety stock of an item at a site became another."""

    id: int
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    before: int
    after: int
    reason: str
    changed_by: str
    changed_at: datetime


def change_page(query: ListQuery) -> Page[ChangeRow]:
    """The history of safety stock at the viewer's sites. Two queries."""
    return sql_page(
        query,
        ChangeRow,
        f"""
        SELECT c.id, s.id AS site_id, s.code AS site, i.id AS item_id, i.sku, i.name, c.before, c.after, c.reason,
               coalesce(nullif(u.full_name, ''), u.username) AS changed_by, c.changed_at
        FROM promise_safetychange c JOIN locations_site s ON s.id = c.site_id JOIN catalog_item i ON i.id = c.item_id
        JOIN platform_user u ON u.id = c.changed_by_id
        WHERE {MAY}
        """,  # noqa: S608 - our own text
        [query.actor_id],
        search=("sku", "name", "reason"),
        site_column="site_id",
    )


def kept_back(ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """(Site, SKU, units) of rows of the list. One query."""
    rows = sql.fetch_all(
        """
        SELECT f.site_id, i.sku, f.units FROM promise_safetystock f JOIN catalog_item i ON i.id = f.item_id
        WHERE f.id = ANY(%s::bigint[]) ORDER BY f.site_id, i.sku
        """,
        (list(ids),),
    )
    return [(row[0], row[1], row[2]) for row in rows]
