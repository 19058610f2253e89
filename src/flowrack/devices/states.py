"""The life of a device and of one entry of its journal."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class DeviceState(StrEnum):
    """Where a device stands."""

    ASKED = "asked"
    ENROLLED = "enrolled"
    LOCKED = "locked"
    REFUSED = "refused"
    REVOKED = "revoked"
    LOST = "lost"


class EntryState(StrEnum):
    """Where an entry of a journal stands."""

    PARKED = "parked"  # an earlier entry is missing
    READY = "ready"
    APPLIED = "applied"
    REVIEW = "review"
    DROPPED = "dropped"


# (state, action) -> next state
TRANSITIONS: dict[tuple[DeviceState, str], DeviceState] = {
    (DeviceState.ASKED, "approve"): DeviceState.ENROLLED,
    (DeviceState.ASKED, "refuse"): DeviceState.REFUSED,
    (DeviceState.ENROLLED, "lock"): DeviceState.LOCKED,
    (DeviceState.ENROLLED, "move"): DeviceState.ENROLLED,
    (DeviceState.ENROLLED, "revoke"): DeviceState.REVOKED,
    (DeviceState.ENROLLED, "lose"): DeviceState.LOST,
    (DeviceState.LOCKED, "unlock"): DeviceState.ENROLLED,
    (DeviceState.LOCKED, "revoke"): DeviceState.REVOKED,
    (DeviceState.LOCKED, "lose"): DeviceState.LOST,
    (DeviceState.LOST, "find"): DeviceState.ENROLLED,
    (DeviceState.LOST, "revoke"): DeviceState.REVOKED,
}

ENTRY_TRANSITIONS: dict[tuple[EntryState, str], EntryState] = {
    (EntryState.PARKED, "arrive"): EntryState.READY,
    (EntryState.PARKED, "give_up"): EntryState.REVIEW,
    (EntryState.READY, "apply"): EntryState.APPLIED,
    (EntryState.READY, "refuse"): EntryState.REVIEW,
    (EntryState.REVIEW, "redo"): EntryState.READY,
    (EntryState.REVIEW, "drop"): EntryState.DROPPED,
    (EntryState.REVIEW, "put_back"): EntryState.DROPPED,
    (EntryState.REVIEW, "hand_over"): EntryState.REVIEW,
}

WORDS = {
    "approve": "approved",
    "refuse": "refused",
    "lock": "locked",
    "revoke": "revoked",
    "lose": "reported lost",
    "unlock": "unlocked",
    "find": "found again",
    "move": "sent to another site",
}


def advance(state: DeviceState, action: str, *, code: str) -> DeviceState:
    """The state of a device after `action`, or a refusal."""
    after = TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(
            f"{code} is {state}, so it cannot be {WORDS.get(action, action)}.",
            fix="Look at the list of devices again.",
            state=str(state),
        )
    return after


def advance_entry(state: EntryState, action: str, *, number: str) -> EntryState:
    """The state of an entry after `action`, or a refusal."""
    after = ENTRY_TRANSITIONS.get((state, action))
    if after is None:
        raise WrongState(
            f"Entry {number} is {state} already.", fix="Somebody was quicker; look at the list again.", state=str(state)
        )
    return after
