"""Trials of allocation rules for other systems: on today's orders, and on history."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from flowrack.allocation import commands_trials, queries_rules, queries_trials, queries_try
from flowrack.allocation.types_trials import ReplayRuleSet, TrialStarted, TryRuleSet
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shared.errors import Invalid

router = Router(tags=["allocation rules"])


class SideOut(Schema):
    """What one side gives to a tier, "" = all."""

    tier: str
    lines: int
    whole: int
    wanted: int
    units: int
    fill: int
    value: Decimal


class ShiftOut(Schema):
    """A line that the draft gives more or fewer units; `held` are promised to it now."""

    line_id: int
    order_id: int
    number: str
    tier: str
    held: int
    before: int
    after: int
    value: Decimal


class TrialOut(Schema):
    """A version beside the ones in force, on today's open orders: what is held now, and what both give from the
    beginning."""

    present_rule_set_ids: list[int]
    tried: int
    open: int
    warnings: list[str]
    held: list[SideOut]
    now: list[SideOut]
    then: list[SideOut]
    shifts: list[ShiftOut]


class TryIn(Schema):
    """Where; 0 = every site for which the rules would count."""

    site_id: BigId = 0


class ReplayIn(Schema):
    """From when to when; without days the last year, until yesterday."""

    first_on: date | None = None
    last_on: date | None = None
    site_id: BigId = 0


class TrialStartedOut(Schema):
    """The trial, and the job that works on it; 0 where it is done."""

    trial_id: int
    job_id: int


class FigureOut(Schema):
    """What one side gives to a tier ("" = all), in a week (its Monday) or in all; the margin for who may see it."""

    side: str
    tier: str
    week: date | None
    lines: int
    lines_on_time: int
    lines_whole: int
    units: int
    units_on_time: int
    units_left: int
    late_days: int
    splits: int
    promised: int
    broken: int
    value: Decimal
    margin: Decimal | None


class TrialDoneOut(Schema):
    """A trial as it is stored."""

    id: int
    rule_set_id: int
    kind: str
    state: str
    sites: str
    first_on: date | None
    last_on: date | None
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    job_id: int
    lines: int
    lines_gain: int
    lines_lose: int
    units_moved: int
    warnings: list[str]
    unknown: list[str]


class TrialFiguresOut(TrialDoneOut):
    """A trial with its figures."""

    figures: list[FigureOut]


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("allocation.view") if caller else frozenset()


@router.get("/allocation-rules/{int:rule_set_id}/trial", response=TrialOut)
@requires("allocation.view")
def trial(request: HttpRequest, rule_set_id: BigId, site_id: BigId = 0) -> Any:
    """Try a version on today's open orders, at a site or wherever it would count; nothing is promised or kept."""
    row = queries_rules.visible(rule_set_id, _sites(request))
    sites = [one for one, _ in queries_rules.sites_of(row.site_id) if site_id in (0, one)]
    if not sites or not (0 in _sites(request) or set(sites) <= _sites(request)):
        raise Invalid("Name a site of yours for which these rules would count.", fix="Send site_id.")
    done = queries_try.try_rules(row.rules, sites, now())
    held, present, then = (
        [
            {
                "tier": tier,
                "fill": side.fill,
                **{n: getattr(side, n) for n in ("lines", "whole", "wanted", "units", "value")},
            }
            for tier, side in sorted(sums.items())
        ]
        for sums in (done.found.held, done.found.now, done.found.then)
    )
    shifts = [
        {
            "line_id": s.claim.line_id, "order_id": s.claim.order_id, "number": s.claim.number, "tier": s.claim.tier,
            "held": s.held, "before": s.before, "after": s.after, "value": s.value,
        }
        for s in done.found.shifts[:1_000]
    ]  # fmt: skip
    return {
        "present_rule_set_ids": sorted({one.rule_set_id for one in done.present}),
        "tried": done.tried,
        "open": done.open,
        "warnings": done.warnings,
        "held": held,
        "now": present,
        "then": then,
        "shifts": shifts,
    }


@router.post("/allocation-rules/{int:rule_set_id}/trials/today", response={201: TrialStartedOut})
def try_today(request: HttpRequest, rule_set_id: BigId, body: TryIn) -> Status[TrialStarted]:
    """Try a draft on today's open orders and keep what came of it."""
    req = TryRuleSet(rule_set_id, body.site_id)
    return Status(201, commands_trials.try_rule_set(context_from(request), req))


@router.post("/allocation-rules/{int:rule_set_id}/trials/history", response={201: TrialStartedOut})
def try_history(request: HttpRequest, rule_set_id: BigId, body: ReplayIn) -> Status[TrialStarted]:
    """Try a draft on history by a job."""
    req = ReplayRuleSet(rule_set_id, body.first_on, body.last_on, body.site_id)
    return Status(201, commands_trials.replay_rule_set(context_from(request), req))


@router.get("/allocation-rules/{int:rule_set_id}/trials", response=list[TrialDoneOut])
@requires("allocation.view")
def trials(request: HttpRequest, rule_set_id: BigId) -> Any:
    """Trials of a version, the newest first."""
    return queries_trials.trials_of(queries_rules.visible(rule_set_id, _sites(request)).id)


@router.get("/allocation-trials/{int:trial_id}", response=TrialFiguresOut)
@requires("allocation.view")
def one_trial(request: HttpRequest, trial_id: BigId) -> Any:
    """A trial with its figures by side, tier and week. Margins need sales.see_margin."""
    row = queries_trials.trial(trial_id)
    queries_rules.visible(row.rule_set_id, _sites(request))
    caller = caller_of(request)
    sees = caller.sites("sales.see_margin") if caller else frozenset()
    may_see = 0 in sees or set(row.site_ids) <= sees
    figures = [FigureOut.from_orm(one) for one in queries_trials.figures_of(row.id)]
    if not may_see:
        figures = [one.model_copy(update={"margin": None}) for one in figures]
    fields = {name: getattr(row, name) for name in TrialDoneOut.model_fields}
    return {**fields, "figures": figures}
