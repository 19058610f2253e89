"""An order is cancelled while a run decides about it: nothing stays promised to what nobody wants."""

from __future__ import annotations

import threading
import time

import pytest

from flowrack.allocation import steps_run
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes as changes
from flowrack.sales import queries_open
from flowrack.sales import steps as sales
from flowrack.sales.types import CancelOrder, TooLate
from tests import outbound
from tests.cast import KIM, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Ten units, an order that wants them all, and a run that has read it when somebody cancels it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = outbound.house()
        self.item = outbound.item("4711")
        outbound.receive(self.at, self.item, 10, "1")
        outbound.customer()
        self.order = outbound.order(self.at.site, "ACME", ("4711", 10))
        self.kim = ctx(KIM)
        self.has_read, self.is_cancelled = threading.Event(), threading.Event()
        told = steps_run.told_beside

        def late(*args, **kwargs):
            self.has_read.set()
            deadline = time.monotonic() + 10
            while not self.is_cancelled.is_set() and not waiting():
                assert time.monotonic() < deadline, "nobody cancels"
                time.sleep(0.01)
            return told(*args, **kwargs)

        monkeypatch.setattr(steps_run, "told_beside", late)

    def meet(self) -> list[object]:
        """The run, and the cancellation that comes in its midst."""
        outbound.ADA.id

        def cancel() -> object:
            self.has_read.wait(10)
            try:
                return changes.cancel_order(self.kim, CancelOrder(self.order.order_id, "not wanted"))
            finally:
                self.is_cancelled.set()

        return at_the_same_time([lambda: outbound.allocate(self.at.site, self.order), cancel])


def test_without_the_lock_the_run_promises_what_nobody_wants(monkeypatch):
    """The set-up catches the race: the database itself has to refuse the promise."""
    scene = Scene(monkeypatch)
    items = [scene.item]

    def without_locks(site_id, _, beside):
        return queries_open.lines_waiting(site_id, items), [sql.fetch_all(*one) for one in beside]

    monkeypatch.setattr(sales, "claim_open_lines_with", without_locks)
    ran, _ = scene.meet()
    assert isinstance(ran, TooLate), ran


def test_an_order_that_is_cancelled_during_a_run_holds_nothing_in_the_end(monkeypatch):
    scene = Scene(monkeypatch)
    ran, cancelled = scene.meet()
    assert ran.units == 10 and not isinstance(cancelled, Exception), (ran, cancelled)  # type: ignore[attr-defined]
    assert outbound.counts(scene.order.line_ids[0]) == {"units": 10, "cancelled": 10}
    assert sql.fetch_value("SELECT coalesce(sum(units), 0) FROM ledger_commitment") == 0
    assert not verify()
