"""The states of a version of the allocation rules."""

from __future__ import annotations

from enum import StrEnum


class RuleSetState(StrEnum):
    """Whether a version can be edited, waits for approval, decides, or is over."""

    DRAFT = "draft"
    ASKED = "asked"
    ACTIVE = "active"
    ENDED = "ended"
    DROPPED = "dropped"


# (state, action) -> next state. Anything absent is refused; the table in the docs is this one.
TRANSITIONS: dict[tuple[RuleSetState, str], RuleSetState] = {
    (RuleSetState.DRAFT, "write"): RuleSetState.DRAFT,
    (RuleSetState.DRAFT, "ask"): RuleSetState.ASKED,
    (RuleSetState.DRAFT, "drop"): RuleSetState.DROPPED,
    (RuleSetState.ASKED, "write"): RuleSetState.DRAFT,
    (RuleSetState.ASKED, "reject"): RuleSetState.DRAFT,
    (RuleSetState.ASKED, "activate"): RuleSetState.ACTIVE,
    (RuleSetState.ASKED, "drop"): RuleSetState.DROPPED,
    (RuleSetState.ACTIVE, "end"): RuleSetState.ENDED,
}
