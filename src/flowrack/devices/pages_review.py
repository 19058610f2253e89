"""Pages of what devices could not do: the list, one entry, and what a person decides about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.devices import commands, queries_people, queries_review
from flowrack.devices.forms import HandOverForm, ReasonForm
from flowrack.devices.jobs_apply import apply_ready
from flowrack.devices.states import EntryState
from flowrack.devices.types import DecideEntries
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Batch, Choice, DateRange, Empty, ListPage, Tab, Text
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import ask, context_of, go, toast
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.refs import ref

MARKS = {"review": "bad", "parked": "warn", "ready": "wait", "applied": "ok", "dropped": "off"}
STATE_WORDS = {EntryState.REVIEW: "Needs a person", EntryState.PARKED: "Waits for a missing one"}


def _redo(request: HttpRequest, entry_ids: list[int]) -> HttpResponse:
    """Try the chosen entries again, in the name of who decides."""
    commands.decide_entries(context_of(request), DecideEntries(entry_ids, "redo"))
    for device_id, code in queries_review.devices_of(entry_ids):
        apply_ready(device_id, code)
    person = viewer_of(request).user.pk
    again = sum(queries_review.entry(pk, actor_id=person).state == EntryState.REVIEW for pk in entry_ids)
    done = len(entry_ids) - again
    toast(request, f"{done} done" if not again else f"{done} done, {again} still refused")
    return go(request, reverse("device_entries"))


ENTRIES = ListPage(
    name="devices.entries",
    title="Needs you",
    noun=("scan", "scans"),
    permission="devices.review",
    rows=queries_review.entry_page,
    columns=[
        Column("what", "What was done", wide=True, link=lambda r: reverse("device_entry", args=[r.id])),
        Column("message", "Why it waits", wide=True),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("occurred_at", "Done", kind="datetime", sort=True),
        Column("person", "By", sort=True),
        Column("device", "Device", kind="code", sort=True, link=lambda r: reverse("device", args=[r.device_id])),
        Column("device_name", "Name", hidden=True),
        Column("work", "Work"),
        Column("handed_to", "Handed to", sort=True, hidden=True),
        Column("seq", "No.", kind="number", hidden=True),
        Column("received_at", "Arrived", kind="datetime", sort=True, hidden=True),
        Column("decision", "Decided", hidden=True, value=lambda r: words(r.decision)),
        Column("decided_by", "Decided by", hidden=True),
        Column("reason", "Reason", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, STATE_WORDS.get(s, words(s))) for s in EntryState], promoted=True),
        Text("person", "By", promoted=True),
        Text("device", "Device"),
        DateRange("occurred_at", "Done"),
    ],
    tabs=[Tab("Needs a person", "state=review"), Tab("Waits", "state=parked,ready"), Tab("All", "")],
    sort="occurred_at",
    search="Device, person or reason",
    batch=[Batch("redo", "Do again", "devices.review", _redo)],
    is_cards=True,
    empty=Empty("Nothing needs you", "What a device did without network and the house then refused comes here."),
)


@page("devices.review")
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One thing that was done on a device: what it says, why it was refused, and what to do about it."""
    row = queries_review.entry(entry_id, actor_id=viewer_of(request).user.pk)
    open_ = row.state == EntryState.REVIEW
    decide = [
        Do("Hand over", reverse("device_entry_hand", args=[row.id]), "devices.review", post=False),
        Do("Drop", reverse("device_entry_drop", args=[row.id]), "devices.decide", post=False),
        Do("Do it again", reverse("device_entry_redo", args=[row.id]), "devices.review", primary=True, key="r"),
    ]
    record = Record(
        title=row.what,
        subtitle=f"{row.work}, {row.person}",
        state=row.state,
        marks=MARKS,
        site_id=row.site_id,
        subject=ref("devices.entry", row.id),
        back=(ENTRIES.title, reverse("device_entries")),
        facts=[
            *([Fact("Why it waits", row.message, tone="bad"), Fact("What to do", row.fix)] if open_ else []),
            *([Fact("What came of it", row.message)] if row.state == EntryState.APPLIED and row.message else []),
            Fact("Done", row.occurred_at, "datetime", note=_clock(row.offset_ms)),
            Fact("Arrived", row.received_at, "datetime"),
            Fact("Device", f"{row.device} {row.device_name}", url=reverse("device", args=[row.device_id]),
                 note=f"entry {row.seq:,} of its journal"),
            *([Fact("Handed to", row.handed_to)] if row.handed_to else []),
            *([Fact(f"{words(row.decision)} by", row.decided_by, note=row.decided_at or "")] if row.decision else []),
            *([Fact("Reason", row.reason)] if row.reason else []),
        ],
        actions=decide if open_ else [],
    )  # fmt: skip
    return render_record(request, record)


def _clock(offset_ms: int) -> str:
    seconds = abs(offset_ms) // 1000
    if seconds < 30:
        return ""
    return f"its clock was {seconds // 60 or 1:,} min {'slow' if offset_ms > 0 else 'fast'}, which is corrected"


@page("devices.review", methods=("POST",))
def redo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Try an entry again."""
    return _redo(request, [entry_id])


@page("devices.decide")
def drop(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Leave an entry undone, with the reason."""
    row = queries_review.entry(entry_id, actor_id=viewer_of(request).user.pk)
    return ask(
        request,
        ReasonForm(request.POST or None),
        commands.decide_entries,
        lambda data: DecideEntries([entry_id], "drop", data["reason"]),
        title="Drop it",
        back=(row.what, reverse("device_entry", args=[entry_id])),
        sub="The books stay as they are. Whoever scanned it is told the reason.",
        toast="Dropped",
    )


@page("devices.review")
def hand_over(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Give an entry to somebody who decides at this site."""
    row = queries_review.entry(entry_id, actor_id=viewer_of(request).user.pk)
    form = HandOverForm(request.POST or None, people=queries_people.deciders(row.site_id or 0))
    return ask(
        request,
        form,
        commands.decide_entries,
        lambda data: form.to_request(entry_id),
        title="Hand it over",
        back=(row.what, reverse("device_entry", args=[entry_id])),
        toast="Handed over",
    )


def _waiting(viewer: Viewer) -> int:
    return queries_review.count_waiting(viewer.user.pk)


REVIEW_URLS = [
    path("devices/entries", ENTRIES.view, name="device_entries"),
    path("devices/entries/<int:entry_id>", entry, name="device_entry"),
    path("devices/entries/<int:entry_id>/redo", redo, name="device_entry_redo"),
    path("devices/entries/<int:entry_id>/drop", drop, name="device_entry_drop"),
    path("devices/entries/<int:entry_id>/hand-over", hand_over, name="device_entry_hand"),
]
REVIEW_NAV = [
    NavItem("Work", "Needs you", "device_entries", permission="devices.review", order=110, count=_waiting),
]
