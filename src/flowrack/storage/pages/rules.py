"""Pages of the putaway rules: the versions of a site, one version with its simulations, and the way to a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Button, Choice, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import commands_rules, queries_rules
from flowrack.storage.forms_rules import LABELS, PutawayRulesForm, SimulateForm
from flowrack.storage.queries_rules import RuleSetRow, SimulationRow
from flowrack.storage.states import RuleState
from flowrack.storage.types_putaway import (
    BUILT_IN,
    ActivatePutawayRules,
    DiscardPutawayRules,
    PutawayRules,
    SimulatePutaways,
)

LIST = "storage_putaway_rules"
SHOWN_LINES = 100
PAST_DAYS = 30
NAMED_ITEMS = 5

RULE_SETS = ListPage(
    name="storage.putaway_rules",
    title="Putaway rules",
    noun=("version", "versions"),
    permission="storage.view",
    rows=queries_rules.rule_set_page,
    columns=[
        Column("version", "Version", kind="number", sort=True, link=lambda r: reverse("storage_rule_set", args=[r.id])),
        Column("site", "Site", kind="code", sort=True),
        Column("name", "Name", sort=True, wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("note", "Note", hidden=True),
        Column("written_by", "Written by", sort=True),
        Column("written_at", "Written", kind="datetime", sort=True),
        Column("simulated_at", "Simulated", kind="datetime", sort=True),
        Column("activated_by", "Activated by", sort=True),
        Column("activated_at", "Activated", kind="datetime", sort=True),
    ],
    filters=[Choice("state", "State", [(s.value, s.value) for s in RuleState], promoted=True)],
    tabs=[Tab("All", ""), Tab("Drafts", "state=draft"), Tab("In use", "state=active")],
    sort="-written_at",
    search="Name, note or site",
    actions=[Button("New version", "storage_rules_new", permission="storage.rules", primary=True, key="n")],
    empty=Empty(
        "The built-in rules choose the bins",
        "Write a version of your own, try it on past receipts, and let a colleague activate it.",
        "New version",
        "storage_rules_new",
        "storage.rules",
    ),
)


def _found(request: HttpRequest, rule_set_id: int, permission: str = "storage.view") -> RuleSetRow:
    caller = caller_of(request)
    return queries_rules.rule_set(rule_set_id, sorted(caller.sites(permission)) if caller else [])


@page("storage.view")
def rule_set(request: HttpRequest, rule_set_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    """One version: what it says, what it would have done, and what can be done with it."""
    row = _found(request, rule_set_id)
    tried = queries_rules.simulations(row.id)
    writer_looks = row.written_by_id == viewer_of(request).user.pk
    subject = ref("storage.putaway_rules", row.id)
    status = refusal.status if refusal else 200
    record = Record(
        title=f"Putaway rules v{row.version}",
        subtitle=row.rules.name,
        state=row.state,
        subject=subject,
        back=("Putaway rules", reverse(LIST)),
        facts=[
            Fact("Site", row.site, "code"),
            Fact("Written", row.written_at, "datetime", note=row.written_by),
            *([Fact("Activated", row.activated_at, "datetime", note=row.activated_by)] if row.activated_at else []),
            *([Fact("Note", row.note)] if row.note else []),
            *([Fact("To activate", "somebody else than its writer")] if row.state == RuleState.DRAFT else []),
        ],
        actions=_actions(row, tried, may_activate=not writer_looks),
        tables=[*_simulation_tables(tried), *_rule_tables(row)],
    )
    return render_record(request, record, refusal=refusal, status=status)


def _activate_sentence(row: RuleSetRow, tried: list[SimulationRow]) -> str:
    """What activating would do, as far as the last simulation of the version as it is can tell."""
    last = next((found for found in tried if found.ran_at >= row.written_at), None)
    if last is None:
        return "Not simulated since it was last changed: simulate first. It cannot be activated before."
    figures = f"{last.placed:,} of {last.receipts:,} receipts would have found a bin"
    skus = list(dict.fromkeys(sku for sku, *_ in queries_rules.simulated_refusals(last.id)))
    more = f" and {len(skus) - NAMED_ITEMS:,} more" if len(skus) > NAMED_ITEMS else ""
    refused = f"; {last.refused:,} none: {', '.join(skus[:NAMED_ITEMS])}{more}" if last.refused else ""
    return (
        f"Simulated on {last.from_on:%-d %b} to {last.to_on:%-d %b}: {figures}{refused}. "
        "From now on these rules choose the bins of all goods that come in."
    )


def _actions(row: RuleSetRow, tried: list[SimulationRow], *, may_activate: bool) -> list[Do]:
    at = {name: reverse(f"storage_rules_{name}", args=[row.id]) for name in ("edit", "simulate", "activate", "discard")}
    copy = Do("Edit as a new version", reverse("storage_rules_new") + f"?of={row.id}", "storage.rules", post=False)
    if row.state != RuleState.DRAFT:
        return [copy]
    activate = Do(
        "Activate",
        at["activate"],
        "storage.approve_rules",
        primary=True,
        confirm=_activate_sentence(row, tried) if may_activate else "",
    )
    return [
        Do("Edit", at["edit"], "storage.rules", post=False, key="e"),
        Do("Discard", at["discard"], "storage.rules", confirm="Discard this draft? It cannot be activated any more."),
        Do("Simulate", at["simulate"], "storage.rules", post=False, key="s"),
        *([activate] if may_activate else []),
    ]


def _simulation_tables(found: list[SimulationRow]) -> list[Table]:
    tables = [
        Table(
            "Simulations",
            [
                Column("ran_at", "Ran", kind="datetime"),
                Column("from_on", "From", kind="date"),
                Column("to_on", "To", kind="date"),
                Column("receipts", "Receipts", kind="number"),
                Column("placed", "Placed", kind="number"),
                Column("refused", "Refused", kind="number"),
                Column("metres_then", "Metres walked", kind="number"),
                Column("metres", "Metres with these", kind="number"),
                Column("ran_by", "By"),
            ],
            found,
            empty="Not tried on past receipts yet. A version is activated only after that.",
        )
    ]
    if not found:
        return tables
    latest = found[0].id
    zones = [
        {"zone": zone, "went": went, "would": would, "then": then, "now": with_these}
        for zone, went, would, then, with_these in queries_rules.simulated_by_zone(latest)
    ]
    refused = [
        {"sku": sku, "rule": rule, "count": count, "sentence": sentence}
        for sku, rule, count, sentence in queries_rules.simulated_refusals(latest)
    ]
    lines = queries_rules.simulated(latest, limit=SHOWN_LINES)
    return [
        *tables,
        Table(
            "By zone",
            [
                Column("zone", "Zone", kind="code"),
                Column("went", "Went there", kind="number"),
                Column("would", "Would go there", kind="number"),
                Column("then", "Metres walked", kind="number"),
                Column("now", "Metres with these", kind="number"),
            ],
            zones,
        ),
        Table(
            "Refused",
            [
                Column("sku", "Item", kind="code"),
                Column("rule", "Rule", kind="state"),
                Column("count", "Receipts", kind="number"),
                Column("sentence", "For example", wide=True),
            ],
            refused,
            empty="Every receipt would have found a bin.",
        ),
        Table(
            "First receipts",
            [
                Column("sku", "Item", kind="code"),
                Column("units", "Units", kind="number"),
                Column("went_to", "Went to", kind="code"),
                Column("would_go_to", "Would go to", kind="code"),
                Column("metres_then", "Metres walked", kind="number"),
                Column("metres", "Metres with these", kind="number"),
            ],
            lines,
            note=f"{len(lines):,} of {found[0].receipts:,}; the API has all of them.",
        ),
    ]


def _rule_tables(row: RuleSetRow) -> list[Table]:
    rules, codes = row.rules, {zone.zone_id: zone.code for zone in locations.zones(row.site_id)}
    said: list[dict[str, Any]] = [
        {"rule": label, "value": f"{getattr(rules, name):,}", "built_in": f"{getattr(BUILT_IN, name):,}"}
        for name, (label, _) in LABELS.items()
    ]
    said += [
        {"rule": label, "value": "yes" if is_so else "no", "built_in": "yes" if was else "no"}
        for label, is_so, was in (
            ("Lots of an item may lie together", rules.mixes_lots, BUILT_IN.mixes_lots),
            ("Goods of several owners may lie together", rules.mixes_owners, BUILT_IN.mixes_owners),
        )
    ]
    said.append({"rule": "Never together: not in one", "value": rules.never_within, "built_in": BUILT_IN.never_within})
    for zone in rules.zones:
        said.append({"rule": f"Class {zone.velocity}, rank {zone.rank}", "value": codes.get(zone.zone_id, "?")})
    for named in rules.classes:
        said.append({"rule": f"{named.storage_class} goods only in", "value": codes.get(named.zone_id, "?")})
    for kept in rules.apart:
        said.append({"rule": "Storage matrix", "value": f"{kept.one} x {kept.other} = {kept.cell}"})
    columns = [
        Column("rule", "Rule", wide=True),
        Column("value", "This version"),
        Column("built_in", "Built in"),
    ]
    return [Table("What it says", columns, [{"built_in": "", **line} for line in said])]


def _site_for_new(request: HttpRequest) -> int:
    """The site at which the person writes rules: the one chosen, else the first where they may."""
    viewer = viewer_of(request)
    held = viewer.grants.get("storage.rules", frozenset())
    sites = [site.site_id for site in locations.sites() if 0 in held or site.site_id in held]
    if not sites:
        raise NotFound("There is no site whose rules you may write.")
    return viewer.site_id if viewer.site_id in sites else sites[0]


@page("storage.rules")
def new(request: HttpRequest) -> HttpResponse:
    """A new version: from the one in use, or from another one."""
    of = request.GET.get("of", "")
    if of.isdecimal() and len(of) < 19:
        like = _found(request, int(of), "storage.rules")
        return _edit(request, like.site_id, like.rules, 0)
    site_id = _site_for_new(request)
    return _edit(request, site_id, queries_rules.in_use(site_id).rules, 0)


@page("storage.rules")
def edit(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Change a draft."""
    row = _found(request, rule_set_id, "storage.rules")
    return _edit(request, row.site_id, row.rules, row.id)


