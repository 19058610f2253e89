"""Devices come into the house, work in it, and leave it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flowrack.devices import locks, queries, queries_places, rules, steps
from flowrack.devices.states import DeviceState, advance
from flowrack.devices.types import (
    ASK_SECONDS,
    ApproveDevice,
    AskEnrolment,
    BadKey,
    ChangeDevice,
    Counted,
    DeviceChanged,
    DeviceHasWork,
    DeviceNotWorking,
    DropOldAsks,
    EnrolmentAsked,
    MoveDevice,
    StoreTest,
)
from flowrack.locations import queries as locations
from flowrack.platform import sessions
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref

BY_A_PERSON = ("refuse", "revoke", "lose", "find", "unlock")
CODES_ON_SHEET = 10


def check_ask(public_key: str, address: str | None, now: datetime) -> None:
    """Refuse with BadKey, TooManyAsks what a stranger shows; the door asks first, so that a flood writes nothing."""
    rules.check_key(public_key)
    found = queries.asks(address, now)
    rules.check_asks(
        waiting=found.waiting,
        from_address=found.from_address,
        wait=sessions.delay_after(found.from_address - rules.FREE_ASKS) - found.seconds_since,
    )


@command(permission="devices.sync", result=EnrolmentAsked)
def ask_enrolment(ctx: Context, req: AskEnrolment) -> EnrolmentAsked:
    """Take a device's public key down; it does nothing until a person approves it.

    Refuses with BadKey, TooManyAsks.
    """
    key = req.public_key.lower()
    check_ask(key, ctx.address, ctx.now)
    if queries.by_key(key):
        raise BadKey("This device has asked already.", fix="Open the set-up page on it.")
    before = queries.by_code(req.replaces) if req.replaces else None
    device_id, code, letters = steps.insert_device(
        ctx, AskEnrolment(key, req.model), replaces_id=before.id if before and before.site_id else None
    )
    ctx.subject = ref("devices.device", device_id)
    return EnrolmentAsked(device_id, code, letters)


@command(permission="devices.sync", result=Counted)
def drop_old_asks(ctx: Context, req: DropOldAsks) -> Counted:
    """Forget the devices that have waited a day in vain; one that still asks is written down anew."""
    return Counted(steps.drop_asks(ctx.now - timedelta(seconds=ASK_SECONDS)))


@command(permission="devices.manage", result=DeviceChanged)
def approve_device(ctx: Context, req: ApproveDevice) -> DeviceChanged:
    """Let a device work at a site, in some zones or all. Refuses with WrongState, Invalid, NotFound."""
    ctx.require("devices.manage", req.site_id)
    held = locks.device(req.device_id)
    state = advance(held.state, "approve", code=held.code)
    locations.site(req.site_id)
    name = req.name.strip()
    lines = []
    if not name or len(name) > 60:
        lines.append(BadLine(0, "name", "A device has a name of 1 to 60 characters.", "Write it on a sticker, too."))
    foreign = set(req.zone_ids) - queries_places.zones_at(req.site_id, req.zone_ids)
    lines += [BadLine(0, "zone_ids", f"Zone {zone} is not at this site.") for zone in sorted(foreign)]
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    steps.approve(ctx, held.id, name=name, site_id=req.site_id, zone_ids=req.zone_ids)
    ctx.subject = ref("devices.device", held.id)
    return DeviceChanged(held.id, state)


@command(permission="devices.manage", result=DeviceChanged)
def change_device(ctx: Context, req: ChangeDevice) -> DeviceChanged:
    """Refuse, revoke, unlock a device, report it lost or found. What its journal still brings waits for a person.

    Whoever is signed in on a device that is revoked or lost is signed out.

    Refuses with WrongState, Invalid, NotFound.
    """
    held = locks.device(req.device_id)
    if held.site_id is not None and not ctx.may("devices.manage", held.site_id):
        raise NotFound(f"There is no device with id {req.device_id}.")
    if req.action not in BY_A_PERSON:
        raise Invalid(f"A device cannot be told to {req.action[:20]}.", fix=f"Use one of {', '.join(BY_A_PERSON)}.")
    state = advance(held.state, req.action, code=held.code)
    if not req.reason.strip():
        raise Invalid("Say why.", lines=[BadLine(0, "reason", "The reason is missing.", "One sentence is enough.")])
    steps.set_state(held.id, state, req.reason.strip())
    if state != DeviceState.ENROLLED:
        sessions.end_on_devices(ctx.now, device_id=held.id)
    ctx.subject = ref("devices.device", held.id)
    return DeviceChanged(held.id, state)


@command(permission="devices.manage", result=DeviceChanged)
def move_device(ctx: Context, req: MoveDevice) -> DeviceChanged:
    """Let a device work at another site, or in other zones. Whoever is signed in there by badge is signed out.

    What was done on it until now is booked at the site where it was. Refuses with DeviceHasWork when it had not sent
    all of it and `is_told` was not said; with WrongState, Invalid, NotFound.
    """
    held = locks.device(req.device_id)
    if held.site_id is not None and not ctx.may("devices.manage", held.site_id):
        raise NotFound(f"There is no device with id {req.device_id}.")
    ctx.require("devices.manage", req.site_id)
    state = advance(held.state, "move", code=held.code)
    locations.site(req.site_id)
    foreign = set(req.zone_ids) - queries_places.zones_at(req.site_id, req.zone_ids)
    lines = [BadLine(0, "zone_ids", f"Zone {zone} is not at this site.") for zone in sorted(foreign)]
    if not req.reason.strip():
        lines.append(BadLine(0, "reason", "The reason is missing.", "One sentence is enough."))
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    waits = held.outbox_told + queries.not_applied(held.id)
    if waits and not req.is_told:
        raise DeviceHasWork(
            f"{held.code} has {waits:,} scan{'s' if waits > 1 else ''} that {'are' if waits > 1 else 'is'} not booked.",
            fix="Let it send them first; or move it all the same: they are booked at the site where they were made.",
        )
    steps.move(ctx, held.id, site_id=req.site_id, zone_ids=req.zone_ids)
    steps.set_state(held.id, state, req.reason.strip())
    sessions.end_on_devices(ctx.now, device_id=held.id)
    ctx.subject = ref("devices.device", held.id)
    return DeviceChanged(held.id, state)


@command(permission="devices.use", result=Counted)
def store_test(ctx: Context, req: StoreTest) -> Counted:
    """Keep what the sheet of ten codes showed of a scanner. Refuses with Invalid, DeviceNotWorking, NotFound."""
    held = locks.device(req.device_id)
    if held.state != DeviceState.ENROLLED or held.site_id is None:
        raise DeviceNotWorking(f"{held.code} is {held.state}.", fix="Have it approved first.")
    if not ctx.may("devices.use", held.site_id):
        raise NotFound(f"There is no device with id {req.device_id}.")
    if not 0 <= req.passed <= CODES_ON_SHEET:
        raise Invalid(f"The sheet has {CODES_ON_SHEET} codes.")
    steps.store_test(ctx, held.id, req.passed, req.faults)
    ctx.subject = ref("devices.device", held.id)
    return Counted(1)
