"""The life of a device and of an entry."""

from __future__ import annotations

import pytest

from flowrack.devices.states import DeviceState, EntryState, advance, advance_entry
from flowrack.shared.errors import WrongState


def test_a_device_is_approved_locked_and_unlocked_and_never_comes_back_once_revoked():
    assert advance(DeviceState.ASKED, "approve", code="DEV-1") == DeviceState.ENROLLED
    assert advance(DeviceState.LOCKED, "unlock", code="DEV-1") == DeviceState.ENROLLED
    for action in ("approve", "unlock", "find", "lose"):
        with pytest.raises(WrongState, match="DEV-1 is revoked"):
            advance(DeviceState.REVOKED, action, code="DEV-1")


def test_only_what_needs_a_person_is_decided():
    assert advance_entry(EntryState.REVIEW, "redo", number="1-2") == EntryState.READY
    assert advance_entry(EntryState.REVIEW, "hand_over", number="1-2") == EntryState.REVIEW
    for state in (EntryState.APPLIED, EntryState.DROPPED, EntryState.READY):
        with pytest.raises(WrongState, match="Entry 1-2"):
            advance_entry(state, "drop", number="1-2")
