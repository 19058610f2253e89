"""Promise stock to orders, and take promises back."""

from __future__ import annotations

from flowrack.allocation import queries_rules, steps, steps_run
from flowrack.allocation.queries_pegs import Others
from flowrack.allocation.types import (
    Allocate,
    Allocated,
    AllocationReleased,
    AllocationRun,
    LineOutcome,
    NothingToTakeBack,
    ReleaseAllocation,
)
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
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
    lines = sales.claim_open_lines(req.site_id, req.order_ids)
    if not lines:
        return Allocated(0, 0, 0, 0, [])
    if req.order_ids:
        ctx.about(ORDER, sorted({line.order_id for line in lines}))
    on_the_way, force = queries_rules.background(req.site_id)
    others = Others(is_asked=bool(req.order_ids))
    ran = steps_run.run(ctx, req.site_id, lines, on_the_way, force, others=others)
    if ran is None:
        return Allocated(0, 0, 0, 0, [])
    shares, waiting = ran.decision.shares, ran.waiting
    ctx.emit(AllocationRun(req.site_id, len(shares), ran.units, sum(waiting)))
    outcomes = [LineOutcome(s.claim.line_id, s.units, s.missing) for s in shares] if req.order_ids else []
    return Allocated(len(shares), ran.units, len(waiting), sum(waiting), outcomes)


@command(permission="allocation.override", result=AllocationReleased)
def release_allocation(ctx: Context, req: ReleaseAllocation) -> AllocationReleased:
    """Take back what lines are promised and no picker has; the units are free for others at once.

    Emits allocation.promise_taken_back. Refuses with NothingToTakeBack when no line holds such a promise.
    """
    held = sales.claim_lines(req.line_ids)
    if len(held) != len(set(req.line_ids)):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    for site_id in orders.sites_of([order_id for order_id, _ in held.values()]):
        ctx.require("allocation.override", site_id)
    lost = {line_id: counts.unreleased for line_id, (_, counts) in held.items() if counts.unreleased}
    if not lost:
        raise NothingToTakeBack(
            "Nothing is promised to these lines that is not in picking.", fix="Call the order back from picking first."
        )
    steps.take_back(ctx, lost, req.reason)
    return AllocationReleased(list(lost), list(lost.values()))
