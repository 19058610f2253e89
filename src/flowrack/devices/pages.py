"""Pages of devices: the list, one device, what they could not do, badges and PINs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.devices import commands, queries, queries_review
from flowrack.devices.forms import ApproveForm, MoveForm, PinForm, ReasonForm
from flowrack.devices.pages_people import PEOPLE_NAV, PEOPLE_URLS
from flowrack.devices.pages_review import REVIEW_NAV, REVIEW_URLS
from flowrack.devices.queries import DeviceRow
from flowrack.devices.states import TRANSITIONS, DeviceState
from flowrack.devices.types import ChangeDevice, SetPin
from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.along import held_on
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import moment, words
from flowrack.platform.web.listing import Choice, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform, render_form
from flowrack.platform.web.viewer import Viewer, sites_for, viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

MARKS = {"asked": "warn", "enrolled": "ok", "locked": "bad", "lost": "bad", "revoked": "off", "refused": "off"}
QUIET_HOURS = 12

DEVICES = ListPage(
    name="devices.devices",
    title="Devices",
    noun=("device", "devices"),
    permission="devices.view",
    rows=queries.device_page,
    columns=[
        Column("code", "Device", kind="code", sort=True, link=lambda r: reverse("device", args=[r.id])),
        Column("name", "Name", sort=True),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("site", "Site", sort=True),
        Column("zones", "Zones", value=lambda r: r.zones or ("all" if r.site else "")),
        Column("person", "Last person", sort=True),
        Column("last_seen_at", "Last seen", kind="datetime", sort=True),
        Column("outbox_told", "Not sent", kind="number", sort=True, total=True),
        Column("in_review", "Needs a person", kind="number", sort=True, total=True,
               link=lambda r: f"{reverse('device_entries')}?state=review&q={r.code}"),
        Column("clock", "Clock"),
        Column("test", "Scanner test"),
        Column("app_version", "App", kind="code", hidden=True),
        Column("approval_code", "Letters", kind="code", hidden=True),
        Column("model", "Model", hidden=True, wide=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, words(s)) for s in DeviceState], promoted=True),
        Choice("site", "Site", lambda: [(s.code, s.code) for s in locations.sites()]),
    ],
    tabs=[
        Tab("In use", "state=asked,enrolled,locked,lost"),
        Tab("Ask to join", "state=asked"),
        Tab("All", ""),
    ],
    sort="-last_seen_at",
    search="Number, name, person or letters",
    is_cards=True,
    empty=Empty(
        "No devices yet",
        "On the scanner, open the scan app, tap Set up device and read the letters to whoever approves it here.",
    ),
)  # fmt: skip

ACTIONS = {
    "refuse": ("Refuse", "Why is it refused?"),
    "unlock": ("Unlock", "What did you find? Both devices that bear this number should be in your hands."),
    "lose": ("Report lost", "It gets no work any more, and wipes what it holds when it is next heard of."),
    "find": ("Found again", "It may work again at once."),
    "revoke": ("Revoke", "It never works again under this number; it can ask to join anew."),
}


@page("devices.view")
def device(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: how it stands, what it has not sent, who used it, what came of what it did."""
    return _record(request, queries.device(device_id, actor_id=viewer_of(request).user.pk))


