"""What follows from a wave that slipped: another way for its orders."""

from __future__ import annotations

from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_carriers
from flowrack.shipping.types_carriers import ReshopCarriers
from flowrack.waves.types import WaveSlipped


@subscriber("waves.slipped")
def choose_again(ctx: Context, message: OutboxMessage) -> None:
    """Carriers are chosen again for the orders that are not picked, for the time at which they will be ready."""
    event = message.as_type(WaveSlipped)
    if queries_carriers.orders_to(event.order_ids):
        reason = f"{event.number} was not picked in time for its cut-off"
        shipping.reshop_carriers(ctx, ReshopCarriers(reason, event.order_ids, ready_at=event.ready_at))
