"""Choosing the site of orders inside a command, and moving what ships from another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowrack.allocation import steps_exceptions
from flowrack.allocation.queries_sites import CASES, KIND, SITE_OF, company_rules, digest
from flowrack.allocation.reasons_sites import Words, line_sentence, sentence
from flowrack.allocation.rules_sites import RULE, Choice, SitesCase, choose
from flowrack.allocation.types_rules import InForce
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.promise import queries, queries_sites
from flowrack.promise.queries_grounds import Ahead, case_from, is_free
from flowrack.promise.queries_sites import MovableOrder
from flowrack.sales import steps as sales
from flowrack.sales import steps_changes, steps_sites
from flowrack.sales.types import ORDER, NewOrder
from flowrack.sales.types_sites import MovedTo, SentFrom, Settled
from flowrack.shared.refs import ref

ENTER = "sales.enter"


class ByRules:
    """The chooser of order entry: the rules of the company over stock, supply, days on the way and freight."""

    def first(self, ctx: Context, orders: Sequence[NewOrder]) -> list[int]:
        """The first of the sites at which the person may enter orders: the rules move it from there."""
        may = [site_id for site_id in queries.selling_sites() if ctx.may(ENTER, site_id)]
        return [may[0] if may else 0 for _ in orders]

    def settle(self, ctx: Context, order_ids: Sequence[int]) -> dict[int, Settled]:
        """Nobody knows these orders yet, so nothing is locked for them; the site that they were entered at is none.
        What is split has its first site in the order itself."""
        may = [site_id for site_id in queries.selling_sites() if ctx.may(ENTER, site_id)]
        force, entered = company_rules(), queries_sites.movable(order_ids)
        found = {order.order_id: Settled(order.site_id, why=_not_chosen(order)) for order in entered}
        orders = [order for order in entered if is_free(order)]
        ahead, told, words = Ahead(orders, may, ctx.now), [], queries_sites.words()
        places: list[tuple[int, int, int]] = []
        for n, order in enumerate(orders):
            if ahead.reads(n):
                steps_sites.place(places)
                places = []
            grounds = ahead.of(n)
            case = case_from(grounds, order, force, home=0)
            choice = choose(case)
            if choice is None:
                continue
            first, *others = choice.plan.sites
            if first != order.site_id:
                places += [(order.order_id, line.line_id, first) for line in order.lines]
                grounds.placed(order, first)
            moved = []
            if others:
                steps_sites.place(places)
                moved, places = _carry(ctx, order.order_id, first, case, choice, words), []
                ahead.moved()
            told += _told(ctx, order, case, choice, force, moved, words)
            sends = _sends(order, case, choice, moved)
            found[order.order_id] = Settled(first, sends, sentence(case, choice, words))
        steps_sites.place(places)
        decisions.record(ctx, told)
        return found


def _not_chosen(order: MovableOrder) -> str:
    """Why the rules have not chosen the site of an order that was just entered; nothing where no site may send it."""
    is_held = any(line.why_not for line in order.lines)
    return "It is on hold: the rules choose its site when it is released." if is_held else ""


def _sends(order: MovableOrder, case: SitesCase, choice: Choice, moved: Sequence[MovedTo]) -> list[SentFrom]:
    """The orders that send what was entered, with the days of the plan: the order itself, then those beside it."""
    beside = {one.site_id: (one.order_id, one.number) for one in moved}
    codes = {one.site_id: one.code for one in case.sites}
    found = []
    for site_id in choice.plan.sites:
        mine = [one for one in choice.plan.portions if one.site_id == site_id]
        days = [one.on for one in mine if one.on is not None]
        on = max(days) if len(days) == len(mine) else None
        order_id, number = beside.get(site_id, (order.order_id, order.number))
        found.append(SentFrom(order_id, number, site_id, codes[site_id], sum(one.units for one in mine), on))
    return found


def source(ctx: Context, orders: Sequence[MovableOrder], site_ids: Sequence[int], force: InForce) -> list[MovedTo]:
    """Bring orders, one after the other, to the site, or the sites, that the rules choose, and store why where anything
    moves; their lines are locked by the caller."""
    free, done, told = [order for order in orders if is_free(order)], [], []
    ahead, words = Ahead(free, site_ids, ctx.now), queries_sites.words() if free else Words("", {})
    for n, order in enumerate(free):
        case = case_from(ahead.of(n), order, force, home=order.site_id)
        choice = choose(case)
        moved = _carry(ctx, order.order_id, order.site_id, case, choice, words) if choice else []
        if choice and moved:
            told += _told(ctx, order, case, choice, force, moved, words)
            ahead.moved()
        done += moved
    decisions.record(ctx, told)
    return done


def _carry(ctx: Context, order_id: int, site_id: int, case: SitesCase, choice: Choice, words: Words) -> list[MovedTo]:
    """What a choice sends from other sites than the order's own."""
    moved = []
    for other in choice.plan.sites:
        if other != site_id:
            mine = [one for one in choice.plan.portions if one.site_id == other]
            wanted = {case.wants[one.line].line_id: one.units for one in mine}
            moved.append(move(ctx, order_id, wanted, other, sentence(case, choice, words)))
    return moved


