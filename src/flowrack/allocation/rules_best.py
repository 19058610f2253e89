"""A full run for the best total value: which lines stand back, found by the exact solver before the run decides. Pure.

The solver does not decide. It finds how many units each line gets where the total worth (`rules_optimum`) is highest;
lines that would get more by their rank stand back to that (`Inputs.aims`) until all others were served. All else is the
run's own doing: what was promised for a day, guarantees, quotas, caps and lots are kept as in any run, and the same
inputs and aims give the same result. Where the time does not suffice for a plan, the rank decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal

from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_decide import Inputs, contested, decide
from flowrack.allocation.rules_optimum import planned, programs, uncontested
from flowrack.allocation.types_rules import RuleSet


@dataclass(slots=True)
class Best:
    """Units by line to which lines stand back, how many of the programs found no plan in time, and the worth that the
    run reaches in rank order and with these aims."""

    aims: dict[int, int] = field(default_factory=dict)
    programs: int = 0
    unsolved: int = 0
    by_rank: int = 0
    reached: int = 0


def best_aims(
    rules: RuleSet, inputs: Inputs, worth: Mapping[int, int], seconds: int, spent: Callable[[], Decimal]
) -> Best:
    """The aims by which a run reaches more than in rank order; none where it does not. `worth`: of a unit, by line.

    `seconds` are for all programs together, `spent` says how many were used so far.
    """
    claims, pools = contested(rules, inputs)
    found = Best()
    plan: dict[int, int] = {}
    of_part: list[Claim] = []
    for part in programs(uncontested(claims, pools, worth)[1]):
        found.programs += 1
        left = Decimal(seconds) - spent()
        units = planned(part, worth, left) if left > 0 else None
        if units is None:
            found.unsolved += 1
            continue
        plan.update(units)
        of_part += part.claims
    aims = {claim.line_id: plan.get(claim.line_id, 0) for claim in of_part if plan.get(claim.line_id, 0) < claim.units}
    found.by_rank = found.reached = worth_reached(rules, inputs, worth)
    if aims:
        reached = worth_reached(rules, replace(inputs, aims=aims), worth)
        if reached > found.by_rank:
            found.aims, found.reached = aims, reached
    return found


def worth_open(rules: RuleSet, inputs: Inputs, worth: Mapping[int, int], line_ids: Set[int]) -> int:
    """What a run gives to some lines is worth, with what they had if that was given back first."""
    return sum(
        share.units * worth[share.claim.line_id]
        for share in decide(rules, inputs).shares
        if share.claim.line_id in line_ids
    )


def worth_reached(rules: RuleSet, inputs: Inputs, worth: Mapping[int, int]) -> int:
    """What a run gives is worth, less what it takes back."""
    done = decide(rules, inputs)
    given = sum(share.units * worth[share.claim.line_id] for share in done.shares)
    return given - sum(holding.units * worth[holding.line_id] for holding in done.moved)
