"""Promise stock to orders, and take promises back."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import queries, queries_cross_docks, reasons, rules, rules_cross_docks, steps
from flowrack.allocation.rules import Share, Take
from flowrack.allocation.steps_cross_docks import claim_of
from flowrack.allocation.types import (
    RULE,
    Allocate,
    Allocated,
    AllocationReleased,
    AllocationRun,
    LineOutcome,
    NothingToTakeBack,
    ReleaseAllocation,
)
from flowrack.inspection import queries as inspection
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, ORDER, OpenLine, OrderNotFound, UnitsChange
from flowrack.shared.refs import ref

Rivals = dict[int, list[tuple[str, str, int]]]
Held = dict[int, tuple[str, str]]  # what keeps an item from being promised: its number, and in words


@command(permission="allocation.run", result=Allocated, is_small=lambda req: 0 < len(req.order_ids) <= 20)
def allocate(ctx: Context, req: Allocate) -> Allocated:
    """Promise free stock of a site to open order lines in rank order, and store why each got what it got.

    Commits pools up to what is free when the ledger looks: two runs at once cannot promise a unit twice. Emits
    allocation.run_finished. Lines that get nothing are not refused: they wait, with the reason.
    """
    ctx.require("allocation.run", req.site_id)
    lines = sales.claim_open_lines(req.site_id, req.order_ids)
    if not lines:
        return Allocated(0, 0, 0, 0, [])
    if req.order_ids:
        ctx.about(ORDER, sorted({line.order_id for line in lines}))
    on_the_way = queries_cross_docks.on_the_way(req.site_id)
    claims = rules_cross_docks.without_promised([claim_of(line) for line in lines], on_the_way)
    of_line = {line.line_id: line for line in lines}
    lines = [of_line[claim.line_id] for claim in claims]
    pools = queries.free_pools(sorted({claim.item_id for claim in claims}), req.site_id)
    shares = rules.share_out(claims, pools)
    rivals, incoming, held = _background(shares, req.site_id)
    _commit(ctx, req.site_id, shares)
    got = {share.claim.line_id: share.units for share in shares}
    sales.apply_units(UnitsChange(line_id, allocated=units) for line_id, units in got.items() if units)
    decisions.record(ctx, _explain(lines, shares, rivals, incoming, held))
    units = sum(got.values())
    waiting = [share.missing for share in shares if share.missing]
    ctx.emit(AllocationRun(req.site_id, len(shares), units, sum(waiting)))
    outcomes = [LineOutcome(s.claim.line_id, s.units, s.missing) for s in shares] if req.order_ids else []
    return Allocated(len(shares), units, len(waiting), sum(waiting), outcomes)


def _background(shares: Sequence[Share], site_id: int) -> tuple[Rivals, dict[int, str], Held]:
    """Who has short items from earlier runs, what is on order, and what is held. Read before any balance is locked."""
    short = sorted({share.claim.item_id for share in shares if share.missing})
    if not short:
        return {}, {}, {}
    return queries.holders(short, site_id), queries.incoming(short, site_id), inspection.in_the_way(short, site_id)


def _commit(ctx: Context, site_id: int, shares: Sequence[Share]) -> None:
    """Promise the takes: last of all, and if somebody was faster once more, now and with what is left."""
    takes = [(share, take) for share in shares for take in share.takes]
    if not takes:
        return
    claims = [_pool_claim(site_id, share.claim.line_id, take) for share, take in takes]
    if not ctx.locks_first:
        ledger.commit_at_last(ctx, claims)
        return
    granted = ledger.commit_up_to(ctx, claims)
    if all(units == take.units for units, (_, take) in zip(granted, takes, strict=True)):
        return
    back = rules.after_grants(shares, granted)
    ledger.uncommit(ctx, [_pool_claim(site_id, line_id, take) for line_id, take in back])


def _pool_claim(site_id: int, line_id: int, take: Take) -> PoolClaim:
    return PoolClaim(
        item_id=take.pool.item_id, site_id=site_id, units=take.units, ref=ref(LINE, line_id), lot_id=take.pool.lot_id
    )


def _explain(
    lines: Sequence[OpenLine], shares: Sequence[Share], earlier: Rivals, incoming: dict[int, str], held: Held
) -> list[DecisionRow]:
    """One decision for each share; rivals of this run (just ahead in rank) are named before older promises."""
    ahead: Rivals = {}
    rows: list[DecisionRow] = []
    for line, share in zip(lines, shares, strict=True):
        item_id = share.claim.item_id
        in_run = item_id in ahead
        rivals: list[tuple[str, str, int]] = []
        if share.missing:
            rivals = ahead[item_id][: -rules.NAMED_RIVALS - 1 : -1] if in_run else earlier.get(item_id, [])
        rows.append(
            DecisionRow(
                kind="allocation",
                subject=ref(LINE, line.line_id),
                sentence=reasons.sentence(share, rivals, held, in_run=in_run),
                rule=RULE,
                detail=reasons.detail(share, rivals, incoming, held),
            )
        )
        if share.units:
            ahead.setdefault(item_id, []).append((line.number, line.tier, share.units))
    return rows


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
