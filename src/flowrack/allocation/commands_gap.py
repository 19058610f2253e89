"""The optimum gap: looked at by a job, for a run or for rules on the open orders of a site."""

from __future__ import annotations

from flowrack.allocation import queries_gap, queries_rules, queries_runs, steps_gap
from flowrack.allocation.types_gap import GapAsked, GapKept, KeepGap, MeasureGap, NothingDecided
from flowrack.allocation.types_rules import RULE_SET
from flowrack.allocation.types_runs import RUN, NoSuchRun
from flowrack.platform import jobs
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

JOB = "allocation.measure_gap"


@command(permission="allocation.run", result=GapAsked)
def measure_gap(ctx: Context, req: MeasureGap) -> GapAsked:
    """Queue a job that finds how much worth a run, or rules on the open lines of a site, miss of the best.

    Nothing is promised. Refuses with NoSuchRun, NothingDecided, and NotFound for an unknown site or version.
    """
    if req.run_id:
        site_id = queries_runs.site_of(req.run_id)
        if site_id is None:
            raise NoSuchRun("There is no such run.", fix="Choose one from the list of runs.")
        ctx.require("allocation.run", site_id)
        lines = queries_gap.lines_decided(req.run_id)
        if not lines:
            raise NothingDecided("The run has decided nothing yet.", fix="Wait until it has, or look at another run.")
        ctx.subject, title = ref(RUN, req.run_id), f"Optimum gap of run {req.run_id}"
    else:
        row = queries_rules.rule_set(req.rule_set_id)
        site_id = req.site_id or row.site_id
        ctx.require("allocation.run", site_id)
        sites = [one for one, _ in queries_rules.sites_of(row.site_id) if site_id in (0, one)]
        if not sites:
            raise NotFound("These rules would not count at this site.", fix="Look at every site for which they count.")
        ctx.subject = ref(RULE_SET, req.rule_set_id)
        lines = sum(count for one in sites for _, count in queries_runs.claimed_items(one))
        title = f"Optimum gap of {row.name}"
    gap_id = steps_gap.begin(ctx, req.run_id, req.rule_set_id, site_id)
    job_id = jobs.start(ctx, JOB, {"gap_id": gap_id}, title=title, total=lines)
    steps_gap.note_job(gap_id, job_id)
    return GapAsked(gap_id, job_id)


@command(permission="allocation.run", result=GapKept)
def keep_gap(ctx: Context, req: KeepGap) -> GapKept:
    """Keep what a job found of the gap. A second time it changes nothing."""
    row = queries_gap.gap(req.gap_id)
    ctx.require("allocation.run", row.site_id)
    ctx.subject = ref(RUN, row.run_id) if row.run_id else ref(RULE_SET, row.rule_set_id)
    steps_gap.keep(ctx, req)
    return GapKept(req.gap_id)
