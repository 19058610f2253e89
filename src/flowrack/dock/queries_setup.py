"""Reads of the dock's data for its pages: doors with hours, how long things take at sites, what carriers ask."""

from __future__ import annotations

from typing import Any

from flowrack.dock.queries_calendar import POLICY_COLUMNS
from flowrack.dock.types_appointments import DEFAULT_CAPABILITIES, OpenHours, Policy, SetDoor
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound

DOORS = """
    SELECT l.id, l.code, l.site_id, s.name AS site, coalesce(d.capabilities, %s::varchar[]) AS capabilities,
           CASE WHEN l.is_active AND coalesce(d.is_active, true) THEN 'in use' ELSE 'closed' END AS state,
           l.blocked_reason,
           coalesce((SELECT string_agg(h.weekday || ' ' || to_char(h.opens_at, 'HH24:MI') || '-'
                                       || to_char(h.closes_at, 'HH24:MI'), ', ' ORDER BY h.weekday)
                     FROM dock_doorhours h WHERE h.door_id = d.id), '') AS hours
    FROM locations_location l JOIN locations_site s ON s.id = l.site_id LEFT JOIN dock_door d ON d.location_id = l.id
    WHERE l.kind = 'door' AND l.role = 'receiving'
"""
TERMS = """
    SELECT p.id, p.code, p.name, t.free_minutes, t.interval_minutes, t.amount
    FROM parties_party p LEFT JOIN dock_detentionterms t ON t.carrier_id = p.id
    WHERE p.is_carrier AND p.is_active
"""
SEEN = """
    AND EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s AND held.site_id IN (0, s.id) AND 'dock.view' = ANY(r.permissions)
    )
"""


def door_page(query: ListQuery) -> Page[Any]:
    """The dock doors of the sites where the viewer may see them, those that are closed too. Two queries."""
    return sql_page(
        query,
        None,
        DOORS + SEEN,
        [list(DEFAULT_CAPABILITIES), query.actor_id],
        search=("code", "site"),
        site_column="site_id",
    )


def policy_page(query: ListQuery) -> Page[Any]:
    """Each site that the viewer may see with how long things take at its doors. Two queries.

    The house's defaults stand where a site has not said.
    """
    columns = ", ".join(f"coalesce(p.{name}, %s) AS {name}" for name in POLICY_COLUMNS.split(", "))
    built_in = Policy()
    return sql_page(
        query,
        None,
        f"""
        SELECT s.id, s.id AS site_id, s.code, s.name, p.site_id IS NOT NULL AS is_own, {columns}
        FROM locations_site s LEFT JOIN dock_dockpolicy p ON p.site_id = s.id WHERE s.is_active {SEEN}
        """,  # noqa: S608 - constant columns
        [*(getattr(built_in, name) for name in POLICY_COLUMNS.split(", ")), query.actor_id],
        search=("code", "name"),
        site_column="site_id",
    )


def terms_page(query: ListQuery) -> Page[Any]:
    """The carriers with what they ask for trucks that wait. Two queries."""
    return sql_page(query, None, TERMS, search=("code", "name"))


def door(location_id: int) -> tuple[str, int, SetDoor]:
    """Code and site of a dock door, and what is set for it. Refuses with NotFound. Two queries."""
    row = sql.fetch_one(
        """
        SELECT l.code, l.site_id, coalesce(d.id, 0), coalesce(d.capabilities, %s::varchar[]),
               coalesce(d.is_active, true)
        FROM locations_location l LEFT JOIN dock_door d ON d.location_id = l.id
        WHERE l.id = %s AND l.kind = 'door' AND l.role = 'receiving'
        """,
        (list(DEFAULT_CAPABILITIES), location_id),
    )
    if row is None:
        raise NotFound("There is no such dock door.", fix="Open it from the list of doors.")
    hours = sql.fetch_all(
        "SELECT weekday, opens_at, closes_at FROM dock_doorhours WHERE door_id = %s ORDER BY weekday", (row[2],)
    )
    return row[0], row[1], SetDoor(location_id, list(row[3]), [OpenHours(*one) for one in hours], row[4])
