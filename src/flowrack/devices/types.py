"""The words of the devices kernel: requests, results, events and refusals. Devices know no documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer

from flowrack.shared.errors import FlowrackError

# A text that is never written down: the command record keeps "" in its place.
Secret = Annotated[str, PlainSerializer(lambda _: "")]

MOST_ENTRIES = 200  # in one message of a device
GAP_SECONDS = 600
ASK_SECONDS = 24 * 3600  # for which a device waits to be approved
OLDEST_SECONDS = 14 * 24 * 3600
AHEAD_SECONDS = 120
PIN_TRIES = 5
PIN_IDLE_SECONDS = 600
BADGE_IDLE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class AskEnrolment:
    """A device shows its public key (uncompressed point, hex) and asks to belong to the house."""

    public_key: str
    model: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentAsked:
    """The device's number, and the letters by which a person knows it."""

    device_id: int
    code: str
    approval_code: str


@dataclass(frozen=True, slots=True)
class ApproveDevice:
    """Let a device work at a site, in some zones (none = all of them)."""

    device_id: int
    site_id: int
    name: str
    zone_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChangeDevice:
    """Refuse, revoke, unlock, report lost or found."""

    device_id: int
    action: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MoveDevice:
    """Let a device work at another site, or in other zones of its own (none = all); why.

    `is_told`: whoever asks knows what the device had not sent, and what it has along.
    """

    device_id: int
    site_id: int
    zone_ids: list[int] = field(default_factory=list)
    reason: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """The device and how it stands now."""

    device_id: int
    state: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One thing that was done on a device, as the device wrote it down."""

    seq: int
    key: str
    person_id: int
    flow: str
    payload: str
    claimed_at: str
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class TakeIn:
    """A message of a device: its entries, and what it tells of itself."""

    device_id: int
    sent_at: datetime
    outbox: int
    app_version: str
    entries: list[NewEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of each entry of the message (by seq): new, known, parked, late, cloned, broken or kept back."""

    outcomes: dict[int, str]
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one entry: applied with its words, or what a person must look at."""

    entry_id: int
    is_applied: bool
    code: str
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Settle:
    """The answers of entries that were tried."""

    answers: list[Settled]


@dataclass(frozen=True, slots=True)
class DropOldAsks:
    """Forget the devices that have asked for a day and that nobody has approved."""


@dataclass(frozen=True, slots=True)
class GiveUpGaps:
    """Put before a person what has waited too long for a missing entry."""


@dataclass(frozen=True, slots=True)
class DecideEntries:
    """Redo, put back, drop (with a reason) or hand over (to whom) entries that need a person."""

    entry_ids: list[int]
    action: str
    reason: str = ""
    to_id: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a command changed."""

    count: int


@dataclass(frozen=True, slots=True)
class IssueBadge:
    """A new badge for a person; the one before is worth nothing then."""

    user_id: int


@dataclass(frozen=True, slots=True)
class BadgeIssued:
    """What the barcode of the new badge says. It is told this once."""

    badge_id: int
    text: Secret


@dataclass(frozen=True, slots=True)
class RevokeBadge:
    """A badge opens nothing any more."""

    user_id: int


@dataclass(frozen=True, slots=True)
class SetPin:
    """One's own PIN of six digits."""

    pin: Secret


@dataclass(frozen=True, slots=True)
class TryPin:
    """A badge (or nobody's, when only the PIN is asked again) and a PIN on a device."""

    device_id: int
    badge_digest: str
    pin: Secret
    again_id: int = 0


@dataclass(frozen=True, slots=True)
class PinTried:
    """Who it is (0 when it does not fit), and how many tries are left on this device.

    `elsewhere`: the badge and the PIN are right, and this person does not work at this site: their name.
    """

    user_id: int
    tries_left: int
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class UnlockPin:
    """Let a person try their PIN on a device again."""

    device_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class NotePerson:
    """The signed-in person works on this device from now on."""

    device_id: int


@dataclass(frozen=True, slots=True)
class StoreTest:
    """What the sheet of ten codes showed of a scanner."""

    device_id: int
    passed: int
    faults: str = ""


@dataclass(frozen=True, slots=True)
class EntriesNeedPerson:
    """Entries of a device that could not be applied."""

    device_id: int
    entry_ids: list[int]
    kind: str = "devices.needs_person"


@dataclass(frozen=True, slots=True)
class DeviceLocked:
    """Two journals say that they are this device's."""

    device_id: int
    reason: str
    kind: str = "devices.locked"


class UnknownDevice(FlowrackError):
    """No such device, or the message does not bear its signature."""

    code = "unknown_device"
    status = 401


class DeviceHasWork(FlowrackError):
    """The device has stored what it has not sent."""

    code = "device_has_work"


class OtherSite(FlowrackError):
    """The work is at another site than the device."""

    code = "other_site"


class DeviceNotWorking(FlowrackError):
    """The device is not (any more) allowed to do this."""

    code = "device_not_working"
    status = 403


class TooManyAsks(FlowrackError):
    """More devices ask to join than anybody can look at."""

    code = "too_many_asks"
    status = 429


class BadKey(FlowrackError):
    """The key of a device is none."""

    code = "bad_device_key"
    status = 422


class WeakPin(FlowrackError):
    """A PIN that is too easy to guess."""

    code = "weak_pin"
    status = 422