def _edit(request: HttpRequest, site_id: int, rules: PutawayRules, rule_set_id: int) -> HttpResponse:
    zones = locations.zones(site_id)
    form = PutawayRulesForm(request.POST or None, zones=zones, initial=PutawayRulesForm.initial_of(rules, zones))
    back = reverse("storage_rule_set", args=[rule_set_id]) if rule_set_id else reverse(LIST)
    look: dict[str, Any] = {
        "title": "Change the draft" if rule_set_id else "New version of the putaway rules",
        "verb": "Save draft",
        "sub": f"{locations.site(site_id).code}: nothing changes until a colleague activates it.",
        "back": ("Putaway rules", back),
    }
    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands_rules.write_putaway_rules,
            form.to_request(site_id, rule_set_id),
            to=lambda saved: reverse("storage_rule_set", args=[saved.rule_set_id]),
            toast="Draft saved",
            again=lambda refusal: render_form(request, form, refusal=refusal, **look),
        )
    return render_form(request, form, **look)


@page("storage.rules")
def simulate(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Try a version on past days, in the background."""
    row = _found(request, rule_set_id, "storage.rules")
    today = clock.today()
    form = SimulateForm(request.POST or None, initial={"from_on": today - timedelta(days=PAST_DAYS), "to_on": today})
    back = reverse("storage_rule_set", args=[row.id])
    look: dict[str, Any] = {
        "title": f"Simulate version {row.version}",
        "verb": "Simulate",
        "sub": "What would have gone where, metres walked, and what would have found no bin. Nothing is moved.",
        "back": (f"Putaway rules v{row.version}", back),
    }
    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands_rules.start_putaway_simulation,
            SimulatePutaways(row.id, *form.days()),
            to=lambda started: reverse("job", args=[started.job_id]),
            toast="Simulation started",
            again=lambda refusal: render_form(request, form, refusal=refusal, **look),
        )
    return render_form(request, form, **look)


@page("storage.approve_rules", methods=("POST",))
def activate(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Choose bins by this version from now on."""
    return perform(
        request,
        commands_rules.activate_putaway_rules,
        ActivatePutawayRules(rule_set_id),
        to=reverse("storage_rule_set", args=[rule_set_id]),
        toast=lambda done: f"Version {done.version} chooses",
        again=lambda refusal: rule_set(request, rule_set_id, refusal=refusal),
    )


@page("storage.rules", methods=("POST",))
def discard(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Drop a draft."""
    return perform(
        request,
        commands_rules.discard_putaway_rules,
        DiscardPutawayRules(rule_set_id),
        to=reverse(LIST),
        toast="Draft discarded",
        again=lambda refusal: rule_set(request, rule_set_id, refusal=refusal),
    )


urlpatterns = [
    path("putaway-rules", RULE_SETS.view, name=LIST),
    path("putaway-rules/new", new, name="storage_rules_new"),
    path("putaway-rules/<int:rule_set_id>", rule_set, name="storage_rule_set"),
    path("putaway-rules/<int:rule_set_id>/edit", edit, name="storage_rules_edit"),
    path("putaway-rules/<int:rule_set_id>/simulate", simulate, name="storage_rules_simulate"),
    path("putaway-rules/<int:rule_set_id>/activate", activate, name="storage_rules_activate"),
    path("putaway-rules/<int:rule_set_id>/discard", discard, name="storage_rules_discard"),
]
NAV = [NavItem("Data and setup", "Putaway rules", LIST, permission="storage.view", order=70)]
