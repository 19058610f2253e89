"""Then against now: a line's certificate beside what a run would look at today. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation import queries, queries_coming, queries_inputs, queries_rules
from flowrack.allocation.queries_certificates import Before, CertificateView
from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_certificates import NO_CONTEXT, Context
from flowrack.allocation.rules_decide import moves_promises
from flowrack.allocation.rules_rank import rank
from flowrack.inspection import queries as inspection
from flowrack.platform import sql
from flowrack.platform.web.details import rule_in_words
from flowrack.sales import queries_open as open_lines

MOST_NAMED, MOST_LOTS = 4, 8


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing as it was when the line was decided, and as it is now; `is_changed`: it moved."""

    what: str
    then: str
    now: str
    is_changed: bool


def _row(what: str, then: str, now: str) -> Difference:
    return Difference(what, then, now, then != now)


def told_of(item_ids: Iterable[int], site_id: int, today: date) -> Context:
    """Who has items from earlier runs, what comes next, and what is held. Three queries in one message."""
    items = sorted(set(item_ids))
    if not items:
        return NO_CONTEXT
    coming = queries_coming.ask_incoming(items, site_id, today)
    asked = [queries.ask_holders(items, site_id), coming, inspection.ask_in_the_way(items, site_id)]
    holders, incoming, held = sql.fetch_together(asked)
    return Context(queries.holders_of(holders), queries_coming.incoming_of(incoming), inspection.in_the_way_of(held))


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
    """What changed for a line since it was decided: rules, rank, who stands before it, stock by lot, its own units and
    what is on order. Seven queries and more, by what the rules look at."""
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
    lines = open_lines.lines_waiting(site_id, [item_id], with_promised=moves_promises(force.rules))
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    ranked = [one.claim for one in rank(claims, force.rules, today=today.toordinal())]
    at = next((n for n, claim in enumerate(ranked) if claim.line_id == then.line_id), None)
    place = "wants nothing more" if at is None else f"{at + 1} of {len(ranked)}"
    ahead = [Before(c.line_id, c.number, c.units) for c in ranked[:at]] if at is not None else []
    coming = queries_coming.incoming([item_id], site_id, today).get(item_id, "nothing")
    waited = then.wanted - then.got
    return [
        _row("Rules", rule_in_words(then.rule), rule_in_words(force.rule)),
        _row("Rank among claims on the item", f"{then.rank} of {then.of}", place),
        *_before(then.before, ahead, is_open=at is not None),
        *_stock(then, queries.free_pools([item_id], site_id)),
        _row("Waits", f"{waited:,}", f"{waits:,}"),
        Difference(
            "Reserved, picked, shipped",
            f"{then.got:,} of {then.wanted:,} by this decision",
            f"{promised:,} reserved, {picked:,} picked, {shipped:,} shipped",
            waited != waits,
        ),
        _row("Comes next", then.coming or "nothing", coming),
    ]


def _before(then: Sequence[Before], now: Sequence[Before], *, is_open: bool) -> list[Difference]:
    """What those want that rank before the line; who came and who is gone."""
    rows = [_row("Wanted by those before it", _wanted(then), _wanted(now) if is_open else "wants nothing more")]
    if not is_open:
        return rows
    known, still = {one.line_id for one in then}, {one.line_id for one in now}
    came, gone = [one for one in now if one.line_id not in known], [one for one in then if one.line_id not in still]
    if came or gone:
        rows.append(
            Difference("Came before it, and gone from there", f"gone: {_names(gone)}", f"came: {_names(came)}", True)
        )
    return rows


def _wanted(ahead: Sequence[Before]) -> str:
    count = len(ahead)
    return f"{sum(one.units for one in ahead):,} by {count:,} line{'' if count == 1 else 's'}" if ahead else "nobody"


def _names(rows: Sequence[Before]) -> str:
    named = ", ".join(f"{one.number} ({one.units:,})" for one in rows[:MOST_NAMED])
    return (f"{named} and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else named) or "nobody"


def _stock(then: CertificateView, pools: Sequence[Pool]) -> list[Difference]:
    """What is free, in all and of each lot that was or is there."""
    was, free = sum(one.free for one in then.supply), sum(pool.free for pool in pools)
    rows = [_row("Free of the item", f"{was:,}", f"{free:,}")]
    before = {one.lot: one.free for one in then.supply if one.lot}
    now = {pool.lot_code: pool.free for pool in pools if pool.lot_code}
    moved = [lot for lot in sorted({*before, *now}) if before.get(lot, 0) != now.get(lot, 0)]
    return rows + [
        _row(f"Free of lot {lot}", f"{before.get(lot, 0):,}", f"{now.get(lot, 0):,}") for lot in moved[:MOST_LOTS]
    ]
