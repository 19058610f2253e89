"""Work in the background: full runs, in parts; trials of rules on many lines and on history; overrides that lapse;
promises that a new day breaks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from time import monotonic
from typing import Any

import structlog
from django.db import DatabaseError, connections

from flowrack.allocation import (
    commands_exceptions,
    commands_gap,
    commands_overrides,
    commands_runs,
    commands_trials,
    queries_best,
    queries_cover,
    queries_gap,
    queries_optimum,
    queries_overrides,
    queries_replay,
    queries_rules,
    queries_runs,
    queries_trials,
    queries_try,
    steps_bring,
)
from flowrack.allocation.queries_trials import TrialRow
from flowrack.allocation.rules_optimum import Worth
from flowrack.allocation.types_exceptions import WatchItems
from flowrack.allocation.types_gap import KeepGap
from flowrack.allocation.types_overrides import LapseOverrides
from flowrack.allocation.types_rules import RuleSet, RuleSetMoved
from flowrack.allocation.types_runs import AllocateItems, FinishRun, ItemsAllocated, Part, PlanRun
from flowrack.platform.http import now
from flowrack.platform.jobs import JobRun, job
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.shared.errors import FlowrackError

log = structlog.get_logger()

WATCHED = "allocation.watch_day"  # the key of the last part of a site's day says that it was looked at
ITEMS_AT_ONCE = 500
AT_ONCE = 2  # parts: one is decided here while the database writes another


@job(commands_runs.JOB, permission="allocation.run")
def allocate_in_parts(run: JobRun) -> dict[str, Any]:
    """Do the parts of a full run, two at a time. A job that died does again only what it had not done."""
    run_id = int(run.arguments["run_id"])
    steps_bring.bring(f"run-{run_id}", queries_runs.sites_of_run(run_id))
    parts = commands_runs.plan_run(run.context("plan"), PlanRun(run_id)).parts
    total = sum(part.lines for part in parts)
    sums = {"lines": 0, "units": 0, "waiting_lines": 0, "waiting_units": 0}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for done in _as_done(pool, run, parts):
                for name in sums:
                    sums[name] += getattr(done, name)
                run.progress(min(sums["lines"], total), total, f"{sums['units']:,} units promised")
        finally:
            _close_connections(pool)
    commands_runs.finish_run(run.context("finish"), FinishRun(run_id))
    return {**sums, "parts": len(parts), "page": "/allocation/waiting"}


def _as_done(pool: ThreadPoolExecutor, run: JobRun, parts: list[Part]) -> Iterator[ItemsAllocated]:
    """What came of each part, as they end; never more under way than work at once, so that a cancel is heard soon."""
    run_id, site_id = int(run.arguments["run_id"]), int(run.arguments["site_id"])
    by_best = queries_best.sites_by_best(queries_runs.sites_of_run(run_id))
    planned = queries_best.planned_parts(run_id) if by_best else set()
    under_way: set[Future[ItemsAllocated]] = set()
    for number, part in enumerate(parts, start=1):
        req = AllocateItems(site_id, part.item_ids, run_id)
        under_way.add(pool.submit(_do_part, run, number, req, [one for one in by_best if (number, one) not in planned]))
        if len(under_way) >= AT_ONCE:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    for one in under_way:
        yield one.result()


def _do_part(run: JobRun, number: int, req: AllocateItems, by_best: list[int]) -> ItemsAllocated:
    """Decide a part; at sites whose full runs go by the best total value, a plan is found and kept before."""
    started = monotonic()
    for site_id in by_best:
        plan = queries_best.plan_of(
            req.run_id, number, site_id, req.item_ids, now(), lambda: Decimal(monotonic() - started)
        )
        if plan is not None:
            commands_runs.keep_plan(run.context(f"plan-{number}-{site_id}"), plan)
    return commands_runs.allocate_items(run.context(f"part-{number}"), req)


def _close_connections(pool: ThreadPoolExecutor) -> None:
    """Each thread closes its connection: all of them wait at a gate, so that none does it for another."""
    gate = Barrier(AT_ONCE)

    def close() -> None:
        gate.wait()
        connections.close_all()

    for _ in range(AT_ONCE):
        pool.submit(close)


def _as_begun(trial: TrialRow) -> RuleSet:
    """The rules of a trial, if they are still those that were to be tried."""
    rules = queries_rules.decided_rules(trial.rule_set_id)
    if queries_rules.digest_of(rules) != trial.digest:
        raise RuleSetMoved("The draft was changed after the trial had begun.", fix="Try it again.")
    return rules


@job(commands_trials.TRY, permission="allocation.rules")
def try_rules(run: JobRun) -> dict[str, Any]:
    """Try rules on all open lines of their sites."""
    trial = queries_trials.trial(int(run.arguments["trial_id"]))
    rules = _as_begun(trial)
    done = queries_try.try_rules(
        rules, trial.site_ids, trial.started_at, tell=lambda tried, of: run.progress(min(tried, of), of, "lines tried")
    )
    commands_trials.finish_trial(run.context("finish"), queries_trials.result_of_today(trial.id, done))
    return {"lines": done.tried, "page": f"/allocation/rules/trials/{trial.id}"}


@job(commands_trials.REPLAY, permission="allocation.rules")
def replay_rules(run: JobRun) -> dict[str, Any]:
    """Try rules on history, day by day."""
    trial = queries_trials.trial(int(run.arguments["trial_id"]))
    assert trial.first_on is not None and trial.last_on is not None, "a trial on history has its days"
    rules = _as_begun(trial)
    sites = list(zip(trial.site_ids, trial.sites.split(", "), strict=True))
    done = queries_replay.replay_rules(rules, sites, trial.first_on, trial.last_on, run.progress)
    commands_trials.finish_trial(run.context("finish"), queries_trials.result_of_history(trial.id, done))
    return {"lines": done.lines, "page": f"/allocation/rules/trials/{trial.id}"}


@periodic("allocation.lapse_overrides", every_seconds=60)
def lapse_overrides(ctx: Context) -> None:
    """Let the rules decide again where the day of an override is over, one by one: one that cannot be ended is logged
    and tried again in the next round, and holds no other up."""
    for override_id in queries_overrides.past(ctx.now):
        try:
            commands_overrides.lapse_overrides(ctx.keyed(str(override_id)), LapseOverrides([override_id]))
        except (FlowrackError, DatabaseError) as error:
            log.warning("override_not_ended", override_id=override_id, error=str(error).strip()[:300])


@periodic("allocation.watch_days", every_seconds=600)
def watch_days(ctx: Context) -> None:
    """Look once on each site's business day at all promises that wait: by time alone a PO is overdue, and the day from
    which promises count it moves."""
    watch_promises(ctx, WATCHED, "A day went by")


def watch_promises(ctx: Context, key: str, cause: str) -> None:
    """Look at all promises that wait, once for a key on each site's business day, in parts."""
    for site_id, (today, item_ids) in queries_cover.unwatched(ctx.now, key).items():
        parts = [item_ids[at : at + ITEMS_AT_ONCE] for at in range(0, len(item_ids), ITEMS_AT_ONCE)]
        for number, part in enumerate(parts, start=1):
            keyed = ctx.keyed(f"{site_id}:{number}")
            if number == len(parts):
                keyed = replace(keyed, key=f"{key}:{site_id}:{today}")
            commands_exceptions.watch_items(keyed, WatchItems(site_id, part, cause, is_new_day=True))


