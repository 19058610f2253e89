import pytest
from tests.cast import ED, MAY, ctx

from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.purchasing.types_requisitions import ChangeRequisition, NewRequisition
from flowrack.shared.errors import DutiesConflict, Stale, WrongState

pytestmark = pytest.mark.django_db


def test_a_rejected_one_may_be_changed_and_asks_again():
    here, _, _, hose, tap, _ = scene()
    made = ask(here.site, line(hose, 50))
    decide(made, "reject", reason="too much")
    assert state(made) == "rejected"
    new = NewRequisition(here.site, [line(hose, 20), line(tap, 1)], "for the trade fair")
    with pytest.raises(Stale):
        commands_requisitions.change_requisition(ctx(MAY), ChangeRequisition(made.requisition_id, 2, new))
    commands_requisitions.change_requisition(ctx(MAY), ChangeRequisition(made.requisition_id, 1, new))
    decide(made)
    assert state(made) == "approved"
    with pytest.raises(WrongState):
        commands_requisitions.change_requisition(ctx(MAY), ChangeRequisition(made.requisition_id, 2, new))


def test_only_what_is_asked_for_more_is_held_against_what_is_coming():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    ask(here.site, line(hose, 30), cover_reason="a second fair")

    def change(version, units):
        new = NewRequisition(here.site, [line(hose, units)], "for the trade fair")
        return commands_requisitions.change_requisition(ctx(MAY), ChangeRequisition(made.requisition_id, version, new))

    assert change(1, 40).state == "requested"
    with pytest.raises(AlreadyCovered):
        change(2, 45)
    assert state(made) == "requested"


def test_whoever_ever_changed_it_may_not_approve_it():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    for version, (by, units) in enumerate(((ED, 90), (MAY, 91)), start=1):
        new = NewRequisition(here.site, [line(hose, units)], "for the trade fair")
        commands_requisitions.change_requisition(ctx(by), ChangeRequisition(made.requisition_id, version, new))
    with pytest.raises(DutiesConflict):
        decide(made, by=ED)
    assert state(made) == "requested"
