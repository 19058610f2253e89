from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import BO, HAL, ctx
from tests.supply import counts_of, item, standing

from flowrack.fulfilment import commands
from flowrack.fulfilment.types_stock import ScrapStock
from flowrack.ledger.tests.house import book, receive
from flowrack.ledger.verify import verify
from flowrack.platform import decisions
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import BadAdjustment, NothingThere, StockAt

pytestmark = pytest.mark.django_db


def test_scrapped_stock_leaves_at_its_cost_once():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    some = StockAt(here.places["R-01"], hose, Units(10))
    hal, bo = ctx(HAL), ctx(BO)
    before = counts_of()
    for who, line, reason, kind in (
        (bo, some, "damaged", NotPermitted),
        (hal, some, "boring", BadAdjustment),
        (hal, StockAt(here.places["R-01"], hose, Units(51)), "damaged", NothingThere),
    ):
        with pytest.raises(kind):
            commands.scrap_stock(who, ScrapStock(here.site, [line], reason))
        assert counts_of() == before

    done = commands.scrap_stock(ctx(HAL, "k"), ScrapStock(here.site, [some], "damaged"))

    assert commands.scrap_stock(ctx(HAL, "k"), ScrapStock(here.site, [some], "damaged")) == done
    assert (done.units, done.value) == (-10, Decimal("-40.0000"))
    assert standing(hose) == {("R-01", "reserve"): 40}
    assert book(here, hose, "scrap") == (10, Decimal("40.0000"))


def test_the_lowest_rank_gives_way_to_scrap_and_is_told_why():
    here, hose = outbound.house(), outbound.item("4711")
    outbound.receive(here, hose, 50, "4", "reserve1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(here.site, "BIG", ("4711", 30))
    small = outbound.order(here.site, "SMALL", ("4711", 15))
    outbound.allocate(here.site)
    done = commands.scrap_stock(
        ctx(HAL), ScrapStock(here.site, [StockAt(here.places["reserve1"], hose, Units(25))], "damaged")
    )
    assert (done.units, done.value) == (-25, Decimal("-100.0000"))
    assert outbound.counts(small.line_ids[0]) == {"units": 15, "waiting": 15}
    assert outbound.counts(big.line_ids[0]) == {"units": 30, "waiting": 5, "allocated": 25}
    why = decisions.why(f"sales.line:{big.line_ids[0]}")[0].sentence
    assert why == "5 taken back and wait again: stock was thrown away (damaged)"
    assert not verify()
