"""Refills are netted anew when demand or the stock of faces changes elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from flowrack.allocation import freed
from flowrack.allocation.freed import Freed
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.replenishment import commands, queries, steps_plan
from flowrack.replenishment.types import PlanRefills
from flowrack.sales.types import LineUnitsChanged, UnitsCancelled
from flowrack.sales.types_sites import LinesMoved
from flowrack.storage.types import QualityChanged


@subscriber("sales.units_cancelled")
def net_after_cancellation(ctx: Context, message: OutboxMessage) -> None:
    """Orders want less."""
    event = message.as_type(UnitsCancelled)
    _net_lines(ctx, event.line_ids, "order lines were cancelled")


@subscriber("sales.line_changed")
def net_after_change(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more or fewer."""
    event = message.as_type(LineUnitsChanged)
    _net_lines(ctx, [event.line_id], "an order line was changed")


@subscriber("fulfilment.wave_released")
def net_after_release(ctx: Context, message: OutboxMessage) -> None:
    """Picks are on the floor. Fulfilment lies downstream: its event is read as it stands."""
    for site_id, items in queries.items_of_orders(message.body["order_ids"]).items():
        _net(ctx, site_id, items, f"wave {message.body['number']} was released")


@subscriber("fulfilment.picks_called_back")
def net_after_recall(ctx: Context, message: OutboxMessage) -> None:
    """Picks were taken from the floor."""
    _net(ctx, message.body["site_id"], message.body["item_ids"], "picks were called back")


@subscriber("fulfilment.pick_short")
def net_after_short_pick(ctx: Context, message: OutboxMessage) -> None:
    """A picker found less than the books say."""
    items = [message.body["item_id"], *message.body.get("instead_item_ids", [])]
    _net(ctx, message.body["site_id"], items, "a picker found too little")


@subscriber("counting.posted")
def net_after_count(ctx: Context, message: OutboxMessage) -> None:
    """A count found less than the books say."""
    items = {line["item_id"] for line in message.body["variances"] if line["units"] < 0}
    _net(ctx, message.body["site_id"], items, "a count was posted")


@subscriber("storage.quality_changed")
def net_after_hold(ctx: Context, message: OutboxMessage) -> None:
    """Stock was held, or is good for something else now; what is available again is heard as freed."""
    event = message.as_type(QualityChanged)
    if event.quality != freed.AVAILABLE:
        _net(ctx, event.site_id, event.item_ids, "stock was held")


@subscriber("sales.lines_moved")
def net_after_another_site(ctx: Context, message: OutboxMessage) -> None:
    """Lines ship from another site: its faces must give them, and those of the first site need not any more."""
    event = message.as_type(LinesMoved)
    for items in queries.items_of_lines(event.line_ids).values():
        for site_id in sorted({event.site_id, event.from_site_id}):
            _net(ctx, site_id, items, "an order ships from another site")


@freed.subscriber
def net_when_freed(ctx: Context, one: Freed) -> None:
    """Units may be free that a face can be filled from, or that a face has after all."""
    _net(ctx, one.site_id, one.item_ids, one.cause)


def _net_lines(ctx: Context, line_ids: Iterable[int], because: str) -> None:
    for site_id, items in queries.items_of_lines(list(line_ids)).items():
        _net(ctx, site_id, items, because)


def _net(ctx: Context, site_id: int, item_ids: Iterable[int], because: str) -> None:
    """Plan the faces of these items again, if that would change anything."""
    items = sorted(set(item_ids))
    if items and steps_plan.would_change(ctx, site_id, items):
        commands.plan_refills(ctx.keyed(str(site_id)), PlanRefills(site_id, items, because))