def _record(request: HttpRequest, row: DeviceRow) -> HttpResponse:
    change = reverse("device_change", args=[row.id])
    actions = [
        Do(label, f"{change}?action={action}", "devices.manage", post=False, primary=action in ("unlock", "find"))
        for action, (label, _) in ACTIONS.items()
        if (DeviceState(row.state), action) in TRANSITIONS
    ]
    if (DeviceState(row.state), "move") in TRANSITIONS:
        actions.append(Do("Move", reverse("device_move", args=[row.id]), "devices.manage", post=False))
    if row.state == DeviceState.ASKED:
        approve = reverse("device_approve", args=[row.id])
        actions.append(Do("Approve", approve, "devices.manage", primary=True, post=False, key="a"))
    is_quiet = (
        row.state == DeviceState.ENROLLED
        and row.last_seen_at is not None
        and (now() - row.last_seen_at).total_seconds() > QUIET_HOURS * 3600
    )
    waits = f"{row.parked:,} wait for a missing one" if row.parked else ""
    record = Record(
        title=f"{row.code} {row.name}".strip(),
        state=row.state,
        marks=MARKS,
        site_id=row.site_id,
        subject=ref("devices.device", row.id),
        back=(DEVICES.title, reverse("devices")),
        facts=[
            *([Fact("Letters on its screen", row.approval_code, "code")] if row.state == "asked" else []),
            *([Fact("Because", row.state_reason)] if row.state_reason else []),
            Fact("Site", f"{row.site}, {row.zones or 'every zone'}" if row.site else "none yet"),
            Fact("Last seen", row.last_seen_at, "datetime", tone="warn" if is_quiet else ""),
            Fact("Not sent", row.outbox_told, "number", note="as it told when last seen",
                 tone="warn" if row.outbox_told else ""),
            Fact("Needs a person", row.in_review, "number",
                 url=f"{reverse('device_entries')}?state=review&q={row.code}", tone="bad" if row.in_review else ""),
            Fact("Journal", row.last_seq, "number", note=waits),
            Fact("Clock", row.clock or "not known yet"),
            Fact("Scanner test", row.test or "not done", note=row.test_faults),
            Fact("App", row.app_version or "not known yet", note=model_of(row.model)),
            *([Fact("Replaces", row.replaces)] if row.replaces else []),
            Fact("Approved by", row.approved_by or "nobody yet", note=row.approved_at or ""),
        ],
        actions=actions,
        tables=_tables(row),
    )  # fmt: skip
    return render_record(request, record)


def model_of(text: str) -> str:
    """What the browser says of the device, the part in brackets: "Linux; Android 13; TC26"."""
    return text.partition("(")[2].partition(")")[0]


def _tables(row: DeviceRow) -> list[Table]:
    """What it did, and who used it."""
    entries = queries_review.of_device(row.id, limit=100)
    people = queries_review.people_on(row.id, limit=20)
    return [
        Table(
            "Journal",
            [
                Column("seq", "No.", kind="number", link=lambda r: reverse("device_entry", args=[r.id])),
                Column("occurred_at", "Done", kind="datetime"),
                Column("person", "By"),
                Column("work", "Work"),
                Column("what", "What", wide=True),
                Column("state", "State", kind="state", marks={"review": "bad", "parked": "warn", "ready": "wait"}),
                Column("message", "Because"),
            ],
            entries,
            of=row.last_seq,
            empty="This device has sent nothing yet.",
        ),
        Table(
            "People",
            [
                Column("person", "Person"),
                Column("method", "Signed in with"),
                Column("began_at", "Since", kind="datetime"),
            ],
            people,
            empty="Nobody has signed in on it yet.",
        ),
    ]


