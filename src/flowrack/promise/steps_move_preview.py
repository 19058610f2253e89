"""What it would do if lines shipped from another site: the command itself is run and undone, and days, freight and
stock are told in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.allocation.queries_sites import company_rules
from flowrack.allocation.rules_sites import SiteOffer
from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.promise import queries_grounds, queries_sites, rules_moved
from flowrack.promise.queries_sites import MovableOrder
from flowrack.promise.rules_moved import LineMoves
from flowrack.promise.types_sites import LinesSourced, MoveLines
from flowrack.sales import queries_holds, steps_floor, steps_preview
from flowrack.sales import queries_sites as sales_sites
from flowrack.sales.types_changes import LineSeen, OrderSeen, Preview
from flowrack.sales.types_sites import MovedTo
from flowrack.shared.errors import Busy

SEES = "promise.see_freight"


def preview(ctx: Context, command: Callable[[Context, MoveLines], LinesSourced], req: MoveLines) -> Preview:
    """The consequences of the command that moves lines; nothing is written. Raises what it would refuse."""
    load_subscribers()  # later stages make themselves known with them
    before = steps_preview.see(ctx, req.order_id)
    beside = {one.order_id for one in sales_sites.orders_beside(req.order_id)}
    found: list[list[str]] = []

    def look(trial: Context, result: LinesSourced) -> None:
        [moved] = result.moved
        found.append(_told(trial, before, moved, is_new=moved.order_id not in {req.order_id, *beside}))

    order = next(iter(queries_sites.movable([req.order_id])), None)
    refusal = rehearse(command, ctx, replace(req, reason=req.reason.strip() or "a preview"), look)
    if refusal is not None:
        raise refusal
    if not found or order is None:
        raise Busy("Somebody else is working on this order.", fix="Nothing was changed. Try again in a moment.")
    return Preview([*found[0], *_days_and_money(ctx, order, req)])


def _told(trial: Context, before: OrderSeen, moved: MovedTo, *, is_new: bool) -> list[str]:
    """What the move itself does, and what later stages say of what leaves the site."""
    site = queries_sites.name_of(moved.site_id)
    is_whole = moved.order_id == before.order_id
    seen = steps_preview.see(trial, before.order_id)
    left = {} if is_whole else {line.line_id: line for line in seen.lines}
    at_home = replace(before, lines=[left.get(line.line_id, _gone(line)) for line in before.lines])
    going = [
        LineMoves(line.line_no, line.sku, line.units - line.cancelled - at.units + at.cancelled)
        for line, at in zip(before.lines, at_home.lines, strict=True)
    ]
    said = [rules_moved.where(before.number, site, [one for one in going if one.units], moved.number,
                              is_whole=is_whole, is_new=is_new)]  # fmt: skip
    if moved.unpromised_units:
        said.append(rules_moved.given_back(moved.unpromised_units, queries_sites.name_of(before.site_id)))
    said += steps_floor.told(trial, before, at_home)
    known = {hold.hold_id for hold in before.holds}
    holds = [one for one in queries_holds.open_holds([moved.order_id]) if one.id not in known and not one.line_id]
    if holds and not is_whole and not is_new:
        said.append("They are on hold with it.")
    return said + [f"Will wait for a person: {hold.sentence}" for hold in holds]


def _gone(line: LineSeen) -> LineSeen:
    return replace(line, units=0, waiting=0, allocated=0, released=0, picked=0, cancelled=0)


def _days_and_money(ctx: Context, order: MovableOrder, req: MoveLines) -> list[str]:
    """On which days what moves would be there, beside what was promised, and what it costs. Nothing is locked."""
    most = {line.line_id: line.units for line in order.lines}
    asked = {one.line_id: one.units or most[one.line_id] for one in req.lines} or most
    going = _part(order, asked)
    staying = _part(order, {key: units - asked.get(key, 0) for key, units in most.items()})
    there, home = _offer(ctx, going, req.site_id), _offer(ctx, order, order.site_id)
    told = _promised(list(asked))
    said = [
        rules_moved.day(
            line.line_no, line.sku, there.code, there.reach[n].on, told.get(line.line_id), order.requested_on
        )
        for n, line in enumerate(going.lines)
    ]
    if ctx.may(SEES, order.site_id):
        rest = _offer(ctx, staying, order.site_id).freight if staying.lines else 0
        is_split = bool(staying.lines) or order.in_work
        split = company_rules().rules.sites.split_cost if is_split else Decimal(0)
        said += rules_moved.money(home.freight, there.freight, rest, split)
    return said


def _part(order: MovableOrder, units: Mapping[int, int]) -> MovableOrder:
    """An order with so many units of its lines; what waits of a line moves before what is promised to it."""
    lines = [
        replace(line, units=units[line.line_id], allocated=min(line.allocated, units[line.line_id]))
        for line in order.lines
        if units.get(line.line_id, 0) > 0
    ]
    return replace(order, lines=tuple(lines))


def _offer(ctx: Context, order: MovableOrder, site_id: int) -> SiteOffer:
    """How a site could send it: days and freight."""
    return queries_grounds.case_of(order, [site_id], ctx.now, company_rules(), home=0).sites[0]


def _promised(line_ids: Sequence[int]) -> dict[int, date]:
    """When lines are there as they were promised. One query."""
    rows: list[tuple[Any, ...]] = sql.fetch_all(
        "SELECT line_id, arrives_on FROM promise_linepromise WHERE line_id = ANY(%s::bigint[])", (list(line_ids),)
    )
    return dict(rows)
