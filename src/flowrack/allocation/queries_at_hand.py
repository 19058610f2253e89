"""What of the stock at hand lines that wait would get by a decision of now, and what keeps the rest from them: one
reading for what an order waits for, the reason beside its lines, and its ladder. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flowrack.allocation import queries_inputs, queries_now, queries_rules, queries_runs, reasons
from flowrack.allocation.queries_tried import MOST_TRIED
from flowrack.allocation.rules_decide import decide, moves_promises
from flowrack.allocation.rules_told import incomplete, with_rivals
from flowrack.catalog import queries as catalog


class AtHand(NamedTuple):
    """How many units a line that waits would get now of so many that it wants, and why not the others."""

    units: int
    wanted: int
    cause: str

    @property
    def sentence(self) -> str:
        """ "All 40 are free now and not reserved." or "All 40 wait: 12 in stock are kept for SO-1005 ..." """
        if self.units >= self.wanted:
            return f"All {self.wanted:,} are free now and not reserved."
        some = f"{self.units:,} of {self.wanted:,} are free now and not reserved, {self.wanted - self.units:,}"
        return f"{some if self.units else f'All {self.wanted:,}'} wait: {self.cause}"


def at_hand(line_ids: Sequence[int], item_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, AtHand]:
    """What lines that wait for items at a site would get now. Nothing where more lines want them than a page has time
    for. A dozen queries."""
    on_the_way, force = queries_rules.background(site_id)
    lines, torn = queries_runs.waiting_for(site_id, sorted(set(item_ids)), with_promised=True)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    asked = set(line_ids)
    if len(claims) > MOST_TRIED:
        return {}
    is_moving = moves_promises(force.rules)
    others = queries_inputs.others_of(now, site_id, torn, force.rules)
    inputs = queries_inputs.inputs_of(site_id, today, claims, force.rules, is_moving=is_moving, now=now, others=others)
    decision = decide(force.rules, inputs)
    told = queries_now.told_of({claim.item_id for claim in claims}, site_id, today)
    lacking = {one.claim.item_id for shares in incomplete(decision.shares).values() for one in shares}
    codes = {key: item.sku for key, item in catalog.items(lacking).items()} if lacking else {}
    words = reasons.Words(told.held, {}, codes)
    found = {}
    for ground in with_rivals(decision, told, force.rules, today):
        claim, units = ground.share.claim, ground.share.units
        if claim.line_id in asked:
            cause = reasons.sentence(ground, words).partition(" wait: ")[2]
            found[claim.line_id] = AtHand(units, claim.units, cause)
    return found
