"""Who stood before a claim, and what its rules forbid it: what the sentences are made from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flowrack.allocation import reasons
from flowrack.allocation.reasons import Ground, Rival
from flowrack.allocation.rules import NAMED_RIVALS, Share
from flowrack.allocation.rules_certificates import Context
from flowrack.allocation.rules_decide import Decision
from flowrack.allocation.rules_rank import class_of
from flowrack.allocation.types_rules import FULL, RuleSet

NOBODY: Sequence[Rival] = ()
EVERYTHING: Sequence[Share] = ()


def with_rivals(decision: Decision, told: Context, rules: RuleSet, today: date) -> Iterator[Ground]:
    """For each share in rank order: who stood before it, whether in this run, what its rules forbid it in words, and
    which lines of its complete order lacked something. An order never stands before itself."""
    ahead: dict[int, list[Rival]] = {}
    lacking = incomplete(decision.shares)
    left = _given(decision.shares) if rules.fairness_percent < FULL else {}  # what those who follow got
    for share, ranked in zip(decision.shares, decision.ranked, strict=True):
        claim = share.claim
        if left and share.units:
            left[claim.item_id] -= share.units
        if share.missing:
            rivals = nearest(ahead.get(claim.item_id, NOBODY), claim.number)
            in_run, cause = bool(rivals), ""
            if not in_run:
                rivals = nearest(told.holders.get(claim.item_id, NOBODY)[::-1], claim.number)
            if not share.held_back and left.get(claim.item_id):
                cause = reasons.capped(rules)
            elif share.held_back not in reasons.PLAIN:
                cause = reasons.cause(share, class_of(rules, ranked.class_no), rules, today)
            yield Ground(share, rivals, in_run, cause, lacking.get(claim.order_id, EVERYTHING))
        else:
            yield Ground(share)
        if share.units:
            ahead.setdefault(claim.item_id, []).append(Rival(claim.number, claim.tier, share.units))


def _given(shares: Sequence[Share]) -> dict[int, int]:
    """What was given of each item."""
    given: dict[int, int] = {}
    for share in shares:
        given[share.claim.item_id] = given.get(share.claim.item_id, 0) + share.units
    return given


def nearest(rivals: Sequence[Rival], own: str) -> Sequence[Rival]:
    """The last rivals, the last one first, without the order itself."""
    last = rivals[: -NAMED_RIVALS - 2 : -1]
    return [one for one in last if one.number != own][:NAMED_RIVALS]


def incomplete(shares: Sequence[Share]) -> dict[int, list[Share]]:
    """For each order that waits because it goes only complete: its lines for which not all was found, or is kept."""
    found: dict[int, list[Share]] = {share.claim.order_id: [] for share in shares if share.held_back == "order"}
    for share in shares:
        if share.held_back in ("order", "kept") and share.found < share.claim.units and share.claim.order_id in found:
            found[share.claim.order_id].append(share)
    return found
