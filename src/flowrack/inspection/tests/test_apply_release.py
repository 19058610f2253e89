"""What was approved is released only if it is still what was approved."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, FAY, HAL, ctx
from tests.supply import item, standing

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.fulfilment.commands import stock as stocks
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection import commands_holds as commands
from flowrack.inspection import queries
from flowrack.inspection.tests.house import shelves
from flowrack.inspection.types_holds import ApplyRelease, ReleaseHold
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt

pytestmark = pytest.mark.django_db


def test_what_changed_between_the_approval_and_its_release_is_voided():
    here, hose = shelves(), item("V-200")
    receive(here, hose, 300, "30", "R-01")
    stocks.hold_stock(ctx(HAL), HoldStock(here.site, [StockAt(here.places["R-01"], hose, Units(250))], "torn"))
    [hold] = queries.open_holds_of_site([here.site])
    asked = commands.ask_release(ctx(FAY), ReleaseHold(hold.id, "resealed"))
    seen = Seen(*sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE state = 'waiting'"))
    approvals.decide(ctx(ADA), Decide([seen], "approve"))
    sql.execute("UPDATE inspection_hold SET reason = 'recalled by the supplier'")
    outbox.drain()
    assert sql.fetch_value("SELECT state FROM inspection_release") == "voided"
    assert sql.fetch_one("SELECT state, end_reason FROM approvals_request WHERE number = %s", (asked.approval,)) == (
        "voided", "What is held has changed.",
    )  # fmt: skip
    assert standing(hose)["R-01", "hold"] == 250


def test_only_flowrack_itself_applies_a_decision():
    with pytest.raises(NotPermitted):
        commands.apply_release(ctx(BO), ApplyRelease(1, "approved", "x"))
