"""Suggestions of the allocation, and what happens by itself at a site."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_modes, queries_modes
from flowrack.allocation.queries_modes import ModeRow
from flowrack.allocation.types_modes import MODES, VELOCITIES, AcceptSuggestions, DropSuggestions, SetMode
from flowrack.locations import queries as places
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Column,
    Empty,
    ListPage,
    ListQuery,
    Page,
    Tab,
    memory_page,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import go, perform, render_form
from flowrack.shared.errors import FlowrackError

TITLE = "Suggested allocations"
MOST = 500
MARKS = {"open": "warn", "agreed": "ok", "changed": "", "dropped": "void"}
WORDS = {
    "off": "Off: somebody runs the allocation",
    "suggest": "Suggest: who would get it, to be seen",
    "approve": "Approve: people decide on what is suggested",
    "automatic": "Automatic: it is promised at once",
}


def _accept(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Do what the chosen ones suggest."""
    return perform(
        request,
        commands_modes.accept_suggestions,
        AcceptSuggestions(ids[:MOST]),
        to=reverse("allocation_suggestions"),
        toast=lambda done: f"{done.units:,} reserved",
    )


def _drop(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Say why the chosen ones are not done."""
    return go(request, f"{reverse('allocation_suggestions_drop')}?ids={','.join(map(str, ids[:MOST]))}")


SUGGESTIONS = ListPage(
    name="allocation.suggestions",
    title=TITLE,
    noun=("suggestion", "suggestions"),
    permission="allocation.view",
    rows=queries_modes.suggestion_page,
    columns=[
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("first", "To", wide=True),
        Column("lines", "Lines", kind="number", sort=True),
        Column("cause", "Because", sort=True),
        Column("mode", "Mode", sort=True),
        Column("site", "Site", kind="code", sort=True),
        Column("made_at", "Since", kind="datetime", sort=True),
        Column("state", "State", kind="state", marks=MARKS),
        Column("velocity", "Velocity", hidden=True),
        Column("decided_by", "Decided by", hidden=True),
        Column("decided_at", "Decided", kind="datetime", hidden=True),
        Column("reason", "Why not", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in MARKS]),
        Choice("mode", "Mode", [(mode, mode) for mode in MODES], promoted=True),
        Choice("velocity", "Velocity", [(v, v) for v in "ABC"]),
    ],
    tabs=[Tab("Open", "state=open"), Tab("Decided", "state=agreed,changed,dropped"), Tab("All", "view=all")],
    sort="made_at",
    search="Item or order",
    batch=[
        Batch("accept", "Reserve", "allocation.run", _accept),
        Batch("drop", "Do not", "allocation.run", _drop),
    ],
    actions=[Button("Modes", "allocation_modes", permission="allocation.view", primary=False, key="m")],
    empty=Empty(
        "Nothing is suggested", "When stock becomes free, who would get it appears here where the mode says so."
    ),
)


class ReasonForm(forms.Form):
    """Why a suggestion is not done."""

    reason = forms.CharField(label="Why not", max_length=200)


@page("allocation.run")
def drop(request: HttpRequest) -> HttpResponse:
    """Do not do what is suggested."""
    named = request.POST.get("ids") or request.GET.get("ids", "")
    ids = [int(part) for part in named.split(",") if part.isdigit() and len(part) < 19][:MOST]
    form = ReasonForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Do not reserve", verb="Drop", refusal=refusal,
            back=(TITLE, reverse("allocation_suggestions")),
            sub=f"{len(ids)} chosen. It counts against the step to the next mode.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_modes.drop_suggestions,
        DropSuggestions(ids, form.cleaned_data["reason"]),
        to=reverse("allocation_suggestions"),
        toast=lambda done: f"{len(done.suggestion_ids)} dropped",
        again=drawn,
    )


def _modes(query: ListQuery) -> Page[ModeRow]:
    return memory_page(query, queries_modes.modes(now=now()), search=("site", "reason"))


MODE_LIST = ListPage(
    name="allocation.modes",
    title="Allocation modes",
    noun=("mode", "modes"),
    permission="allocation.view",
    rows=_modes,
    columns=[
        Column("site", "Where", kind="code", sort=True),
        Column("velocity", "Velocity", sort=True),
        Column("mode", "Mode", sort=True),
        Column("agreed", "Agreed", kind="number", sort=True),
        Column("decided", "Of decided", kind="number", sort=True),
        Column("reason", "Why", wide=True),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
        Column("ended_at", "Until", kind="datetime"),
        Column("version", "Version", kind="number", hidden=True),
    ],
    sort="-set_at",
    search="Site or reason",
    actions=[Button("Set mode", "allocation_modes_new", permission="allocation.modes", primary=True, key="n")],
    empty=Empty(
        "Nothing happens by itself", "Somebody runs the allocation. Begin with suggestions, and see whether you agree.",
        "Set mode", "allocation_modes_new", "allocation.modes",
    ),
)  # fmt: skip


class ModeForm(forms.Form):
    """What happens by itself."""

    site_id = forms.TypedChoiceField(
        label="Where",
        choices=lambda: [
            ("0", "Every site without a mode of its own"),
            *((str(s.site_id), s.name) for s in places.sites()),
        ],
        coerce=int,
    )
    velocity = forms.ChoiceField(
        label="Items", required=False, choices=[(v, f"velocity {v}" if v else "all") for v in VELOCITIES]
    )
    mode = forms.ChoiceField(label="When stock becomes free", choices=[(mode, WORDS[mode]) for mode in MODES])
    reason = forms.CharField(label="Why", max_length=200)


@page("allocation.modes")
def new_mode(request: HttpRequest) -> HttpResponse:
    """Set what happens by itself."""
    form = ModeForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Allocation mode", verb="Set mode", refusal=refusal,
            back=("Allocation modes", reverse("allocation_modes")),
            sub="One step up at a time. Approve takes 90 % agreement over 20 suggestions, automatic 95 % over 50.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_modes.set_allocation_mode,
        SetMode(**form.cleaned_data),
        to=reverse("allocation_modes"),
        toast=lambda done: done.mode.capitalize(),
        again=drawn,
    )


NAV = [
    NavItem("Outbound", TITLE, "allocation_suggestions", permission="allocation.view", order=22, section="Allocation"),
    NavItem("Data and setup", "Allocation modes", "allocation_modes", permission="allocation.view", order=73),
]

urlpatterns = [
    path("allocation/suggestions", SUGGESTIONS.view, name="allocation_suggestions"),
    path("allocation/suggestions/drop", drop, name="allocation_suggestions_drop"),
    path("allocation/modes", MODE_LIST.view, name="allocation_modes"),
    path("allocation/modes/new", new_mode, name="allocation_modes_new"),
]
