"""What happens between a promise and a carton."""

from flowrack.fulfilment.commands.cartons import set_carton_types
from flowrack.fulfilment.commands.found import undo_short
from flowrack.fulfilment.commands.lists import change_tote, return_list, take_list, take_next_list, use_cart
from flowrack.fulfilment.commands.packing import pack_orders, unpack_carton
from flowrack.fulfilment.commands.picking import confirm_picks, undo_pick
from flowrack.fulfilment.commands.pickrules import set_carts, set_pick_rules
from flowrack.fulfilment.commands.proving import (
    accept_weight,
    print_carton_labels,
    set_pack_rules,
    verify_carton_label,
    weigh_carton,
)
from flowrack.fulfilment.commands.putback import ask_put_back, end_put_back
from flowrack.fulfilment.commands.repacking import repack_units
from flowrack.fulfilment.commands.shorts import short_pick
from flowrack.fulfilment.commands.slips import print_packing_slips
from flowrack.fulfilment.commands.sorting import sort_units
from flowrack.fulfilment.commands.stock import hold_stock, scrap_stock
from flowrack.fulfilment.commands.swaps import swap_lot
from flowrack.fulfilment.commands.waves import recall_orders, release_orders

__all__ = [
    "accept_weight",
    "ask_put_back",
    "change_tote",
    "confirm_picks",
    "end_put_back",
    "hold_stock",
    "pack_orders",
    "print_carton_labels",
    "print_packing_slips",
    "recall_orders",
    "release_orders",
    "repack_units",
    "return_list",
    "scrap_stock",
    "set_carton_types",
    "set_carts",
    "set_pack_rules",
    "set_pick_rules",
    "short_pick",
    "sort_units",
    "swap_lot",
    "take_list",
    "take_next_list",
    "undo_pick",
    "undo_short",
    "unpack_carton",
    "use_cart",
    "verify_carton_label",
    "weigh_carton",
]