def _places(viewer: Viewer) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The sites of which the viewer manages the devices, and their zones, as choices."""
    sites = [s for s in sites_for(viewer) if viewer.may("devices.manage", s.id)]
    codes = {s.id: s.code for s in sites}
    held = sorted((z for z in locations.zones(0) if z.site_id in codes), key=lambda z: (codes[z.site_id], z.code))
    zones = [(z.zone_id, f"{codes[z.site_id]} {z.code} {z.name}") for z in held]
    return [(s.id, f"{s.code} {s.name}") for s in sites], zones


@page("devices.manage")
def move(request: HttpRequest, device_id: int) -> HttpResponse:
    """Let a device work at another site; what it has along and has not sent is told first."""
    viewer = viewer_of(request)
    row = queries.device(device_id, actor_id=viewer.user.pk)
    sites, zones = _places(viewer)
    form = MoveForm(request.POST or None, sites=sites, zones=zones)
    back = (row.code, reverse("device", args=[device_id]))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(request, form, title=f"Move {row.code}", verb="Move it", refusal=refusal, back=back,
                           sub=_before_move(row))  # fmt: skip

    if request.method == "POST" and form.is_valid():
        return perform(request, commands.move_device, form.to_request(device_id), to=back[1],
                       toast="Device moved", again=drawn)  # fmt: skip
    return drawn()


def _before_move(row: DeviceRow) -> str:
    """What somebody should know before a device is moved: its work along, and what it has not sent."""
    held = held_on(row.code, now())
    along = [f"{one.what} of {one.person} until {moment(one.until)}" for one in held[:5]]
    more = f" and {len(held) - 5:,} more" if len(held) > 5 else ""
    said = [
        f"It works at {row.site}, {row.zones or 'every zone'}.",
        f"It has along: {', '.join(along)}{more}. That stays at {row.site} and is free again then." if along else "",
        f"When last seen it had {row.outbox_told:,} not sent." if row.outbox_told else "",
        "Whoever is signed in on it by badge signs in again.",
    ]
    return " ".join(filter(None, said))


@page("devices.manage")
def approve(request: HttpRequest, device_id: int) -> HttpResponse:
    """Say where a device that asks may work, after comparing the letters on its screen."""
    viewer = viewer_of(request)
    row = queries.device(device_id, actor_id=viewer.user.pk)
    sites, zones = _places(viewer)
    form = ApproveForm(request.POST or None, sites=sites, zones=zones)
    back = (row.code, reverse("device", args=[device_id]))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        letters = f"Compare first: its screen must show {row.approval_code}."
        return render_form(request, form, title=f"Approve {row.code}", verb="Approve", refusal=refusal, back=back,
                           sub=letters)  # fmt: skip

    if request.method == "POST" and form.is_valid():
        return perform(request, commands.approve_device, form.to_request(device_id), to=back[1],
                       toast="Device approved", again=drawn)  # fmt: skip
    return drawn()


@page("devices.manage")
def change(request: HttpRequest, device_id: int) -> HttpResponse:
    """Refuse, unlock, report lost or found, revoke: with the reason."""
    row = queries.device(device_id, actor_id=viewer_of(request).user.pk)
    action = request.GET.get("action", "")
    label, question = ACTIONS.get(action, ("Change", "Why?"))
    return ask(
        request,
        ReasonForm(request.POST or None),
        commands.change_device,
        lambda data: ChangeDevice(device_id, action, data["reason"]),
        title=f"{label}: {row.code}",
        back=(row.code, reverse("device", args=[device_id])),
        sub=question,
        toast=lambda done: f"{row.code} is {done.state}",
    )


@page("devices.use")
def own_pin(request: HttpRequest) -> HttpResponse:
    """Choose one's own PIN for the floor."""
    form = PinForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        sub = "With your badge it signs you in on devices of the house, and opens the floor only."
        return render_form(request, form, title="PIN for the floor", verb="Keep this PIN", refusal=refusal, sub=sub)

    if request.method == "POST" and form.is_valid():
        return perform(request, commands.set_pin, SetPin(form.cleaned_data["pin"]), to=reverse("device_pin"),
                       toast="PIN kept", again=drawn)  # fmt: skip
    return drawn()


urlpatterns = [
    path("devices", DEVICES.view, name="devices"),
    path("devices/<int:device_id>", device, name="device"),
    path("devices/<int:device_id>/approve", approve, name="device_approve"),
    path("devices/<int:device_id>/move", move, name="device_move"),
    path("devices/<int:device_id>/change", change, name="device_change"),
    path("devices/pin", own_pin, name="device_pin"),
    *REVIEW_URLS,
    *PEOPLE_URLS,
]
NAV = [
    NavItem("Work", "Devices", "devices", permission="devices.view", order=120),
    *REVIEW_NAV,
    *PEOPLE_NAV,
    NavItem("Data and setup", "PIN for the floor", "device_pin", permission="devices.use", order=920),
]
