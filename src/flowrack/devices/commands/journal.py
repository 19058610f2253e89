"""The journals of devices: what they send is written down, tried by its flow, and settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flowrack.devices import locks, queries, queries_people, rules, steps
from flowrack.devices.states import DeviceState, advance_entry
from flowrack.devices.types import (
    GAP_SECONDS,
    MOST_ENTRIES,
    Counted,
    DecideEntries,
    DeviceLocked,
    EntriesNeedPerson,
    GiveUpGaps,
    NewEntry,
    Settle,
    TakeIn,
    Taken,
)
from flowrack.platform import sessions
from flowrack.platform.runner import Context, command
from flowrack.platform.web.journal import goes_back
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref

COPIED = "Two devices sent different scans under one number: this device was copied."
KEPT = "kept"
SLACK = timedelta(minutes=2)  # clocks that are measured through a network are right to that
LONGEST = {"key": 64, "flow": 40, "claimed_at": 32, "payload": 20000}


@command(permission="devices.sync", result=Taken)
def take_in(ctx: Context, req: TakeIn) -> Taken:
    """Write down a message of a device: each entry once, in its order; after a gap it waits.

    Entries of a copied device are not taken and lock it (emits devices.locked). Those of a device that is revoked or
    lost, with an impossible time or of a person who was not the last to sign in there wait for a person (emits
    devices.needs_person). Refuses with Invalid, NotFound.
    """
    _check_shape(req)
    held = locks.device(req.device_id)
    if req.entries:  # a sign of life is no event of the device's timeline
        ctx.subject = ref("devices.device", held.id)
    seqs = [entry.seq for entry in req.entries]
    if held.state in (DeviceState.ASKED, DeviceState.REFUSED, DeviceState.LOCKED):
        return Taken(dict.fromkeys(seqs, KEPT), is_locked=held.state == DeviceState.LOCKED)
    found = rules.sort_out(
        device_code=held.code,
        last_seq=held.last_seq,
        last_hash=held.last_hash,
        known=queries.stored(held.id, seqs),
        parked=queries.parked(held.id),
        entries=req.entries,
    )
    if found.is_cloned:
        steps.set_state(held.id, "locked", COPIED)
        sessions.end_on_devices(ctx.now, device_id=held.id)
        ctx.emit(DeviceLocked(held.id, COPIED))
        outcomes = {seq: out if out in (rules.CLONED, rules.BROKEN, rules.KNOWN) else KEPT
                    for seq, out in found.outcomes.items()}  # fmt: skip
        return Taken(outcomes, is_locked=True)
    offset = rules.offset_ms(sent_at=req.sent_at, received_at=ctx.now)
    fresh = [e for e in req.entries if found.outcomes[e.seq] in (rules.NEW, rules.LATE, rules.PARKED)]
    placed = _placed(ctx, held, fresh, found.outcomes, offset)
    review = steps.insert_entries(ctx, held.id, placed, offset=offset) if placed else []
    if found.arrived:
        review += steps.let_arrive(held.id, found.arrived)
    if review:
        ctx.emit(EntriesNeedPerson(held.id, review))
    steps.note_message(ctx, req, last_seq=found.last_seq, last_hash=found.last_hash, offset=offset)
    return Taken(found.outcomes, is_locked=False)


def _check_shape(req: TakeIn) -> None:
    """Refuse with Invalid a message that no device of ours makes."""
    lines = []
    if len(req.entries) > MOST_ENTRIES:
        lines.append(BadLine(0, "entries", f"At most {MOST_ENTRIES} entries at once.", "Send the rest afterwards."))
    for number, entry in enumerate(req.entries, 1):
        lines += [
            BadLine(number, name, f"{name} is empty or longer than {most} characters.")
            for name, most in LONGEST.items()
            if not 0 < len(getattr(entry, name)) <= most or "\x00" in getattr(entry, name)
        ]
        if _time_of(entry) is None:
            lines.append(BadLine(number, "claimed_at", "This is no time.", "Send it as 2026-05-14T10:42:07.120Z."))
    if len({entry.seq for entry in req.entries}) < len(req.entries):
        lines.append(BadLine(0, "entries", "A seq stands twice in one message.", "Send each entry once."))
    if lines:
        raise Invalid(lines[0].message, lines=lines, fix=lines[0].fix)


def _time_of(entry: NewEntry) -> datetime | None:
    try:
        found = datetime.fromisoformat(entry.claimed_at)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _placed(
    ctx: Context, held: locks.LockedDevice, fresh: list[NewEntry], outcomes: dict[int, str], offset: int
) -> list[steps.Placed]:
    """Each entry with its time and state; what cannot be believed goes before a person."""
    names = queries_people.names([entry.person_id for entry in fresh])
    times = {
        entry.seq: rules.floor_time(claimed_at=_claimed(entry), offset=offset, received_at=ctx.now) for entry in fresh
    }
    people = queries.signed_in(
        held.id,
        [entry.seq for entry in fresh],
        [entry.person_id for entry in fresh],
        [times[entry.seq].at for entry in fresh],
        slack=SLACK,
    )
    used = queries.keys_taken(held.id, [entry.key for entry in fresh])
    placed = []
    for entry in fresh:
        time, who = times[entry.seq], people[entry.seq]
        state, why = "parked" if outcomes[entry.seq] == rules.PARKED else "ready", ("", "", "")
        foreign = rules.fault_of_person(is_known=entry.person_id in names, own=who.own, other=who.other)
        if held.state != DeviceState.ENROLLED:
            why = ("device_gone", f"The device was {held.state} when this arrived.", "Check the goods, then decide.")
        elif foreign[0]:
            why = foreign
        elif not time.is_believable:
            why = ("wrong_clock", f"The device says that this was done at {_claimed(entry):%d %b %Y %H:%M}.",
                   "Set its clock. Redo it if the goods are as it says.")  # fmt: skip
        elif entry.key in used:
            why = ("key_used", "The device used this entry's key before.", "Drop it; the first one counts.")
        kept = _kept(ctx, entry, is_known=entry.person_id in names, is_used=entry.key in used)
        used.add(kept.key)
        placed.append(steps.Placed(kept, time.at, "review" if why[0] and state == "ready" else state, *why))
    return placed


def _claimed(entry: NewEntry) -> datetime:
    claimed = _time_of(entry)
    assert claimed is not None, "the shape was checked"
    return claimed


def _kept(ctx: Context, entry: NewEntry, *, is_known: bool, is_used: bool) -> NewEntry:
    """The entry as it is written: a row names a person of the house and a key of its own; the hash is of the claim."""
    return replace(
        entry,
        key=f"{entry.key[:40]}+{entry.seq}" if is_used else entry.key,
        person_id=entry.person_id if is_known else ctx.actor_id,
    )


@command(permission="devices.sync", result=Counted)
def settle_entries(ctx: Context, req: Settle) -> Counted:
    """Write down what came of entries that were tried: applied, or before a person with the refusal's words.

    Emits devices.needs_person for those.
    """
    count = steps.settle(ctx, req.answers)
    held = locks.entries([one.entry_id for one in req.answers])
    by_device: dict[int, list[int]] = {}
    for entry in held:
        if entry.state == "review":
            by_device.setdefault(entry.device_id, []).append(entry.id)
    for device_id, ids in by_device.items():
        ctx.emit(EntriesNeedPerson(device_id, ids))
    ctx.about("devices.entry", [entry.id for entry in held])
    return Counted(count)


@command(permission="devices.sync", result=Counted)
def give_up_gaps(ctx: Context, req: GiveUpGaps) -> Counted:
    """Put before a person what has waited ten minutes for a missing entry. Emits devices.needs_person."""
    before = ctx.now - timedelta(seconds=GAP_SECONDS)
    locks.devices_with_gaps(before)
    found = steps.give_up_gaps(ctx, before)
    for device_id in dict.fromkeys(device for device, _ in found):
        ctx.emit(EntriesNeedPerson(device_id, [entry for device, entry in found if device == device_id]))
    return Counted(len(found))


@command(permission="devices.review", result=Counted)
def decide_entries(ctx: Context, req: DecideEntries) -> Counted:
    """Redo entries in one's own name, put back or drop them with a reason, or hand them to somebody; all or none.

    Who scans may redo and hand over what they did themselves, and put goods back that they only took in their hands:
    these lie where they were before, and need no entry. To drop other work, such as a count, a short pick or what
    stands on a truck, or to touch another's, needs devices.decide at the site. Refuses with WrongState, Invalid,
    NotFound, NotPermitted.
    """
    if req.action not in ("redo", "put_back", "drop", "hand_over"):
        raise Invalid("An entry is redone, put back, dropped or handed over.", fix="Choose one of the four.")
    held = locks.entries(req.entry_ids)
    found = {entry.id for entry in held if _may_see(ctx, entry)}
    missing = [one for one in dict.fromkeys(req.entry_ids) if one not in found]
    if missing or not held:
        raise NotFound(f"There is no entry with id {missing[0] if missing else 0}.")
    for entry in held:
        if req.action == "drop" and not req.reason.strip():
            raise Invalid("Say why it is dropped.", lines=[BadLine(0, "reason", "The reason is missing.")])
        if req.action == "put_back" and not goes_back(entry.flow):
            raise Invalid(
                f"Entry {entry.number} does not go away by putting goods back.",
                fix="Do it again, or hand it to a lead.",
            )
        if req.action == "drop" or entry.person_id != ctx.actor_id:
            ctx.require("devices.decide", entry.site_id)
        if req.action == "hand_over" and not _may_take(req.to_id, entry.site_id):
            raise Invalid("This person may not look at it.", lines=[BadLine(0, "to_id", "Choose somebody who may.")])
    states = {advance_entry(entry.state, req.action, number=entry.number) for entry in held}
    count = steps.decide(ctx, [entry.id for entry in held], action=req.action, state=states.pop(),
                         reason=req.reason.strip(), to_id=req.to_id or None)  # fmt: skip
    ctx.about("devices.entry", [entry.id for entry in held])
    return Counted(count)


def _may_see(ctx: Context, entry: locks.LockedEntry) -> bool:
    return ctx.actor_id in (entry.person_id, entry.handed_to) or ctx.may("devices.decide", entry.site_id or 0)


def _may_take(person_id: int, site_id: int | None) -> bool:
    return person_id in dict(queries_people.deciders(site_id or 0))
