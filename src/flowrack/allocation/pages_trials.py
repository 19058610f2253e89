"""Trials of allocation rules on today's orders and on history, with both rule sets side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from flowrack.allocation import commands_trials, queries_rules, queries_trials
from flowrack.allocation.forms_rules import ReplayForm
from flowrack.allocation.queries_rules import RuleSetRow, called
from flowrack.allocation.queries_trials import TrialLineRow, TrialRow
from flowrack.allocation.types_trials import (
    DRAFT,
    HAPPENED,
    HELD,
    HISTORY,
    PRESENT,
    TODAY,
    TRIAL,
    ReplayRuleSet,
    TrialFigure,
    TrialStarted,
    TryRuleSet,
)
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.charts import Part, Series, stacked_bar
from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

WORDS = {HELD: "promised now", HAPPENED: "as it happened"}  # the other sides are named by their versions
KIND_WORDS = {TODAY: "today's orders", HISTORY: "history"}
TONES = {HELD: "c3", HAPPENED: "c3", PRESENT: "c2", DRAFT: "acc"}
STATES = {"done": "ok", "failed": "bad", "cancelled": "void", "running": "", "queued": ""}


def sites_of(request: HttpRequest) -> frozenset[int]:
    """The sites whose allocation the person may see."""
    caller = caller_of(request)
    return caller.sites("allocation.view") if caller else frozenset()


@dataclass(frozen=True, slots=True)
class TrialSaid:
    """A trial in the list of a version."""

    id: int
    on: str
    sites: str
    state: str
    lines: int
    says: str
    counts: str
    started_by: str
    started_at: datetime


TRIAL_COLUMNS = [
    Column("on", "Tried on", link=lambda r: reverse("allocation_trial", args=[r.id])),
    Column("sites", "Where", kind="code"),
    Column("state", "State", kind="state", marks=STATES),
    Column("lines", "Lines", kind="number"),
    Column("says", "What came of it", wide=True),
    Column("counts", "Counts for asking"),
    Column("started_by", "By"),
    Column("started_at", "At", kind="datetime"),
]


def table_of(trials: Sequence[TrialRow], counting: dict[str, TrialRow]) -> Table:
    """The trials of a version; those that count are of the rules as they are now."""
    that_count = {row.id for row in counting.values()}
    rows = [
        TrialSaid(
            row.id, KIND_WORDS[row.kind], row.sites, row.state, row.lines, _says(row),
            "yes" if row.id in that_count else "", row.started_by, row.started_at,
        )
        for row in trials
    ]  # fmt: skip
    note = "Before a version is asked for it is tried as it is, against what is in force, on both; or one says why not."
    return Table("Trials", TRIAL_COLUMNS, rows, empty="Not tried yet.", note=note)


def _says(row: TrialRow) -> str:
    if row.state != "done":
        return ""
    if row.kind == TODAY:
        return f"{row.lines_gain:,} lines get more, {row.lines_lose:,} less; {row.units_moved:,} units go to others"
    return f"{row.first_on} to {row.last_on}"


@page("allocation.rules", methods=("POST",))
def try_today(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Try a version on today's orders, at every site for which it would count."""
    return perform(request, commands_trials.try_rule_set, TryRuleSet(rule_set_id), to=_page_of, toast=_told)


