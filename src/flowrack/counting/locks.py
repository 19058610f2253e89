"""Locks of counting, in this order: tasks by id, then their counts. The ledger locks its own rows after that."""

from __future__ import annotations

from flowrack.counting.models import Count, CountTask
from flowrack.counting.types import CountNotFound


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
