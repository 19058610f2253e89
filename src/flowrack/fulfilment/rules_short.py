"""What becomes of units that a picker did not find, in one sentence: pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flowrack.allocation.types_substitutes import AtOnce, GivenNow
from flowrack.fulfilment.rules import PickPlan


class Fate(NamedTuple):
    """Units that were missing: from elsewhere, replaced by what is sent instead, and those that wait.

    `replaces` says for each plan how many units of the ordered item it stands for as another item.
    """

    missing: int
    elsewhere: int
    replaced: int
    waiting: int
    instead: list[GivenNow]
    replaces: list[int]
    why_not: str
    sentence: str


def fate(
    asked: int,
    missing: int,
    reason: str,
    location_id: int,
    plans: Sequence[PickPlan],
    given: AtOnce,
    same_lot: int,
    unseen: int = 0,
) -> Fate:
    """Put together where the missing units come from. `same_lot` of the plans are of the lot that was asked.

    `unseen` more units stand in the books of the cell and are in doubt with the missing ones.
    """
    instead = [g for g in given.given if g.replaces or _is_more_of(g, given.given)]
    others = {g.line_id for g in instead}
    own = [plan for plan in plans if plan.demand.line_id not in others]
    elsewhere = sum(plan.units for plan in own)
    replaced = sum(g.replaces for g in instead)
    waiting = missing - elsewhere - replaced
    told: set[int] = set()
    replaces = []
    for plan in plans:  # a line that comes from several cells stands for its units once
        line_id = plan.demand.line_id
        is_first = line_id in others and line_id not in told
        replaces.append(sum(g.replaces for g in instead if g.line_id == line_id) if is_first else 0)
        told.add(line_id)
    here = bool(own) and all(plan.cell.location_id == location_id for plan in own)
    parts = []
    if elsewhere:
        parts.append(_come(elsewhere, "another pallet there" if here else "another bin", elsewhere - same_lot))
    parts += [f"{units} × {sku} {_are(units)} sent instead of {of}" for sku, units, of in _by_sku(instead)]
    if waiting:
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'} for stock again")
    why = f" Nothing is sent instead: {given.why_not}." if waiting and given.why_not else ""
    doubt = f" The other {unseen} that the books say are there are for nobody until it is counted." if unseen else ""
    sentence = (
        f"{missing} of {asked} were not found in the bin ({reason.replace('_', ' ')}): {', '.join(parts)}.{why}{doubt}"
    )
    return Fate(missing, elsewhere, replaced, waiting, instead, replaces, given.why_not, sentence)


def _is_more_of(one: GivenNow, given: Sequence[GivenNow]) -> bool:
    """Another lot of a substitute whose first lot tells for how many units it stands."""
    return any(g.line_id == one.line_id and g.replaces for g in given)


def _come(units: int, where: str, of_other_lots: int) -> str:
    lots = f", {of_other_lots} of another lot" if of_other_lots else ""
    return f"{units} {'comes' if units == 1 else 'come'} from {where}{lots}"


def _are(units: int) -> str:
    return "is" if units == 1 else "are"


def _by_sku(instead: Sequence[GivenNow]) -> list[tuple[str, int, int]]:
    skus = dict.fromkeys(g.sku for g in instead)
    return [
        (sku, sum(g.units for g in instead if g.sku == sku), sum(g.replaces for g in instead if g.sku == sku))
        for sku in skus
    ]
