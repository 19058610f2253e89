"""What later stages may do to promises inside their own commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flowrack.allocation import locks, queries, queries_shortfalls
from flowrack.allocation.locks import PoolKey
from flowrack.allocation.types import RULE, Displaced, GivenUp, PoolShortfall, PromiseTakenBack, Victim
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.refs import ref
from flowrack.storage import steps_give_way as transfers


def take_back(ctx: Context, units_by_line: Mapping[int, int], reason: str) -> None:
    """Take promises of lines back that are not in picking; the lines wait for stock again, and know why.

    The caller has locked the lines. Emits allocation.promise_taken_back.
    """
    wanted = {line_id: units for line_id, units in units_by_line.items() if units > 0}
    if not wanted:
        return
    sales.unpromise(ctx, wanted)
    sales.apply_units(UnitsChange(line_id, allocated=-units) for line_id, units in wanted.items())
    _tell(ctx, wanted, reason, is_free=True)


def displace(
    ctx: Context,
    shortfalls: Iterable[PoolShortfall],
    reason: str,
    *,
    given_up: Sequence[GivenUp] = (),
    beside: Sequence[PoolKey] = (),
) -> Displaced:
    """Free so many units of pools that the given ones may vanish: planned transfers first, then the lowest rank.

    For counts, holds, scrap and short picks, in the same transaction and before the posting: transfers are locked, then
    order lines, then the pools, which stay as they are until the command ends, and with them those `beside` that the
    command promises from. Units that a picker has are not touched, except those `given_up`, which leave picking here;
    CannotDisplace when more would have to give way.
    """
    wanted: dict[PoolKey, int] = {}
    for gap in shortfalls:
        wanted[queries.pool_of(gap)] = wanted.get(queries.pool_of(gap), 0) + gap.units
    gaps = [PoolShortfall(*key, units) for key, units in sorted(wanted.items())]
    keys = sorted(wanted)
    line_ids = {given.line_id for given in given_up}
    for gap, (free, promises) in zip(gaps, queries.promises_on(keys) if keys else [], strict=True):
        if free < gap.units:
            line_ids |= {promise.line_id for promise in promises}
    # Of all pools, also those that have enough free: until the pools are locked somebody may promise that.
    kept = transfers.claim(keys) if keys else transfers.Kept({}, {})
    if line_ids:
        sales.claim_lines(sorted(line_ids))
    victims: list[Victim] = []
    gone: dict[int, int] = {}
    if keys:
        locks.pools(sorted({*keys, *beside}))
        found = queries_shortfalls.by_rank(gaps, queries.promises_on(keys), ctx.now)
        losses = []
        for gap, (free, promises) in zip(gaps, found, strict=True):
            first = kept.take(queries.pool_of(gap), gap.units - free)
            there = free + sum(loss.units for loss in first)
            victims += queries.victims_of(gap, there, [p for p in promises if p.line_id in line_ids], given_up)
            losses += first
        transfers.give_way(ctx, kept, losses, reason)
        for loss in losses:
            gone[loss.transfer_id] = gone.get(loss.transfer_id, 0) + loss.units
    _take_from(ctx, victims, given_up, reason)
    return Displaced(victims, gone)


def _take_from(ctx: Context, victims: Sequence[Victim], given_up: Sequence[GivenUp], reason: str) -> None:
    """Write what victims lose and what left picking."""
    lost: dict[int, int] = {}
    for victim in victims:
        lost[victim.line_id] = lost.get(victim.line_id, 0) + victim.units
    ledger.uncommit(
        ctx,
        [PoolClaim(v.item_id, v.site_id, v.units, ref(LINE, v.line_id), v.lot_id, v.owner_id) for v in victims],
    )
    sales.apply_units(
        [UnitsChange(given.line_id, released=-given.units) for given in given_up]
        + [UnitsChange(line_id, allocated=-units) for line_id, units in lost.items()]
    )
    if lost:
        _tell(ctx, lost, reason, is_free=False)


def _tell(ctx: Context, lost: Mapping[int, int], reason: str, *, is_free: bool) -> None:
    decisions.record(ctx, [_lost_row(line_id, units, reason) for line_id, units in lost.items()])
    ctx.emit(PromiseTakenBack(list(lost), list(lost.values()), reason, is_free))


def _lost_row(line_id: int, units: int, reason: str) -> DecisionRow:
    return DecisionRow(
        kind="allocation",
        subject=ref(LINE, line_id),
        sentence=f"{units} taken back and wait again: {reason}",
        rule=RULE,
        detail={"lost": units, "reason": reason},
    )
