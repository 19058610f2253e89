"""Who stood before a claim, and what its rules forbid it: what the sentences are made from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation import reasons
from flowrack.allocation.rules import NAMED_RIVALS, Share
from flowrack.allocation.rules_certificates import Context
from flowrack.allocation.rules_decide import Decision
from flowrack.allocation.rules_rank import class_of
from flowrack.allocation.types_rules import RuleSet

Rival = tuple[str, str, int]  # number, tier, units
NOBODY: Sequence[Rival] = ()


def with_rivals(
    decision: Decision, told: Context, rules: RuleSet, today: date
) -> list[tuple[Share, Sequence[Rival], bool, str]]:
    """For each share in rank order: who stood before it, whether in this run, and what its rules forbid it in words."""
    ahead: dict[int, list[Rival]] = {}
    found: list[tuple[Share, Sequence[Rival], bool, str]] = []
    for share, ranked in zip(decision.shares, decision.ranked, strict=True):
        claim = share.claim
        in_run, rivals, cause = claim.item_id in ahead, NOBODY, ""
        if share.missing:
            rivals = ahead[claim.item_id][: -NAMED_RIVALS - 1 : -1] if in_run else told.holders.get(claim.item_id, [])
            if share.held_back not in reasons.PLAIN:
                cause = reasons.cause(share, class_of(rules, ranked.class_no), rules, today)
        found.append((share, rivals, in_run, cause))
        if share.units:
            ahead.setdefault(claim.item_id, []).append((claim.number, claim.tier, share.units))
    return found
