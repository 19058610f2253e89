import pytest
from tests.cast import BO, NOW, ctx

from flowrack.dock import queries, steps
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import NewPack, PackKind, ReceivedPack
from flowrack.platform import sql
from flowrack.shared.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    at = yard()
    packs = [NewPack(sscc(1)), NewPack(sscc(2), PackKind.CARTON, sscc(1)), NewPack(sscc(3), PackKind.CARTON, sscc(1))]
    return announced(at, line(quantity="10", sscc=sscc(2)), line(quantity="20", sscc=sscc(3)), packs=packs)


def here() -> list[str]:
    """The SSCCs of packs that came."""
    return [row[0] for row in sql.fetch_all("SELECT sscc FROM dock_asnpack WHERE NOT upper_inf(taken) ORDER BY sscc")]


def test_a_count_moves_the_notice_on_and_brings_carton_and_pallet_here(made):
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[0], 4), ReceivedPack(made.line_ids[0], 6)])
    assert queries.asn(made.asn_id).state == "receiving"
    assert [(x.received_units, x.due_units) for x in queries.lines_of_asn(made.asn_id)] == [(10, 0), (0, 20)]
    assert here() == [sscc(1), sscc(2)]


def test_a_count_that_is_taken_back_lets_the_pack_be_expected_again(made):
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[0], 10), ReceivedPack(made.line_ids[1], 5)])
    steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[0], -10)])
    assert here() == [sscc(1), sscc(3)]
    with pytest.raises(Invalid) as refused:
        steps.mark_received(ctx(BO), [ReceivedPack(made.line_ids[1], -6)])
    assert refused.value.message == "More would be taken back than was counted on the ASN."


def test_the_year_of_an_sscc_ends_on_the_day_before_in_a_year_without_29_february(made):
    steps.mark_received(ctx(BO, now=NOW.replace(year=2028, month=2, day=29)), [ReceivedPack(made.line_ids[0], 1)])
    until = sql.fetch_value("SELECT upper(taken) FROM dock_asnpack WHERE sscc = %s", (sscc(2),))
    assert (until.year, until.month, until.day) == (2029, 2, 28)


def test_the_number_of_statements_does_not_grow(made, django_assert_num_queries):
    by = ctx(BO)
    with django_assert_num_queries(4):
        steps.mark_received(by, [ReceivedPack(line_id, 1) for line_id in made.line_ids])
    steps.mark_received(by, [])
