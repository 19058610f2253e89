"""What storage does when goods come in, or turn out not to have come."""

from __future__ import annotations

from flowrack.inbound.types import ReceivedEvent, TakenBackEvent
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands
from flowrack.storage.types import CancelPutaways, PlanPutaways, PutawayNeed


@subscriber("inbound.received")
def plan_putaways_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Plan a putaway for every received line that was not taken back meanwhile."""
    event = message.as_type(ReceivedEvent)
    commands.plan_putaways(
        ctx,
        PlanPutaways(
            site_id=event.site_id,
            needs=[
                PutawayNeed(
                    origin=ref("inbound.line", line.receipt_line_id),
                    location_id=event.location_id,
                    item_id=line.item_id,
                    units=Units(line.units),
                    lot_id=line.lot_id,
                    lpn_id=line.lpn_id,
                    quality=line.quality,
                )
                for line in event.lines
            ],
        ),
    )


@subscriber("inbound.taken_back")
def cancel_putaways_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Cancel the putaways of lines that were taken back."""
    event = message.as_type(TakenBackEvent)
    origins = [ref("inbound.line", line_id) for line_id in event.receipt_line_ids]
    commands.cancel_putaways(ctx, CancelPutaways(origins=origins, reason="the count was taken back"))
