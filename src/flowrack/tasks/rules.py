"""Pure rules of the tasks kernel: who may end a task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from flowrack.shared.errors import BadLine
from flowrack.tasks.types import Finish, TaskRow


def problems_with(
    asked: Sequence[Finish],
    found: Mapping[int, TaskRow],
    *,
    states: Collection[str],
    actor_id: int,
    now: datetime,
) -> list[BadLine]:
    """Why some of the asked tasks may not be acted on, one line each; `states` are those from which the action starts.

    A token must be the current one (an old device cannot finish what was given to another). Without a token the task
    must be free, the person's own, or its lease over.
    """
    lines = []
    for number, one in enumerate(asked, 1):
        task = found.get(one.task_id)
        if task is None:
            lines.append(BadLine(number, "task_id", f"There is no task {one.task_id}."))
        elif task.state not in states:
            lines.append(BadLine(number, "task_id", f"Task {one.task_id} is {task.state}.", "Take the next task."))
        elif not _holds(task, one.token, actor_id=actor_id, now=now):
            lines.append(
                BadLine(number, "task_id", f"Somebody else works on task {one.task_id}.", "Take the next task.")
            )
    return lines


def _holds(task: TaskRow, token: UUID | None, *, actor_id: int, now: datetime) -> bool:
    if token is not None:
        return token == task.lease_token
    is_free = task.lease_until is None or task.lease_until < now
    return task.leased_by == actor_id or is_free
