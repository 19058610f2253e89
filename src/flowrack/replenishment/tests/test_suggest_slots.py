import pytest
from tests.cast import ADA, BO, ctx

from flowrack.platform.decisions import why
from flowrack.replenishment import commands_slotting as commands
from flowrack.replenishment.tests.slots import look, suggestions, two_faces
from flowrack.replenishment.types_slotting import BadSlotting, SuggestSlots
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_the_busy_item_gets_the_near_face_once_and_says_why():
    here, _, _ = two_faces()
    first = look(here, "k")
    assert look(here, "k") == first
    assert suggestions() == [("BUSY", "forward_pick-2", "forward_pick-1", "SLOW", "open", 12)]
    [decision] = why(f"replenishment.slot:{first.suggestion_ids[0]}")
    assert decision.sentence.startswith("12 order lines in 1 days; the way from the start is")
    assert "The item there was wanted by 0 lines and takes its place." in decision.sentence
    assert look(here).replaced == 1
    assert [row[4] for row in suggestions()] == ["replaced", "open"]


def test_days_that_make_no_sense_and_strangers_change_nothing():
    here, _, _ = two_faces()
    with pytest.raises(BadSlotting):
        commands.suggest_slots(ctx(ADA), SuggestSlots(here.site, days=0))
    with pytest.raises(NotPermitted):
        commands.suggest_slots(ctx(BO), SuggestSlots(here.site))
    assert suggestions() == []
