"""What a change of an order would do: the command itself is run and undone, and what differs is told in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.sales import (
    locks,
    queries,
    queries_about,
    queries_holds,
    queries_sites,
    rules_changes,
    steps_floor,
    steps_limits,
)
from flowrack.sales.types import LockedLine
from flowrack.sales.types_changes import HoldSeen, LineSeen, OrderSeen, Preview
from flowrack.sales.types_many import ManyDone, Outcome
from flowrack.shared.errors import Busy

MOST_TOLD = 50  # orders of which a preview of many says all that comes of it


def preview(ctx: Context, command: Callable[[Context, Any], Any], req: Any, order_id: int) -> Preview:
    """The consequences of a command about one order; nothing is written. Raises what the command would refuse."""
    load_subscribers()  # later stages make themselves known with them
    before = see(ctx, order_id)
    found: list[list[str]] = []

    def look(trial: Context, result: Any) -> None:
        after = see(trial, order_id)
        was = rules_changes.beside(before, after)
        told = [*rules_changes.consequences(was, after), *_beside(was, after), *steps_floor.told(trial, was, after)]
        found.append(told or ["Nothing else changes."])

    refusal = rehearse(command, ctx, req, look)
    if refusal is not None:
        raise refusal
    if not found:
        raise Busy("Somebody else is working on this order.", fix="Nothing was changed. Try again in a moment.")
    return Preview(found[0])


def preview_many(
    ctx: Context, command: Callable[[Context, Any], ManyDone], req: Any, order_ids: Sequence[int]
) -> list[Outcome]:
    """What a command would do to each of many orders; nothing is written. Of the first of them it is told what else
    comes of it: lines, holds, days, and who gets what is given back. Raises what the command would refuse."""
    load_subscribers()  # later stages make themselves known with them
    near = list(dict.fromkeys(order_ids))[:MOST_TOLD]
    there = queries_about.customers_of(near)  # the command names those that are not
    before = {one: see(ctx, one) for one in near if one in there}
    found: list[Outcome] = []

    def look(trial: Context, result: ManyDone) -> None:
        done = [one.order_id for one in result.outcomes if one.is_done and one.order_id in before]
        after = {order_id: see(trial, order_id) for order_id in done}
        for one in result.outcomes:
            told = _besides(trial, before[one.order_id], after[one.order_id]) if one.order_id in after else []
            found.append(replace(one, said=" ".join([one.said, *told])))

    refusal = rehearse(command, ctx, req, look)
    if refusal is not None:
        raise refusal
    if not found:
        raise Busy(
            "Somebody else is working on one of these orders.", fix="Nothing was changed. Try again in a moment."
        )
    return found


def with_what_was_told(found: Sequence[Outcome], foreseen: Sequence[Outcome]) -> list[Outcome]:
    """What came of each order, with what was told of it just before; where it came otherwise, alone."""
    told = {one.order_id: one.said for one in foreseen}
    return [
        replace(one, said=told[one.order_id]) if told.get(one.order_id, "").startswith(one.said) else one
        for one in found
    ]


def _besides(trial: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """What comes of a change besides what the command itself says: its day, its value and that the order ends."""
    was = rules_changes.beside(before, after)
    at = replace(was, requested_on=after.requested_on, value=after.value, state=after.state)
    return [*rules_changes.consequences(at, after), *steps_floor.told(trial, was, after)]


def _beside(before: OrderSeen, after: OrderSeen) -> list[str]:
    """Who cancels an order hears of the others that send parts of the same wish: they stay as they are."""
    if after.state != "cancelled" or before.state == after.state:
        return []
    others = [one for one in queries_sites.orders_beside(after.order_id) if one.is_open]
    return [
        f"{one.number}, which sends another part of the same wish from {one.site}, stays open: cancel it too where the "
        "customer wants none of it."
        for one in others
    ]


def see(ctx: Context, order_id: int) -> OrderSeen:
    """The order as it stands in this transaction; refuses with OrderNotFound. Six queries."""
    head = queries.access_order(order_id, frozenset({0}))
    lines = queries.lines_of(order_id)
    holds = queries_holds.open_holds([order_id])
    return OrderSeen(
        order_id=order_id,
        number=head.number,
        site_id=head.site_id,
        state=head.state,
        tier=head.tier,
        policy=head.policy,
        requested_on=head.requested_on,
        latest_on=head.latest_on,
        ship_to=head.ship_to_code,
        value=f"{sum((line.value for line in lines), Decimal(0)):,.2f}",
        lines=[
            LineSeen(
                *(line.line_id, line.line_no, line.sku, line.item_id, line.units, line.waiting, line.allocated),
                *(line.released, line.picked, line.cancelled, f"{line.unit_price:,.2f}"),
            )
            for line in lines
        ],
        holds=[HoldSeen(hold.id, hold.line_id, hold.sentence) for hold in holds],
        terms=queries.terms_of(head),
        shipments=head.shipments,
        today=_today(ctx, head.site_id),
        keeps_back=_keeps_back(ctx, locks.orders([order_id])),
    )


def _today(ctx: Context, site_id: int) -> date:
    query = "SELECT (%s::timestamptz AT TIME ZONE timezone)::date FROM locations_site WHERE id = %s"
    found: date = sql.fetch_value(query, (ctx.now, site_id))
    return found


def _keeps_back(ctx: Context, lines: list[LockedLine]) -> str:
    """Why what is reserved or picked does not leave yet, by the customer's terms; empty when nothing keeps it back."""
    ready = sum(line.counts.allocated + line.counts.picked for line in lines)
    waiting = sum(line.counts.waiting for line in lines)
    if not ready or lines[0].state not in ("confirmed", "released"):
        return ""
    if lines[0].policy == "complete" and waiting:
        return f"the customer takes one delivery, and {waiting:,} units wait"
    return "".join(verdict.why for verdict in steps_limits.judge(ctx, lines)[0].values())
