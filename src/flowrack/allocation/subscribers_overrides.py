"""What follows a decision against the rules: promises are looked at, and when it is over the rules decide again."""

from __future__ import annotations

from flowrack.allocation import commands_exceptions, commands_runs, queries_cover
from flowrack.allocation.types_exceptions import WatchItems
from flowrack.allocation.types_overrides import Overridden, OverridesOver
from flowrack.allocation.types_runs import AllocateItems
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context


@subscriber("allocation.overridden")
def watch_overridden(ctx: Context, message: OutboxMessage) -> None:
    """Somebody got units out of rank: what others were promised may not hold."""
    event = message.as_type(Overridden)
    if event.item_ids and queries_cover.is_waited_for(event.site_id, event.item_ids):
        commands_exceptions.watch_items(ctx, WatchItems(event.site_id, event.item_ids, f"{event.number} was decided"))


@subscriber("allocation.overrides_ended")
def decide_again(ctx: Context, message: OutboxMessage) -> None:
    """Overrides are over: the rules share out what is free of their items."""
    event = message.as_type(OverridesOver)
    if event.item_ids:
        commands_runs.allocate_items(ctx, AllocateItems(event.site_id, event.item_ids))
