"""States of a count task: one table of transitions."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class TaskState(StrEnum):
    """Where the count of one bin stands."""

    DUE = "due"
    COUNTING = "counting"
    REVIEW = "review"
    RECOUNT = "recount"
    POSTED = "posted"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the table in docs/stages/counting.md is this one.
TRANSITIONS: dict[tuple[TaskState, str], TaskState] = {
    (TaskState.DUE, "open"): TaskState.COUNTING,
    (TaskState.DUE, "cancel"): TaskState.CANCELLED,
    (TaskState.COUNTING, "agree"): TaskState.POSTED,
    (TaskState.COUNTING, "differ"): TaskState.REVIEW,
    (TaskState.REVIEW, "recount"): TaskState.RECOUNT,
    (TaskState.RECOUNT, "open"): TaskState.COUNTING,
    (TaskState.REVIEW, "approve"): TaskState.REVIEW,
    (TaskState.REVIEW, "finish"): TaskState.POSTED,
}

WAITING = (TaskState.DUE, TaskState.RECOUNT)
OPEN = (TaskState.DUE, TaskState.COUNTING, TaskState.REVIEW, TaskState.RECOUNT)


def advance(state: TaskState, action: str) -> TaskState:
    """The next state, or a refusal that says where the count stands."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise WrongState(
            f"The count is {state}; it cannot {action} now.",
            fix="Open the count to see what is next." if state in OPEN else "Ask for a new count of the bin.",
            state=str(state),
            action=action,
        ) from None
