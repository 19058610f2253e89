"""The policy workbench: versions of the allocation rules, and a draft tried on today's orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_rules, queries_rules, queries_try
from flowrack.allocation.forms_rules import RuleSetForm
from flowrack.allocation.queries_rules import RuleSetRow
from flowrack.allocation.queries_try import Trial
from flowrack.allocation.rules_compare import Shift, Side, changes_of, told_class, told_quota, told_supply
from flowrack.allocation.types_rules import RULE_SET, ActivateRuleSet, BadRuleSet, EndRuleSet, RuleSet, RuleSetSaved
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Column, Empty, ListPage, ListQuery, Page, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

TITLE = "Allocation rules"
MARKS = {"draft": "", "asked": "warn", "active": "ok", "ended": "void", "dropped": "void"}
SHOWN = 100  # lines that gain, and that lose


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("allocation.view") if caller else frozenset()


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list."""

    id: int
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
        row.id, row.site, row.version, row.state, row.name, in_words(row.rules), row.written_by, row.written_at,
        row.activated_at, row.ended_at, row.note,
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
        Column("version", "Version", kind="number", sort=True),
        Column("name", "Name", sort=True, link=lambda r: reverse("allocation_rules_one", args=[r.id])),
        Column("site", "Where", kind="code", sort=True),
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
    actions=[Button("New rules", "allocation_rules_new", permission="allocation.rules", primary=True, key="n")],
    empty=Empty(
        "The shipped rules decide",
        "One class: tier, requested date, age of the order. Lots that expire first go first.",
        "New rules", "allocation_rules_new", "allocation.rules",
    ),
)  # fmt: skip

CLASS_COLUMNS = [
    Column("place", "#", kind="number"),
    Column("name", "Class"),
    Column("says", "What it does and for whom", wide=True),
]
QUOTA_COLUMNS = [Column("name", "Quota"), Column("says", "What it keeps", wide=True)]
CHANGE_COLUMNS = [Column("what", "What"), Column("before", "In force", wide=True), Column("after", "This", wide=True)]
TIER_COLUMNS = [
    Column("tier", "Tier", kind="tier"),
    Column("lines", "Lines", kind="number"),
    Column("whole", "Whole now", kind="number"),
    Column("whole_then", "Whole with these", kind="number"),
    Column("units", "Units now", kind="number"),
    Column("units_then", "Units with these", kind="number"),
    Column("fill", "Fill now, %", kind="number"),
    Column("fill_then", "Fill with these, %", kind="number"),
    Column("value", "Value now", kind="money"),
    Column("value_then", "Value with these", kind="money"),
]
SHIFT_COLUMNS = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("tier", "Tier", kind="tier"),
    Column("wanted_on", "Wanted", kind="date"),
    Column("before", "Units now", kind="number"),
    Column("after", "With these", kind="number"),
    Column("units", "Difference", kind="number"),
    Column("value", "Value", kind="money"),
]


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


