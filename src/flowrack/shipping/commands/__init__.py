"""What happens between a packed order and its leaving."""

from flowrack.shipping.commands.along import take_back_load, take_loads_along
from flowrack.shipping.commands.bookings import (
    end_booking,
    keep_booking,
    keep_call_offs,
    keep_tracking,
    note_call_off,
)
from flowrack.shipping.commands.carriers import (
    choose_carriers,
    end_choices,
    override_carrier,
    reshop_carriers,
    reshop_overdue,
)
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
from flowrack.shipping.commands.messages import (
    keep_notice_puts,
    note_notice_fetched,
    send_notice_again,
    take_acknowledgment,
)
from flowrack.shipping.commands.pallet_labels import print_pallet_label
from flowrack.shipping.commands.pallets import stack_cartons, unstack_carton
from flowrack.shipping.commands.papers import (
    answer_notice,
    print_manifest,
    print_paper,
    set_notice_terms,
    write_notice_message,
)
from flowrack.shipping.commands.proofs import prove_delivery

__all__ = [
    "answer_notice",
    "cancel_load",
    "cancel_shipment",
    "change_load",
    "choose_carriers",
    "close_load",
    "end_booking",
    "end_choices",
    "keep_booking",
    "keep_call_offs",
    "keep_notice_puts",
    "keep_tracking",
    "leave_door",
    "load_plate",
    "note_call_off",
    "note_notice_fetched",
    "override_carrier",
    "plan_load",
    "prepare_shipment",
    "print_manifest",
    "print_pallet_label",
    "print_paper",
    "prove_delivery",
    "reshop_carriers",
    "reshop_overdue",
    "send_notice_again",
    "set_load_policy",
    "set_notice_terms",
    "set_tracking",
    "ship_confirm",
    "ship_from_stock",
    "sign_load",
    "stack_cartons",
    "start_load",
    "take_acknowledgment",
    "take_back_load",
    "take_loads_along",
    "take_off",
    "unstack_carton",
    "write_notice_message",
]
