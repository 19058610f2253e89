"""Pure decisions about devices: which entries of a message are good, what time it was, which PINs are too easy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from flowrack.devices.types import AHEAD_SECONDS, OLDEST_SECONDS, BadKey, NewEntry, TooManyAsks, WeakPin
from flowrack.shared.errors import BadLine
from flowrack.shared.p256 import point_of

MOST_WAITING, MOST_OF_ADDRESS = 100, 50
FREE_ASKS = 25  # of an address in a day
FIRST_YEAR, LAST_YEAR = 1940, 2035
NEW, KNOWN, PARKED, LATE, CLONED, BROKEN = "new", "known", "parked", "late", "cloned", "broken"


def text_of(device_code: str, entry: NewEntry) -> str:
    """What an entry's hash is made of: device and journal line, in one order, one part a line."""
    return "\n".join(
        (
            "flowrack-journal-1",
            device_code,
            str(entry.seq),
            entry.key,
            str(entry.person_id),
            entry.flow,
            entry.claimed_at,
            entry.prev_hash,
            entry.payload,
        )
    )


def hash_of(device_code: str, entry: NewEntry) -> str:
    """The fingerprint of an entry, hex."""
    return hashlib.sha256(text_of(device_code, entry).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sorted:
    """What becomes of each entry of a message, by seq, and where the unbroken journal ends then."""

    outcomes: dict[int, str]
    arrived: list[int]  # parked ones whose gap is closed now
    last_seq: int
    last_hash: str

    @property
    def is_cloned(self) -> bool:
        """Whether two journals claim to be this device's."""
        return CLONED in self.outcomes.values()


def sort_out(
    *,
    device_code: str,
    last_seq: int,
    last_hash: str,
    known: Mapping[int, str],
    parked: Mapping[int, tuple[str, str]],
    entries: Sequence[NewEntry],
) -> Sorted:
    """Sort a message by seq: what follows the journal's end is new, what leaves a gap is parked, what comes after its
    gap was given up is late.

    `known` has the hashes of the seqs that are stored already, `parked` hash and previous hash of what waits. A seq
    that comes with another hash, or an entry that follows another end than ours, is of a copy of the device.
    """
    outcomes: dict[int, str] = {}
    waiting = dict(parked)
    hashes = {**{seq: pair[0] for seq, pair in parked.items()}, **known}
    arrived: list[int] = []
    for entry in sorted(entries, key=lambda one: one.seq):
        if entry.seq < 1 or hash_of(device_code, entry) != entry.hash:
            outcomes[entry.seq] = BROKEN
        elif entry.seq in hashes:  # also what waited for an entry of this very message
            outcomes[entry.seq] = KNOWN if hashes[entry.seq] == entry.hash else CLONED
        elif entry.seq <= last_seq:
            follows = known.get(entry.seq - 1, entry.prev_hash)
            outcomes[entry.seq] = LATE if follows == entry.prev_hash else CLONED
        elif entry.seq == last_seq + 1:
            if entry.prev_hash != last_hash:
                outcomes[entry.seq] = CLONED
                continue
            outcomes[entry.seq] = NEW
            last_seq, last_hash = entry.seq, entry.hash
            while (pair := waiting.get(last_seq + 1)) is not None and pair[1] == last_hash:
                last_seq, last_hash = last_seq + 1, pair[0]
                arrived.append(last_seq)
                del waiting[last_seq]
        else:
            outcomes[entry.seq] = PARKED
            waiting[entry.seq] = (entry.hash, entry.prev_hash)
    return Sorted(outcomes, arrived, last_seq, last_hash)


def offset_ms(*, sent_at: datetime, received_at: datetime) -> int:
    """By how much the device's clock is behind ours, in milliseconds; negative when it is ahead."""
    return (received_at - sent_at) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class FloorTime:
    """When something was done by our clock, and whether that can be."""

    at: datetime
    is_believable: bool


def floor_time(*, claimed_at: datetime, offset: int, received_at: datetime) -> FloorTime:
    """The time of the floor: the device's own, moved by how wrong its clock is; never in the future."""
    try:
        at = claimed_at + timedelta(milliseconds=offset)
    except OverflowError:  # the last or the first day of the calendar
        return FloorTime(received_at, False)
    oldest, newest = received_at - timedelta(seconds=OLDEST_SECONDS), received_at + timedelta(seconds=AHEAD_SECONDS)
    return FloorTime(min(max(at, oldest), received_at), oldest <= at <= newest)


def check_key(public_key: str) -> None:
    """Refuse with BadKey what is no public key of a device."""
    try:
        point = point_of(bytes.fromhex(public_key))
    except ValueError:
        point = None
    if point is None or len(public_key) != 130:
        raise BadKey(
            "That is no public key of a device.", fix="Send an uncompressed point on P-256, 130 hexadecimal digits."
        )


def check_asks(*, waiting: int, from_address: int, wait: int) -> None:
    """Refuse with TooManyAsks when strangers flood the list: anybody may ask, from one address only so often."""
    if wait > 0:
        raise TooManyAsks(
            "Too many devices ask to join from this address.",
            fix=f"Approve those that wait, under Work, Devices, or try again in {wait} seconds.",
            seconds=wait,
        )
    if waiting >= MOST_WAITING or from_address >= MOST_OF_ADDRESS:
        raise TooManyAsks("Too many devices ask to join.", fix="Approve those that wait, under Work, Devices.")


def fault_of_person(*, is_known: bool, own: datetime | None, other: datetime | None) -> tuple[str, str, str]:
    """Why an entry cannot be of whom it names (code, message, way out), or three empty words.

    `own` is when this person last signed in on the device before it, `other` when anybody else did.
    """
    if not is_known or own is None:
        return ("not_signed_in_here", "Whoever did this had not signed in on this device.",
                "Ask who had the device, then redo it in your name or drop it.")  # fmt: skip
    if other is not None and other > own:
        return ("somebody_else_here", "Somebody else had signed in on this device since.",
                "Ask both who did it, then redo it in your name or drop it.")  # fmt: skip
    return ("", "", "")


def check_pin(pin: str, *, username: str = "") -> None:
    """Refuse with WeakPin what is no PIN of six digits, or what is tried first: repeats, rows, years, the own name."""
    fault = _fault_of(pin, username)
    if fault:
        raise WeakPin(fault, fix="Choose six other digits.", lines=[BadLine(0, "pin", fault)])


def _fault_of(pin: str, username: str) -> str:
    if len(pin) != 6 or not (pin.isascii() and pin.isdecimal()):
        return "A PIN has six digits."
    steps = {(int(right) - int(left)) % 10 for left, right in pairwise(pin)}
    faults = {
        "A PIN that repeats is guessed first.": len(set(pin)) < 3 or pin[:3] == pin[3:] or pin[:2] * 3 == pin,
        "A PIN of digits in a row is guessed first.": steps in ({1}, {9}),
        "A PIN that begins or ends with a year is guessed first.": _is_year(pin[:4]) or _is_year(pin[2:]),
        "A PIN must not be part of one's own user name.": pin in username,
    }
    return next((sentence for sentence, is_so in faults.items() if is_so), "")


def _is_year(digits: str) -> bool:
    return FIRST_YEAR <= int(digits) <= LAST_YEAR
