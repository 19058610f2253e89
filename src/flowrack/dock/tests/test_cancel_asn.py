import pytest
from tests.cast import BO, CY, ctx

from flowrack.dock import commands, queries, steps
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import CancelAsn, ReceivedPack
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def test_a_withdrawn_notice_frees_its_reference_and_its_ssccs(at):
    first = announced(at, line(quantity="960", sscc=sscc(1)))
    done = commands.cancel_asn(ctx(BO), CancelAsn(first.asn_id, "sent twice"))
    assert (done.state, done.missing_units) == ("cancelled", 960)
    assert queries.pack_by_sscc(sscc(1)) is None
    again = announced(at, line(quantity="960", sscc=sscc(1)))
    assert (again.flagged, queries.asn(first.asn_id).end_reason) == (0, "sent twice")


def test_a_reason_is_needed_and_a_stranger_turned_away(at):
    made = announced(at, line())
    with pytest.raises(Invalid) as refused:
        commands.cancel_asn(ctx(BO), CancelAsn(made.asn_id, " "))
    assert refused.value.lines[0].field == "reason"
    with pytest.raises(NotPermitted):
        commands.cancel_asn(ctx(CY), CancelAsn(made.asn_id, "no"))
    with pytest.raises(NotFound):
        commands.cancel_asn(ctx(BO), CancelAsn(10**6, "no"))
    assert queries.asn(made.asn_id).state == "expected"


def test_a_notice_of_which_something_came_is_closed_not_cancelled(at):
    made = announced(at, line(quantity="10"))
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[0], 1)])
    with pytest.raises(WrongState) as refused:
        commands.cancel_asn(ctx(BO), CancelAsn(made.asn_id, "no"))
    assert refused.value.fix == "Possible now: close, receive."
