"""What of the free stock must stay for promises, for whoever takes some of it outside of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.allocation import queries, queries_inputs, queries_pegs, queries_rules
from flowrack.allocation.rules_decide import Inputs, kept
from flowrack.allocation.rules_offered import LotWish
from flowrack.allocation.rules_pegs import Pegs
from flowrack.allocation.types_rules import KEEP
from flowrack.sales import queries_lots, queries_open


def pegs(item_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, Pegs]:
    """The promises on items by item, with what of their stock may be given to whom; nothing where none was given.

    A dozen queries at most.
    """
    items = sorted(set(item_ids))
    on_the_way, force = queries_rules.background(site_id)
    if force.rules.promises != KEEP:
        return {}
    lines = queries_open.lines_waiting(site_id, items)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    inputs = Inputs(today, claims, queries.free_pools(items, site_id))
    lotted = sorted({pool.item_id for pool in inputs.pools if pool.lot_id})
    wishes = queries_lots.lot_wishes(site_id, lotted) if lotted else {}
    inputs.lots = {line_id: LotWish(*wish) for line_id, wish in wishes.items()}
    inputs = queries_pegs.with_promises(inputs, site_id, now, queries_inputs.NOBODY_ELSE, is_asked=True)
    return kept(force.rules, inputs)
