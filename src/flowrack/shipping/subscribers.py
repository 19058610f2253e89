"""What follows from the floor: carriers are chosen when a wave is released, and again when orders are packed."""

from __future__ import annotations

from flowrack.fulfilment.types import CartonPacked, WaveReleased
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shipping import commands
from flowrack.shipping.types_carriers import ChooseCarriers


@subscriber("fulfilment.wave_released")
def choose_at_release(ctx: Context, message: OutboxMessage) -> None:
    """The planned cartons of a wave get their carriers."""
    event = message.as_type(WaveReleased)
    commands.choose_carriers(ctx, ChooseCarriers(event.order_ids, event.wave_id))


@subscriber("fulfilment.carton_packed")
def choose_when_packed(ctx: Context, message: OutboxMessage) -> None:
    """With the last carton of a place, the real weights decide."""
    event = message.as_type(CartonPacked)
    commands.choose_carriers(ctx, ChooseCarriers([event.order_id], only_packed=True))
