"""Half of a requisition is cancelled on its PO while the other half is ordered: the cancelled half is open again."""

from __future__ import annotations

import threading
import time

import pytest

from flowrack.purchasing import commands, commands_requisitions, locks, steps_requisitions
from flowrack.purchasing.queries_requisitions import requisition
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state
from flowrack.purchasing.types import CancelPo
from flowrack.purchasing.types_requisitions import LineToOrder, OrderRequisitions
from flowrack.shared.quantity import Units
from tests.cast import DI, ED, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def meet(monkeypatch) -> tuple[str, int]:
    """The second half is ordered but not committed when the first is cancelled; the requisition's state, units open."""
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 100))
    decide(made)
    half = OrderRequisitions([LineToOrder(made.line_ids[0], Units(50))])
    first = commands_requisitions.order_requisitions(ctx(DI), half)
    contexts = [ctx(DI), ctx(ED)]
    ordered, cancelled = threading.Event(), threading.Event()
    settle = steps_requisitions.settle

    def settle_and_wait(po_ids=(), requisition_ids=()):
        settle(po_ids=po_ids, requisition_ids=requisition_ids)
        if requisition_ids:
            ordered.set()
            deadline = time.monotonic() + 10
            while not cancelled.is_set() and not waiting():
                assert time.monotonic() < deadline, "nobody cancels"
                time.sleep(0.01)

    monkeypatch.setattr(steps_requisitions, "settle", settle_and_wait)

    def cancel():
        ordered.wait(10)
        try:
            return commands.cancel_po(contexts[1], CancelPo(first.po_ids, "dearer than thought"))
        finally:
            cancelled.set()

    order = lambda: commands_requisitions.order_requisitions(contexts[0], half)  # noqa: E731
    outcomes = at_the_same_time([order, cancel])
    assert [type(o).__name__ for o in outcomes] == ["RequisitionsOrdered", "PoStates"]
    return state(made), requisition(made.requisition_id, frozenset({0})).head.open_units


def test_without_the_lock_nobody_can_order_the_open_units(monkeypatch):
    monkeypatch.setattr(locks, "requisitions_of", lambda po_ids: None)
    assert meet(monkeypatch) == ("ordered", 50), "the set-up catches the race"


def test_the_cancelled_half_can_be_ordered_again(monkeypatch):
    assert meet(monkeypatch) == ("approved", 50)
