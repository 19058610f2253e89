"""What a device takes along to refill pick faces without the network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flowrack.platform import sql

EARLY = timedelta(minutes=5)  # a driver may be at the face so much before there is room

_OPEN = """
    FROM replenishment_refill r
    JOIN storage_plannedmove m ON m.id = r.planned_move_id AND m.state = 'open'
    JOIN tasks_task t ON t.id = m.task_id AND t.state IN ('open', 'leased')
    JOIN locations_location f ON f.id = r.location_id
    WHERE r.site_id = %(site)s AND r.ended_at IS NULL
"""


def takeable(
    actor_id: int, device: str, now: datetime, *, site_id: int, zone_ids: Sequence[int], limit: int
) -> list[tuple[int, int]]:
    """(refill, task) that a person may take along now, the first to run out first. Zones are those of the faces.

    One query.
    """
    rows = sql.fetch_all(
        "SELECT r.id, m.task_id"
        + _OPEN
        + """
          AND r.state = 'planned' AND r.not_before <= %(ready)s
          AND (t.lease_until IS NULL OR t.lease_until < %(now)s
               OR (t.leased_by_id = %(actor)s AND t.device <> %(device)s))
          AND (%(zones)s::bigint[] = '{}' OR f.zone_id = ANY(%(zones)s::bigint[]))
        ORDER BY r.land_by NULLS LAST, r.cause = 'top_off', m.id LIMIT %(limit)s
        """,
        {
            "site": site_id,
            "actor": actor_id,
            "device": device[:80],
            "now": now,
            "ready": now + EARLY,
            "zones": list(zone_ids),
            "limit": limit,
        },
    )
    return [(row[0], row[1]) for row in rows]


def refills_along(actor_id: int, device: str, now: datetime, *, site_id: int) -> list[tuple[int, int]]:
    """(refill, task) that a person has along on a device, what is on the fork first. One query.

    A lease that was over for less than half a day goes on, as long as nobody else took the work.
    """
    rows = sql.fetch_all(
        "SELECT r.id, m.task_id"
        + _OPEN
        + """
          AND t.leased_by_id = %(actor)s AND t.device = %(device)s
          AND t.lease_until >= %(now)s::timestamptz - interval '12 hours'
        ORDER BY r.state = 'planned', r.land_by NULLS LAST, r.cause = 'top_off', m.id LIMIT 50
        """,
        {"site": site_id, "actor": actor_id, "device": device[:80], "now": now},
    )
    return [(row[0], row[1]) for row in rows]


def lease_ends(actor_id: int, device: str, now: datetime, *, site_id: int) -> datetime | None:
    """When the first lease of what a person has along on a device is over, or was; None without any. One query."""
    found: datetime | None = sql.fetch_value(
        "SELECT min(t.lease_until)"
        + _OPEN
        + """
          AND t.leased_by_id = %(actor)s AND t.device = %(device)s
          AND t.lease_until >= %(now)s::timestamptz - interval '12 hours'
        """,
        {"site": site_id, "actor": actor_id, "device": device[:80], "now": now},
    )
    return found


def has_along(task_id: int, actor_id: int, now: datetime) -> str:
    """Who else has the task of a refill along on a device, or on the fork; empty when nobody has. One query."""
    return str(
        sql.fetch_value(
            """
            SELECT u.full_name FROM tasks_task t JOIN platform_user u ON u.id = t.leased_by_id
            WHERE t.id = %s AND t.state = 'leased' AND t.leased_by_id <> %s AND t.lease_until >= %s
            """,
            (task_id, actor_id, now),
        )
        or ""
    )


def others_in(location_ids: Sequence[int]) -> set[int]:
    """The bins in which more than one item lies: there the item is scanned as well. One query."""
    rows = sql.fetch_all(
        """
        SELECT location_id FROM ledger_cell
        WHERE location_id = ANY(%s::bigint[]) AND NOT is_virtual AND on_hand > 0
        GROUP BY 1 HAVING count(DISTINCT item_id) > 1
        """,
        (list(location_ids),),
    )
    return {location_id for (location_id,) in rows}
