"""The policy workbench: versions of the allocation rules, and a draft tried on today's orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import (
    commands_rules,
    pages_gap,
    pages_rules_files,
    pages_trials,
    queries_gap,
    queries_rules,
    queries_trials,
    reasons_trials,
)
from flowrack.allocation.forms_rules import RuleSetForm
from flowrack.allocation.queries_rules import RuleSetRow, called
from flowrack.allocation.queries_trials import TrialRow
from flowrack.allocation.rules_compare import BY, KEPT, changes_of, told_class, told_quota, told_supply
from flowrack.allocation.rules_text_sites import told_preference, told_sites
from flowrack.allocation.types_rules import RULE_SET, BadRuleSet, EndRuleSet, RuleSet, RuleSetSaved
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Column, Empty, ListPage, ListQuery, Page, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

TITLE = "Allocation rules"
MARKS = {"draft": "", "asked": "warn", "active": "ok", "ended": "void", "dropped": "void"}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list."""

    id: int
    called: str
    site: str
    version: int
    state: str
    name: str
    says: str
    written_by: str
    written_at: object
    activated_at: object
    ended_at: object
    note: str


def _row(row: RuleSetRow) -> VersionRow:
    return VersionRow(
        row.id, called(row), row.site, row.version, row.state, row.name, in_words(row.rules), row.written_by,
        row.written_at, row.activated_at, row.ended_at, row.note,
    )  # fmt: skip


def in_words(rules: RuleSet) -> str:
    """A rule set in one line."""
    parts = [f"{len(rules.classes)} class{'es' if len(rules.classes) > 1 else ''}"]
    if rules.quotas:
        parts.append(f"{len(rules.quotas)} quota{'s' if len(rules.quotas) > 1 else ''}")
    if rules.fairness_percent < 100:
        parts.append(f"{rules.fairness_percent} % for one customer")
    if rules.horizon_days is not None:
        parts.append(f"{rules.horizon_days} days ahead")
    return ", ".join([*parts, told_supply(rules.supply)])


def _versions(query: ListQuery) -> Page[VersionRow]:
    sites = frozenset({0}) if query.site_id == 0 else frozenset({query.site_id})
    return memory_page(query, [_row(row) for row in queries_rules.rule_sets(sites)], search=("name", "site", "note"))


RULES = ListPage(
    name="allocation.rules",
    title=TITLE,
    noun=("version", "versions"),
    permission="allocation.view",
    rows=_versions,
    columns=[
        Column("called", "Version"),
        Column("name", "Name", sort=True, link=lambda r: reverse("allocation_rules_one", args=[r.id])),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("says", "In short", wide=True),
        Column("written_by", "Written by"),
        Column("written_at", "Written", kind="datetime", sort=True),
        Column("activated_at", "In force from", kind="datetime", sort=True),
        Column("ended_at", "Until", kind="datetime"),
        Column("note", "Why", hidden=True),
    ],
    sort="-written_at",
    search="Name, site or reason",
    actions=[
        Button("New rules", "allocation_rules_new", permission="allocation.rules", primary=True, key="n"),
        Button("From a file", "allocation_rules_import", permission="allocation.rules"),
    ],
    empty=Empty(
        "The rules as shipped decide",
        "Nobody has written other ones yet. One class: tier, requested date, age of the order. Lots that expire first "
        "go first.",
        "New rules", "allocation_rules_new", "allocation.rules",
    ),
)  # fmt: skip

CLASS_COLUMNS = [
    Column("place", "#", kind="number"),
    Column("name", "Class"),
    Column("says", "What it does and for whom", wide=True),
]
QUOTA_COLUMNS = [Column("name", "Quota"), Column("says", "What it keeps", wide=True)]
PREFERENCE_COLUMNS = [Column("name", "Preference"), Column("says", "From which sites, for whom", wide=True)]
CHANGE_COLUMNS = [Column("what", "What"), Column("before", "In force", wide=True), Column("after", "This", wide=True)]