@job(commands_gap.JOB, permission="allocation.run")
def measure_gap(run: JobRun) -> dict[str, Any]:
    """Find the best and keep how far from it a run, or rules on open orders, are. Nothing is promised."""
    row = queries_gap.gap(int(run.arguments["gap_id"]))
    if row.run_id:
        total = queries_gap.lines_decided(row.run_id)
        lines, found = queries_gap.gap_of_run(row.run_id, lambda done: run.progress(done, total, "lines looked at"))
        page = f"/allocation/runs/{row.run_id}"
    else:
        of_rules = queries_rules.sites_of(queries_rules.rule_set(row.rule_set_id).site_id)
        sites = [one for one, _ in of_rules if row.site_id in (0, one)]
        looks = [queries_optimum.against_best(one, now(), rule_set_id=row.rule_set_id) for one in sites]
        lines, worths = sum(one.lines for one in looks), [one.draft or one.now for one in looks]
        found = Worth(sum(one.reached for one in worths), sum(one.best for one in worths))
        page = f"/allocation/rules/{row.rule_set_id}" if row.rule_set_id else "/allocation/rules"
    commands_gap.keep_gap(run.context("keep"), KeepGap(row.id, lines, found.reached, found.best))
    return {"lines": lines, "missed_percent": str(found.gap), "page": page}
