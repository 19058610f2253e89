"""What happens between a packed order and its leaving."""

from flowrack.shipping.commands.departures import cancel_shipment, prepare_shipment, set_tracking, ship_confirm
from flowrack.shipping.commands.direct import ship_from_stock

__all__ = ["cancel_shipment", "prepare_shipment", "set_tracking", "ship_confirm", "ship_from_stock"]
