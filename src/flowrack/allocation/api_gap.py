"""The optimum gap of runs and of allocation rules for other systems."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from flowrack.allocation import commands_gap, queries_gap, queries_rules, queries_runs
from flowrack.allocation.types_gap import GapAsked, MeasureGap
from flowrack.allocation.types_runs import NoSuchRun
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["allocation rules"])


class GapIn(Schema):
    """Where; 0 = every site for which the rules count."""

    site_id: BigId = 0


class GapAskedOut(Schema):
    """The look and its job."""

    gap_id: int
    job_id: int


class GapOut(Schema):
    """A look: lines, percent of the best value that was missed, the value missed and at best (the price of units, twice
    for tier B, four times for tier A). `looked_at` is null until the job is done."""

    id: int
    run_id: int
    rule_set_id: int
    site_id: int
    site: str
    job_id: int
    job_state: str
    asked_at: datetime
    looked_at: datetime | None
    lines: int
    percent: Decimal
    missed: Decimal
    possible: Decimal


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("allocation.view") if caller else frozenset()


def _of_run(request: HttpRequest, run_id: int) -> None:
    site_id, sites = queries_runs.site_of(run_id), _sites(request)
    if site_id is None or (site_id and not ({0, site_id} & sites)):
        raise NoSuchRun("There is no such run at your sites.", fix="Choose one from the list of runs.")


@router.get("/allocation-runs/{int:run_id}/optimum-gaps", response=list[GapOut])
@requires("allocation.view")
def gaps_of_run(request: HttpRequest, run_id: BigId) -> Any:
    """Looks at the optimum gap of a run, the newest first."""
    _of_run(request, run_id)
    return queries_gap.gaps_of_run(run_id)


@router.post("/allocation-runs/{int:run_id}/optimum-gaps", response={202: GapAskedOut})
def measure_run(request: HttpRequest, run_id: BigId) -> Status[GapAsked]:
    """Let a job look at the optimum gap of a run."""
    return Status(202, commands_gap.measure_gap(context_from(request), MeasureGap(run_id)))


@router.get("/allocation-rules/{int:rule_set_id}/optimum-gaps", response=list[GapOut])
@requires("allocation.view")
def gaps_of_rules(request: HttpRequest, rule_set_id: BigId) -> Any:
    """Looks at the optimum gap of a version on open orders, the newest first."""
    queries_rules.visible(rule_set_id, _sites(request))
    return queries_gap.gaps_of_rules(rule_set_id)


@router.post("/allocation-rules/{int:rule_set_id}/optimum-gaps", response={202: GapAskedOut})
def measure_rules(request: HttpRequest, rule_set_id: BigId, body: GapIn) -> Status[GapAsked]:
    """Let a job look at the optimum gap of a version on today's open orders."""
    return Status(202, commands_gap.measure_gap(context_from(request), MeasureGap(0, rule_set_id, body.site_id)))
