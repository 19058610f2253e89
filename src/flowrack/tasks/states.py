"""The life of a task: one table of moves, anything absent is refused."""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    LEASED = "leased"
    DONE = "done"
    EXCEPTED = "excepted"
    CANCELLED = "cancelled"


# (state, action) -> next state.
TRANSITIONS: dict[tuple[TaskState, str], TaskState] = {
    (TaskState.OPEN, "claim"): TaskState.LEASED,
    (TaskState.OPEN, "finish"): TaskState.DONE,
    (TaskState.OPEN, "except"): TaskState.EXCEPTED,
    (TaskState.OPEN, "cancel"): TaskState.CANCELLED,
    (TaskState.LEASED, "claim"): TaskState.LEASED,  # again by the same person, or after its lease
    (TaskState.LEASED, "renew"): TaskState.LEASED,
    (TaskState.LEASED, "release"): TaskState.OPEN,
    (TaskState.LEASED, "expire"): TaskState.OPEN,
    (TaskState.LEASED, "finish"): TaskState.DONE,
    (TaskState.LEASED, "except"): TaskState.EXCEPTED,
    (TaskState.LEASED, "cancel"): TaskState.CANCELLED,
}


def sources(action: str) -> list[str]:
    """The states from which an action may start."""
    return sorted({state.value for state, name in TRANSITIONS if name == action})
