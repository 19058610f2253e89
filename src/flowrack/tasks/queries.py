"""Reads of the tasks kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.web.along import Held
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.tasks.models import COLUMNS
from flowrack.tasks.types import Load, TaskRow


def tasks(task_ids: Sequence[int]) -> dict[int, TaskRow]:
    """These tasks by id. One query."""
    rows = sql.fetch_all(
        f"SELECT {COLUMNS} FROM tasks_task t WHERE t.id = ANY(%s::bigint[])",  # noqa: S608
        (list(task_ids),),
    )
    return {row[0]: TaskRow(*row) for row in rows}


def of_origins(origins: Sequence[str], *, states: Sequence[str] = ("open", "leased")) -> list[TaskRow]:
    """The tasks of documents, in order of id. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT {COLUMNS} FROM tasks_task t
        WHERE t.origin = ANY(%s::text[]) AND t.state = ANY(%s::text[]) ORDER BY t.id
        """,  # noqa: S608
        (list(origins), list(states)),
    )
    return [TaskRow(*row) for row in rows]


def task_list(
    *, site_ids: Sequence[int] | None, states: Sequence[str], kinds: Sequence[str] = (), after_id: int = 0, limit: int
) -> list[TaskRow]:
    """Tasks of some sites (None = all), in order of id after `after_id`. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT {COLUMNS} FROM tasks_task t
        WHERE (%s::bigint[] IS NULL OR t.site_id = ANY(%s::bigint[])) AND t.state = ANY(%s::text[])
          AND (%s::text[] = '{{}}' OR t.kind = ANY(%s::text[])) AND t.id > %s
        ORDER BY t.id LIMIT %s
        """,  # noqa: S608
        (
            None if site_ids is None else list(site_ids),
            None if site_ids is None else list(site_ids),
            list(states),
            list(kinds),
            list(kinds),
            after_id,
            limit,
        ),
    )
    return [TaskRow(*row) for row in rows]


def load(*, site_id: int, on: date, limit: int = 500) -> list[Load]:
    """Work due up to the end of a day (and work without a date) against that day's hands. One query.

    A capacity without a zone serves every zone; it is shown as its own row with the work of all zones.
    """
    rows = sql.fetch_all(
        """
        WITH due AS (
            SELECT t.zone_id, t.kind, count(*) AS open_tasks, sum(t.standard_seconds) AS seconds
            FROM tasks_task t
            WHERE t.site_id = %s AND t.state IN ('open', 'leased') AND (t.due_at IS NULL OR t.due_at < %s::date + 1)
            GROUP BY GROUPING SETS ((t.zone_id, t.kind), (t.kind))
            HAVING GROUPING(t.zone_id) = 1 OR t.zone_id IS NOT NULL
        ), hands AS (
            SELECT zone_id, kind, sum(people * hours * 3600)::bigint AS seconds
            FROM tasks_capacity WHERE site_id = %s AND weekday = extract(isodow FROM %s::date) - 1
            GROUP BY zone_id, kind
        )
        SELECT coalesce(due.zone_id, hands.zone_id), coalesce(due.kind, hands.kind), %s::date,
               coalesce(due.open_tasks, 0), coalesce(due.seconds, 0), coalesce(hands.seconds, 0)
        FROM due FULL JOIN hands
          ON hands.kind = due.kind AND coalesce(hands.zone_id, 0) = coalesce(due.zone_id, 0)
        ORDER BY 2, 1 NULLS FIRST LIMIT %s
        """,
        (site_id, on, site_id, on, on, limit),
    )
    return [Load(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5])) for row in rows]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in the list for people: with codes and names instead of ids."""

    id: int
    kind: str
    state: str
    priority: int
    due_at: datetime | None
    sku: str
    name: str
    units: int
    from_code: str
    to_code: str
    zone: str
    person: str
    device: str
    origin: str
    reason: str
    finished_at: datetime | None
    site_id: int


def task_page(query: ListQuery) -> Page[TaskLine]:
    """Tasks with codes and names, at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        TaskLine,
        """
        SELECT t.id, t.kind, t.state, t.priority, t.due_at, coalesce(i.sku, '') AS sku,
               coalesce(i.name, '') AS name, t.units,
               coalesce(f.code, '') AS from_code, coalesce(d.code, '') AS to_code, coalesce(z.code, '') AS zone,
               coalesce(u.full_name, '') AS person, t.device, t.origin, t.reason, t.finished_at, t.site_id
        FROM tasks_task t
        LEFT JOIN catalog_item i ON i.id = t.item_id
        LEFT JOIN locations_location f ON f.id = t.from_location_id
        LEFT JOIN locations_location d ON d.id = t.to_location_id
        LEFT JOIN locations_zone z ON z.id = t.zone_id
        LEFT JOIN platform_user u ON u.id = coalesce(t.finished_by_id, t.leased_by_id)
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, t.site_id) AND 'tasks.view' = ANY(r.permissions)
        )
        """,
        [query.actor_id],
        search=("sku", "name", "from_code", "to_code", "person", "origin"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


def kinds() -> list[tuple[str, str]]:
    """The kinds of work there are, for a filter. One query."""
    rows = sql.fetch_all("SELECT DISTINCT kind FROM tasks_task ORDER BY kind LIMIT 100")
    return [(kind, kind) for (kind,) in rows]


@dataclass(frozen=True, slots=True)
class NearTask:
    """An open task near a place of the walk."""

    task_id: int
    kind: str
    from_code: str
    sequence: int


def nearest(site_id: int, kinds: Sequence[str], *, near: int) -> NearTask | None:
    """The open task of these kinds that begins nearest to a place of the walk, the most urgent first. One query."""
    row = sql.fetch_one(
        """
        WITH ahead AS (
            SELECT t.* FROM tasks_task t
            WHERE t.site_id = %(site)s AND t.state = 'open' AND t.kind = ANY(%(kinds)s::text[])
              AND t.sequence >= %(near)s ORDER BY t.priority, t.sequence, t.id LIMIT 1
        ), behind AS (
            SELECT t.* FROM tasks_task t
            WHERE t.site_id = %(site)s AND t.state = 'open' AND t.kind = ANY(%(kinds)s::text[])
              AND t.sequence < %(near)s ORDER BY t.priority, t.sequence DESC, t.id LIMIT 1
        )
        SELECT t.id, t.kind, coalesce(f.code, ''), t.sequence
        FROM (SELECT * FROM ahead UNION ALL SELECT * FROM behind) t
        LEFT JOIN locations_location f ON f.id = t.from_location_id
        ORDER BY t.priority, abs(t.sequence - %(near)s), t.id LIMIT 1
        """,
        {"site": site_id, "kinds": list(kinds), "near": near},
    )
    return None if row is None else NearTask(*row)


def held_on(device: str, now: datetime) -> list[Held]:
    """The tasks that are leased to a device, by kind and person, with the end of the last lease. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.kind, count(*), u.full_name, max(t.lease_until)
        FROM tasks_task t JOIN platform_user u ON u.id = t.leased_by_id
        WHERE t.state = 'leased' AND t.device = left(%s, 80) AND t.lease_until > %s
        GROUP BY 1, u.id, 3 ORDER BY 1, u.id LIMIT 50
        """,
        (device, now),
    )
    return [Held(f"{count:,} {kind} task{'s' if count > 1 else ''}", *more) for kind, count, *more in rows]
