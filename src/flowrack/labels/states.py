"""States of a version of a label spec."""

from __future__ import annotations

from enum import StrEnum


class SpecState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    ENDED = "ended"


# (state, action) -> next state. Anything absent is refused; the picture in the docs is drawn from this.
TRANSITIONS: dict[tuple[SpecState, str], SpecState] = {
    (SpecState.DRAFT, "approve"): SpecState.APPROVED,
    (SpecState.DRAFT, "end"): SpecState.ENDED,
    (SpecState.APPROVED, "end"): SpecState.ENDED,
}
