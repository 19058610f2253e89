"""Pages of the dock's data: doors, how long things take at a site, what carriers ask for waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.dock import commands_setup, queries_calendar, queries_setup
from flowrack.dock.forms_setup import WEEKDAYS, DoorForm, PolicyForm, TermsForm
from flowrack.dock.types_appointments import SetDetentionTerms, SetDockPolicy, Terms
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.shared.errors import FlowrackError, NotFound

DOORS_TITLE, POLICY_TITLE, TERMS_TITLE = "Dock doors", "Dock times", "Detention terms"


def _hours(text: str) -> str:
    """1 06:00-22:00, 2 06:00-22:00 -> Mon 06:00-22:00, Tue 06:00-22:00."""
    said = [f"{WEEKDAYS[int(part[0]) - 1][:3]} {part[2:]}" for part in text.split(", ") if part]
    spans = {part[4:] for part in said}
    if len(said) > 2 and len(spans) == 1:
        return f"{', '.join(part[:3] for part in said)} {spans.pop()}"
    return ", ".join(said) or "always"


DOORS = ListPage(
    name="dock.doors",
    title=DOORS_TITLE,
    noun=("door", "doors"),
    permission="dock.view",
    rows=queries_setup.door_page,
    columns=[
        Column("code", "Door", kind="code", sort=True, link=lambda r: reverse("dock_door", args=[r.id])),
        Column("site", "Site", sort=True),
        Column("capabilities", "Takes", value=lambda r: ", ".join(r.capabilities)),
        Column("hours", "Open", wide=True, value=lambda r: _hours(r.hours)),
        Column("state", "State", kind="state", sort=True, marks={"in use": "ok", "closed": "wait"}),
        Column("blocked_reason", "Blocked because"),
    ],
    filters=[Choice("state", "State", [("in use", "In use"), ("closed", "Closed")], promoted=True)],
    sort="site,code",
    search="Door or site",
    actions=[
        Button(POLICY_TITLE, "dock_policies", permission="dock.view"),
        Button(TERMS_TITLE, "dock_terms", permission="dock.view"),
    ],
    empty=Empty("No dock doors", "A door is a location of that kind in a receiving zone: make one first."),
)
POLICIES = ListPage(
    name="dock.policies",
    title=POLICY_TITLE,
    noun=("site", "sites"),
    permission="dock.view",
    rows=queries_setup.policy_page,
    columns=[
        Column("name", "Site", sort=True, link=lambda r: reverse("dock_policy", args=[r.id])),
        Column("slot_minutes", "Slot, min", kind="number"),
        Column("setup_seconds", "Docking, s", kind="number"),
        Column("seconds_per_pallet", "Pallet, s", kind="number"),
        Column("seconds_per_case", "Case, s", kind="number"),
        Column("seconds_per_lot", "Lot, s", kind="number"),
        Column("inspected_pct", "Inspected, %", kind="number"),
        Column("seconds_per_inspection", "Inspection, s", kind="number", hidden=True),
        Column("people_per_door", "People", kind="number"),
        Column("no_show_minutes", "Freed after, min", kind="number"),
        Column("is_own", "Set by", value=lambda r: "the site" if r.is_own else "built in"),
    ],
    sort="name",
    search="Site",
    empty=Empty("No sites yet", "How long a slot at a door is follows from what a truck brings and these times."),
)
TERMS = ListPage(
    name="dock.terms",
    title=TERMS_TITLE,
    noun=("carrier", "carriers"),
    permission="dock.view",
    rows=queries_setup.terms_page,
    columns=[
        Column("name", "Carrier", sort=True, link=lambda r: reverse("dock_term", args=[r.id])),
        Column("code", "Code", kind="code", sort=True),
        Column("free_minutes", "Free, min", kind="number", sort=True),
        Column("interval_minutes", "Then every, min", kind="number"),
        Column("amount", "Asks", kind="money", sort=True),
    ],
    sort="name",
    search="Carrier",
    empty=Empty("No carriers yet", "What a carrier asks for a truck that waits; the detention clock counts by it."),
)


@page("dock.setup")
def door(request: HttpRequest, location_id: int) -> HttpResponse:
    """What a door can take and when it is open."""
    code, site_id, stored = queries_setup.door(location_id)
    context_of(request).require("dock.setup", site_id)
    form = DoorForm(request.POST or None, initial=DoorForm.initial_of(stored))

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, form, f"Door {code}", DOORS_TITLE, "dock_doors", refusal)

    if request.method == "POST" and form.is_valid():
        asked = form.to_request(location_id)
        return _save(request, commands_setup.set_door, asked, "dock_doors", "Door saved", again)
    return again()


@page("dock.setup")
def policy(request: HttpRequest, site_id: int) -> HttpResponse:
    """How long things take at the doors of a site."""
    site = locations.site(site_id)
    context_of(request).require("dock.setup", site_id)
    form = PolicyForm(request.POST or None, initial=PolicyForm.initial_of(queries_calendar.policy(site_id)))

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, form, f"Dock times at {site.name}", POLICY_TITLE, "dock_policies", refusal)

    if request.method == "POST" and form.is_valid():
        asked = SetDockPolicy(site_id, form.to_policy())
        return perform(
            request,
            commands_setup.set_dock_policy,
            asked,
            to=reverse("dock_policies"),
            toast="Times saved",
            again=again,
        )
    return again()


@page("dock.setup")
def term(request: HttpRequest, carrier_id: int) -> HttpResponse:
    """What a carrier asks for a truck that waits."""
    carrier = parties.parties([carrier_id]).get(carrier_id)
    if carrier is None or not carrier.is_carrier:
        raise NotFound("There is no such carrier.", fix="Open it from the list of detention terms.")
    known = queries_calendar.terms([carrier_id]).get(carrier_id, Terms())
    initial: dict[str, Any] = {name: getattr(known, name) for name in ("free_minutes", "interval_minutes", "amount")}
    form = TermsForm(request.POST or None, initial=initial)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, form, f"Detention terms of {carrier.name}", TERMS_TITLE, "dock_terms", refusal)

    if request.method == "POST" and form.is_valid():
        asked = SetDetentionTerms(carrier_id, form.to_terms())
        return perform(
            request,
            commands_setup.set_detention_terms,
            asked,
            to=reverse("dock_terms"),
            toast="Terms saved",
            again=again,
        )
    return again()


def _save(
    request: HttpRequest,
    command: Callable[[Any, Any], Any],
    asked: Any,
    list_name: str,
    toast: str,
    again: Callable[[FlowrackError], HttpResponse],
) -> HttpResponse:
    return perform(request, command, asked, to=reverse(list_name), toast=toast, again=again)


def _form(
    request: HttpRequest, form: Any, title: str, back: str, list_name: str, refusal: FlowrackError | None
) -> HttpResponse:
    return render_form(request, form, title=title, verb="Save", refusal=refusal, back=(back, reverse(list_name)))


urlpatterns = [
    path("dock/doors", DOORS.view, name="dock_doors"),
    path("dock/doors/<int:location_id>", door, name="dock_door"),
    path("dock/times", POLICIES.view, name="dock_policies"),
    path("dock/times/<int:site_id>", policy, name="dock_policy"),
    path("dock/detention-terms", TERMS.view, name="dock_terms"),
    path("dock/detention-terms/<int:carrier_id>", term, name="dock_term"),
]
NAV = [NavItem("Data and setup", DOORS_TITLE, "dock_doors", permission="dock.setup", order=60)]
