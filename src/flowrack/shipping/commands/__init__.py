"""What happens between a packed order and its leaving."""

from flowrack.shipping.commands.departures import cancel_shipment, prepare_shipment, set_tracking, ship_confirm
from flowrack.shipping.commands.direct import ship_from_stock
from flowrack.shipping.commands.loading import close_load, load_plate, sign_load, take_off
from flowrack.shipping.commands.loads import (
    cancel_load,
    change_load,
    leave_door,
    plan_load,
    set_load_policy,
    start_load,
)

__all__ = [
    "cancel_load",
    "cancel_shipment",
    "change_load",
    "close_load",
    "leave_door",
    "load_plate",
    "plan_load",
    "prepare_shipment",
    "set_load_policy",
    "set_tracking",
    "ship_confirm",
    "ship_from_stock",
    "sign_load",
    "start_load",
    "take_off",
]
