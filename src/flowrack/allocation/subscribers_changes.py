"""What allocation says in the preview of an order's change: who would get what is given back, and what would come."""

from __future__ import annotations

from dataclasses import replace

from flowrack.allocation import (
    commands_cross_docks,
    queries,
    queries_coming,
    queries_inputs,
    queries_rank,
    queries_rules,
)
from flowrack.allocation.queries_pegs import Others
from flowrack.allocation.rules_decide import decide
from flowrack.allocation.types_cross_docks import FollowDemand
from flowrack.platform import sql
from flowrack.platform.rehearsal import rehearsed
from flowrack.platform.runner import Context
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries_open as open_lines
from flowrack.sales import steps_floor
from flowrack.sales.rules import TIERS
from flowrack.sales.types_changes import LineSeen, OrderSeen

NAMED = 3


def tell(ctx: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """Works out what allocation would do upon the change, in the preview's transaction, and tells what would come of
    it."""
    were = {line.line_id: line for line in before.lines}
    allowed = replace(ctx, grants={**ctx.grants, "allocation.follow": frozenset({0})})
    fewer = [line for line in after.lines if line.waiting < were[line.line_id].waiting]
    said = _cross_docks(allowed, fewer)
    freed = [line for line in after.lines if _held(line) < _held(were[line.line_id])]
    if freed:
        said += _who_gets(allowed, after, freed)
    more = [line for line in after.lines if line.waiting > were[line.line_id].waiting]
    return said + (_what_comes(ctx, after, more) if more else [])


def _held(line: LineSeen) -> int:
    return line.allocated + line.picked


def _cross_docks(ctx: Context, fewer: list[LineSeen]) -> list[str]:
    if not fewer:
        return []
    done = rehearsed(commands_cross_docks.follow_demand, ctx, FollowDemand([line.line_id for line in fewer]))
    gone = len(done.cross_dock_ids)
    return [f"{gone} cross-dock{'s' if gone > 1 else ''} to it end: these goods are put away."] if gone else []


def _who_gets(ctx: Context, after: OrderSeen, freed: list[LineSeen]) -> list[str]:
    """Which orders would get the units that are free again, were stock looked for now. Decided, but not written: lines
    of others and pools are only read, so that a preview keeps nobody waiting."""
    item_ids = sorted({line.item_id for line in freed})
    waiting = queries_rank.orders_waiting(item_ids, after.site_id, TIERS[-1], ctx.now)
    others = [order_id for order_id in waiting if order_id != after.order_id]
    if not others:
        return ["Nobody waits for these items: what is given back stays free."]
    got = _shares(ctx, after.site_id, others)
    rows = sql.fetch_all(
        """
        SELECT o.number, o.tier, i.sku, sum(g.units)::bigint FROM unnest(%s::bigint[], %s::bigint[]) AS g(id, units)
        JOIN sales_orderline l ON l.id = g.id JOIN sales_order o ON o.id = l.order_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE g.units > 0 AND l.item_id = ANY(%s::bigint[])
        GROUP BY o.id, i.sku ORDER BY o.tier, o.ship_by_on, o.id
        """,
        (list(got), list(got.values()), item_ids),
    )
    if not rows:
        who = f"{len(others):,} other orders wait" if len(others) > 1 else "1 other order waits"
        return [f"{who} for these items; none would be served by this alone."]
    named = ", ".join(f"{number} (tier {tier}) {units:,} of {sku}" for number, tier, sku, units in rows[:NAMED])
    left = len(rows) - NAMED
    return [f"May go to {named}{f' and {left} more' if left > 0 else ''}, who wait for it."]


def _shares(ctx: Context, site_id: int, order_ids: list[int]) -> dict[int, int]:
    """Units that lines of orders would get by the rules in force, from what this transaction sees as free."""
    wanted = set(order_ids)
    items = sorted(open_lines.items_waited_for(order_ids))
    lines = [line for line in open_lines.lines_waiting(site_id, items) if line.order_id in wanted]
    on_the_way, force = queries_rules.background(site_id)
    today, claims = queries_inputs.claims_of(ctx.now, site_id, lines, on_the_way, force.rules)
    if not claims:
        return {}
    inputs = queries_inputs.inputs_of(
        site_id, today, claims, force.rules, is_moving=False, now=ctx.now, others=Others(is_asked=True)
    )
    return {share.claim.line_id: share.units for share in decide(force.rules, inputs).shares if share.units}


def _what_comes(ctx: Context, after: OrderSeen, more: list[LineSeen]) -> list[str]:
    """Whether there is free stock for what waits, and what is on order."""
    item_ids = sorted({line.item_id for line in more})
    free: dict[int, int] = {}
    for pool in queries.free_pools(item_ids, after.site_id):
        free[pool.item_id] = free.get(pool.item_id, 0) + pool.free
    today = business_days([after.site_id], now=ctx.now)[after.site_id]
    coming = queries_coming.incoming(item_ids, after.site_id, today)
    said = []
    for line in more:
        name, has = f"Line {line.line_no}, {line.sku}", free.get(line.item_id, 0)
        if has >= line.waiting:
            said.append(f"{name}: {has:,} units are free now.")
            continue
        next_one = coming.get(line.item_id, "nothing is on order")
        said.append(f"{name}: {has:,} of the {line.waiting:,} that wait are free now; {next_one}.")
    return said


steps_floor.register_teller(10, tell)
