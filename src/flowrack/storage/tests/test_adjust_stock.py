from decimal import Decimal

import pytest
from tests.cast import BO, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import book, context, receive
from flowrack.ledger.types import CommittedStock, InsufficientStock, LedgerRefusal, PoolClaim
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.storage import commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import Adjustment, AdjustStock, BadAdjustment

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    return here, hose, here.places["R-01"]


def test_found_units_come_in_at_what_the_item_is_worth_and_lost_ones_go_at_their_cost(scene):
    here, hose, bin_ = scene
    found = commands.adjust_stock(ctx(HAL), AdjustStock(here.site, [Adjustment(bin_, hose, 5)], "found"))
    assert (found.units, found.value) == (5, Decimal("20.0000"))
    lost = commands.adjust_stock(ctx(HAL), AdjustStock(here.site, [Adjustment(bin_, hose, -15)], "lost"))
    assert (lost.units, lost.value) == (-15, Decimal("-60.0000"))
    assert standing(hose) == {("R-01", "reserve"): 40}
    assert book(here, hose) == (40, Decimal("160.0000"))
    assert book(here, hose, "adjustment") == (10, Decimal("40.0000"))


def test_an_item_never_bought_comes_in_at_the_value_that_is_given(scene):
    here, _, bin_ = scene
    gift = item("GIFT")
    done = commands.adjust_stock(
        ctx(HAL), AdjustStock(here.site, [Adjustment(bin_, gift, 3, unit_value=Decimal("1.10"))], "found")
    )
    assert done.value == Decimal("3.3000")


def test_a_retried_adjustment_is_one(scene):
    here, hose, bin_ = scene
    req = AdjustStock(here.site, [Adjustment(bin_, hose, -1)], "lost")
    assert commands.adjust_stock(ctx(HAL, "k"), req) == commands.adjust_stock(ctx(HAL, "k"), req)
    assert standing(hose) == {("R-01", "reserve"): 49}


def test_what_makes_no_sense_or_is_promised_is_refused_and_leaves_no_trace(scene):
    here, hose, bin_ = scene
    ledger.commit(context(), [PoolClaim(hose, here.site, 40, "sales.line:7")])
    hal, bo = ctx(HAL), ctx(BO)
    before = counts_of()
    for who, lines, reason, kind in (
        (hal, [Adjustment(bin_, hose, 0)], "found", BadAdjustment),
        (hal, [Adjustment(bin_, hose, 1)], "because", BadAdjustment),
        (hal, [], "found", BadAdjustment),
        (hal, [Adjustment(bin_, 999_999, 1)], "found", BadAdjustment),
        (hal, [Adjustment(bin_, hose, 1, lpn_id=999_999)], "found", FlowrackError),
        (hal, [Adjustment(999_999, hose, 1)], "found", FlowrackError),
        (hal, [Adjustment(bin_, hose, 1, lot="L-1")], "found", FlowrackError),
        (hal, [Adjustment(bin_, hose, -51)], "lost", LedgerRefusal),
        (hal, [Adjustment(bin_, hose, -11)], "lost", CommittedStock),
        (bo, [Adjustment(bin_, hose, 1)], "found", NotPermitted),
    ):
        with pytest.raises(kind):
            commands.adjust_stock(who, AdjustStock(here.site, lines, reason))
        assert counts_of() == before
    with pytest.raises(InsufficientStock):
        commands.adjust_stock(hal, AdjustStock(here.site, [Adjustment(here.places["R-02"], hose, -1)], "lost"))
