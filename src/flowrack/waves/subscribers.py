"""What follows from a wave that slipped, and from trucks that leave otherwise than waves were planned for."""

from __future__ import annotations

from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_carriers, rules_behind
from flowrack.shipping.types_carriers import ReshopCarriers
from flowrack.shipping.types_loads import LeftBehind
from flowrack.shipping.types_trucks import LoadChanged
from flowrack.waves import (
    commands_trucks,
    queries_reach,  # noqa: F401 - makes itself known to shipping
    queries_trucks,
)
from flowrack.waves.types import WaveSlipped
from flowrack.waves.types_trucks import FollowTruck


@subscriber("waves.slipped")
def choose_again(ctx: Context, message: OutboxMessage) -> None:
    """Carriers are chosen again for the orders that are not picked, for the time at which they will be ready."""
    event = message.as_type(WaveSlipped)
    if queries_carriers.orders_to(event.order_ids):
        reason = f"{event.number} was not picked in time for its cut-off"
        shipping.reshop_carriers(ctx, ReshopCarriers(reason, event.order_ids, ready_at=event.ready_at))


@subscriber("shipping.load_changed")
def follow_truck(ctx: Context, message: OutboxMessage) -> None:
    """Waves that were to leave with a truck have the cut-off that their orders have now."""
    event = message.as_type(LoadChanged)
    _follow(ctx, FollowTruck(event.site_id, event.order_ids, event.was_at, event.cause))


@subscriber("shipping.left_behind")
def follow_rest(ctx: Context, message: OutboxMessage) -> None:
    """What of a wave is not picked when its truck closes has the next departure."""
    event = message.as_type(LeftBehind)
    order_ids = sorted({one.order_id for one in event.plates if one.order_id})
    was_at = queries_trucks.cut_off_of_load(event.load_id)
    if order_ids and was_at is not None:
        cause = rules_behind.stayed(event.number, event.reason)
        _follow(ctx, FollowTruck(event.site_id, order_ids, was_at, cause))


def _follow(ctx: Context, req: FollowTruck) -> None:
    if queries_trucks.any_with(req.site_id, req.order_ids, req.was_at):
        commands_trucks.follow_truck(ctx, req)
