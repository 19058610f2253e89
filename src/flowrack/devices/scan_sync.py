"""A device talks to the house: it asks to belong, sends its journal, signs its people in.

These addresses need no session: a device's message bears the signature of its own key, and what it says was done is
done with the rights of the person who did it. JSON in, JSON out; refusals are problem documents.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import TypeAdapter, ValidationError

from flowrack.devices import commands, queries, queries_people, queries_review
from flowrack.devices.commands.people import digest_of
from flowrack.devices.jobs_apply import apply_ready, as_system
from flowrack.devices.queries import DeviceKey
from flowrack.devices.types import (
    PIN_TRIES,
    AskEnrolment,
    NewEntry,
    NotePerson,
    PinTried,
    TakeIn,
    TryPin,
    UnknownDevice,
)
from flowrack.locations import queries as locations
from flowrack.platform import sessions
from flowrack.platform.http import DEVICE_HEADER, address_of, caller_of, device_of_session, now
from flowrack.platform.web.access import PUBLIC, page
from flowrack.platform.web.journal import all_journal_flows, is_storable
from flowrack.platform.web.render import context_of
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError, Invalid, NotPermitted
from flowrack.shared.ids import uuid7
from flowrack.shared.p256 import is_signed

log = structlog.get_logger()

LONGEST_BODY = 2 * 2**20
CHALLENGE_SECONDS = 120
LIVES_EVERY_SECONDS = 300
_CHALLENGE = "flowrack.devices.challenge"
_ENTRIES: TypeAdapter[list[NewEntry]] = TypeAdapter(list[NewEntry])


def _told(refusal: FlowrackError) -> HttpResponse:
    return JsonResponse(refusal.problem(), status=refusal.status, content_type="application/problem+json")


def _body(request: HttpRequest) -> dict[str, Any]:
    """What was sent, as its fields; refuses with Invalid what is no JSON object."""
    try:
        found = json.loads(request.body[: LONGEST_BODY + 1]) if len(request.body) <= LONGEST_BODY else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid("The message cannot be read.", fix="Send a JSON object of at most 2 MB.")
    return found


def _text(body: dict[str, Any], name: str, longest: int = 200) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not is_storable(value):
        raise Invalid(f"{name} is no text of at most {longest} characters.")
    return value


def _signed_by(body: dict[str, Any], message: str) -> DeviceKey:
    """The device that sent this; refuses with UnknownDevice, in the same words whatever is wrong."""
    device = queries.by_code(_text(body, "device"))
    try:
        signature = bytes.fromhex(_text(body, "signature"))
    except ValueError:
        signature = b""
    if device is None or not is_signed(bytes.fromhex(device.public_key), signature, message.encode()):
        raise UnknownDevice("The house does not know this device.", fix="Open the set-up page on it.")
    return device


@csrf_exempt
@page(PUBLIC, methods=("POST",))
def ask(request: HttpRequest) -> HttpResponse:
    """A device shows its public key: it is written down, or told how it stands."""
    try:
        body = _body(request)
        key = _text(body, "public_key").lower()
        device = queries.by_key(key)
        if device is None:
            asked = AskEnrolment(key, _text(body, "model", 400)[:120], _text(body, "replaces", 20))
            commands.check_ask(key, address_of(request), now())
            ctx = as_system("")
            ctx.address = address_of(request)
            commands.ask_enrolment(ctx, asked)
            device = queries.by_key(key)
        assert device is not None
        return JsonResponse(_standing(device))
    except FlowrackError as refusal:
        return _told(refusal)


def _standing(device: DeviceKey) -> dict[str, Any]:
    """How a device stands, as it is told."""
    [row] = queries.devices(None, after_id=device.id - 1, limit=1)
    before = queries.by_code(row.replaces) if row.replaces else None
    return {
        "device": row.code,
        "name": row.name,
        "state": row.state,
        "reason": row.state_reason,
        "letters": row.approval_code if row.state == "asked" else "",
        "site": row.site,
        "zones": row.zones,
        "last_seq": row.last_seq,
        "last_hash": device.last_hash,
        "lost": _lost(before) if before and row.last_seq == 0 and row.state == "enrolled" else None,
    }


def _lost(before: DeviceKey) -> dict[str, Any]:
    """What a device whose storage was wiped had not sent when it was last heard of."""
    seen = before.last_seen_at.isoformat() if before.last_seen_at else ""
    return {"device": before.code, "count": before.outbox_told, "since": seen, "last_seq": before.last_seq}


@csrf_exempt
@page(PUBLIC, methods=("POST",))
def journal(request: HttpRequest) -> HttpResponse:
    """Take a message of a device in, do what it says that was done, and answer each entry."""
    try:
        body = _body(request)
        entries = _entries(body)
        sent_at, outbox, version = _text(body, "sent_at", 32), body.get("outbox", 0), _text(body, "version", 40)
        head = max(entries, key=lambda one: one.seq).hash if entries else ""
        signed = "\n".join(("flowrack-message-1", _text(body, "device"), sent_at, str(outbox), version, head))
        device = _signed_by(body, signed)
        if not isinstance(outbox, int) or isinstance(outbox, bool) or not 0 <= outbox < 2**31:
            raise Invalid("outbox is no count.")
        return JsonResponse(_take(device, TakeIn(device.id, _time(sent_at), outbox, version, entries)))
    except FlowrackError as refusal:
        return _told(refusal)


def _entries(body: dict[str, Any]) -> list[NewEntry]:
    try:
        return _ENTRIES.validate_json(json.dumps(body.get("entries", [])), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"entries: {first['msg']} at {'.'.join(map(str, first['loc']))}.") from None


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("sent_at is no time.", fix="Send it as 2026-05-14T10:42:07.120Z.")
    return found


def _take(device: DeviceKey, req: TakeIn) -> dict[str, Any]:
    outcomes: dict[int, str] = {}
    if req.entries or _is_news(device, req):
        outcomes = commands.take_in(as_system(device.code), req).outcomes
    apply_ready(device.id, device.code)
    seqs = [entry.seq for entry in req.entries]
    stored = {one.seq: one for one in queries.answers(device.id, seqs)}
    answers = []
    for seq in seqs:
        outcome, answer = outcomes.get(seq, "kept"), stored.get(seq)
        if outcome in ("cloned", "broken", "kept") or answer is None:
            answers.append({"seq": seq, "result": outcome, **_WORDS.get(outcome, _WORDS["kept"])})
        else:
            answers.append({"seq": seq, "result": answer.state, "code": answer.code, "message": answer.message,
                            "fix": answer.fix, "is_repeat": outcome == "known"})  # fmt: skip
    current = queries.by_code(device.code)
    assert current is not None
    return {
        **_standing(current),
        "answers": answers,
        "review": queries.in_review(device.id),
        "needs": queries_review.needs_of_last(device.id),
        "server_time": now().isoformat(),
    }


_WORDS = {
    "cloned": {"code": "cloned", "message": "Another device sent a scan under this number.",
               "fix": "This device is locked. Take it to the lead."},
    "broken": {"code": "broken", "message": "This scan was changed after it was stored.", "fix": "Tell the lead."},
    "kept": {"code": "kept", "message": "The house takes nothing from this device now.",
             "fix": "It stays on the device. Take it to the lead."},
}  # fmt: skip


def _is_news(device: DeviceKey, req: TakeIn) -> bool:
    """Whether an empty message tells something worth writing: at most every five minutes it is only that it lives."""
    if device.state not in ("enrolled", "lost", "revoked"):
        return False
    is_old = device.last_seen_at is None or (now() - device.last_seen_at).total_seconds() > LIVES_EVERY_SECONDS
    return is_old or device.outbox_told != req.outbox or device.app_version != req.app_version


@page(PUBLIC, methods=("GET",))
def challenge(request: HttpRequest) -> HttpResponse:
    """A text that a device signs within two minutes, so that no sign-in can be sent again later."""
    return JsonResponse({"challenge": signing.dumps(str(uuid7()), salt=_CHALLENGE)})


@csrf_exempt
@page(PUBLIC, methods=("POST",))
def sign_in(request: HttpRequest) -> HttpResponse:
    """Badge and PIN on an enrolled device; the PIN alone when the same person was away for less than an hour."""
    try:
        body = _body(request)
        badge, text = _text(body, "badge", 80), _text(body, "challenge", 400)
        badge_hash = hashlib.sha256(badge.encode()).hexdigest()
        device = _signed_by(body, "\n".join(("flowrack-sign-in-1", _text(body, "device"), text, badge_hash)))
        try:
            signing.loads(text, salt=_CHALLENGE, max_age=CHALLENGE_SECONDS)
        except signing.BadSignature:
            raise UnknownDevice("The sign-in took too long.", fix="Scan the badge again.") from None
        again = sessions.person_to_ask_again(request) if not badge else 0
        if again and device_of_session(request) != device.id:
            again = 0
        if not badge and not again:
            raise NotPermitted("Scan your badge.", fix="After an hour away the PIN alone is not enough.")
        tried = TryPin(device.id, digest_of(badge) if badge else "", _text(body, "pin", 20), again)
        return _signed_in(request, device, commands.try_pin(as_system(device.code), tried))
    except FlowrackError as refusal:
        return _told(refusal)


def _signed_in(request: HttpRequest, device: DeviceKey, tried: PinTried) -> HttpResponse:
    if tried.elsewhere:
        site = locations.site(device.site_id or 0)
        raise NotPermitted(
            f"{tried.elsewhere} does not work at {site.code} {site.name}.",
            fix="Take a device of your own site, or ask the lead to give you this one.",
        )
    if not tried.user_id:
        if not tried.tries_left:
            raise NotPermitted("This PIN is locked on this device.", fix="A lead unlocks it, or use your password.")
        left = "" if tried.tries_left >= PIN_TRIES else f" {tried.tries_left} tries are left."
        raise NotPermitted("Badge and PIN do not fit.", fix=f"Try again.{left}", tries_left=tried.tries_left)
    assert device.site_id is not None
    sessions.sign_in_on_device(request, tried.user_id, device_id=device.id, site_id=device.site_id)
    return JsonResponse({"person": tried.user_id, "name": queries_people.names([tried.user_id])[tried.user_id]})


@csrf_exempt  # the header can only be sent by our own pages
@page("devices.use", methods=("POST",))
def note_person(request: HttpRequest) -> HttpResponse:
    """The person who is signed in here works on this device: their scans may stand in its journal."""
    caller = caller_of(request)
    assert caller is not None, "the gate lets nobody else in"
    try:
        device = queries.by_code(request.headers.get(DEVICE_HEADER, "")[:20])
        if device is None:
            raise UnknownDevice("The house does not know this device.", fix="Open the set-up page on it.")
        if caller.user_id != queries.last_person(device.id):
            commands.note_person(context_of(request), NotePerson(device.id))
        site = locations.site(device.site_id) if device.site_id else None
        grants = viewer_of(request).grants
        may = {flow.code.partition(".")[0] for flow in all_journal_flows().values() if flow.permission in grants}
        return JsonResponse(
            {"person": caller.user_id, "name": caller.name, "device": asdict(device)["code"], "may": sorted(may),
             "site": site.code if site else "", "address": address_of(request) or ""}
        )  # fmt: skip
    except FlowrackError as refusal:
        return _told(refusal)
