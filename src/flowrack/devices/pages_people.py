"""Pages of badges and PINs: who has one, a new badge to print, unlocking."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from flowrack.devices import commands, queries_people
from flowrack.devices.drawing import drawn
from flowrack.devices.types import IssueBadge, RevokeBadge, UnlockPin
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Batch, Choice, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, go, perform, toast
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref

MARKS = {"live": "ok", "none": "wait", "set": "ok"}


def _revoke_many(request: HttpRequest, person_ids: list[int]) -> HttpResponse:
    """The chosen people's badges open nothing any more."""
    for person_id in person_ids:
        commands.revoke_badge(context_of(request).keyed(str(person_id)), RevokeBadge(person_id))
    toast(request, f"{len(person_ids)} revoked")
    return go(request, reverse("badges"))


BADGES = ListPage(
    name="devices.badges",
    title="Badges",
    noun=("person", "people"),
    permission="devices.badges",
    rows=queries_people.badge_page,
    columns=[
        Column("person", "Name", sort=True, link=lambda r: reverse("badge", args=[r.id])),
        Column("username", "Signs in as", kind="code", sort=True),
        Column("badge", "Badge", kind="state", sort=True, marks=MARKS),
        Column("issued_at", "Issued", kind="datetime", sort=True),
        Column("issued_by", "By", hidden=True),
        Column("pin", "PIN", kind="state", sort=True, marks=MARKS),
        Column("locked_on", "PIN locked on"),
    ],
    filters=[
        Choice("badge", "Badge", [("live", "Has one"), ("none", "Has none")], promoted=True),
        Choice("pin", "PIN", [("set", "Set"), ("none", "Not set")]),
    ],
    tabs=[Tab("All", "")],
    sort="person",
    search="Name",
    batch=[Batch("revoke", "Revoke badge", "devices.badges", _revoke_many)],
    empty=Empty("Nobody works on the floor yet", "People with a floor role sign in on devices with badge and PIN."),
)


def _person(person_id: int) -> queries_people.BadgeRow:
    rows = queries_people.badge_rows(after_id=person_id - 1, limit=1)
    if not rows or rows[0].id != person_id:
        raise NotFound(f"There is no person with id {person_id} on the floor.")
    return rows[0]


@page("devices.badges")
def badge(request: HttpRequest, person_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    """One person's badge and PIN."""
    row = _person(person_id)
    locked = queries_people.locks_of(person_id)
    actions = [Do("Issue new badge" if row.badge == "live" else "Issue badge", reverse("badge_issue", args=[row.id]),
                  "devices.badges", primary=True,
                  confirm="The old badge opens nothing any more." if row.badge == "live" else "")]  # fmt: skip
    if row.badge == "live":
        actions.insert(0, Do("Revoke badge", reverse("badge_revoke", args=[row.id]), "devices.badges"))
    actions = [
        *(Do(f"Unlock PIN on {code}", reverse("pin_unlock", args=[row.id]), "devices.manage",
             fields={"device": device_id}) for device_id, code in locked),
        *actions,
    ]  # fmt: skip
    record = Record(
        title=row.person,
        subtitle=row.username,
        subject=ref("platform.user", row.id),
        back=(BADGES.title, reverse("badges")),
        facts=[
            Fact("Badge", "has one" if row.badge == "live" else "has none", note=row.issued_at or ""),
            Fact("PIN", "set" if row.pin == "set" else "not set: the person sets it under PIN for the floor"),
            Fact("PIN locked on", row.locked_on or "no device", tone="bad" if row.locked_on else ""),
        ],
        actions=actions,
        tables=[
            Table("Devices used", [Column("device", "Device", kind="code"), Column("method", "Signed in with"),
                                   Column("began_at", "Since", kind="datetime")],
                  queries_people.sessions_of(row.id, limit=20), empty="None yet."),
        ],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


@page("devices.badges", methods=("POST",))
def issue(request: HttpRequest, person_id: int) -> HttpResponse:
    """Make a badge and show it this once, to be printed."""
    row = _person(person_id)
    try:
        made = commands.issue_badge(context_of(request), IssueBadge(person_id))
    except FlowrackError as refusal:
        return badge(request, person_id, refusal)
    picture = drawn(made.text) if made.text else ""
    return render(request, "devices/badge.html",
                  {"row": row, "picture": picture, "back": (row.person, reverse("badge", args=[row.id]))})  # fmt: skip


@page("devices.badges", methods=("POST",))
def revoke(request: HttpRequest, person_id: int) -> HttpResponse:
    """The badge opens nothing any more."""
    return perform(request, commands.revoke_badge, RevokeBadge(person_id), to=reverse("badge", args=[person_id]),
                   toast="Badge revoked", again=lambda refusal: badge(request, person_id, refusal))  # fmt: skip


@page("devices.manage", methods=("POST",))
def unlock(request: HttpRequest, person_id: int) -> HttpResponse:
    """The person may try the PIN on that device again."""
    return perform(request, commands.unlock_pin, UnlockPin(read_id(request.POST.get("device", "")), person_id),
                   to=reverse("badge", args=[person_id]), toast="PIN unlocked",
                   again=lambda refusal: badge(request, person_id, refusal))  # fmt: skip


PEOPLE_URLS = [
    path("devices/badges", BADGES.view, name="badges"),
    path("devices/badges/<int:person_id>", badge, name="badge"),
    path("devices/badges/<int:person_id>/issue", issue, name="badge_issue"),
    path("devices/badges/<int:person_id>/revoke", revoke, name="badge_revoke"),
    path("devices/badges/<int:person_id>/unlock-pin", unlock, name="pin_unlock"),
]
PEOPLE_NAV = [NavItem("Data and setup", "Badges", "badges", permission="devices.badges", order=910)]
