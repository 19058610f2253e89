"""Held stock is promised to nobody, and the order that waits for it hears which hold is in the way."""

from __future__ import annotations

import pytest
from tests.cast import FAY, HAL, ctx
from tests.outbound import allocate, counts, customer, order
from tests.supply import item

from flowrack.allocation import queries_certificates
from flowrack.fulfilment.commands import stock as stock_commands
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection import queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.ledger.tests.house import receive
from flowrack.platform.decisions import why
from flowrack.storage.types import StockAt

pytestmark = pytest.mark.django_db


def test_an_order_for_held_stock_waits_and_names_the_hold():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 50, "4", "R-01")
    bin_ = here.places["R-01"]
    stock_commands.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(bin_, hose)], "torn seals", owner_id=FAY.id))
    [hold] = queries.open_holds_of_site([here.site])
    one = order(here.site, customer(), ("V-200", 20))
    allocate(here.site, one)
    line_id = one.line_ids[0]
    assert counts(line_id) == {"units": 20, "waiting": 20}
    reason = queries_certificates.why(line_id)[0]
    assert reason.sentence == (
        "All 20 wait: no more free stock of this item at the site; 50 are held by"
        f" {hold.number} (torn seals; Fay Inspector decides)."
    )
    assert (reason.detail["hold"], reason.detail["change"]) == (hold.number, [f"decide on {hold.number}"])


def test_an_order_for_goods_in_inspection_names_the_inspection():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    one = order(here.site, customer(), ("V-200", 20))
    allocate(here.site, one)
    number = queries.inspection_row(latest()).number
    assert why(f"sales.line:{one.line_ids[0]}")[0].sentence.endswith(f"; 398 are in inspection {number}.")
