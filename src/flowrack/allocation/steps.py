"""What later stages may do to promises inside their own commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowrack.allocation import queries, rules
from flowrack.allocation.types import RULE, CannotDisplace, PoolShortfall, PromiseTakenBack, Victim
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.refs import ref


def take_back(ctx: Context, units_by_line: Mapping[int, int], reason: str) -> None:
    """Take promises of lines back that are not in picking; the lines wait for stock again, and know why.

    The caller has locked the lines. Emits allocation.promise_taken_back.
    """
    wanted = {line_id: units for line_id, units in units_by_line.items() if units > 0}
    if not wanted:
        return
    sales.unpromise(ctx, wanted)
    sales.apply_units(UnitsChange(line_id, allocated=-units) for line_id, units in wanted.items())
    _tell(ctx, wanted, reason)


def displace(ctx: Context, shortfalls: Iterable[PoolShortfall], reason: str) -> list[Victim]:
    """Free so many units of pools that the given ones may vanish: the lowest rank loses its promise first.

    For counts, holds and scrap, in the same transaction and before the posting. Nothing happens where enough is free.
    Units that a picker has are not touched (see fulfilment.steps); CannotDisplace when they would have to be.
    """
    victims: list[Victim] = []
    lost: dict[int, int] = {}
    claims: list[PoolClaim] = []
    for gap in sorted(shortfalls, key=lambda g: (g.item_id, g.lot_id, g.site_id, g.owner_id)):
        for victim in _victims_of(gap):
            victims.append(victim)
            lost[victim.line_id] = lost.get(victim.line_id, 0) + victim.units
            claims.append(
                PoolClaim(gap.item_id, gap.site_id, victim.units, ref(LINE, victim.line_id), gap.lot_id, gap.owner_id)
            )
    if not victims:
        return []
    ledger.uncommit(ctx, claims)
    sales.apply_units(UnitsChange(line_id, allocated=-units) for line_id, units in lost.items())
    _tell(ctx, lost, reason)
    return victims


def _victims_of(gap: PoolShortfall) -> list[Victim]:
    """Who loses how much to one shortfall; their lines are locked, then looked at again."""
    key = (gap.item_id, gap.lot_id, gap.site_id, gap.owner_id)
    free, promises = queries.promises_on(*key)
    if free >= gap.units:
        return []
    sales.claim_lines(sorted(promise.line_id for promise in promises))
    free, promises = queries.promises_on(*key)
    movable = [(p.line_id, p.units - p.in_picking) for p in promises if p.units > p.in_picking]
    chosen = rules.victims(gap.units - free, movable)
    if sum(units for _, units in chosen) < gap.units - free:
        raise CannotDisplace(
            "More would vanish than is free or can be taken back: the rest is being picked.",
            fix="Call the picks back first, or count again when they are done.",
            item_id=gap.item_id,
            lot_id=gap.lot_id,
            missing=gap.units - free - sum(units for _, units in chosen),
        )
    return [Victim(line_id, gap.item_id, gap.lot_id, units) for line_id, units in chosen]


def _tell(ctx: Context, lost: Mapping[int, int], reason: str) -> None:
    decisions.record(ctx, [_lost_row(line_id, units, reason) for line_id, units in lost.items()])
    ctx.emit(PromiseTakenBack(list(lost), list(lost.values()), reason))


def _lost_row(line_id: int, units: int, reason: str) -> DecisionRow:
    return DecisionRow(
        kind="allocation",
        subject=ref(LINE, line_id),
        sentence=f"{units} taken back and wait again: {reason}",
        rule=RULE,
        detail={"lost": units, "reason": reason},
    )
