"""What fulfilment does when a pick face was filled, and when the last goods of an order are back in their bins."""

from __future__ import annotations

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import NothingToRelease, ReleaseOrders
from flowrack.fulfilment.types_short import EndPutBack, PutBackDone
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.replenishment.queries import lines_that_wait
from flowrack.replenishment.types import Refilled
from flowrack.sales import commands_changes
from flowrack.sales import queries as orders
from flowrack.sales.states import OrderState
from flowrack.sales.types import CancelOrder, TooLate
from flowrack.shared.errors import WrongState


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


@subscriber("fulfilment.put_back_done")
def cancel_what_is_back(ctx: Context, message: OutboxMessage) -> None:
    """The last goods are back: the order is cancelled where that was asked, and who asked reads what became of it."""
    event = message.as_type(PutBackDone)
    outcome = "All is back in its bins."
    at_work = sum(line.released + line.picked for line in orders.lines_of(event.order_id))
    if event.cancels and at_work:
        outcome = f"All is back, but the order is not cancelled: {at_work:,} units of it went to the floor again."
    elif event.cancels:
        reason = f"{event.reason} ({event.asked_by}; its goods were put back first)"
        try:
            commands_changes.cancel_order(ctx.keyed("cancel"), CancelOrder(event.order_id, reason))
            outcome = "All is back, and the order is cancelled."
        except (TooLate, WrongState) as refusal:
            outcome = f"All is back, but the order is not cancelled: {refusal.message}"
            if orders.access_order(event.order_id, frozenset({0})).state == OrderState.CANCELLED:
                outcome = "All is back; the order was cancelled before."
    commands.end_put_back(ctx.keyed("told"), EndPutBack(event.put_back_id, outcome))
