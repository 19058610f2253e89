"""release_holds: by whom the kind allows, never by who entered the order; stock is promised at once."""

from __future__ import annotations

import time
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from tests import outbound
from tests.cast import KIM, LOU, MAY, NED, ctx
from tests.races.together import waiting

from flowrack.sales import commands, commands_credit, commands_holds, queries_holds
from flowrack.sales.tests import desk
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.sales.types_holds import BadHold, CustomerCredit, PlaceHolds, ReleaseHolds, SetCredits
from flowrack.shared.errors import DutiesConflict, NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_released_line_is_promised_stock_by_the_worker_in_its_rank():
    at = desk.house(stock=20_000)
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    desk.tell()
    done = commands_holds.release_holds(ctx(MAY), ReleaseHolds(desk.ids(), "they confirmed it"))
    assert done.free_line_ids == order.line_ids
    desk.tell()
    assert outbound.counts(order.line_ids[0]) == {"units": desk.SLIP, "allocated": desk.SLIP}
    assert desk.standing() == []


def test_each_kind_has_its_own_permission():
    at = desk.house()
    commands_credit.set_credits(ctx(NED), SetCredits([CustomerCredit("ACME", is_stopped=True)], "unpaid"))
    outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    quantity, credit = desk.ids()
    before = outbound.books()
    for person, hold_id in ((KIM, quantity), (MAY, credit), (NED, quantity)):
        with pytest.raises(NotPermitted):
            commands_holds.release_holds(ctx(person), ReleaseHolds([hold_id], "mine"))
    assert outbound.books() == before
    assert commands_holds.release_holds(ctx(MAY), ReleaseHolds([quantity], "confirmed")).free_line_ids == []
    assert len(commands_holds.release_holds(ctx(NED), ReleaseHolds([credit], "paid")).free_line_ids) == 1


def test_nobody_releases_a_hold_of_an_order_that_he_entered():
    at = desk.house()
    asked = NewOrder("ACME", at.site, [NewLine(desk.ITEM, Decimal(desk.SLIP))])
    commands.enter_orders(ctx(LOU), EnterOrders([asked]))
    [hold_id] = desk.ids()
    before = outbound.books()
    with pytest.raises(DutiesConflict) as refused:
        commands_holds.release_holds(ctx(LOU), ReleaseHolds([hold_id], "mine"))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [(1, "hold_ids")]
    assert outbound.books() == before


def test_who_may_release_comes_from_the_table_of_roles():
    assert queries_holds.who_may_release("quantity") == "sales manager or planner"
    assert queries_holds.who_may_release("credit") == "finance clerk or finance controller"


def test_a_hold_ends_once_and_never_without_a_reason():
    at = desk.house()
    outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    ids = desk.ids()
    with pytest.raises(BadHold):
        commands_holds.release_holds(ctx(MAY), ReleaseHolds(ids, " "))
    done = commands_holds.release_holds(ctx(MAY, "k"), ReleaseHolds(ids, "confirmed"))
    assert commands_holds.release_holds(ctx(MAY, "k"), ReleaseHolds(ids, "confirmed")) == done
    with pytest.raises(WrongState):
        commands_holds.release_holds(ctx(MAY), ReleaseHolds(ids, "again"))


@pytest.mark.parametrize("marks_lines", [True, False], ids=["guarded", "the race without the mark"])
def test_a_run_that_waits_for_the_lock_of_a_hold_promises_nothing(marks_lines, monkeypatch):
    """The run has read the line as free and waits for its lock; the hold commits; the run must see it."""
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    held, started = Barrier(2, timeout=10), []
    original = commands_holds.steps_holds.place

    def slowly(context, new):
        ids = original(context, new)
        if not marks_lines:  # the hold stands in its table alone
            connection.cursor().execute("UPDATE sales_orderline SET held_at_units = NULL")
        held.wait()  # the run starts now, and waits for the lines
        _until_somebody_waits()
        return ids

    def run() -> None:
        held.wait()
        started.append(outbound.allocate(at.site, order).units)
        connection.close()

    monkeypatch.setattr(commands_holds.steps_holds, "place", slowly)
    thread = Thread(target=run)
    thread.start()
    commands_holds.place_holds(ctx(KIM), PlaceHolds("wait", [order.order_id], []))
    thread.join(20)
    assert started == ([0] if marks_lines else [30])


def _until_somebody_waits() -> None:
    for _ in range(500):
        if waiting():
            return
        time.sleep(0.01)
    raise AssertionError("the run never waited for the hold's lock")
