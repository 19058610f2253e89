"""displace: promises taken back, the lowest rank first."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, ctx

from flowrack.allocation import steps
from flowrack.allocation.types import CannotDisplace, PoolShortfall
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 60, "1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(at.site, "BIG", ("4711", 30))
    small = outbound.order(at.site, "SMALL", ("4711", 20))
    outbound.allocate(at.site)
    return at, item, big, small


def test_a_shortfall_takes_from_the_lowest_rank_and_says_so(case):
    at, item, big, small = case
    victims = steps.displace(ctx(ADA), [PoolShortfall(item, 0, at.site, 1, 35)], "a count found 35 less").victims
    assert [(v.line_id, v.units) for v in victims] == [(small.line_ids[0], 20), (big.line_ids[0], 5)]
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "waiting": 5, "allocated": 25}
    why = decisions.why(f"sales.line:{small.line_ids[0]}")[0].sentence
    assert why == "20 taken back and wait again: a count found 35 less"
    assert not verify()


def test_nobody_loses_while_enough_is_free(case):
    at, item, _, _ = case
    assert steps.displace(ctx(ADA), [PoolShortfall(item, 0, at.site, 1, 10)], "count").victims == []


def test_what_pickers_have_is_not_taken(case):
    at, item, big, small = case
    outbound.release(at.site, big, small)
    with pytest.raises(CannotDisplace):
        steps.displace(ctx(ADA), [PoolShortfall(item, 0, at.site, 1, 11)], "count")
    assert sql.fetch_value("SELECT sum(units) FROM ledger_commitment") == 50
