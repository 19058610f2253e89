"""Who works on a device: badges, PINs, and since when."""

from __future__ import annotations

import hashlib
import secrets

from flowrack.devices import locks, queries_people, rules, steps
from flowrack.devices.states import DeviceState
from flowrack.devices.types import (
    PIN_TRIES,
    BadgeIssued,
    Counted,
    DeviceNotWorking,
    IssueBadge,
    NotePerson,
    PinTried,
    RevokeBadge,
    SetPin,
    TryPin,
    UnlockPin,
)
from flowrack.platform import passwords, sessions
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

BADGE_PREFIX = "FRB"


def digest_of(badge: str) -> str:
    """What is kept of a badge."""
    return hashlib.sha256(badge.strip().upper().encode()).hexdigest()


@command(permission="devices.badges", result=BadgeIssued)
def issue_badge(ctx: Context, req: IssueBadge) -> BadgeIssued:
    """Make a badge for somebody else: a random value of 128 bits. The one before opens nothing any more.

    Refuses with NotFound, DutiesConflict.
    """
    ctx.require_other_person(req.user_id, rule="own_badge", sentence="You cannot issue your own badge.")
    if not queries_people.names([req.user_id]):
        raise NotFound(f"There is no person with id {req.user_id}.")
    text = f"{BADGE_PREFIX}{secrets.token_hex(16).upper()}"
    badge_id = steps.set_badge(ctx, req.user_id, digest_of(text))
    ctx.subject = ref("platform.user", req.user_id)
    return BadgeIssued(badge_id, text)


@command(permission="devices.badges", result=Counted)
def revoke_badge(ctx: Context, req: RevokeBadge) -> Counted:
    """End a person's badge at once, and the sessions that it opened. Refuses with NotFound when there is none."""
    count = steps.end_badge(ctx, req.user_id)
    if not count:
        raise NotFound("This person has no badge.")
    sessions.end_on_devices(ctx.now, user_id=req.user_id)
    ctx.subject = ref("platform.user", req.user_id)
    return Counted(count)


@command(permission="devices.use", result=Counted)
def set_pin(ctx: Context, req: SetPin) -> Counted:
    """Choose one's own PIN of six digits. Refuses with WeakPin what is guessed first."""
    rules.check_pin(req.pin, username=queries_people.username_of(ctx.actor_id))
    steps.set_pin(ctx, passwords.hash_of(req.pin))
    ctx.subject = ref("platform.user", ctx.actor_id)
    return Counted(1)


@command(permission="devices.sync", result=PinTried)
def try_pin(ctx: Context, req: TryPin) -> PinTried:
    """See whether badge and PIN fit on an enrolled device, and count it when not: the fifth locks the PIN there.

    An unknown badge counts nothing; the words of the refusal are the same. Refuses with DeviceNotWorking, NotFound.
    """
    held = locks.device(req.device_id)
    if held.state != DeviceState.ENROLLED or held.site_id is None:
        raise DeviceNotWorking(f"{held.code} is {held.state}.", fix="Take it to the lead.")
    known = (
        queries_people.pin_of_person(req.again_id) if req.again_id else queries_people.pin_of_badge(req.badge_digest)
    )
    if known is None:
        passwords.fits(req.pin, None)
        return PinTried(0, PIN_TRIES)
    before = locks.tries(held.id, known.person_id)
    if before >= PIN_TRIES:
        return PinTried(0, 0)
    fits = passwords.fits(req.pin, known.digest or None)
    if fits and not queries_people.may_use(known.person_id, held.site_id):
        # Only who knows the PIN hears so, and it is no wrong try.
        return PinTried(0, PIN_TRIES - before, queries_people.names([known.person_id])[known.person_id])
    failures = steps.count_try(ctx, held.id, known.person_id, fits=fits)
    if not fits:
        return PinTried(0, max(PIN_TRIES - failures, 0))
    steps.begin_session(ctx, held.id, known.person_id, "pin" if req.again_id else "badge")
    ctx.subject = ref("devices.device", held.id)
    return PinTried(known.person_id, PIN_TRIES)


@command(permission="devices.manage", result=Counted)
def unlock_pin(ctx: Context, req: UnlockPin) -> Counted:
    """Let a person try their PIN on a device again. Refuses with NotFound, DutiesConflict."""
    ctx.require_other_person(req.user_id, rule="own_pin", sentence="You cannot unlock your own PIN.")
    held = locks.device(req.device_id)
    if held.site_id is not None and not ctx.may("devices.manage", held.site_id):
        raise NotFound(f"There is no device with id {req.device_id}.")
    count = steps.forget_tries(held.id, req.user_id)
    if not count:
        raise NotFound("This person's PIN is not locked there.")
    ctx.subject = ref("devices.device", held.id)
    return Counted(count)


@command(permission="devices.use", result=Counted)
def note_person(ctx: Context, req: NotePerson) -> Counted:
    """The person who signed in with a password works on this device now. Refuses with DeviceNotWorking, NotFound."""
    held = locks.device(req.device_id)
    if held.state != DeviceState.ENROLLED or held.site_id is None:
        raise DeviceNotWorking(f"{held.code} is {held.state}.", fix="Have it approved first.")
    if not ctx.may("devices.use", held.site_id):
        raise NotFound(f"There is no device with id {req.device_id}.")
    steps.begin_session(ctx, held.id, ctx.actor_id, "password")
    ctx.subject = ref("devices.device", held.id)
    return Counted(1)
