"""The life of a version of a supplier agreement."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class AgreementState(StrEnum):
    """Where a version stands; `active` counts between its first and its last day."""

    DRAFT = "draft"
    ACTIVE = "active"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


# (state, action) -> next state. Anything absent is refused.
TRANSITIONS: dict[tuple[AgreementState, str], AgreementState] = {
    (AgreementState.DRAFT, "change"): AgreementState.DRAFT,
    (AgreementState.DRAFT, "approve"): AgreementState.ACTIVE,
    (AgreementState.DRAFT, "end"): AgreementState.WITHDRAWN,
    (AgreementState.ACTIVE, "revise"): AgreementState.ACTIVE,
    (AgreementState.ACTIVE, "end"): AgreementState.ACTIVE,
    (AgreementState.ACTIVE, "withdraw"): AgreementState.WITHDRAWN,
    (AgreementState.ACTIVE, "replace"): AgreementState.REPLACED,
}


def advance(state: AgreementState, action: str, *, name: str) -> AgreementState:
    """The state after `action`, or a refusal that says what is possible instead."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        possible = sorted(a for (s, a) in TRANSITIONS if s == state and a not in ("replace", "withdraw"))
        fix = f"Possible now: {', '.join(possible)}." if possible else "Nothing more can be done with it."
        raise WrongState(f"Agreement {name} is {state}, so it cannot take “{action}”.", fix=fix, state=str(state))
    return after
