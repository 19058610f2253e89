"""What was done, in the words of the people who did it: `sales.enter_orders` is "Order entered".

The words come from the command's name (verb and noun); where that reads badly, it stands in EXACTLY.
"""

from __future__ import annotations

from functools import lru_cache

EXACTLY: dict[str, str] = {
    "allocation.allocate": "Stock promised",
    "allocation.release_allocation": "Promise taken back",
    "allocation.request_priority": "Called urgent",
    "allocation.apply_priority": "Urgent order decided",
    "allocation.withdraw_priority": "Urgency withdrawn",
    "allocation.follow_urgent": "Urgency looked at again",
    "allocation.settle_notices": "Letter dealt with",
    "allocation.accept_offer": "Substitute accepted",
    "allocation.apply_substitution": "Substitute decided",
    "allocation.set_consent": "Consent written down",
    "approvals.decide": "Approval decided",
    "approvals.delegate": "Stand-in named",
    "approvals.revoke_delegation": "Stand-in ended",
    "approvals.escalate": "Passed on after the deadline",
    "costing.approve_revaluation": "Revaluation approved",
    "counting.ask_recount": "Recount asked for",
    "counting.finish_count": "Count finished",
    "counting.approve_variances": "Differences decided",
    "devices.ask_enrolment": "Asked to join",
    "devices.decide_entries": "Decided",
    "devices.drop_old_asks": "Old asks dropped",
    "devices.give_up_gaps": "Missing scans given up",
    "devices.note_person": "Worked on the device",
    "devices.set_pin": "PIN chosen",
    "devices.settle_entries": "Tried",
    "devices.store_test": "Scanner tested",
    "devices.take_in": "Journal taken in",
    "devices.try_pin": "PIN tried",
    "dock.check_in": "Truck checked in",
    "dock.check_out": "Truck checked out",
    "dock.dock_truck": "Truck at the door",
    "dock.match_asns": "Matched to orders again",
    "dock.release_no_shows": "Slots of missing trucks freed",
    "dock.reschedule": "Moved to another slot",
    "dock.schedule": "Slot booked",
    "fulfilment.ask_put_back": "Goods asked back from the floor",
    "fulfilment.end_put_back": "All asked goods are back",
    "fulfilment.recall_orders": "Called back from the floor",
    "fulfilment.release_orders": "Given to the pickers",
    "fulfilment.short_pick": "Picked short",
    "fulfilment.sort_units": "Put to their order",
    "fulfilment.undo_pick": "Pick undone",
    "fulfilment.undo_short": "Short pick found after all",
    "fulfilment.unpack_carton": "Carton unpacked",
    "inbound.put_on_po": "Put on a purchase order",
    "inbound.receive": "Goods received",
    "inbound.receive_blind": "Received without a reference",
    "inbound.reopen_receipt": "Receipt opened again",
    "inbound.return_to_supplier": "Sent back to the supplier",
    "inbound.set_availability": "Availability set",
    "inbound.settle_asn": "Missing goods settled",
    "inbound.take_back": "Count taken back",
    "inspection.decide": "Verdict given",
    "inspection.drop_lines": "Inspection dropped",
    "platform.retry_events": "Tried again",
    "purchasing.apply_approvals": "Approval made binding",
    "purchasing.submit_po": "Approval asked for",
    "planning.propose": "Proposals made",
    "planning.propose_orders": "Proposals made",
    "planning.order_proposals": "Proposals ordered",
    "returns.create_rma": "Return announced",
    "returns.dispose": "Verdict given",
    "returns.receive_blind": "Received without a notice",
    "replenishment.confirm_refill": "Refilled",
    "replenishment.lift_refill": "Taken for a refill",
    "replenishment.plan_refills": "Refills planned",
    "replenishment.put_down_refill": "Put back where it came from",
    "sales.cancel_lines": "Rest cancelled",
    "sales.cancel_orders": "Cancelled",
    "sales.hold_orders": "Put on hold",
    "sales.release_order_holds": "Hold released",
    "sales.set_wanted_days": "Wanted day changed",
    "sales.cancel_overdue": "Cancelled as overdue",
    "freight.apply_freight_approvals": "Release decided",
    "sales.check_addresses": "Addresses judged anew",
    "sales.override_order": "Terms overridden",
    "sales.place_holds": "Put on hold",
    "sales.refresh_item_history": "Item history told",
    "sales.release_holds": "Hold released",
    "sales.set_credits": "Credit set",
    "sales.set_hold_rules": "Hold rules set",
    "shipping.answer_notice": "Notice of departure answered",
    "shipping.keep_call_offs": "Carrier told that a booking ended",
    "shipping.note_call_off": "Carrier was told by a person",
    "shipping.keep_notice_puts": "Dispatch message put into its folder",
    "shipping.note_notice_fetched": "Dispatch message fetched",
    "shipping.send_notice_again": "Dispatch message sent again",
    "shipping.take_acknowledgment": "Acknowledgment of a customer taken",
    "storage.apply_transfer_loss": "Loss on the way decided",
    "shipping.reshop_carriers": "Carriers chosen again",
    "shipping.reshop_overdue": "Carriers chosen again after departure",
    "shipping.print_manifest": "Manifest printed",
    "shipping.prove_delivery": "Delivery proved",
    "shipping.cancel_load": "Load called off",
    "shipping.close_load": "Truck closed",
    "shipping.leave_door": "Truck left",
    "shipping.load_plate": "Loaded",
    "shipping.plan_load": "Load planned",
    "shipping.sign_load": "Driver signed",
    "shipping.start_load": "Loading begun",
    "shipping.take_back_load": "Taken back from a device",
    "shipping.take_loads_along": "Taken along on a device",
    "shipping.take_off": "Taken off the truck",
    "shipping.ship_confirm": "Shipped",
    "shipping.ship_from_stock": "Shipped from stock",
    "storage.give_back": "Given back to its owner",
    "waves.add_to_wave": "Added to the wave",
    "waves.follow_truck": "Another cut-off after its truck",
    "waves.move_planned": "Planned wave moved",
    "storage.load_opening_stock": "Opening stock loaded",
    "storage.move_stock": "Stock moved",
    "storage.plan_putaways": "Bin chosen",
    "storage.replan_putaways": "Bin chosen again",
    "storage.confirm_putaway": "Put away",
    "storage.send_stock": "Sent to another site",
    "storage.receive_sent": "Received from another site",
    "storage.stage_released": "Staged for its truck",
    "storage.end_staging": "Rest does not go",
    "storage.take_transfer": "Staging begun",
    "storage.put_down_transfer": "Staging left to others",
    "storage.renew_transfer_days": "New day of a transfer that has not left",
    "tasks.claim": "Task taken",
    "tasks.claim_next": "Task taken",
    "tasks.release": "Task given back",
    "tasks.renew": "Task kept",
    "tasks.reprioritise": "Urgency changed",
}
IRREGULAR = {
    "begin": "begun", "build": "built", "cancel": "cancelled", "choose": "chosen", "do": "done", "find": "found",
    "give": "given", "hold": "held", "keep": "kept", "make": "made", "override": "overridden", "pay": "paid",
    "put": "put", "send": "sent", "set": "set", "split": "split", "sum": "summed", "swap": "swapped", "take": "taken",
    "tell": "told", "undo": "undone", "withdraw": "withdrawn", "write": "written",
    "plan": "planned", "drop": "dropped", "ship": "shipped", "scrap": "scrapped", "submit": "submitted",
}  # fmt: skip
NOUNS = {
    "asn": "ASN", "asns": "ASNs", "po": "Purchase order", "pos": "Purchase orders", "rma": "Return", "lpn": "LPN",
    "sscc": "SSCC", "api": "API",
}  # fmt: skip
ONE = {"orders": "order", "asns": "asn", "pos": "po", "picks": "pick", "discrepancies": "discrepancy"}


@lru_cache(maxsize=512)
def said(command: str) -> str:
    """The command in the past: "Purchase order created"."""
    exact = EXACTLY.get(command)
    if exact is not None:
        return exact
    if " " in command:  # an address that was turned away
        return command
    verb, _, noun = command.partition(".")[2].partition("_")
    if not noun:
        return _past(verb).capitalize()
    named = " ".join(NOUNS.get(word, word) for word in ONE.get(noun, noun).split("_"))
    return f"{named[:1].upper()}{named[1:]} {_past(verb)}"


def _past(verb: str) -> str:
    """The past participle of a verb."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}ed"


def named(subject: str) -> str:
    """What a command was about: `purchasing.po:17` is "Purchase order 17"."""
    noun, _, key = subject.partition(".")[2].partition(":")
    words = NOUNS.get(noun, noun.replace("_", " "))
    return f"{words[:1].upper()}{words[1:]} {key}".strip()