@dataclass(frozen=True, slots=True)
class TierRow:
    """Both sides of a trial for one tier."""

    tier: str
    lines: int
    whole: int
    whole_then: int
    units: int
    units_then: int
    fill: int
    fill_then: int
    value: Decimal
    value_then: Decimal


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A line that gets more or less."""

    order_id: int
    number: str
    tier: str
    wanted_on: object
    before: int
    after: int
    units: int
    value: Decimal


def _tier_row(tier: str, now_side: Side, then: Side) -> TierRow:
    return TierRow(
        tier or "all", now_side.lines, now_side.whole, then.whole, now_side.units, then.units, now_side.fill, then.fill,
        now_side.value, then.value,
    )  # fmt: skip


def _shift_row(shift: Shift) -> ShiftRow:
    claim = shift.claim
    return ShiftRow(
        claim.order_id, claim.number, claim.tier, claim.ship_on, shift.before, shift.after, shift.units, shift.value
    )


def _trial_tables(trial: Trial) -> list[Table]:
    found = trial.found
    tiers = [_tier_row(tier, found.now[tier], found.then[tier]) for tier in sorted(found.now, key=lambda t: t or "Z")]
    part = "" if trial.tried == trial.open else f" The items with the first {trial.tried:,} of {trial.open:,} lines."
    note = f"What is free and what is promised but not picked, shared out by both rule sets.{part}"
    return [
        Table("Tried on today's orders", TIER_COLUMNS, tiers, empty="No line is open.", note=note),
        *(
            Table(title, SHIFT_COLUMNS, [_shift_row(s) for s in rows[:SHOWN]], of=len(rows), empty="Nobody.")
            for title, rows in (("Who gains", found.gain), ("Who loses", found.lose))
        ),
    ]


@page("allocation.view", methods=("GET", "HEAD"))
def one(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """A version: what it says, how it differs from the rules in force, and what it would do today."""
    row = queries_rules.visible(rule_set_id, _sites(request))
    own = queries_rules.own_in_force(row.site_id) or queries_rules.SHIPPED_RULES
    asked = request.GET.get("site", "")
    site_id = row.site_id or (int(asked) if asked.isdigit() and len(asked) < 10 else viewer_of(request).site_id)
    is_open = row.state in ("draft", "asked")
    tables = [
        Table("Classes", CLASS_COLUMNS, [Said(c.name, told_class(c), n) for n, c in enumerate(row.rules.classes, 1)]),
    ]
    if row.rules.quotas:
        tables.append(Table("Quotas", QUOTA_COLUMNS, [Said(q.name, told_quota(q)) for q in row.rules.quotas]))
    changes = [ChangeRow(*change) for change in changes_of(own.rules, row.rules)]
    if is_open:
        tables.append(Table("Against the rules in force", CHANGE_COLUMNS, changes, empty="It says the same."))
    warnings: Sequence[str] = ()
    if is_open and site_id and "try" in request.GET:
        trial = queries_try.try_rules(row.rules, site_id, now())
        warnings = trial.warnings
        tables = [*_trial_tables(trial), *tables]
    record = Record(
        title=f"{row.name}, version {row.version}",
        subtitle=row.site,
        subject=ref(RULE_SET, row.id),
        site_id=row.site_id or None,
        state=row.state,
        marks=MARKS,
        back=(TITLE, reverse("allocation_rules")),
        facts=_facts(row, warnings),
        actions=_actions(row, own.rule_set_id, site_id),
        tables=tables,
    )
    return render_record(request, record)


def _facts(row: RuleSetRow, warnings: Sequence[str]) -> list[Fact]:
    rules = row.rules
    horizon = "as soon as there is stock" if rules.horizon_days is None else f"{rules.horizon_days} days ahead"
    cap = "no cap" if rules.fairness_percent == 100 else f"{rules.fairness_percent} % of what is free"
    facts = [
        Fact("Lots", told_supply(rules.supply)),
        Fact("Promised", horizon),
        Fact("One customer", cap),
        Fact("Written by", row.written_by, note=row.note),
        Fact("In force from", row.activated_at, "datetime"),
    ]
    if row.ended_at:
        facts.append(Fact("Until", row.ended_at, "datetime", note=row.ended_reason))
    return facts + [Fact("Look again", warning, tone="warn") for warning in warnings]


def _actions(row: RuleSetRow, instead_of: int, site_id: int) -> list[Do]:
    args = [row.id]
    here = reverse("allocation_rules_one", args=args)
    todo: list[Do] = []
    if row.state in ("draft", "asked"):
        todo.append(Do("Edit", reverse("allocation_rules_edit", args=args), "allocation.rules", post=False, key="e"))
        if site_id:
            todo.append(Do("Try on today's orders", f"{here}?try=1&site={site_id}", post=False, key="t"))
        todo.append(Do("Drop", reverse("allocation_rules_end", args=args), "allocation.rules"))
    else:
        copy = f"{reverse('allocation_rules_new')}?like={row.id}"
        todo.append(Do("New version like this", copy, "allocation.rules", post=False))
    if row.state == "draft":
        ask = reverse("allocation_rules_ask", args=args)
        fields = {"instead_of": instead_of}
        todo.append(Do("Ask for approval", ask, "allocation.rules", primary=True, key="a", fields=fields))
    if row.state == "active":
        confirm = "The rules behind this version decide from now on."
        end = reverse("allocation_rules_end", args=args)
        todo.append(Do("End these rules", end, "allocation.end_rules", confirm=confirm))
    return todo


@page("allocation.rules")
def new(request: HttpRequest) -> HttpResponse:
    """A new draft, from the shipped rules or like another version."""
    like = request.GET.get("like", "")
    site_id = viewer_of(request).site_id
    initial = RuleSetForm.initial_of(RuleSet(), site_id=site_id, name="")
    if like.isdigit() and len(like) < 19:
        row = queries_rules.visible(int(like), _sites(request))
        initial = RuleSetForm.initial_of(row.rules, site_id=row.site_id, name=row.name)
    return _edit(request, RuleSetForm(request.POST or None, initial=initial), "New allocation rules")


@page("allocation.rules")
def edit(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Change a draft."""
    row = queries_rules.visible(rule_set_id, _sites(request))
    initial = RuleSetForm.initial_of(row.rules, site_id=row.site_id, name=row.name, note=row.note)
    return _edit(request, RuleSetForm(request.POST or None, initial=initial), f"Version {row.version}", rule_set_id)


def _edit(request: HttpRequest, form: RuleSetForm, title: str, rule_set_id: int = 0) -> HttpResponse:
    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=title, verb="Save draft", refusal=refusal, back=(TITLE, reverse("allocation_rules")),
            sub="Nothing is promised by a draft. Try it on today's orders, then ask for approval.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = form.to_request(rule_set_id)
    if form.bad:
        response = drawn(BadRuleSet(form.bad[0].message, lines=form.bad, fix=form.bad[0].fix))
        response.status_code = BadRuleSet.status
        return response
    return perform(request, commands_rules.write_rule_set, req, to=_page_of, toast=_saved, again=drawn)


def _page_of(saved: RuleSetSaved) -> str:
    return reverse("allocation_rules_one", args=[saved.rule_set_id])


def _saved(saved: RuleSetSaved) -> str:
    return " ".join([f"Version {saved.version} saved.", *saved.warnings[:3]])


@page("allocation.rules", methods=("POST",))
def ask(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Ask that a draft decides."""
    posted = request.POST.get("instead_of", "")
    instead_of = int(posted) if posted.isdigit() and len(posted) < 19 else -1
    return perform(
        request,
        commands_rules.ask_rule_set,
        ActivateRuleSet(rule_set_id, instead_of),
        to=reverse("allocation_rules_one", args=[rule_set_id]),
        toast=lambda done: f"{done.approval} asks" if done.state == "asked" else "In force",
    )


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
    path("allocation/rules", RULES.view, name="allocation_rules"),
    path("allocation/rules/new", new, name="allocation_rules_new"),
    path("allocation/rules/<int:rule_set_id>", one, name="allocation_rules_one"),
    path("allocation/rules/<int:rule_set_id>/edit", edit, name="allocation_rules_edit"),
    path("allocation/rules/<int:rule_set_id>/ask", ask, name="allocation_rules_ask"),
    path("allocation/rules/<int:rule_set_id>/end", end, name="allocation_rules_end"),
]
