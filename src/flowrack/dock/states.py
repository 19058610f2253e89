"""The lives of an ASN and of an appointment."""

from __future__ import annotations

from enum import StrEnum

from flowrack.shared.errors import WrongState


class AsnState(StrEnum):
    """Where an ASN stands."""

    EXPECTED = "expected"
    ARRIVED = "arrived"
    RECEIVING = "receiving"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class AppointmentState(StrEnum):
    """Where an appointment stands."""

    SCHEDULED = "scheduled"
    CHECKED_IN = "checked_in"
    AT_DOOR = "at_door"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


# (state, action) -> next state. Anything absent is refused; the tables in the docs say the same.
ASN: dict[tuple[AsnState, str], AsnState] = {
    (AsnState.EXPECTED, "arrive"): AsnState.ARRIVED,
    (AsnState.ARRIVED, "leave"): AsnState.EXPECTED,
    (AsnState.EXPECTED, "receive"): AsnState.RECEIVING,
    (AsnState.ARRIVED, "receive"): AsnState.RECEIVING,
    (AsnState.RECEIVING, "receive"): AsnState.RECEIVING,
    (AsnState.EXPECTED, "close"): AsnState.CLOSED,
    (AsnState.ARRIVED, "close"): AsnState.CLOSED,
    (AsnState.RECEIVING, "close"): AsnState.CLOSED,
    (AsnState.EXPECTED, "cancel"): AsnState.CANCELLED,
    (AsnState.ARRIVED, "cancel"): AsnState.CANCELLED,
}

APPOINTMENT: dict[tuple[AppointmentState, str], AppointmentState] = {
    (AppointmentState.SCHEDULED, "reschedule"): AppointmentState.SCHEDULED,
    (AppointmentState.SCHEDULED, "check_in"): AppointmentState.CHECKED_IN,
    (AppointmentState.SCHEDULED, "cancel"): AppointmentState.CANCELLED,
    (AppointmentState.SCHEDULED, "release"): AppointmentState.NO_SHOW,
    (AppointmentState.NO_SHOW, "check_in"): AppointmentState.CHECKED_IN,
    (AppointmentState.CHECKED_IN, "reschedule"): AppointmentState.CHECKED_IN,
    (AppointmentState.CHECKED_IN, "dock"): AppointmentState.AT_DOOR,
    (AppointmentState.CHECKED_IN, "cancel"): AppointmentState.CANCELLED,
    (AppointmentState.AT_DOOR, "dock"): AppointmentState.AT_DOOR,
    (AppointmentState.AT_DOOR, "check_out"): AppointmentState.DONE,
}

OPEN_ASN = (AsnState.EXPECTED, AsnState.ARRIVED, AsnState.RECEIVING)
LIVE = (AppointmentState.SCHEDULED, AppointmentState.CHECKED_IN, AppointmentState.AT_DOOR)


def advance_asn(state: AsnState, action: str, *, number: str) -> AsnState:
    """The state after `action`, or a refusal."""
    after = ASN.get((state, action))
    if after is None:
        raise WrongState(
            f"{number} is {state}, so it cannot take “{action}”.", fix=_possible(ASN, state), state=str(state)
        )
    return after


def advance(state: AppointmentState, action: str, *, number: str) -> AppointmentState:
    """The state of an appointment after `action`, or a refusal that says what is possible instead."""
    after = APPOINTMENT.get((state, action))
    if after is None:
        words = str(state).replace("_", " ")
        raise WrongState(
            f"{number} is {words}, so it cannot take “{action.replace('_', ' ')}”.",
            fix=_possible(APPOINTMENT, state),
            state=str(state),
        )
    return after


def _possible(table: dict[tuple[AsnState, str], AsnState] | dict[tuple[AppointmentState, str], AppointmentState],
              state: StrEnum) -> str:  # fmt: skip
    actions = sorted(action.replace("_", " ") for (start, action) in table if start == state)
    return f"Possible now: {', '.join(actions)}." if actions else "Nothing more can be done with it."
