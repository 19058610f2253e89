"""Full runs in parts, and runs for the items of which stock became free."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import queries_best, queries_inputs, queries_runs, steps_run, steps_runs
from flowrack.allocation.rules_decide import moves_promises
from flowrack.allocation.steps_run import Ran
from flowrack.allocation.types import AllocationRun
from flowrack.allocation.types_runs import (
    RUN,
    AllocateItems,
    FinishRun,
    ItemsAllocated,
    KeepPlan,
    NoSuchRun,
    NothingOpen,
    PlanKept,
    PlanRun,
    RunFinished,
    RunPlanned,
    RunStarted,
    StartRun,
)
from flowrack.locations import queries as locations
from flowrack.platform import jobs
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.shared.refs import ref

JOB = "allocation.run"


@command(permission="allocation.run", result=RunStarted)
def start_run(ctx: Context, req: StartRun) -> RunStarted:
    """Queue a full run as a job with progress: every open line of a site, or of every site where the person may.

    It is done in parts of items that hang together, each a transaction of its own. Refuses with NothingOpen.
    """
    site_ids = _sites(ctx, req.site_id)
    lines = sum(count for _, count in queries_runs.open_items(site_ids))
    if not lines:
        raise NothingOpen("No open order line waits for stock here.", fix="Choose another site.")
    run_site = req.site_id or (0 if len(site_ids) > 1 or ctx.may("allocation.run", 0) else site_ids[0])
    run_id = steps_runs.insert(ctx, run_site)
    arguments = {"run_id": run_id, "site_id": run_site}
    where = _where(ctx, site_ids, run_site)
    job_id = jobs.start(ctx, JOB, arguments, title=f"Allocate {lines:,} lines at {where}", total=lines)
    steps_runs.set_job(run_id, job_id)
    ctx.subject = ref(RUN, run_id)
    return RunStarted(run_id, job_id, lines)


@command(permission="allocation.run", result=RunPlanned)
def plan_run(ctx: Context, req: PlanRun) -> RunPlanned:
    """Cut a run into its parts. They stay as they are: a job that dies and runs again does the same parts."""
    site_id = queries_runs.site_of(req.run_id)
    if site_id is None:
        raise NoSuchRun("There is no such run.", fix="Start another one.")
    ctx.subject = ref(RUN, req.run_id)
    site_ids = _sites(ctx, site_id)
    return RunPlanned(
        steps_runs.parts(queries_runs.open_items(site_ids), queries_runs.tied_items(site_ids), queries_runs.MOST_LINES)
    )


@command(permission="allocation.run", result=PlanKept)
def keep_plan(ctx: Context, req: KeepPlan) -> PlanKept:
    """Keep the plan of a part of a run by the best total value: its lines stand back when the part is decided.

    The part is decided by what stands there then; a plan never gives anybody more than the rules do. Refuses with
    NoSuchRun.
    """
    ctx.subject = ref(RUN, req.run_id)
    if queries_runs.site_of(req.run_id) not in (0, req.site_id):
        raise NoSuchRun("There is no such run at the site.", fix="Start another one.")
    ctx.require("allocation.run", req.site_id)
    steps_runs.keep_plan(ctx, req)
    return PlanKept(len(req.line_ids))


@command(permission="allocation.run", result=ItemsAllocated)
def allocate_items(ctx: Context, req: AllocateItems) -> ItemsAllocated:
    """Promise what is free of items to the lines that wait for them, best rank first, and store why.

    Complete orders take part where all of their open lines want these items. Emits allocation.run_finished when units
    were promised. Where a run is not named, only lines that gain or lose get a new certificate.
    """
    site_ids = _sites(ctx, req.site_id)
    ground = {site_id: steps_run.ground(site_id, req.item_ids) for site_id in site_ids}
    is_moving = any(moves_promises(force.rules) for _, force in ground.values())
    found = []
    if not req.run_id and not is_moving:
        for site_id in site_ids:
            on_the_way, force = ground[site_id]
            found.append((site_id, steps_runs.serve(ctx, site_id, req.item_ids, on_the_way, force)))
    else:
        lines, torn = queries_runs.whole_orders(
            sales.claim_lines_of_items(site_ids, req.item_ids, with_promised=is_moving)
        )
        for site_id in site_ids:
            on_the_way, force = ground[site_id]
            here = [line for line in lines if line.site_id == site_id]
            others = queries_inputs.others_of(
                ctx.now, site_id, [line for line in torn if line.site_id == site_id], force.rules
            )
            aims = queries_best.aims_of(req.run_id, [line.line_id for line in here]) if req.run_id else {}
            ran = steps_run.run(
                ctx, site_id, here, on_the_way, force, run_id=req.run_id, may_move=True, others=others, aims=aims
            )
            found.append((site_id, ran))
    return _added_up(ctx, [(site_id, ran) for site_id, ran in found if ran is not None])


def _added_up(ctx: Context, found: Sequence[tuple[int, Ran]]) -> ItemsAllocated:
    total = [0, 0, 0, 0, 0]
    for site_id, ran in found:
        waiting = ran.waiting
        if ran.gained:
            ctx.emit(AllocationRun(site_id, len(ran.decision.shares), ran.units, sum(waiting), ran.unpromised))
        sums = (len(ran.decision.shares), ran.units, len(waiting), sum(waiting), len(ran.gained))
        total = [one + more for one, more in zip(total, sums, strict=True)]
    return ItemsAllocated(*total)


@command(permission="allocation.run", result=RunFinished)
def finish_run(ctx: Context, req: FinishRun) -> RunFinished:
    """All parts of a run are done."""
    ctx.subject = ref(RUN, req.run_id)
    _sites(ctx, queries_runs.site_of(req.run_id) or 0)
    if not steps_runs.finish(ctx, req.run_id):
        raise NoSuchRun("There is no such run under way.", fix="Look at the list of runs.")
    return RunFinished(req.run_id)


def _sites(ctx: Context, site_id: int) -> list[int]:
    """The site, or all where the person may run the allocation; NotPermitted where there is none."""
    if site_id:
        ctx.require("allocation.run", site_id)
        return [site_id]
    ctx.require("allocation.run")
    return [s.site_id for s in locations.sites() if ctx.may("allocation.run", s.site_id)]


def _where(ctx: Context, site_ids: Sequence[int], site_id: int) -> str:
    """The site by its name; of several those that the person may run, where these are not all."""
    if site_id:
        return locations.site(site_id).name
    if ctx.may("allocation.run", 0):
        return "every site"
    return ", ".join(locations.site(one).code for one in site_ids)