@dataclass(frozen=True, slots=True)
class Said:
    """A class, quota or change in words."""

    name: str
    says: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What differs from the rules in force."""

    what: str
    before: str
    after: str


@page("allocation.view", methods=("GET", "HEAD"))
def one(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """A version: what it says, how it differs from the rules in force, and on what it was tried."""
    row = queries_rules.visible(rule_set_id, pages_trials.sites_of(request))
    force = queries_rules.in_force(row.site_id)
    codes = queries_rules.codes()
    is_open = row.state in ("draft", "asked")
    classes = [Said(c.name, told_class(c, codes), n) for n, c in enumerate(row.rules.classes, 1)]
    tables = [Table("Classes", CLASS_COLUMNS, classes)]
    if row.rules.quotas:
        quotas = [Said(q.name, told_quota(q, codes)) for q in row.rules.quotas]
        tables.append(Table("Quotas", QUOTA_COLUMNS, quotas))
    if row.rules.sites.preferences:
        preferences = [Said(p.name, told_preference(p, codes)) for p in row.rules.sites.preferences]
        tables.append(Table("Preferred sites", PREFERENCE_COLUMNS, preferences))
    changes = [ChangeRow(*change) for change in changes_of(force.rules, row.rules, codes)]
    if is_open:
        note = f"In force at {row.site}: {queries_rules.told_rules(force.rule_set_id)}."
        tables.append(
            Table("Against the rules in force", CHANGE_COLUMNS, changes, empty="It says the same.", note=note)
        )
    trials = queries_trials.trials_of(row.id)
    counting = queries_trials.that_count(
        trials, digest=queries_rules.digest_of(row.rules), instead_of=force.rule_set_id
    )
    gaps = queries_gap.gaps_of_rules(row.id)
    if gaps:
        tables.append(pages_gap.table_of(gaps))
    if is_open or trials:
        tables.append(pages_trials.table_of(trials, counting))
    record = Record(
        title=f"Version {called(row)}",
        subtitle=row.name,
        subject=ref(RULE_SET, row.id),
        site_id=row.site_id or None,
        state=row.state,
        marks=MARKS,
        back=(TITLE, reverse("allocation_rules")),
        facts=[*_facts(row, _untried(row, trials, counting)), *pages_gap.facts_of(gaps)],
        actions=_actions(row),
        tables=tables,
    )
    return render_record(request, record)


def _untried(row: RuleSetRow, trials: Sequence[TrialRow], counting: dict[str, TrialRow]) -> list[str]:
    """What to look at before anybody asks for a draft."""
    if row.state not in ("draft", "asked"):
        return []
    missing = reasons_trials.missing(counting, trials)
    return [
        *([missing] if missing else []),
        *(counting["today"].warnings if "today" in counting else []),
    ]


def _facts(row: RuleSetRow, warnings: Sequence[str]) -> list[Fact]:
    rules = row.rules
    horizon = "as soon as there is stock" if rules.horizon_days is None else f"{rules.horizon_days} days ahead"
    cap = "no cap" if rules.fairness_percent == 100 else f"{rules.fairness_percent} % of what is free"
    facts = [
        Fact("Lots", told_supply(rules.supply)),
        Fact("Promised", horizon),
        Fact("One customer", cap),
        Fact("Promised days", KEPT[rules.promises]),
        Fact("Full runs", BY[rules.full_runs]),
        *([] if row.site_id else [Fact("Ship from", told_sites(rules.sites))]),
        Fact("Written by", row.written_by, note=row.note),
        Fact("In force from", row.activated_at, "datetime"),
    ]
    if row.ended_at:
        facts.append(Fact("Until", row.ended_at, "datetime", note=row.ended_reason))
    return facts + [Fact("Look again", warning, tone="warn") for warning in warnings]


def _actions(row: RuleSetRow) -> list[Do]:
    args = [row.id]
    todo: list[Do] = []
    if row.state == "draft":
        todo.append(
            Do("Ask for approval", reverse("allocation_rules_ask", args=args), "allocation.rules", True, False, "a")
        )
    if row.state in ("draft", "asked"):
        todo.append(Do("Edit", reverse("allocation_rules_edit", args=args), "allocation.rules", post=False, key="e"))
        todo.append(
            Do("Try on today's orders", reverse("allocation_rules_try", args=args), "allocation.rules", key="y")
        )
        history = reverse("allocation_rules_replay", args=args)
        todo.append(Do("Try on history", history, "allocation.rules", post=False, key="h"))
        todo.append(Do("Drop", reverse("allocation_rules_end", args=args), "allocation.rules"))
    copy = f"{reverse('allocation_rules_new')}?like={row.id}"
    todo.append(Do("New version like this", copy, "allocation.rules", post=False))
    todo.append(Do("Compare", reverse("allocation_rules_compare", args=args), post=False))
    if row.state in ("draft", "asked", "active"):
        todo.append(pages_gap.ask("allocation_rules_gap", row.id))
    todo.append(Do("Save as file", reverse("allocation_rules_file", args=args), post=False))
    if row.state == "active":
        confirm = "The rules behind this version decide from now on."
        end = reverse("allocation_rules_end", args=args)
        todo.append(Do("End these rules", end, "allocation.end_rules", confirm=confirm))
    return todo


@page("allocation.rules")
def new(request: HttpRequest) -> HttpResponse:
    """A new draft, from the rules as shipped or like another version."""
    like = request.GET.get("like", "")
    site_id = viewer_of(request).site_id
    initial = RuleSetForm.initial_of(RuleSet(), site_id=site_id, name="")
    if like.isdigit() and len(like) < 19:
        row = queries_rules.visible(int(like), pages_trials.sites_of(request))
        initial = RuleSetForm.initial_of(row.rules, site_id=row.site_id, name=row.name)
    return _edit(request, RuleSetForm(request.POST or None, initial=initial), "New allocation rules")


@page("allocation.rules")
def edit(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Change a draft."""
    row = queries_rules.visible(rule_set_id, pages_trials.sites_of(request))
    initial = RuleSetForm.initial_of(row.rules, site_id=row.site_id, name=row.name, note=row.note)
    return _edit(request, RuleSetForm(request.POST or None, initial=initial), f"Version {row.version}", rule_set_id)


