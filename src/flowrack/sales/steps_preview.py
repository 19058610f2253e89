"""What a change of an order would do: the command itself is run and undone, and what differs is told in sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.sales import locks, queries, queries_holds, rules_changes, steps_floor, steps_limits
from flowrack.sales.types import LockedLine
from flowrack.sales.types_changes import HoldSeen, LineSeen, OrderSeen, Preview
from flowrack.shared.errors import Busy


def preview(ctx: Context, command: Callable[[Context, Any], Any], req: Any, order_id: int) -> Preview:
    """The consequences of a command about one order; nothing is written. Raises what the command would refuse."""
    load_subscribers()  # later stages make themselves known with them
    before = see(ctx, order_id)
    found: list[list[str]] = []

    def look(trial: Context, result: Any) -> None:
        after = see(trial, order_id)
        was = rules_changes.beside(before, after)
        told = [*rules_changes.consequences(was, after), *steps_floor.told(trial, was, after)]
        found.append(told or ["Nothing else changes."])

    refusal = rehearse(command, ctx, req, look)
    if refusal is not None:
        raise refusal
    if not found:
        raise Busy("Somebody else is working on this order.", fix="Nothing was changed. Try again in a moment.")
    return Preview(found[0])


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
