"""The sample's scanners: some at work, one that asks to join, one lost; badges, and a scan that needs a person."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

from flowrack.devices import queries, rules
from flowrack.devices.commands import (
    approve_device,
    ask_enrolment,
    change_device,
    issue_badge,
    note_person,
    store_test,
    take_in,
)
from flowrack.devices.jobs_apply import apply_ready
from flowrack.devices.types import (
    ApproveDevice,
    AskEnrolment,
    ChangeDevice,
    IssueBadge,
    NewEntry,
    NotePerson,
    StoreTest,
    TakeIn,
)
from flowrack.integrations.replay.house import House
from flowrack.integrations.sample import reads
from flowrack.platform.outbox import context_for_system
from flowrack.platform.runner import Context
from flowrack.shared.p256 import B, P

PHONES = [
    ("Aisle 1", "picker", 10),
    ("Aisle 2", "picker", 9),
    ("Dock 2", "receiver", 10),
    ("Pack bench 1", "packer", 0),
]
BADGES = ("picker", "packer", "receiver")
MODEL = "Mozilla/5.0 (Linux; Android 13; TC26) Chrome/141 Mobile"


def set_up(house: House, site_id: int, at: datetime) -> None:
    """Phones that the manager approved, one that asks to join, one that was left on a truck."""
    began = at - timedelta(days=40)
    for number, (name, role, passed) in enumerate(PHONES):
        device_id = _asked(name, began)
        key = f"live:device:{number}"
        house.do(approve_device, "warehouse_manager", ApproveDevice(device_id, site_id, name), key=key, at=began)
        house.do(note_person, role, NotePerson(device_id), key=f"{key}:person", at=began + timedelta(hours=1))
        if passed:
            faults = "" if passed == 10 else "Not read: A pallet label"
            house.do(store_test, role, StoreTest(device_id, passed, faults), key=f"{key}:test", at=began)
        _hear_of(device_id, at - timedelta(minutes=3 * number + 1))
        if name == "Dock 2":
            lost = ChangeDevice(device_id, "lose", "Left on the truck of the evening run")
            house.do(change_device, "warehouse_manager", lost, key=f"{key}:lost", at=at - timedelta(minutes=30))
    _asked("Office", at - timedelta(minutes=4))
    for role in BADGES:
        badge = IssueBadge(house.people.ids[role])
        house.do(issue_badge, "warehouse_manager", badge, key=f"live:badge:{role}", at=began)


def leave_scans(house: House, at: datetime) -> None:
    """The picker of Aisle 1 confirmed in the steel what a colleague had picked before: a person must look."""
    device = queries.by_key(_key_of("Aisle 1"))
    picked = reads.last_pick()
    if device is None or picked is None or device.last_seq:
        return
    pick_id, units, sku, place = picked
    said = {"pick": pick_id, "units": units, "sku": sku, "bin": place, "tote": ""}
    when = at - timedelta(minutes=19)
    entry = NewEntry(
        seq=1,
        key=hashlib.sha256(f"{device.code}:1".encode()).hexdigest()[:32],
        person_id=house.people.ids["picker"],
        flow="pick.confirm",
        payload=json.dumps(said),
        claimed_at=when.isoformat(),
        prev_hash="",
        hash="",
    )
    entry = replace(entry, hash=rules.hash_of(device.code, entry))
    take_in(_system(at, f"scans:{at:%Y%m%dT%H%M%S}"), TakeIn(device.id, at, 0, "sample", [entry]))
    apply_ready(device.id, device.code)


def _system(at: datetime, key: str) -> Context:
    return context_for_system(at, f"sample:{key}")


def _asked(name: str, at: datetime) -> int:
    """A phone shows its key; its id."""
    key = _key_of(name)
    if queries.by_key(key) is None:
        ask_enrolment(_system(at, f"device:{name}"), AskEnrolment(key, MODEL))
    found = queries.by_key(key)
    assert found is not None
    return found.id


def _hear_of(device_id: int, at: datetime) -> None:
    take_in(_system(at, f"heard:{device_id}:{at:%Y%m%dT%H%M%S}"), TakeIn(device_id, at, 0, "sample"))


def _key_of(name: str) -> str:
    """A public key to which nobody has the private half: a point found by a digest of the name."""
    for turn in range(100):
        x = int.from_bytes(hashlib.sha256(f"{name}:{turn}".encode()).digest(), "big") % P
        square = (x * x * x - 3 * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            return f"04{x:064x}{y:064x}"
    raise AssertionError("half of all numbers are squares")
