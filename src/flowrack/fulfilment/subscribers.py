"""What fulfilment does when a pick face was filled: lines that waited for it go to pickers."""

from __future__ import annotations

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import NothingToRelease, ReleaseOrders
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.replenishment.queries import lines_that_wait
from flowrack.replenishment.types import Refilled


@subscriber("replenishment.refilled")
def release_what_waited(ctx: Context, message: OutboxMessage) -> None:
    """Give the lines that waited for these faces to pickers, as a wave of their own."""
    event = message.as_type(Refilled)
    waiting = lines_that_wait(sorted({line.to_location_id for line in event.lines}))
    if not waiting:
        return
    orders = list(dict.fromkeys(order_id for _, order_id, _ in waiting))
    req = ReleaseOrders(event.site_id, orders, line_ids=[line_id for _, _, line_id in waiting])
    try:
        commands.release_orders(ctx, req)
    except NothingToRelease:
        return  # they were held or cancelled meanwhile; the next plan ends their waits
