"""Races of what takes units from planned transfers: others are planned, and days changed, at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from flowrack.allocation.types import CannotDisplace
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.ledger.verify import verify
from flowrack.platform import outbox
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.storage import locks, queries_transfer_plans, queries_transfers, steps_give_way
from flowrack.storage.commands_transfer_plans import change_transfer, plan_transfer, renew_transfer_days
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import ChangeTransfer, PlanLine, PlanTransfer, RenewTransferDays
from tests import outbound
from tests.cast import FAY, MAY, NOW, ctx
from tests.supply import item

pytestmark = pytest.mark.django_db(transaction=True)


def just_before_the_lock(monkeypatch: pytest.MonkeyPatch, body: Callable[[], object]) -> list[object]:
    """Others come through once, on a connection of their own, while the locks of transfers are waited for; what they
    got."""
    lock, got = locks.staged_transfers, []

    def run() -> None:
        try:
            got.append(body())
        finally:
            connection.close()

    def slow(ids: list[int]) -> object:
        if not got and threading.current_thread() is threading.main_thread():
            other = threading.Thread(target=run)
            other.start()
            other.join()
        return lock(ids)

    monkeypatch.setattr(locks, "staged_transfers", slow)
    return got


@pytest.mark.parametrize("way", ["naive", "guarded"])
def test_a_transfer_that_is_planned_while_stock_is_held_gives_way_too(monkeypatch, way):
    """Eight of ten are held. One transfer keeps five of them, another four since a moment. Who looks once before the
    locks knows nothing of the second and finds no more to take; who looks again finds it, and it loses first."""
    here, there, hose = outbound.house(), outbound.house("W2"), item("V-200")
    outbound.receive(here, hose, 10, "1", "reserve1")
    first = plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 5)]))
    may: Context = ctx(MAY)
    got = just_before_the_lock(
        monkeypatch, lambda: plan_transfer(may, PlanTransfer(here.site, there.site, [PlanLine(hose, 4)]))
    )
    asked = HoldStock(here.site, [StockAt(here.places["reserve1"], hose, Units(8))], "torn")
    if way == "naive":
        monkeypatch.setattr(steps_give_way, "MOST_LOOKS", 1)
        with pytest.raises(CannotDisplace):
            fulfilment.hold_stock(ctx(FAY), asked)
    else:
        fulfilment.hold_stock(ctx(FAY), asked)
    ids = [first.transfer_id, got[0].transfer_id]
    left = queries_transfer_plans.left_to_stage(ids)
    kept = [sum(one.units for one in left[transfer_id]) for transfer_id in ids]
    assert kept == ([5, 4] if way == "naive" else [2, 0])
    assert not verify()


def test_a_day_that_somebody_names_while_days_are_renewed_stands(monkeypatch):
    """The worker found it late; before it has the lock a person names a later day, which is not late any more."""
    here, there, hose = outbound.house(), outbound.house("W2"), item("V-200")
    outbound.receive(here, hose, 10, "1", "reserve1")
    may, named, lines = ctx(MAY), date(2026, 4, 20), [PlanLine(hose, 5)]
    late, other = (
        plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, lines, date(2026, 3, 4))).transfer_id
        for _ in range(2)
    )
    then = outbox.context_for_system(NOW + timedelta(days=7), "k")
    got = just_before_the_lock(
        monkeypatch, lambda: change_transfer(may, ChangeTransfer(late, lines, named, "the customer can wait"))
    )
    assert renew_transfer_days(then, RenewTransferDays()).count == 1
    first, second = queries_transfers.transfers([late, other])
    assert got and first.due_on == named
    assert second.due_on is not None and second.due_on >= then.now.date(), "the other is renewed as ever"
