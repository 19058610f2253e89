import pytest
from tests.cast import BO, DI, NOW, ctx

from flowrack.dock import commands, queries, steps
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import CloseAsn, ReceivedPack, SsccKnown
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    at = yard()
    made = announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[0], 600), ReceivedPack(made.line_ids[1], 340)])
    return at, made


def test_what_did_not_come_is_logged_with_its_reason(scene):
    _, made = scene
    done = commands.close_asn(ctx(BO), CloseAsn(made.asn_id, "one case short"))
    assert (done.state, done.missing_units) == ("closed", 20)
    body = sql.fetch_value("SELECT body::text FROM platform_outboxevent WHERE kind = 'dock.asn_ended'")
    assert '"missing_units": 20' in body


def test_units_that_are_missing_need_a_reason(scene):
    _, made = scene
    with pytest.raises(Invalid) as refused:
        commands.close_asn(ctx(BO), CloseAsn(made.asn_id))
    assert refused.value.message == f"20 units of {made.number} did not come."
    assert queries.asn(made.asn_id).state == "receiving"


def test_a_complete_notice_needs_none_and_ends_once(scene):
    _, made = scene
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[1], 20)])
    assert commands.close_asn(ctx(BO), CloseAsn(made.asn_id)).missing_units == 0
    with pytest.raises(WrongState):
        commands.close_asn(ctx(BO), CloseAsn(made.asn_id))


def test_an_sscc_that_came_stays_taken_for_a_year(scene):
    at, made = scene
    commands.close_asn(ctx(BO), CloseAsn(made.asn_id, "short"))
    with pytest.raises(SsccKnown) as refused:
        announced(at, line(sscc=sscc(1)), reference="DN-2")
    assert refused.value.message == (
        f"SSCC {sscc(1)} may not come again: it came with {made.number} less than a year ago."
    )
    assert queries.taken_ssccs([sscc(1)], now=NOW.replace(year=2027, day=3)) == {}


def test_a_buyer_may_not_close(scene):
    _, made = scene
    with pytest.raises(NotPermitted):
        commands.close_asn(ctx(DI), CloseAsn(made.asn_id, "short"))
