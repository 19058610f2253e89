"""The life of an inspection, and how strictly a supplier's lots are sampled."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class InspectionState(StrEnum):
    """Where an inspection stands."""

    OPEN = "open"
    STARTED = "started"
    SORTING = "sorting"
    DECIDED = "decided"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class ReleaseState(StrEnum):
    """Where a release of held stock stands."""

    WAITING = "waiting"
    RELEASED = "released"
    REJECTED = "rejected"
    VOIDED = "voided"


WAITING = (InspectionState.OPEN, InspectionState.STARTED, InspectionState.SORTING)

# (state, action) -> next state. Anything absent is refused; the table in docs/stages/inspection.md is this one.
TRANSITIONS: dict[tuple[InspectionState, str], InspectionState] = {
    (InspectionState.OPEN, "add"): InspectionState.OPEN,
    (InspectionState.OPEN, "start"): InspectionState.STARTED,
    (InspectionState.OPEN, "skip"): InspectionState.SKIPPED,
    (InspectionState.OPEN, "cancel"): InspectionState.CANCELLED,
    (InspectionState.STARTED, "record"): InspectionState.STARTED,
    (InspectionState.STARTED, "sort"): InspectionState.SORTING,
    (InspectionState.STARTED, "decide"): InspectionState.DECIDED,
    (InspectionState.STARTED, "cancel"): InspectionState.CANCELLED,
    (InspectionState.SORTING, "record"): InspectionState.SORTING,
    (InspectionState.SORTING, "decide"): InspectionState.DECIDED,
}

FIXES = {
    "start": "Take the next one of the queue.",
    "record": "Start the inspection first.",
    "decide": "Look at the inspection: somebody else may have decided it.",
    "sort": "Start the inspection first.",
}


def advance(state: InspectionState, action: str, *, number: str) -> InspectionState:
    """The state after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(
            f"{number} is {state}, so it cannot take “{action}”.",
            fix=FIXES.get(action, "Look at the inspection."),
            state=str(state),
        )
    return after
