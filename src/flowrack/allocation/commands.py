"""Promise stock to orders, and take promises back."""

from __future__ import annotations

from flowrack.allocation import (
    locks,
    queries_overrides,
    queries_rules,
    rules_overrides,
    steps,
    steps_overrides,
    steps_run,
)
from flowrack.allocation.queries_pegs import Others
from flowrack.allocation.steps_overrides import Decided, Part
from flowrack.allocation.types import (
    Allocate,
    Allocated,
    AllocationReleased,
    AllocationRun,
    LineOutcome,
    NothingToTakeBack,
    ReleaseAllocation,
)
from flowrack.allocation.types_overrides import MOST_DAYS, OverrideKind
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import ORDER, OrderNotFound


@command(permission="allocation.run", result=Allocated, is_small=lambda req: 0 < len(req.order_ids) <= 20)
def allocate(ctx: Context, req: Allocate) -> Allocated:
    """Promise free stock of a site to open order lines in rank order, and store why each got what it got.

    Commits pools up to what is free when the ledger looks: two runs at once cannot promise a unit twice. Promises that
    stand are not moved; `start_run` does that, where the rules say so. Emits allocation.run_finished. Lines that get
    nothing are not refused: they wait, with the reason.
    """
    ctx.require("allocation.run", req.site_id)
    locks.share_promised_days_of(req.order_ids, req.site_id)
    background = queries_rules.ask_background(req.site_id)
    lines, [said] = sales.claim_open_lines_with(req.site_id, req.order_ids, [background])
    if not lines:
        return Allocated(0, 0, 0, 0, [])
    if req.order_ids:
        ctx.about(ORDER, sorted({line.order_id for line in lines}))
    on_the_way, force = queries_rules.background_of(said)
    others = Others(is_asked=bool(req.order_ids))
    ran = steps_run.run(ctx, req.site_id, lines, on_the_way, force, others=others)
    if ran is None:
        return Allocated(0, 0, 0, 0, [])
    shares, waiting = ran.decision.shares, ran.waiting
    ctx.emit(AllocationRun(req.site_id, len(shares), ran.units, sum(waiting), ran.unpromised))
    outcomes = [LineOutcome(s.claim.line_id, s.units, s.missing) for s in shares] if req.order_ids else []
    return Allocated(len(shares), ran.units, len(waiting), sum(waiting), outcomes)


@command(permission="allocation.override", result=AllocationReleased)
def release_allocation(ctx: Context, req: ReleaseAllocation) -> AllocationReleased:
    """Take back what lines are promised and no picker has; the units are free for others at once.

    It is written down as an override at each site. Emits allocation.promise_taken_back, allocation.overridden. Refuses
    with NothingToTakeBack when no line holds such a promise, BadOverride without a reason or with a bad day.
    """
    held = sales.claim_lines(req.line_ids)
    if len(held) != len(set(req.line_ids)):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    about = queries_overrides.line_facts(req.line_ids)
    sites = sorted({line.site_id for line in about.values()})
    for site_id in sites:
        ctx.require("allocation.override", site_id)
        today = queries_overrides.end_of(site_id, None, ctx.now).today
        steps_overrides.refuse(steps_overrides.faults(None, req.reason, req.until_on, today, MOST_DAYS))
    lost = {line_id: counts.unreleased for line_id, (_, counts) in held.items() if counts.unreleased}
    if not lost:
        raise NothingToTakeBack(
            "Nothing is promised to these lines that is not in picking.", fix="Call the order back from picking first."
        )
    steps.take_back(ctx, lost, req.reason)
    numbers = []
    for site_id in sites:
        here = {line_id: units for line_id, units in lost.items() if about[line_id].site_id == site_id}
        if here:
            force = queries_rules.in_force(site_id)
            named = steps_overrides.named(here, about)
            broken = rules_overrides.promise_broken(force.said, named)
            parts = [Part(line_id, -units) for line_id, units in here.items()]
            one = Decided(
                OverrideKind.TAKEN_BACK,
                site_id,
                force.rule,
                force.rule_set_id,
                broken,
                req.reason,
                parts,
                req.until_on,
            )
            numbers.append(steps_overrides.record(ctx, one, facts=about)[1])
    return AllocationReleased(list(lost), list(lost.values()), numbers)
