"""Then against now: a line's certificate beside what a run would look at today. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flowrack.allocation import queries, queries_inputs, queries_rules
from flowrack.allocation.queries_certificates import CertificateView
from flowrack.allocation.rules_certificates import NO_CONTEXT, Context
from flowrack.allocation.rules_rank import rank
from flowrack.inspection import queries as inspection
from flowrack.platform import sql
from flowrack.sales import queries_open as open_lines


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing as it was when the line was decided, and as it is now."""

    what: str
    then: str
    now: str

    @property
    def is_changed(self) -> bool:
        """Whether it moved."""
        return self.then != self.now


def told_of(item_ids: Iterable[int], site_id: int) -> Context:
    """Who has items from earlier runs, what is on order, and what is held. Three queries in one message."""
    items = sorted(set(item_ids))
    if not items:
        return NO_CONTEXT
    asked = (queries.ask_holders, queries.ask_incoming, inspection.ask_in_the_way)
    holders, incoming, held = sql.fetch_together([ask(items, site_id) for ask in asked])
    return Context(queries.holders_of(holders), queries.incoming_of(incoming), inspection.in_the_way_of(held))


def places_by_rules(item_id: int, site_id: int, now: datetime) -> dict[int, int]:
    """The place of each line that claims an item by the rule set in force; nothing where the shipped rules decide,
    whose order the ladder has anyhow. One query, three and more where a rule set decides."""
    on_the_way, force = queries_rules.background(site_id)
    if not force.rule_set_id:
        return {}
    lines = open_lines.lines_waiting(site_id, [item_id], with_promised=True)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    return {one.claim.line_id: n for n, one in enumerate(rank(claims, force.rules, today=today.toordinal()))}


def then_and_now(then: CertificateView, now: datetime) -> list[Difference]:
    """What changed for a line since it was decided. Seven queries and more, by what the rules look at."""
    row = sql.fetch_one(
        """
        SELECT l.item_id, o.site_id, l.open_units, l.allocated_units, l.picked_units, l.shipped_units
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id WHERE l.id = %s
        """,
        (then.line_id,),
    )
    assert row is not None, "order lines are never deleted"
    item_id, site_id, waits, promised, picked, shipped = row
    on_the_way, force = queries_rules.background(site_id)
    lines = open_lines.lines_waiting(site_id, [item_id], with_promised=True)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    ranked = [one.claim.line_id for one in rank(claims, force.rules, today=today.toordinal())]
    place = f"{ranked.index(then.line_id) + 1} of {len(ranked)}" if then.line_id in ranked else "wants nothing more"
    free = sum(pool.free for pool in queries.free_pools([item_id], site_id))
    coming = queries.incoming([item_id], site_id).get(item_id, "nothing")
    held = f"{promised} reserved, {picked} picked, {shipped} shipped"
    return [
        Difference("Rules", then.rule, force.rule),
        Difference("Rank among claims on the item", f"{then.rank} of {then.of}", place),
        Difference("Free of the item", f"{sum(one.free for one in then.supply):,}", f"{free:,}"),
        Difference("The line got, and holds", f"{then.got} of {then.wanted} then asked for", held),
        Difference("Waits", f"{then.wanted - then.got:,}", f"{waits:,}"),
        Difference("On order", then.coming or "nothing", coming),
    ]
