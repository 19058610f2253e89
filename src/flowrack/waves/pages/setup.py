"""Pages of how a site makes waves: templates, which of them takes an order, penalties, people."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import context_of, perform, render_form, render_page
from flowrack.shared.errors import FlowrackError
from flowrack.waves import commands_setup as commands
from flowrack.waves import queries, queries_pool, queries_which
from flowrack.waves.forms import HandsForm, PolicyForm, TemplateForm
from flowrack.waves.pages.common import site_here
from flowrack.waves.types import PlanNotFound, RetireTemplate, SetTemplate, TemplateNotFound

SETUP, PEOPLE = "waves.setup", "waves.people"
TITLE = "Wave templates"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _days(weekdays: list[int]) -> str:
    if weekdays == list(range(weekdays[0], weekdays[-1] + 1)) and len(weekdays) > 2:
        return "every day" if len(weekdays) == 7 else f"{DAYS[weekdays[0] - 1]} to {DAYS[weekdays[-1] - 1]}"
    return ", ".join(DAYS[day - 1] for day in weekdays)


def _mode(row: queries.TemplateRow) -> str:
    if row.mode == "cut_off":
        return "by cut-off"
    return f"continuously, under {row.wip_lines} open lines a zone" + (", by itself" if row.is_automatic else "")


TEMPLATES = ListPage(
    name="waves.templates",
    title=TITLE,
    noun=("template", "templates"),
    permission="waves.view",
    rows=queries.template_page,
    columns=[
        Column("site", "Site", sort=True),
        Column("position", "#", kind="number", sort=True),
        Column("name", "Template", sort=True, link=lambda r: reverse("waves_template", args=[r.id])),
        Column("conditions", "Takes", wide=True, value=lambda r: r.conditions or "every order"),
        Column("mode", "Released", value=_mode),
        Column("splits", "Keeps apart"),
        Column("limits", "A wave has at most"),
        Column("dock", "Before the cut-off", value=lambda r: f"{r.staging_minutes} + {r.loading_minutes} min"),
        Column("method", "Pick method", value=lambda r: r.method or "as the lists choose"),
        Column("weekdays", "Days", value=lambda r: _days(r.weekdays)),
        Column("changed_by", "Changed by", hidden=True),
        Column("changed_at", "Changed", kind="datetime", sort=True, hidden=True),
    ],
    filters=[Choice("mode", "Released", [("cut_off", "by cut-off"), ("continuous", "continuously")], promoted=True)],
    sort="site,position",
    search="Template or condition",
    row_id=lambda r: int(r.id),
    actions=[
        Button("Which takes an order?", "waves_which", permission="waves.view", key="w"),
        Button("Penalties", "waves_policy", permission=SETUP),
        Button("New template", "waves_template_new", permission=SETUP, primary=True, key="n"),
    ],
    empty=Empty(
        "No templates yet",
        "Without templates all orders of a cut-off go as one wave. A template says which orders go together, what is "
        "kept apart, and how long staging and loading take.",
        "New template",
        "waves_template_new",
        SETUP,
    ),
)


@page(SETUP)
def new_template(request: HttpRequest) -> HttpResponse:
    """A new template of the site."""
    site = site_here(request, SETUP)
    if site is None:
        raise PlanNotFound("There is no site of which you may write templates.", fix="An administrator can grant it.")
    form = TemplateForm(request.POST or None, initial=TemplateForm.initial_of(None))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"New wave template of {site.name}", verb="Save template", refusal=refusal,
            back=(TITLE, reverse("waves_templates")),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = SetTemplate(site.id, form.to_template())
    return perform(
        request, commands.set_template, req, to=reverse("waves_templates"), toast="Template saved", again=drawn
    )


@page("waves.view")
def template(request: HttpRequest, template_id: int) -> HttpResponse:
    """One template."""
    found = queries.template_fields(template_id)
    context = context_of(request)
    if found is None or not context.may("waves.view", found[0]):
        raise TemplateNotFound("There is no such template.", fix="Look at the list of templates.")
    site_id, fields = found
    form = TemplateForm(request.POST or None, initial=TemplateForm.initial_of(fields))
    if not context.may(SETUP, site_id):
        for field in form.fields.values():
            field.disabled = True

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Wave template {fields['name']}", verb="Save template", refusal=refusal,
            back=(TITLE, reverse("waves_templates")), template="waves/template.html", template_id=template_id,
            may_change=context.may(SETUP, site_id),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = SetTemplate(site_id, form.to_template(), template_id)
    return perform(
        request, commands.set_template, req, to=reverse("waves_templates"), toast="Template saved", again=drawn
    )


@page(SETUP, methods=("POST",))
def retire(request: HttpRequest, template_id: int) -> HttpResponse:
    """The template takes no orders any more."""
    return perform(
        request,
        commands.retire_template,
        RetireTemplate(template_id),
        to=reverse("waves_templates"),
        toast="Template retired",
    )


@page(SETUP)
def policy(request: HttpRequest) -> HttpResponse:
    """What it costs that goods wait."""
    site = site_here(request, SETUP)
    if site is None:
        raise PlanNotFound("There is no site whose penalties you may write.", fix="An administrator can grant it.")
    known = queries_pool.policy(site.id)
    form = PolicyForm(request.POST or None, initial=asdict(known))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        version = f"version {known.version}" if known.version else "the house's own"
        return render_form(
            request, form, title=f"What waiting costs at {site.name}", verb="Save as a new version", refusal=refusal,
            back=(TITLE, reverse("waves_templates")), sub=f"{version} counts now; the planner keeps the sum least",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.set_policy,
        form.to_request(site.id),
        to=reverse("waves_templates"),
        toast=lambda done: f"Version {done.version} counts",
        again=drawn,
    )


@page(PEOPLE)
def hands(request: HttpRequest) -> HttpResponse:
    """More or fewer people today."""
    site = site_here(request, PEOPLE)
    if site is None:
        raise PlanNotFound("There is no site whose people you may change.", fix="An administrator can grant it.")
    here = queries_pool.here(site.id, now())
    assert here is not None
    form = HandsForm(request.POST or None)

    def at(clock: time | None) -> datetime | None:
        return here.at(datetime.combine(here.local.date(), clock)) if clock else None

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        changes = [
            f"{c.said} from {c.starts_at:%H:%M} until {c.ends_at:%H:%M}: {c.reason}"
            for c in queries_pool.crew(here).changes
        ]
        return render_form(
            request, form, title=f"People at {site.name} today", verb="Save", refusal=refusal,
            back=("Wave planner", reverse("waves_planner")),
            sub="; ".join(changes) or "as the shifts say (Promise set-up, Hands)",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.change_hands,
        form.to_request(site.id, at),
        to=reverse("waves_planner"),
        toast=lambda done: f"{done.people} people pick now",
        again=drawn,
    )


@page("waves.view")
def which(request: HttpRequest) -> HttpResponse:
    """Which template takes an order, and why not the others."""
    number = request.GET.get("order", "").strip()[:40]
    caller = caller_of(request)
    sites = caller.sites("waves.view") if caller else frozenset()
    found = queries_which.which(number, sites, now()) if number else None
    site = locations.site(found.site_id).name if found else ""
    return render_page(
        request, "waves/which.html", {"number": number, "found": found, "site": site, "words": words, "title": TITLE}
    )


NAV = [
    NavItem("Outbound", TITLE, "waves_templates", permission="waves.view", order=34, section="Warehouse"),
]

urlpatterns = [
    path("waves/templates", TEMPLATES.view, name="waves_templates"),
    path("waves/templates/new", new_template, name="waves_template_new"),
    path("waves/templates/<int:template_id>", template, name="waves_template"),
    path("waves/templates/<int:template_id>/retire", retire, name="waves_template_retire"),
    path("waves/templates/penalties", policy, name="waves_policy"),
    path("waves/planner/people", hands, name="waves_hands"),
    path("waves/templates/which", which, name="waves_which"),
]
