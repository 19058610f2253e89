"""The door of devices: enrol them, take their journals in, decide what could not be applied, badges and PINs."""

from __future__ import annotations

from flowrack.devices.commands.enrolment import (
    approve_device,
    ask_enrolment,
    change_device,
    check_ask,
    drop_old_asks,
    move_device,
    store_test,
)
from flowrack.devices.commands.journal import decide_entries, give_up_gaps, settle_entries, take_in
from flowrack.devices.commands.people import issue_badge, note_person, revoke_badge, set_pin, try_pin, unlock_pin

__all__ = [
    "approve_device",
    "ask_enrolment",
    "change_device",
    "check_ask",
    "decide_entries",
    "drop_old_asks",
    "give_up_gaps",
    "issue_badge",
    "move_device",
    "note_person",
    "revoke_badge",
    "set_pin",
    "settle_entries",
    "store_test",
    "take_in",
    "try_pin",
    "unlock_pin",
]
