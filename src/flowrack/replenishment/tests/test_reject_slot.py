import pytest
from tests.cast import ADA, BO, ctx

from flowrack.replenishment import commands_slotting as commands
from flowrack.replenishment.tests.slots import look, suggestions, two_faces
from flowrack.replenishment.types_slotting import AcceptSlot, BadSlotting, NoSuchSuggestion, RejectSlot
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_what_was_rejected_is_not_suggested_again():
    here, _, _ = two_faces()
    [wanted] = look(here).suggestion_ids
    with pytest.raises(BadSlotting):
        commands.reject_slot(ctx(ADA), RejectSlot(wanted, " "))
    with pytest.raises(NotPermitted):
        commands.reject_slot(ctx(BO), RejectSlot(wanted, "no"))
    assert suggestions()[0][4] == "open"
    done = commands.reject_slot(ctx(ADA, "k"), RejectSlot(wanted, "too heavy to lift there"))
    assert commands.reject_slot(ctx(ADA, "k"), RejectSlot(wanted, "too heavy to lift there")) == done
    assert suggestions()[0][4] == "rejected"
    assert look(here).suggestion_ids == []
    with pytest.raises(NoSuchSuggestion):
        commands.accept_slot(ctx(ADA), AcceptSlot(wanted))