@page("allocation.rules")
def try_history(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Try a version on history: from when to when."""
    row = queries_rules.visible(rule_set_id, sites_of(request))
    form = ReplayForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Try {row.name} on history", verb="Try on history", refusal=refusal,
            back=(f"Version {row.version}", reverse("allocation_rules_one", args=[row.id])),
            sub="Orders come in and goods arrive day by day as they did; the rules in force and these share them out. "
            "Nothing is promised. It runs as a job.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = ReplayRuleSet(rule_set_id, form.cleaned_data["first_on"], form.cleaned_data["last_on"])
    return perform(request, commands_trials.replay_rule_set, req, to=_page_of, toast=_told, again=drawn)


def _page_of(started: TrialStarted) -> str:
    if started.job_id:
        return reverse("job", args=[started.job_id])
    return reverse("allocation_trial", args=[started.trial_id])


def _told(started: TrialStarted) -> str:
    return "Trial begun" if started.job_id else "Tried"


@page("allocation.view", methods=("GET", "HEAD"))
def one_trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """What came of a trial: both rule sets side by side, by tier and over time, and who gains and loses."""
    row = queries_trials.trial(trial_id)
    rules = queries_rules.visible(row.rule_set_id, sites_of(request))
    figures = queries_trials.figures_of(row.id)
    may_see = sees_margin(request, row.site_ids)
    totals = [one for one in figures if one.week is None]
    names = _names(row)
    record = Record(
        title=f"Version {called(rules)}",
        subtitle=f"{rules.name}, tried on {KIND_WORDS[row.kind]}",
        subject=ref(TRIAL, row.id),
        site_id=rules.site_id or None,
        state=row.state,
        marks=STATES,
        back=(f"Version {rules.version}", reverse("allocation_rules_one", args=[rules.id])),
        facts=_facts(row, rules),
        tables=_today_tables(row, totals, names) if row.kind == TODAY else _history_tables(totals, names, may_see),
    )
    more: dict[str, Any] = {
        "bars": _bars(row, totals, names),
        "series": _series(figures, names) if row.kind == HISTORY else None,
        "unknown": row.unknown,
    }
    return render_record(request, record, template="allocation/trial.html", **more)


def sees_margin(request: HttpRequest, site_ids: Sequence[int]) -> bool:
    """Whether the person may see the margins of all these sites."""
    caller = caller_of(request)
    sees = caller.sites("sales.see_margin") if caller else frozenset()
    return 0 in sees or set(site_ids) <= sees


def _names(row: TrialRow) -> dict[str, str]:
    """What the sides of a trial are called: the rules that were in force then, and those that were tried."""
    present = queries_rules.rule_set(row.instead_of) if row.instead_of else None
    told = f"in force, {_whose(present.site_id)} v{present.version}" if present else "as shipped"
    return {**WORDS, PRESENT: told, DRAFT: f"tried, {_whose(row.rules_site_id)} v{row.version}"}


def _whose(site_id: int) -> str:
    return "site" if site_id else "company"


def _facts(row: TrialRow, rules: RuleSetRow) -> list[Fact]:
    facts = [Fact("Where", row.sites)]
    if row.kind == HISTORY:
        facts += [Fact("From", row.first_on, "date"), Fact("To", row.last_on, "date")]
    of = f"of {row.open_lines:,} open" if row.kind == TODAY else "of orders"
    facts += [
        Fact("Lines", row.lines, "number", note=of if row.state == "done" else ""),
        Fact("In force then", queries_rules.told_rules(row.instead_of)),
        Fact("Tried by", row.started_by),
        Fact("At", row.started_at, "datetime"),
    ]
    if row.state != "done" and row.job_id:
        facts.append(Fact("Job", row.state, url=reverse("job", args=[row.job_id])))
    if queries_rules.digest_of(rules.rules) != row.digest:
        facts.append(Fact("Look again", "The version was changed after this trial.", tone="warn"))
    return facts + [Fact("Look again", warning, tone="warn") for warning in row.warnings]


@dataclass(frozen=True, slots=True)
class SideRow:
    """One side of a trial for a tier."""

    tier: str
    side: str
    lines: int
    on_time: int
    whole: int
    units: int
    given: int
    fill: Decimal
    line_fill: Decimal
    late_days: int
    splits: int
    broken: str
    value: Decimal
    margin: Decimal


def _share(part: int, whole: int) -> Decimal:
    return Decimal(1000 * part // whole) / 10 if whole else Decimal(100)


def _rows(
    totals: Sequence[TrialFigure], sides: Sequence[str], names: Mapping[str, str], *, in_time: bool
) -> list[SideRow]:
    found = {(one.tier, one.side): one for one in totals}
    tiers = sorted({one.tier for one in totals}, key=lambda tier: tier or "Z")
    rows = []
    for tier in tiers:
        for side in sides:
            one = found.get((tier, side))
            if one is not None:
                rows.append(
                    SideRow(
                        tier or "all",
                        names[side],
                        one.lines,
                        one.lines_on_time,
                        one.lines_whole,
                        one.units,
                        one.units_left,
                        _share(one.units_on_time if in_time else one.units_left, one.units),
                        _share(one.lines_on_time if in_time else one.lines_whole, one.lines),
                        one.late_days,
                        one.splits,
                        f"{one.broken:,} of {one.promised:,}",
                        one.value,
                        one.margin,
                    )
                )
    return rows


HEAD_COLUMNS = [Column("tier", "Tier", kind="tier"), Column("side", "By")]
TODAY_COLUMNS = [
    *HEAD_COLUMNS,
    Column("lines", "Lines", kind="number"),
    Column("whole", "Whole lines", kind="number"),
    Column("units", "Units wanted", kind="number"),
    Column("given", "Units promised", kind="number"),
    Column("fill", "Unit fill, %", kind="number", places=1),
    Column("value", "Value", kind="money"),
]
HISTORY_COLUMNS = [
    *HEAD_COLUMNS,
    Column("fill", "Unit fill, %", kind="number", places=1),
    Column("line_fill", "Line fill, %", kind="number", places=1),
    Column("units", "Units", kind="number"),
    Column("given", "Units left", kind="number"),
    Column("late_days", "Backorder days", kind="number"),
    Column("splits", "Split shipments", kind="number"),
    Column("broken", "Promises broken", kind="code"),
    Column("value", "Value left", kind="money"),
]
SHIFT_COLUMNS = [  # followed by what each side gives
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("tier", "Tier", kind="tier"),
    Column("sku", "Item", kind="code"),
    Column("customer", "Customer", wide=True),
    Column("ship_by_on", "Ship by", kind="date"),
    Column("held", "Promised now", kind="number"),
]


def _today_tables(row: TrialRow, totals: Sequence[TrialFigure], names: Mapping[str, str]) -> list[Table]:
    present, tried = (names[side][:1].upper() + names[side][1:] for side in (PRESENT, DRAFT))
    note = (
        f"Promised now: what orders hold today and no picker has. {present} and {tried}: what is free and what is "
        "promised but not picked, shared out from the beginning by each, so that the rules are compared and not the "
        "order of past runs."
    )
    columns = [
        *SHIFT_COLUMNS,
        Column("before", present, kind="number"),
        Column("after", tried, kind="number"),
        Column("units", "Difference", kind="number"),
        Column("value", "Value", kind="money"),
    ]
    lines = queries_trials.lines_of(row.id)
    gain: list[TrialLineRow] = [line for line in lines if line.units > 0]
    lose = [line for line in lines if line.units < 0]
    rows = _rows(totals, (HELD, PRESENT, DRAFT), names, in_time=False)
    return [
        Table("By tier", TODAY_COLUMNS, rows, empty="No line is open.", note=note),
        Table("Who gains", columns, gain, of=row.lines_gain, empty="Nobody."),
        Table("Who loses", columns, lose, of=row.lines_lose, empty="Nobody."),
    ]


def _history_tables(totals: Sequence[TrialFigure], names: Mapping[str, str], may_see_margin: bool) -> list[Table]:
    note = (
        "Of lines that were to leave in these days. Fill: left by the ship-by day. Backorder days: how long lines "
        "waited after that day until they were whole. Split shipments: those beyond the first of an order. Promises: "
        "by the day that was first promised when the order came in."
    )
    columns = [*HISTORY_COLUMNS, *([Column("margin", "Margin", kind="money")] if may_see_margin else [])]
    rows = _rows(totals, (HAPPENED, PRESENT, DRAFT), names, in_time=True)
    return [Table("By tier", columns, rows, empty="Nothing yet.", note=note)]


def _bars(
    row: TrialRow, totals: Sequence[TrialFigure], names: Mapping[str, str]
) -> list[tuple[str, list[tuple[str, SafeString, str]]]]:
    """The unit fill of each side by tier, as bars of one scale."""
    is_today = row.kind == TODAY
    sides = (HELD, PRESENT, DRAFT) if is_today else (HAPPENED, PRESENT, DRAFT)
    found = {(one.tier, one.side): one for one in totals}
    out = []
    for tier in sorted({one.tier for one in totals}, key=lambda tier: tier or "Z"):
        bars = []
        for side in sides:
            one = found.get((tier, side))
            if one is None:
                continue
            part = one.units_left if is_today else one.units_on_time
            share = _share(part, one.units)
            words = f"{names[side]}: {share:.1f} %"
            parts = [Part(part, TONES[side], words), Part(max(one.units - part, 0), "c4", "")]
            bars.append((names[side], stacked_bar(parts, words, width=200, height=12), f"{share:.1f} %"))
        out.append((f"Tier {tier}" if tier else "All tiers", bars))
    return out


def _series(figures: Sequence[TrialFigure], names: Mapping[str, str]) -> Series | None:
    """The unit fill on time by week, a line for each side."""
    weeks = sorted({one.week for one in figures if one.week is not None})
    if len(weeks) < 2:
        return None
    found = {(one.side, one.week): one for one in figures if not one.tier and one.week is not None}
    lines: list[tuple[str, list[Decimal | None]]] = []
    for side in (HAPPENED, PRESENT, DRAFT):
        of_side = [found.get((side, week)) for week in weeks]
        lines.append((names[side], [_share(one.units_on_time, one.units) if one else None for one in of_side]))
    x = [int(datetime.combine(week, time(), UTC).timestamp()) for week in weeks]
    return Series("Units that left by their ship-by day, by week, in percent", x, lines, "%")


urlpatterns = [
    path("allocation/rules/trials/<int:trial_id>", one_trial, name="allocation_trial"),
    path("allocation/rules/<int:rule_set_id>/try", try_today, name="allocation_rules_try"),
    path("allocation/rules/<int:rule_set_id>/replay", try_history, name="allocation_rules_replay"),
]
