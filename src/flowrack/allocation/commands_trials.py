"""The door of trials: a version of the allocation rules tried on today's orders, or on history."""

from __future__ import annotations

from flowrack.allocation import queries_history, queries_rules, queries_trials, queries_try, steps_trials
from flowrack.allocation.queries_rules import RuleSetRow
from flowrack.allocation.types_rules import RuleSetNotDraft
from flowrack.allocation.types_trials import (
    HISTORY,
    TODAY,
    TRIAL,
    FinishTrial,
    NoHistory,
    ReplayRuleSet,
    TrialFinished,
    TrialStarted,
    TryRuleSet,
)
from flowrack.platform import jobs
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

TRY, REPLAY = "allocation.try_rules", "allocation.replay_rules"  # jobs


@command(permission="allocation.rules", result=TrialStarted)
def try_rule_set(ctx: Context, req: TryRuleSet) -> TrialStarted:
    """Try a draft on today's open orders beside the rules in force, and keep what came of it; nothing is promised.

    More than 40,000 lines are tried by a job. Refuses with RuleSetNotDraft.
    """
    row = _draft(ctx, req.rule_set_id)
    sites = _sites(row, req.site_id)
    trial_id = _begin(ctx, row, TODAY, [site_id for site_id, _ in sites])
    lines = queries_try.open_lines_of([site_id for site_id, _ in sites])
    if lines > queries_try.MOST_AT_ONCE:
        return _as_job(ctx, trial_id, TRY, f"Try {row.name} on {lines:,} open lines", lines)
    trial = queries_try.try_rules(row.rules, [site_id for site_id, _ in sites], ctx.now)
    steps_trials.finish(ctx, queries_trials.result_of_today(trial_id, trial))
    return TrialStarted(trial_id, 0)


@command(permission="allocation.rules", result=TrialStarted)
def replay_rule_set(ctx: Context, req: ReplayRuleSet) -> TrialStarted:
    """Try a draft on history, day by day, beside the rules in force and what happened, by a job; nothing is promised.

    Refuses with RuleSetNotDraft, and NoHistory where no order came before today.
    """
    row = _draft(ctx, req.rule_set_id)
    sites = _sites(row, req.site_id)
    if req.first_on and req.last_on and req.first_on > req.last_on:
        raise NoHistory("The first day comes after the last.", fix="Turn the days round.")
    site_ids = [site_id for site_id, _ in sites]
    days = queries_history.span_of(site_ids, ctx.now, req.first_on, req.last_on)
    if not queries_history.has_orders(site_ids, *days):
        raise NoHistory("No order came in these days.", fix="Choose other days, or try the rules on today's orders.")
    trial_id = _begin(ctx, row, HISTORY, site_ids, days)
    title = f"Try {row.name} on {days[0].isoformat()} to {days[1].isoformat()}"
    return _as_job(ctx, trial_id, REPLAY, title, 2 * len(sites) * ((days[1] - days[0]).days + 1))


@command(permission="allocation.rules", result=TrialFinished)
def finish_trial(ctx: Context, req: FinishTrial) -> TrialFinished:
    """Keep what came of a trial that a job made. A second time it changes nothing."""
    trial = queries_trials.trial(req.trial_id)
    ctx.require("allocation.rules", trial.rules_site_id)
    ctx.subject = ref(TRIAL, req.trial_id)
    steps_trials.finish(ctx, req)
    return TrialFinished(trial.id, trial.rule_set_id)


def _draft(ctx: Context, rule_set_id: int) -> RuleSetRow:
    row = queries_rules.rule_set(rule_set_id)
    ctx.require("allocation.rules", row.site_id)
    if row.state not in ("draft", "asked"):
        raise RuleSetNotDraft(f"Version {row.version} is {row.state}.", fix="Write a new version like it.")
    return row


def _sites(row: RuleSetRow, site_id: int) -> list[tuple[int, str]]:
    """The sites for which the rules would count, or the one that is named of them."""
    sites = [site for site in queries_rules.sites_of(row.site_id) if site_id in (0, site[0])]
    if not sites:
        raise NotFound("These rules would not count at this site.", fix="Try them at every site for which they count.")
    return sites


def _begin(ctx: Context, row: RuleSetRow, kind: str, site_ids: list[int], days: steps_trials.Days = None) -> int:
    force = queries_rules.in_force(row.site_id)
    trial_id = steps_trials.begin(
        ctx, row, kind, digest=queries_rules.digest_of(row.rules), instead_of=force.rule_set_id, site_ids=site_ids,
        days=days,
    )  # fmt: skip
    ctx.subject = ref(TRIAL, trial_id)
    return trial_id


def _as_job(ctx: Context, trial_id: int, kind: str, title: str, total: int) -> TrialStarted:
    job_id = jobs.start(ctx, kind, {"trial_id": trial_id}, title=title, total=total)
    steps_trials.note_job(trial_id, job_id)
    return TrialStarted(trial_id, job_id)
