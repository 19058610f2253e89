"""The words of the door calendar: doors, appointments, their commands, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid

CAPABILITIES = ("reefer", "hazmat", "live", "drop")
NEEDS = ("reefer", "hazmat")
DEFAULT_CAPABILITIES = ("live", "drop")


@dataclass(frozen=True, slots=True)
class Policy:
    """How long things take at a site's doors; the defaults of a site that has not said otherwise."""

    slot_minutes: int = 15
    setup_seconds: int = 600
    seconds_per_pallet: int = 120
    seconds_per_case: int = 24
    seconds_per_lot: int = 60
    inspected_pct: int = 0
    seconds_per_inspection: int = 600
    people_per_door: int = 1
    no_show_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """What a carrier asks for a truck that waits; a carrier who has not said asks nothing."""

    free_minutes: int = 120
    interval_minutes: int = 60
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When a door is open on one weekday (1 = Monday), by the site's clock."""

    weekday: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class SetDoor:
    """What a door can take and when it is open; no hours = always."""

    location_id: int
    capabilities: list[str]
    hours: list[OpenHours] = field(default_factory=list)
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class DoorSet:
    """A door as it now is."""

    location_id: int


@dataclass(frozen=True, slots=True)
class SetDockPolicy:
    """How long things take at a site's doors from now on."""

    site_id: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class DockPolicySet:
    """The site whose policy was set."""

    site_id: int


@dataclass(frozen=True, slots=True)
class SetDetentionTerms:
    """What a carrier asks for a truck that waits."""

    carrier_id: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class DetentionTermsSet:
    """The carrier whose terms were set."""

    carrier_id: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A truck for a door at a time. The slot's length comes from the content of its ASNs, unless `minutes` says it."""

    site_id: int
    door_id: int
    starts_at: datetime
    asn_ids: list[int] = field(default_factory=list)
    carrier_id: int = 0
    reference: str = ""
    needs: list[str] = field(default_factory=list)
    is_drop: bool = False
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Another door or time; the length of the slot stays. `version` is the one that was read (0 = whatever it is)."""

    appointment_id: int
    door_id: int
    starts_at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class CancelAppointment:
    """A truck that will not come, or goes away unopened, and why."""

    appointment_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A truck at the gate: of an appointment, or (without one) a walk-in, which waits in the yard for a door."""

    appointment_id: int = 0
    site_id: int = 0
    asn_ids: list[int] = field(default_factory=list)
    carrier_id: int = 0
    reference: str = ""
    needs: list[str] = field(default_factory=list)
    is_drop: bool = False


@dataclass(frozen=True, slots=True)
class DockTruck:
    """A truck that stands at a door now; no door = the planned one."""

    appointment_id: int
    door_id: int = 0


@dataclass(frozen=True, slots=True)
class CheckOut:
    """A truck that leaves."""

    appointment_id: int


@dataclass(frozen=True, slots=True)
class ReleaseNoShows:
    """Give free the slots of trucks that did not come in time, at every site."""


@dataclass(frozen=True, slots=True)
class AppointmentNow:
    """An appointment as it now is."""

    appointment_id: int
    number: str
    state: str
    door_id: int
    starts_at: datetime
    ends_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """A truck that left: how long it was here, and what its carrier may ask for the waiting."""

    appointment_id: int
    number: str
    state: str
    minutes: int
    detention_minutes: int
    detention_amount: Decimal


@dataclass(frozen=True, slots=True)
class NoShowsReleased:
    """The appointments whose slots are free again."""

    appointment_ids: list[int]


@dataclass(frozen=True, slots=True)
class AppointmentChanged:
    """An appointment was scheduled, rescheduled, cancelled, checked in, docked, checked out or released."""

    appointment_id: int
    site_id: int
    state: str
    action: str
    kind: str = "dock.appointment_changed"


class SlotTaken(FlowrackError):
    """The door has another appointment at that time."""

    code = "slot_taken"
    status = 409


class DoorUnsuitable(Invalid):
    """The door lacks a capability, is closed at that hour, or is no door of the site."""

    code = "door_unsuitable"


class DoorOccupied(FlowrackError):
    """Another truck stands at the door."""

    code = "door_occupied"
    status = 409


class BadAppointment(Invalid):
    """An appointment that makes no sense as it stands."""

    code = "bad_appointment"
