"""What happens between a promise and a carton."""

from flowrack.fulfilment.commands.packing import pack_orders, unpack_carton
from flowrack.fulfilment.commands.picking import confirm_picks, short_pick, undo_pick
from flowrack.fulfilment.commands.waves import recall_orders, release_orders

__all__ = [
    "confirm_picks",
    "pack_orders",
    "recall_orders",
    "release_orders",
    "short_pick",
    "undo_pick",
    "unpack_carton",
]
