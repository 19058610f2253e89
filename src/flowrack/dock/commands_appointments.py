"""The door of the door calendar: schedule, reschedule, cancel, check in, dock, check out, release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flowrack.dock import locks, queries_calendar, rules_slots, steps_appointments
from flowrack.dock.models import Appointment
from flowrack.dock.queries_calendar import AppointmentRow, AsnLoad, DoorRow
from flowrack.dock.rules_slots import Content, Labour
from flowrack.dock.states import OPEN_ASN, AppointmentState, advance
from flowrack.dock.types_appointments import (
    NEEDS,
    AppointmentChanged,
    AppointmentNow,
    BadAppointment,
    CancelAppointment,
    CheckedOut,
    CheckIn,
    CheckOut,
    DockTruck,
    DoorOccupied,
    DoorUnsuitable,
    NoShowsReleased,
    Policy,
    ReleaseNoShows,
    Reschedule,
    Schedule,
    SlotTaken,
)
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Stale
from flowrack.shared.refs import ref

RULE = "dock.slot.1"
MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Load:
    """What a truck brings and needs, and how long that takes."""

    asn_ids: list[int]
    needs: list[str]
    carrier_id: int
    labour: Labour
    policy: Policy

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.labour.slot_minutes)


@command(permission="dock.schedule", result=AppointmentNow)
def schedule(ctx: Context, req: Schedule) -> AppointmentNow:
    """Book a door for a truck; the slot is as long as the content of its ASNs takes, unless the minutes are named.

    Stores why the slot is so long; emits dock.appointment_changed. Refuses with BadAppointment, DoorUnsuitable,
    SlotTaken, each naming every bad field.
    """
    ctx.require("dock.schedule", req.site_id)
    load, bad = _load_of(req)
    length = timedelta(minutes=req.minutes) if req.minutes else load.length
    bad += _time_faults(ctx, req.site_id, req.starts_at, load.policy)
    if not 0 <= req.minutes <= MOST_MINUTES:
        bad.append(BadLine(0, "minutes", f"{req.minutes} minutes is no slot.", "Name 1 to 1,440, or leave it empty."))
    if bad:
        raise BadAppointment(bad[0].message, lines=bad, fix=bad[0].fix)
    slot = (req.starts_at, req.starts_at + length)
    door = _door(req.site_id, req.door_id, load.needs, req.is_drop, slot)
    _refuse_overlap(door, slot)
    appointment_id, _ = steps_appointments.insert_appointment(
        ctx,
        site_id=req.site_id,
        door_id=door.location_id,
        slot=slot,
        carrier_id=load.carrier_id,
        reference=req.reference,
        needs=load.needs,
        is_drop=req.is_drop,
        labour_minutes=load.labour.labour_minutes,
    )
    steps_appointments.link_asns(appointment_id, load.asn_ids)
    _explain(ctx, appointment_id, load, slot, is_named=bool(req.minutes))
    return _done(ctx, appointment_id, "schedule")


def _load_of(req: Schedule | CheckIn) -> tuple[Load, list[BadLine]]:
    """What the truck brings, and all that is wrong with what was said of it."""
    found = {one.asn_id: one for one in queries_calendar.loads(req.asn_ids)}
    bad = [
        fault
        for number, asn_id in enumerate(req.asn_ids, start=1)
        if (fault := _asn_fault(number, found.get(asn_id), req.site_id)) is not None
    ]
    bad += [
        BadLine(0, "needs", f"“{need}” is nothing that a truck needs.", f"Use {' or '.join(NEEDS)}.")
        for need in req.needs
        if need not in NEEDS
    ]
    carrier_id = req.carrier_id or next((one.carrier_id for one in found.values() if one.carrier_id), 0)
    if req.carrier_id:
        carrier = parties.parties([req.carrier_id]).get(req.carrier_id)
        if carrier is None or not carrier.is_carrier or not carrier.is_active:
            bad.append(BadLine(0, "carrier", f"There is no carrier {req.carrier_id} in use.", "Choose another."))
    needs = sorted({*req.needs, *(need for one in found.values() for need in one.needs)})
    policy = queries_calendar.policy(req.site_id)
    content = _sum([one.content for one in found.values()])
    return Load(sorted(found), needs, carrier_id, rules_slots.labour(content, policy), policy), bad


def _sum(contents: Sequence[Content]) -> Content:
    return Content(
        sum(c.pallets for c in contents), sum(c.loose_cases for c in contents), sum(c.lots for c in contents)
    )


def _asn_fault(number: int, one: AsnLoad | None, site_id: int) -> BadLine | None:
    if one is None:
        return BadLine(number, "asn", "There is no such ASN.", "Choose it from the list of ASNs.")
    if one.site_id != site_id:
        return BadLine(number, "asn", f"{one.number} goes to another site.", "Book it there.")
    if one.state not in OPEN_ASN:
        return BadLine(number, "asn", f"{one.number} is {one.state}.", "Leave it out.")
    if one.appointment:
        return BadLine(
            number, "asn", f"{one.number} comes with {one.appointment}.", f"Reschedule {one.appointment} instead."
        )
    return None


def _time_faults(ctx: Context, site_id: int, starts_at: datetime, policy: Policy) -> list[BadLine]:
    if starts_at.tzinfo is None:
        return [BadLine(0, "starts_at", "The time has no time zone.", "Write it as 2026-05-14T08:00:00Z.")]
    if starts_at != rules_slots.on_grid(starts_at, policy):
        grid = rules_slots.on_grid(starts_at, policy)
        later = grid + timedelta(minutes=policy.slot_minutes)
        sentence = f"Slots begin every {policy.slot_minutes} minutes."
        zone = ZoneInfo(locations.site(site_id).timezone)
        fix = f"Use {grid.astimezone(zone):%H:%M} or {later.astimezone(zone):%H:%M}, by the clock of the site."
        return [BadLine(0, "starts_at", sentence, fix)]
    if starts_at < rules_slots.on_grid(ctx.now, policy):
        return [BadLine(0, "starts_at", "This time has passed.", "Choose a later slot.")]
    return []


def _door(site_id: int, door_id: int, needs: Sequence[str], is_drop: bool, slot: tuple[datetime, datetime]) -> DoorRow:
    """The door, if it can take the truck then. Refuses with DoorUnsuitable, naming everything that it lacks."""
    here = {door.location_id: door for door in queries_calendar.doors(site_id)}
    door = here.get(door_id)
    if door is None:
        line = BadLine(0, "door", "This is no dock door of the site in use.", "Choose a door from its calendar.")
        raise DoorUnsuitable(line.message, lines=[line], fix=line.fix)
    lacks = rules_slots.missing_capabilities(door.capabilities, needs, is_drop=is_drop)
    fits = [
        d.code for d in here.values() if not rules_slots.missing_capabilities(d.capabilities, needs, is_drop=is_drop)
    ]
    fix = f"These can: {', '.join(fits[:6])}." if fits else "No door of this site can: set one up."
    bad = [BadLine(0, "door", f"{door.code} cannot take {need}.", fix) for need in lacks]
    if not door.is_open(*slot):
        bad.append(BadLine(0, "starts_at", f"{door.code} is closed then.", "See the free slots of the door."))
    if bad:
        raise DoorUnsuitable(bad[0].message, lines=bad, fix=bad[0].fix)
    return door


def _refuse_overlap(door: DoorRow, slot: tuple[datetime, datetime], *, but: int = 0) -> None:
    """The constraint refuses too; this says who is in the way."""
    other = queries_calendar.in_the_way(door.location_id, *slot, but=but)
    if other is not None:
        number, *times = other
        start, end = (at.astimezone(ZoneInfo(door.timezone)) for at in times)
        sentence = f"{door.code} has {number} from {start:%H:%M} to {end:%H:%M}, by the clock of the site."
        line = BadLine(0, "starts_at", sentence, f"Choose another slot or door, or move {number} first.")
        raise SlotTaken(sentence, lines=[line], fix=line.fix)


def _explain(ctx: Context, appointment_id: int, load: Load, slot: tuple[datetime, datetime], *, is_named: bool) -> None:
    minutes = (slot[1] - slot[0]) // timedelta(minutes=1)
    said = f"A person asked for {minutes} min; by its content it would be: " if is_named else ""
    record(
        ctx,
        [
            DecisionRow(
                "slot",
                ref("dock.appointment", appointment_id),
                said + load.labour.sentence,
                RULE,
                {
                    "parts": [{"what": what, "count": n, "seconds": s} for what, n, s in load.labour.parts],
                    "people": load.policy.people_per_door,
                    "grid_minutes": load.policy.slot_minutes,
                    "needs": load.needs,
                },
            )
        ],
    )


def _done(ctx: Context, appointment_id: int, action: str) -> AppointmentNow:
    row: AppointmentRow = queries_calendar.appointment(appointment_id)
    ctx.subject = ref("dock.appointment", appointment_id)
    ctx.emit(AppointmentChanged(appointment_id, row.site_id, row.state, action))
    return AppointmentNow(row.id, row.number, row.state, row.door_id, row.starts_at, row.ends_at, row.version)


def _locked(ctx: Context, appointment_id: int, permission: str, action: str) -> Appointment:
    """The appointment, locked and moved on in its state (not yet saved)."""
    return _moved_on(ctx, locks.appointment(appointment_id), permission, action)


def _moved_on(ctx: Context, found: Appointment, permission: str, action: str) -> Appointment:
    ctx.require(permission, found.site_id)
    found.state = advance(AppointmentState(found.state), action, number=found.number)
    found.version += 1
    return found


@command(permission="dock.schedule", result=AppointmentNow)
def reschedule(ctx: Context, req: Reschedule) -> AppointmentNow:
    """Give a truck another door or time; the length of its slot stays. A truck in the yard gets its door so.

    Emits dock.appointment_changed. Refuses with WrongState, Stale, BadAppointment, DoorUnsuitable, SlotTaken.
    """
    found = _locked(ctx, req.appointment_id, "dock.schedule", "reschedule")
    if req.version and req.version != found.version - 1:
        raise Stale(f"{found.number} was changed since you saw it.", fix="Look at the calendar again.")
    bad = _time_faults(ctx, found.site_id, req.starts_at, queries_calendar.policy(found.site_id))
    if bad:
        raise BadAppointment(bad[0].message, lines=bad, fix=bad[0].fix)
    slot = (req.starts_at, req.starts_at + (found.slot.upper - found.slot.lower))
    door = _door(found.site_id, req.door_id, found.needs, found.is_drop, slot)
    _refuse_overlap(door, slot, but=found.pk)
    found.slot, found.door_id = slot, door.location_id
    found.save(update_fields=["state", "version", "slot", "door"])
    return _done(ctx, found.pk, "reschedule")


@command(permission="dock.schedule", result=AppointmentNow)
def cancel_appointment(ctx: Context, req: CancelAppointment) -> AppointmentNow:
    """A truck does not come, or goes away unopened; its ASNs may be booked again.

    Emits dock.appointment_changed. Refuses with WrongState, BadAppointment without a reason.
    """
    found = _locked(ctx, req.appointment_id, "dock.schedule", "cancel")
    if not req.reason.strip():
        raise BadAppointment(
            "Say why.", lines=[BadLine(0, "reason", "Say why the truck does not come.", "Give a reason.")]
        )
    was_here = found.checked_in_at is not None
    found.end_reason = req.reason.strip()[:200]
    found.out_at = ctx.now if was_here else None
    found.save(update_fields=["state", "version", "end_reason", "out_at"])
    if was_here:
        steps_appointments.asns_leave(steps_appointments.asns_of(found.pk))
    steps_appointments.free_asns([found.pk])
    return _done(ctx, found.pk, "cancel")


@command(permission="dock.checkin", result=AppointmentNow)
def check_in(ctx: Context, req: CheckIn) -> AppointmentNow:
    """A truck is at the gate. Without an appointment, or after its slot was released, it waits in the yard for a door.

    Its ASNs have arrived; the detention clock runs. Emits dock.appointment_changed. Refuses with WrongState, and with
    BadAppointment for what is wrong with a walk-in.
    """
    if not req.appointment_id:
        return _walk_in(ctx, req)
    found = locks.appointment(req.appointment_id)
    lost_slot = found.state == AppointmentState.NO_SHOW
    _moved_on(ctx, found, "dock.checkin", "check_in")
    found.checked_in_at, found.due_at = ctx.now, found.slot.lower
    if lost_slot:
        start = rules_slots.on_grid(ctx.now, queries_calendar.policy(found.site_id))
        found.slot, found.door_id = (start, start + (found.slot.upper - found.slot.lower)), None
        found.end_reason = ""
    found.save(update_fields=["state", "version", "checked_in_at", "due_at", "slot", "door", "end_reason"])
    asn_ids = steps_appointments.asns_of(found.pk)
    steps_appointments.link_asns(found.pk, asn_ids)
    steps_appointments.asns_arrive(asn_ids)
    return _done(ctx, found.pk, "check_in")


def _walk_in(ctx: Context, req: CheckIn) -> AppointmentNow:
    locations.site(req.site_id)
    ctx.require("dock.checkin", req.site_id)
    load, bad = _load_of(req)
    if not (req.asn_ids or req.carrier_id or req.reference.strip()):
        bad.append(BadLine(0, "reference", "Say whose truck it is.", "Name an ASN, a carrier or the truck's number."))
    if bad:
        raise BadAppointment(bad[0].message, lines=bad, fix=bad[0].fix)
    start = rules_slots.on_grid(ctx.now, load.policy)
    slot = (start, start + load.length)
    appointment_id, _ = steps_appointments.insert_appointment(
        ctx,
        site_id=req.site_id,
        door_id=0,
        slot=slot,
        carrier_id=load.carrier_id,
        reference=req.reference,
        needs=load.needs,
        is_drop=req.is_drop,
        labour_minutes=load.labour.labour_minutes,
        is_walk_in=True,
    )
    steps_appointments.link_asns(appointment_id, load.asn_ids)
    steps_appointments.asns_arrive(load.asn_ids)
    _explain(ctx, appointment_id, load, slot, is_named=False)
    return _done(ctx, appointment_id, "check_in")


@command(permission="dock.checkin", result=AppointmentNow)
def dock_truck(ctx: Context, req: DockTruck) -> AppointmentNow:
    """A truck stands at a door. At another door or time than planned, it takes a slot from now on.

    Emits dock.appointment_changed. Refuses with WrongState, DoorUnsuitable, DoorOccupied, SlotTaken.
    """
    found = _locked(ctx, req.appointment_id, "dock.checkin", "dock")
    door_id = req.door_id or found.door_id or 0
    planned = (found.slot.lower, found.slot.upper)
    slot = planned
    if door_id != found.door_id or not planned[0] <= ctx.now < planned[1]:
        start = rules_slots.on_grid(ctx.now, queries_calendar.policy(found.site_id))
        slot = (start, start + (planned[1] - planned[0]))
    door = _door(found.site_id, door_id, found.needs, found.is_drop, slot)
    other = queries_calendar.standing_at(door.location_id, but=found.pk)
    if other:
        line = BadLine(0, "door", f"{other} still stands at {door.code}.", f"Check {other} out, or use another door.")
        raise DoorOccupied(line.message, lines=[line], fix=line.fix)
    _refuse_overlap(door, slot, but=found.pk)
    found.slot, found.door_id = slot, door.location_id
    found.door_at = found.door_at or ctx.now
    found.save(update_fields=["state", "version", "slot", "door", "door_at"])
    return _done(ctx, found.pk, "dock")


@command(permission="dock.checkin", result=CheckedOut)
def check_out(ctx: Context, req: CheckOut) -> CheckedOut:
    """A truck leaves; what its carrier may ask for the waiting is kept.

    Emits dock.appointment_changed. Refuses with WrongState.
    """
    found = _locked(ctx, req.appointment_id, "dock.checkin", "check_out")
    row = queries_calendar.appointment(found.pk)
    clock = row.clock(ctx.now)
    found.out_at = ctx.now
    found.detention_minutes, found.detention_amount = clock.minutes, clock.amount
    found.save(update_fields=["state", "version", "out_at", "detention_minutes", "detention_amount"])
    assert row.checked_in_at is not None, "a truck at a door was checked in"
    minutes = (ctx.now - row.checked_in_at) // timedelta(minutes=1)
    _done(ctx, found.pk, "check_out")
    return CheckedOut(found.pk, found.number, str(found.state), minutes, clock.minutes, clock.amount)


@command(permission="dock.release", result=NoShowsReleased)
def release_no_shows(ctx: Context, req: ReleaseNoShows) -> NoShowsReleased:
    """Free the slots of trucks that did not come within the time that their site waits.

    Their ASNs may be booked again. Emits dock.appointment_changed for each. Refuses nothing.
    """
    del req
    released = steps_appointments.release(ctx, queries_calendar.overdue(ctx.now))
    steps_appointments.free_asns([appointment_id for appointment_id, _ in released])
    for appointment_id, site_id in released:
        ctx.emit(AppointmentChanged(appointment_id, site_id, "no_show", "release"))
    return NoShowsReleased([appointment_id for appointment_id, _ in released])
