"""Row locks of the tasks kernel, taken in order of id."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.tasks.models import COLUMNS
from flowrack.tasks.types import TaskRow


def tasks(task_ids: Sequence[int]) -> dict[int, TaskRow]:
    """Lock these tasks until the command ends. One statement."""
    rows = sql.fetch_all(
        f"SELECT {COLUMNS} FROM tasks_task t WHERE t.id = ANY(%s::bigint[]) ORDER BY t.id FOR NO KEY UPDATE",  # noqa: S608
        (sorted(task_ids),),
    )
    return {row[0]: TaskRow(*row) for row in rows}