def move(ctx: Context, order_id: int, wanted: Mapping[int, int], site_id: int, reason: str) -> MovedTo:
    """Units of lines of an order ship from another site, with the days that they were promised. Emits
    sales.lines_moved."""
    held = sales.claim_lines_of(order_id)
    moved = steps_sites.move(ctx, order_id, steps_changes.read_head(ctx, order_id), held, wanted, site_id, reason)
    sql.execute(
        """
        INSERT INTO promise_linepromise AS p (line_id, site_id, first_ships_on, ships_on, arrives_on, seconds,
                                              promised_at, change)
        SELECT n.line, %(site)s, f.first_ships_on, f.ships_on, f.arrives_on, f.seconds, f.promised_at,
               pg_current_xact_id()::text::bigint
        FROM unnest(%(lines)s::bigint[], %(were)s::bigint[]) AS n(line, was)
        JOIN promise_linepromise f ON f.line_id = n.was
        ON CONFLICT (line_id) DO UPDATE SET site_id = excluded.site_id, change = excluded.change
        """,
        {"site": site_id, "lines": moved.line_ids, "were": moved.from_line_ids},
    )
    steps_exceptions.settle(ctx, moved.line_ids, "It ships from another site.")
    return moved


def _told(
    ctx: Context,
    order: MovableOrder,
    case: SitesCase,
    choice: Choice,
    force: InForce,
    moved: Sequence[MovedTo],
    words: Words,
) -> list[DecisionRow]:
    """The case on the order, and the sentence on it and on every line, also on those beside it."""
    rule = f"{RULE} by {force.rule}"
    said = sentence(case, choice, words)
    detail: dict[str, Any] = {"case": CASES.dump_python(case, mode="json"), "plan": digest(choice)}
    rows = [DecisionRow(KIND, ref(ORDER, order.order_id), said, rule, detail)]
    subject = {"case": ref(ORDER, order.order_id), "command": ctx.command_id}
    lines = {want.line_id: n for n, want in enumerate(case.wants)}
    of = dict.fromkeys(lines, 0) | {
        key: was for one in moved for key, was in zip(one.line_ids, one.from_line_ids, strict=True)
    }
    for line_id, was in of.items():
        of_line = line_sentence(case, choice, lines[was or line_id], words)
        rows.append(DecisionRow(KIND, ref(SITE_OF, line_id), of_line, rule, subject))
    beside = {one.order_id for one in moved} - {order.order_id}
    return rows + [DecisionRow(KIND, ref(ORDER, order_id), said, rule, subject) for order_id in sorted(beside)]


steps_sites.register(ByRules())
