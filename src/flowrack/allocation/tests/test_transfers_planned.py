"""What a planned transfer means for those who wait where it goes, and what its end does to them."""

from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import BO, MAY, NOW, ctx

from flowrack.allocation import queries_coming
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units
from flowrack.storage.commands_staging import cancel_transfer, end_staging, stage_released
from flowrack.storage.commands_transfer_plans import change_transfer, plan_transfer, release_transfers
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import (
    ChangeTransfer,
    EndStaging,
    PlanLine,
    PlanTransfer,
    ReleaseTransfers,
    StageReleased,
)
from flowrack.storage.types_transfers import CancelTransfer

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 6)


@pytest.fixture
def scene():
    """Thirty at W2; an order at W1, where there is none, waits for them."""
    at, other = outbound.house(), outbound.house("W2")
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    receive(other, hose, 40, "4", "reserve1")
    one = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    assert promised(one) is None
    req = PlanTransfer(other.site, at.site, [PlanLine(hose, 30)], DUE, "SO waits", f"sales.line:{one.line_ids[0]}")
    made = plan_transfer(ctx(MAY), req)
    outbox.drain(now=NOW)
    return at, other, hose, one, made


def promised(one) -> date | None:
    return sql.fetch_value("SELECT promised_on FROM sales_orderline WHERE id = %s", (one.line_ids[0],))


def at_risk() -> list[tuple[int, str]]:
    return sql.fetch_all("SELECT units, reason FROM allocation_promiseexception WHERE closed_at IS NULL ORDER BY id")


def test_a_line_that_waits_is_promised_a_day_by_it_and_says_so(scene):
    at, _, hose, one, made = scene
    day = promised(one)
    assert day is not None and day >= DUE
    assert queries_coming.incoming([hose], at.site, NOW.date()) == {hose: f"{made.number} brings 30 on 6 Mar"}
    assert at_risk() == []


def test_when_it_is_called_off_the_promise_is_an_exception_that_says_why(scene):
    *_, made = scene
    cancel_transfer(ctx(MAY), CancelTransfer(made.transfer_id, "needed here"))
    outbox.drain(now=NOW)
    [(units, said)] = at_risk()
    assert (units, said.startswith(f"{made.number} was called off: needed here: ")) == (30, True), said


def test_when_it_brings_less_or_later_the_promise_is_looked_at_anew(scene):
    at, other, hose, _, made = scene
    change_transfer(ctx(MAY), ChangeTransfer(made.transfer_id, [PlanLine(hose, 30)], DUE + timedelta(days=30)))
    outbox.drain(now=NOW)
    [(_, said)] = at_risk()
    assert said.startswith(f"{made.number} was changed: "), said
    change_transfer(ctx(MAY), ChangeTransfer(made.transfer_id, [PlanLine(hose, 30)], DUE))
    outbox.drain(now=NOW)
    assert at_risk() == [], "it is in time again"
    release_transfers(ctx(MAY), ReleaseTransfers([made.transfer_id]))
    goods = [StockAt(other.places["reserve1"], hose, Units(12))]
    stage_released(ctx(BO), StageReleased(made.transfer_id, other.places["staged1"], goods))
    end_staging(ctx(BO), EndStaging(made.transfer_id, "the bin was empty"))
    outbox.drain(now=NOW)
    [(units, said)] = at_risk()
    assert said.startswith(f"18 of {made.number} do not go: the bin was empty: "), said
    assert at.site and units == 18
