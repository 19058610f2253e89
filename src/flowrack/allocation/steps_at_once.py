"""What a picker takes now instead of units that were not found: another lot of the item, or another item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation import steps_overriding, steps_substitutes
from flowrack.allocation.queries_substitutes import Proposed
from flowrack.allocation.rules_substitutes import Portion
from flowrack.allocation.types_substitutes import AtOnce, GivenNow
from flowrack.approvals.queries import business_days
from flowrack.platform.runner import Context
from flowrack.sales import queries as orders


def give_at_once(
    ctx: Context, line_id: int, units: int, at_hand: Mapping[tuple[int, int], int], *, with_others: bool
) -> AtOnce:
    """Promise a locked line what stands in bins now for units that it lacks, and ask nobody.

    First other lots of its item, then (`with_others`) items that the customer takes unasked, as offer A says. `at_hand`
    are the free units by item and lot; their cells and pools are locked. Nothing is taken for which others wait before
    this line: then it waits as well. What else could be sent is left to customer service. Emits allocation.substituted.
    """
    [site_id] = orders.sites_of([orders.order_of_line(line_id)])
    today = business_days([site_id], now=ctx.now)[site_id]
    line = queries.short_line(line_id, today)
    if line is None or line.is_held or not line.need.missing:
        return AtOnce([], "")
    line = replace(line, need=line.need._replace(missing=min(units, line.need.missing)))
    proposed = queries.propose_at_hand(line, at_hand, today, ctx.now, with_others=with_others)
    portions = proposed.offers.a.portions
    if not portions and not proposed.offers.own:
        return AtOnce([], _why_not(proposed))
    item_ids = [line.need.item_id, *(portion.edge.item_id for portion in portions)]
    before = steps_overriding.before_it(proposed, portions, steps_overriding.outlook(ctx, site_id, item_ids))
    if before:
        return AtOnce([], f"{before} waits before it for what could be sent instead")
    write = steps_substitutes.write if portions else steps_substitutes.assign
    made = write(ctx, proposed, portions)
    given = [_given(proposed, line_id, pool_id, taken, 0) for pool_id, taken in proposed.offers.own]
    for new_id, portion in zip(made, portions, strict=True):
        given += _of_portion(proposed, new_id, portion)
    return AtOnce(given, "")


def _given(proposed: Proposed, line_id: int, pool_id: int, units: int, replaces: int, sku: str = "") -> GivenNow:
    pool = proposed.pools[pool_id]
    return GivenNow(line_id, pool.item_id, sku or proposed.line.need.sku, pool.lot_id, units, replaces)


def _of_portion(proposed: Proposed, line_id: int, portion: Portion) -> list[GivenNow]:
    """A portion may come from several lots: what it stands for is told once."""
    return [
        _given(proposed, line_id, pool_id, units, 0 if n else portion.replaces, portion.edge.sku)
        for n, (pool_id, units) in enumerate(portion.takes)
    ]


def _why_not(proposed: Proposed) -> str:
    """Why nothing is sent instead, where something could be."""
    if proposed.offers.b is not None:
        portion = proposed.offers.b.portions[0]
        return f"{portion.edge.sku} {portion.asks}" if portion.asks.startswith("needs") else portion.asks
    return "; ".join(f"{r.sku}: {r.why}" for r in proposed.offers.rejected[:3])
