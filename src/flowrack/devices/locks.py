"""Locks of the devices kernel: the device first, then its entries in order of id; and whose turn it is to apply."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flowrack.devices.states import DeviceState, EntryState
from flowrack.platform import sql
from flowrack.shared.errors import NotFound

WAIT_SECONDS = 3.0
TURN = "hashtextextended('devices.apply ' || %s::text, 0)"


@contextmanager
def turn(device_id: int) -> Iterator[bool]:
    """Whether it is ours to apply what a device wrote down: one at a time, over the many transactions of its entries.

    Who is second waits a little; False when the first is still at work then.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not (is_ours := bool(sql.fetch_value(f"SELECT pg_try_advisory_lock({TURN})", (device_id,)))):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    try:
        yield is_ours
    finally:
        if is_ours:
            sql.fetch_value(f"SELECT pg_advisory_unlock({TURN})", (device_id,))


@dataclass(frozen=True, slots=True)
class LockedDevice:
    """A device as it stands while the command runs."""

    id: int
    code: str
    state: DeviceState
    site_id: int | None
    last_seq: int
    last_hash: str
    outbox_told: int
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class LockedEntry:
    """An entry as it stands while the command runs."""

    id: int
    device_id: int
    seq: int
    state: EntryState
    person_id: int
    site_id: int | None
    handed_to: int | None
    flow: str

    @property
    def number(self) -> str:
        """How a person names it."""
        return f"{self.device_id}-{self.seq}"


def device(device_id: int) -> LockedDevice:
    """Hold a device; its messages are taken one after the other. Refuses with NotFound."""
    row = sql.fetch_one(
        """
        SELECT id, code, state, site_id, last_seq, last_hash, outbox_told, last_seen_at FROM devices_device
        WHERE id = %s FOR NO KEY UPDATE
        """,
        (device_id,),
    )
    if row is None:
        raise NotFound(f"There is no device with id {device_id}.")
    return LockedDevice(row[0], row[1], DeviceState(row[2]), *row[3:])


def devices_with_gaps(before: datetime) -> None:
    """Hold the devices of which something has waited since before a time, as their messages would. One statement."""
    sql.fetch_all(
        """
        SELECT id FROM devices_device
        WHERE id IN (SELECT device_id FROM devices_journalentry WHERE state = 'parked' AND received_at < %s)
        ORDER BY id FOR NO KEY UPDATE
        """,
        (before,),
    )


def entries(entry_ids: Sequence[int]) -> list[LockedEntry]:
    """Hold these entries in order of id; those that do not exist are left out. One statement."""
    rows = sql.fetch_all(
        """
        SELECT e.id, e.device_id, e.seq, e.state, e.person_id, coalesce(e.site_id, d.site_id), e.handed_to_id, e.flow
        FROM devices_journalentry e JOIN devices_device d ON d.id = e.device_id
        WHERE e.id = ANY(%s::bigint[]) ORDER BY e.id FOR NO KEY UPDATE OF e
        """,
        (sorted(set(entry_ids)),),
    )
    return [LockedEntry(row[0], row[1], row[2], EntryState(row[3]), *row[4:]) for row in rows]


def tries(device_id: int, person_id: int) -> int:
    """How many wrong PINs of the person there were on the device; two tries at once count as two."""
    row = sql.fetch_one(
        "SELECT failures FROM devices_pintry WHERE device_id = %s AND person_id = %s FOR NO KEY UPDATE",
        (device_id, person_id),
    )
    return row[0] if row else 0