def _edit(request: HttpRequest, form: RuleSetForm, title: str, rule_set_id: int = 0) -> HttpResponse:
    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=title, verb="Save draft", refusal=refusal, back=(TITLE, reverse("allocation_rules")),
            sub="Nothing is promised by a draft. Try it on today's orders and on history, then ask for approval.",
            template="allocation/rules.html", said=() if refusal else form.said(),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = form.to_request(rule_set_id)
    if form.bad:
        response = drawn(BadRuleSet(form.bad[0].message, lines=form.bad, fix=form.bad[0].fix))
        response.status_code = BadRuleSet.status
        return response
    return perform(request, commands_rules.write_rule_set, req, to=_page_of, toast=_saved, again=drawn)


@page("allocation.rules", methods=("POST",))
def check(request: HttpRequest) -> HttpResponse:
    """What the lines of the form say as they stand, and what is wrong with them; nothing is saved."""
    return render_page(request, "allocation/_said.html", {"said": RuleSetForm(request.POST).said()})


def _page_of(saved: RuleSetSaved) -> str:
    return reverse("allocation_rules_one", args=[saved.rule_set_id])


def _saved(saved: RuleSetSaved) -> str:
    return " ".join([f"Version {saved.version} saved.", *saved.warnings[:3]])


@page("allocation.rules", methods=("POST",))
def end(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Drop a draft, or end a version."""
    return perform(
        request,
        commands_rules.end_rule_set,
        EndRuleSet(rule_set_id, "on its page"),
        to=reverse("allocation_rules_one", args=[rule_set_id]),
        toast=lambda done: done.state.capitalize(),
    )


NAV = [NavItem("Data and setup", TITLE, "allocation_rules", permission="allocation.view", order=73)]

urlpatterns = [
    *pages_gap.urlpatterns,
    *pages_trials.urlpatterns,
    *pages_rules_files.urlpatterns,
    path("allocation/rules", RULES.view, name="allocation_rules"),
    path("allocation/rules/new", new, name="allocation_rules_new"),
    path("allocation/rules/<int:rule_set_id>", one, name="allocation_rules_one"),
    path("allocation/rules/<int:rule_set_id>/edit", edit, name="allocation_rules_edit"),
    path("allocation/rules/check", check, name="allocation_rules_check"),
    path("allocation/rules/<int:rule_set_id>/end", end, name="allocation_rules_end"),
]
