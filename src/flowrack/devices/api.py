"""Devices, their journals, badges and PINs for other systems; devices themselves speak at /scan/device/…, signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from flowrack.devices import commands, queries, queries_people, queries_review
from flowrack.devices import types as words
from flowrack.devices.jobs_apply import apply_ready
from flowrack.devices.states import EntryState
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["devices"])


class DeviceOut(Schema):
    """A device of the floor and what it told of itself when it was last seen."""

    id: int
    code: str
    name: str
    state: str
    state_reason: str
    approval_code: str
    site: str
    zones: str
    person: str
    last_seen_at: datetime | None
    outbox_told: int
    app_version: str
    clock_offset_ms: int
    last_seq: int
    in_review: int
    test_passed: int
    tested_at: datetime | None


class DeviceApproveIn(Schema):
    """Where a device may work; no zones mean all of the site."""

    site_id: BigId
    name: str
    zone_ids: list[BigId] = Field([], max_length=500)


class DeviceChangeIn(Schema):
    """What becomes of a device, and why."""

    action: Literal["refuse", "unlock", "lose", "find", "revoke"]
    reason: str


class DeviceMoveIn(Schema):
    """Where a device works from now on, and why; `is_told` when it may have scans that it has not sent."""

    site_id: BigId
    zone_ids: list[BigId] = Field([], max_length=500)
    reason: str
    is_told: bool = False


class DeviceChangedOut(Schema):
    """The device and its state."""

    device_id: int
    state: str


class JournalEntryOut(Schema):
    """One thing that was done on a device."""

    id: int
    device: str
    seq: int
    person_id: int
    person: str
    work: str
    what: str
    occurred_at: datetime
    received_at: datetime
    state: str
    code: str
    message: str
    fix: str
    decision: str
    decided_by: str
    reason: str


class DecideEntriesIn(Schema):
    """Redo, drop (with a reason) or hand over (to whom) what a device could not do."""

    entry_ids: list[BigId] = Field(min_length=1, max_length=500)
    action: Literal["redo", "put_back", "drop", "hand_over"]
    reason: str = ""
    to_id: BigId = 0


class DeviceCountOut(Schema):
    """How many rows were changed."""

    count: int


class BadgePersonOut(Schema):
    """A person of the floor with badge and PIN."""

    id: int
    person: str
    username: str
    badge: str
    issued_at: datetime | None
    pin: str
    locked_on: str


class BadgeIssuedOut(Schema):
    """The new badge; its text is told this once."""

    badge_id: int
    text: str


class PinIn(Schema):
    """One's own PIN."""

    pin: str = Field(max_length=20)


class PinUnlockIn(Schema):
    """Whose PIN on which device."""

    device_id: BigId


class ScannerTestIn(Schema):
    """What the sheet of ten codes showed."""

    passed: int = Field(ge=0, le=10)
    faults: str = ""


@router.get("/devices", response=PageOut[DeviceOut])
@requires("devices.view")
def list_devices(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Devices of the caller's sites, and those that ask to join, in order of id."""
    caller = caller_of(request)
    sites = caller.sites("devices.view") if caller else frozenset()
    rows = queries.devices(None if 0 in sites else sorted(sites), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/devices/{device_id}/approve", response=DeviceChangedOut)
def approve_device(request: HttpRequest, device_id: BigId, body: DeviceApproveIn) -> words.DeviceChanged:
    """Let a device work at a site."""
    return commands.approve_device(context_from(request), words.ApproveDevice(device_id, **body.dict()))


@router.post("/devices/{device_id}/change", response=DeviceChangedOut)
def change_device(request: HttpRequest, device_id: BigId, body: DeviceChangeIn) -> words.DeviceChanged:
    """Refuse, unlock, report lost or found, revoke."""
    return commands.change_device(context_from(request), words.ChangeDevice(device_id, **body.dict()))


@router.put("/devices/{device_id}/site", response=DeviceChangedOut)
def move_device(request: HttpRequest, device_id: BigId, body: DeviceMoveIn) -> words.DeviceChanged:
    """Let a device work at another site, or in other zones of its own."""
    return commands.move_device(context_from(request), words.MoveDevice(device_id, **body.dict()))


@router.post("/devices/{device_id}/test", response=DeviceCountOut)
def store_test(request: HttpRequest, device_id: BigId, body: ScannerTestIn) -> words.Counted:
    """Keep what the sheet of ten codes showed."""
    return commands.store_test(context_from(request), words.StoreTest(device_id, **body.dict()))


@router.post("/devices/{device_id}/person", response=DeviceCountOut)
def note_person(request: HttpRequest, device_id: BigId) -> words.Counted:
    """The caller works on this device from now on."""
    return commands.note_person(context_from(request), words.NotePerson(device_id))


@router.get("/device-entries", response=PageOut[JournalEntryOut])
@requires("devices.review")
def list_entries(
    request: HttpRequest,
    response: HttpResponse,
    state: list[EntryState] = Query([EntryState.REVIEW]),  # type: ignore[type-arg]  # noqa: B008
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """What devices did and needs a person: one's own, and everybody's where the caller decides."""
    caller = caller_of(request)
    rows = queries_review.entries(
        caller.user_id if caller else 0, states=state, after_id=after_id(cursor), limit=limit + 1
    )
    return page_out(request, response, rows, limit=limit)


@router.post("/device-entries/decide", response=DeviceCountOut)
def decide_entries(request: HttpRequest, body: DecideEntriesIn) -> words.Counted:
    """Decide about entries that need a person; those to be redone are tried at once."""
    counted = commands.decide_entries(context_from(request), words.DecideEntries(**body.dict()))
    if body.action == "redo":
        for device_id, code in queries_review.devices_of(body.entry_ids):
            apply_ready(device_id, code)
    return counted


@router.get("/badges", response=PageOut[BadgePersonOut])
@requires("devices.badges")
def list_badges(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """People of the floor with their badges and PINs."""
    rows = queries_people.badge_rows(after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/badges/{person_id}", response=BadgeIssuedOut)
def issue_badge(request: HttpRequest, person_id: BigId) -> words.BadgeIssued:
    """Make a new badge for a person; the one before ends."""
    return commands.issue_badge(context_from(request), words.IssueBadge(person_id))


@router.post("/badges/{person_id}/revoke", response=DeviceCountOut)
def revoke_badge(request: HttpRequest, person_id: BigId) -> words.Counted:
    """End a person's badge."""
    return commands.revoke_badge(context_from(request), words.RevokeBadge(person_id))


@router.post("/badges/{person_id}/unlock-pin", response=DeviceCountOut)
def unlock_pin(request: HttpRequest, person_id: BigId, body: PinUnlockIn) -> words.Counted:
    """Let a person try their PIN on a device again."""
    return commands.unlock_pin(context_from(request), words.UnlockPin(body.device_id, person_id))


@router.put("/pin", response=DeviceCountOut)
def set_pin(request: HttpRequest, body: PinIn) -> words.Counted:
    """Choose one's own PIN."""
    return commands.set_pin(context_from(request), words.SetPin(body.pin))
