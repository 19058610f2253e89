"""Scanning on the floor: what the device could not do, and the addresses by which devices speak."""

from __future__ import annotations

from django.urls import path

from flowrack.devices import commands, queries_people, queries_review, scan_sync
from flowrack.devices.jobs_apply import apply_ready
from flowrack.devices.queries_review import EntryRow
from flowrack.devices.scan_setup import SETUP_URLS
from flowrack.devices.types import DecideEntries
from flowrack.platform.web.format import moment
from flowrack.platform.web.scan import DONE, OK, ScanAction, ScanFlow, ScanPage, ScanStep, Visit, WrongScan
from flowrack.platform.web.viewer import Viewer

NEVER = ("pick_closed", "pick_not_found", "already_packed", "wrong_state")
PUT_BACK = "The goods are where they were before."


def _mine(visit: Visit) -> list[EntryRow]:
    """What this person must look at; what they put off comes last."""
    later = visit.state.get("later", [])
    found = queries_review.waiting_for(visit.viewer.user.pk)
    return sorted(found, key=lambda one: later.index(one.id) + 1 if one.id in later else 0)


def _draw(visit: Visit) -> ScanStep:
    waiting = _mine(visit)
    if not waiting:
        return ScanStep(task="Needs you", prompt="Nothing needs you", sub="Everything you scanned is in the books.")
    first = waiting[0]
    # What was done by somebody else, or was tried again in vain, will not go a second time: the goods go back, or,
    # where that undoes nothing, the lead decides.
    is_vain = first.code in NEVER or first.decision == "redo"
    back = ScanAction("put_back", "It is put back", "the goods are where they were", primary=is_vain)
    actions = [
        ScanAction("hand", "Hand to lead", primary=is_vain and not first.goes_back),
        ScanAction("later", "Later") if len(waiting) > 1 else ScanAction("noop", "Look again"),
        ScanAction("redo", "Do it again", "the goods are as I scanned", primary=not is_vain),
        *([back] if first.goes_back else []),
    ]
    return ScanStep(
        task=f"Needs you: {queries_review.needs_of(visit.viewer.user.pk):,}" if len(waiting) > 1 else "Needs you",
        prompt=first.message,
        sub=first.fix,
        item=first.what,
        item_note=f"{first.work}, {moment(first.occurred_at)}, {first.device_name or first.device}",
        actions=actions,
        note="“Do it again” tries once more what you did then. "
        + ("“It is put back” ends it: nothing is booked. " if first.goes_back else "")
        + "If you are not sure where the goods are, hand it to the lead.",
    )


def _scanned(visit: Visit, code: str) -> str:
    raise WrongScan("There is nothing to scan here.", "Choose one of the buttons.")


def _acted(visit: Visit, action: str) -> str:
    waiting = _mine(visit)
    if not waiting:
        raise WrongScan("Nothing needs you.", "Go back to the jobs.")
    first = waiting[0]
    if action == "noop":
        return OK
    if action == "later":
        visit.state["later"] = [*(pk for pk in visit.state.get("later", []) if pk != first.id), first.id][-50:]
        return OK
    if action == "redo":
        commands.decide_entries(visit.ctx(), DecideEntries([first.id], "redo"))
        apply_ready(first.device_id, first.device)
        after = queries_review.entry(first.id, actor_id=visit.viewer.user.pk)
        if after.state == "review":
            raise WrongScan(after.message, after.fix)
        return DONE if len(waiting) == 1 else OK
    if action == "put_back":
        commands.decide_entries(visit.ctx(), DecideEntries([first.id], "put_back", PUT_BACK))
        return DONE if len(waiting) == 1 else OK
    if action == "hand":
        leads = queries_people.deciders(first.site_id or 0)
        others = [pk for pk, _ in leads if pk != visit.viewer.user.pk]
        if not others:
            raise WrongScan("There is no lead at this site.", "Tell the office.")
        commands.decide_entries(visit.ctx(), DecideEntries([first.id], "hand_over", to_id=others[0]))
        return OK
    raise WrongScan("This step does not know that.", "Choose one of the buttons.")


NEEDS = ScanPage("needs", "devices.review", _draw, _scanned, _acted)


def _waiting(viewer: Viewer) -> int:
    return queries_review.needs_of(viewer.user.pk)


SCAN_FLOWS = [
    ScanFlow("needs", "Needs you", "scan_needs", "devices.review", order=5, note="Scans to look at", count=_waiting)
]
urlpatterns = [
    path("scan/needs", NEEDS.view, name="scan_needs"),
    path("scan/device/ask", scan_sync.ask, name="device_ask"),
    path("scan/device/journal", scan_sync.journal, name="device_journal"),
    path("scan/device/challenge", scan_sync.challenge, name="device_challenge"),
    path("scan/device/sign-in", scan_sync.sign_in, name="device_sign_in"),
    path("scan/device/person", scan_sync.note_person, name="device_person"),
    *SETUP_URLS,
]
