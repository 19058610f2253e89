"""Reads of the policies of cross-docking, in force and before, for lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of a site's policy in a list."""

    id: int
    site_id: int
    site: str
    version: int
    is_on: str
    families: str
    min_tier: str
    staging: str
    door: str
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    is_in_force: str


POLICIES = """
    SELECT p.id, p.site_id, site.code AS site, p.version, CASE WHEN p.is_on THEN 'on' ELSE 'off' END AS is_on,
           coalesce((SELECT string_agg(f.code, ', ' ORDER BY f.code) FROM catalog_family f
                     WHERE f.id = ANY(p.family_ids)), 'all') AS families,
           p.min_tier, coalesce(s.code, '') AS staging, coalesce(d.code, '') AS door, p.reason,
           u.full_name AS set_by, p.set_at, p.ended_at,
           CASE WHEN p.ended_at IS NULL THEN 'yes' ELSE 'no' END AS is_in_force
    FROM allocation_crossdockpolicy p JOIN locations_site site ON site.id = p.site_id
    JOIN platform_user u ON u.id = p.set_by_id
    LEFT JOIN locations_location s ON s.id = p.staging_id LEFT JOIN locations_location d ON d.id = p.door_id
"""


def policy_page(query: ListQuery) -> Page[PolicyRow]:
    """All versions of the policies of the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        PolicyRow,
        POLICIES
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, p.site_id) AND 'inbound.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("site", "reason"),
        site_column="site_id",
    )


def policies(site_ids: frozenset[int], *, limit: int = 200) -> list[PolicyRow]:
    """The policies in force at sites (0 = all). One query."""
    rows = sql.fetch_all(
        POLICIES
        + """
        WHERE p.ended_at IS NULL AND (0 = ANY(%(sites)s::bigint[]) OR p.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY p.id DESC LIMIT %(limit)s
        """,
        {"sites": sorted(site_ids), "limit": limit},
    )
    return [PolicyRow(*row) for row in rows]
