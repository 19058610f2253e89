"""Locks of counting, in this order: tasks by id, then their counts. The ledger locks its own rows after that."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.counting.models import Count, CountTask
from flowrack.counting.types import CountNotFound
from flowrack.platform import sql
from flowrack.platform.runner import Context


def task(task_id: int) -> CountTask:
    """One count task."""
    row = CountTask.objects.select_for_update().filter(pk=task_id).first()
    if row is None:
        raise CountNotFound("There is no such count.", fix="Choose one from the list of counts.")
    return row


def count(count_id: int) -> Count:
    """One count with its task; the task is locked first."""
    task_id = Count.objects.filter(pk=count_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise CountNotFound("There is no such count.", fix="Scan the bin to start one.")
    locked = task(task_id)
    row = Count.objects.select_for_update().get(pk=count_id)
    row.task = locked
    return row


def takeable(ctx: Context, site_id: int, zone_ids: Sequence[int], *, limit: int) -> list[int]:
    """The first bins in walking order that this person may take along: not counted by them, and with nobody else.

    What others are taking at this moment is skipped. One statement.
    """
    rows = sql.fetch_all(
        """
        SELECT t.id FROM counting_counttask t JOIN locations_location l ON l.id = t.location_id
        WHERE t.site_id = %(site)s AND t.state IN ('due', 'recount')
          AND (t.lease_until IS NULL OR t.lease_until < %(now)s
               OR (t.leased_by_id = %(actor)s AND t.device <> %(device)s))
          AND (%(zones)s::bigint[] = '{}' OR l.zone_id = ANY(%(zones)s::bigint[]))
          AND NOT EXISTS (SELECT FROM counting_count c WHERE c.task_id = t.id AND c.counter_id = %(actor)s)
        ORDER BY t.due_on, l.pick_sequence, t.id LIMIT %(limit)s FOR NO KEY UPDATE OF t SKIP LOCKED
        """,
        {
            "site": site_id,
            "now": ctx.now,
            "actor": ctx.actor_id,
            "device": ctx.device[:80],
            "zones": list(zone_ids),
            "limit": limit,
        },
    )
    return [task_id for (task_id,) in rows]
