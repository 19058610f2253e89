"""The states of a question to the planner."""

from __future__ import annotations

from enum import StrEnum

from flowrack.promise.types_questions import QuestionOver


class QuestionState(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


# (state, action) -> next state. Anything absent is refused.
TRANSITIONS: dict[tuple[QuestionState, str], QuestionState] = {
    (QuestionState.OPEN, "answer"): QuestionState.ANSWERED,
    (QuestionState.OPEN, "withdraw"): QuestionState.WITHDRAWN,
}


def advance(state: QuestionState, action: str) -> QuestionState:
    """The state after an action; refuses with QuestionOver."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise QuestionOver(f"The question is {state} already.", fix="Ask again if something is still open.")
    return after
