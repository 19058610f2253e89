"""Races on the way out: bookings, a short pick that is taken back, lines that join an order while it is released."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from flowrack.carriers import queries_choices, queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.types_live import BookingOf
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import locks as floor_locks
from flowrack.fulfilment import queries_short
from flowrack.fulfilment.types import (
    ConfirmPicks,
    NothingToRelease,
    Pick,
    PickClosed,
    Picked,
    Released,
    ReleaseOrders,
    ShortPick,
)
from flowrack.fulfilment.types_lists import PickRule, SetPickRules
from flowrack.fulfilment.types_short import ShortUndone, UndoShort
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_lines as sales
from flowrack.sales import locks as sales_locks
from flowrack.sales import steps_judge
from flowrack.sales.types import NewLine
from flowrack.sales.types_changes import AddLines, LinesAdded
from flowrack.shared.errors import Invalid
from flowrack.shipping import commands as shipping
from flowrack.shipping import locks as shipping_locks
from flowrack.shipping.commands import bookings
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import PrepareShipment
from flowrack.shipping.types_bookings import BookingKept, KeepBooking, NotBookable
from flowrack.shipping.types_carriers import ChooseCarriers
from tests import outbound
from tests.cast import ADA, CY, GUS, KIM, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def until_other(finished: threading.Event) -> None:
    """Stand still until the other has come through, or waits for a lock."""
    deadline = time.monotonic() + 20
    while not finished.is_set() and not waiting():
        assert time.monotonic() < deadline, "neither waited nor finished"
        time.sleep(0.01)


def only_looks(lock: Callable[..., object]) -> Callable[..., object]:
    """The same read, with what it locked let go at once."""

    def look(*args: object) -> object:
        with transaction.atomic():
            found = lock(*args)
            transaction.set_rollback(True)
        return found

    return look


class OnlyReads:
    """The database without the locks that whoever claims whole orders takes first, or takes at all."""

    def __init__(self, lock: str = "FOR NO KEY UPDATE OF l") -> None:
        self.lock = lock

    def __getattr__(self, name: str) -> object:
        return getattr(sql, name)

    def fetch_all(self, text: str, params: object = ()) -> object:
        return sql.fetch_all(text.replace(self.lock, ""), params)

    def fetch_value(self, text: str, params: object = ()) -> object:
        return sql.fetch_value(text.replace("FOR NO KEY UPDATE OF l", ""), params)


@pytest.mark.parametrize(("way", "refusal"), [("naive", Invalid), ("guarded", NotBookable)])
def test_two_who_book_a_shipment_with_its_carrier_at_once_keep_one_booking(monkeypatch, way, refusal):
    """Without the lock both find it free, and only the database's unique booking is left to refuse the second; with it
    the second waits and finds the booking."""
    case = Case()
    accounts.account(9)
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    made = shipping.prepare_shipment(ctx(GUS), PrepareShipment(case.site, [order.order_id]))
    shipping.choose_carriers(ctx(GUS), ChooseCarriers([order.order_id]))
    service = queries_choices.latest_of([order.order_id])[order.order_id].service_id
    [account] = queries_live.accounts_on()
    looked, finished, first = threading.Event(), threading.Event(), []
    booking_of = queries_live.booking_of

    def pause(number):
        found = booking_of(number)
        if first and threading.get_ident() == first[0]:
            looked.set()
            until_other(finished)
        return found

    monkeypatch.setattr(bookings.queries_live, "booking_of", pause)
    if way == "naive":
        monkeypatch.setattr(shipping_locks, "shipments", only_looks(shipping_locks.shipments))
    people = [ctx(GUS), ctx(ADA)]

    def keep(n: int) -> object:
        of = BookingOf(f"B{n}", f"T{n}")
        return shipping.keep_booking(people[n], KeepBooking(made.shipment_id, account.id, service or 0, "North", of))

    def one() -> object:
        first.append(threading.get_ident())
        return keep(0)

    def other() -> object:
        looked.wait(20)
        try:
            return keep(1)
        finally:
            finished.set()
            connection.close()

    outcomes = at_the_same_time([one, other])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == sorted([BookingKept.__name__, refusal.__name__])
    assert sql.fetch_value("SELECT count(*) FROM carriers_booking WHERE is_live") == 1
    [kept] = [outcome for outcome in outcomes if isinstance(outcome, BookingKept)]
    assert sql.fetch_value("SELECT tracking FROM shipping_shipment WHERE id = %s", (made.shipment_id,)) == kept.tracking


@pytest.mark.parametrize(("way", "picker_gets"), [("naive", Picked), ("guarded", PickClosed)])
def test_a_short_pick_is_taken_back_while_another_picks_what_came_instead(monkeypatch, way, picker_gets):
    """Nine of twelve were found and three come from another bin. The naive undo only looks at these three: they are
    picked while it opens the first pick again, and it calls back what is picked."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    fulfilment.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule(at_short="bins")]))
    outbound.receive(at, item, 3, "1")
    short = fulfilment.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    [instead] = short.elsewhere_ids
    looked, finished, undoers = threading.Event(), threading.Event(), set()
    doubt_of = queries_short.doubt_of

    def pause(pick_id):
        looked.set()
        until_other(finished)
        return doubt_of(pick_id)

    monkeypatch.setattr(queries_short, "doubt_of", pause)
    if way == "naive":
        for name in ("pick_list", "picks"):
            lock = getattr(floor_locks, name)
            looks = only_looks(lock)
            monkeypatch.setattr(
                floor_locks, name,
                lambda *args, lock=lock, looks=looks: (looks if threading.get_ident() in undoers else lock)(*args),
            )  # fmt: skip
    cy, gus = ctx(CY), ctx(CY)

    def undo() -> object:
        undoers.add(threading.get_ident())
        return fulfilment.undo_short(cy, UndoShort(wave.pick_ids[0]))

    def pick() -> object:
        looked.wait(20)
        try:
            return fulfilment.confirm_picks(gus, ConfirmPicks([Pick(instead)]))
        finally:
            finished.set()
            connection.close()

    undone, picked = at_the_same_time([undo, pick])
    assert isinstance(picked, picker_gets), (undone, picked)
    counts = outbound.counts(order.line_ids[0])
    if way == "guarded":
        assert isinstance(undone, ShortUndone)
        assert counts == {"units": 12, "allocated": 3, "released": 3, "picked": 9}
        assert not verify()
    else:
        assert (isinstance(undone, ShortUndone), counts["picked"]) != (True, 9), "the race is caught"


@pytest.mark.parametrize(
    ("way", "release_gets"), [("naive", Released), ("at once", Released), ("guarded", NothingToRelease)]
)
def test_a_line_joins_a_complete_order_while_its_wave_is_released(monkeypatch, way, release_gets):
    """The customer takes one complete delivery. The naive release reads the lines while one is being added: it gives
    the order to pickers without that, and it can not leave whole any more. Nor is it enough to lock and read at once: a
    statement that waited for the lines does not see the one that came while it waited."""
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1", "forward_pick1")
    outbound.item("4712")
    outbound.customer("WHOLE", policy="complete")
    order = outbound.order(at.site, "WHOLE", ("4711", 10))
    outbound.allocate(at.site, order)
    added, finished = threading.Event(), threading.Event()
    judge = steps_judge.judge_changed

    def pause(*args, **more):
        added.set()
        until_other(finished)
        return judge(*args, **more)

    monkeypatch.setattr(steps_judge, "judge_changed", pause)
    if way == "naive":
        monkeypatch.setattr(sales_locks, "sql", OnlyReads())
    if way == "at once":
        monkeypatch.setattr(sales_locks, "sql", OnlyReads("no lock"))
    kim, ada = ctx(KIM), ctx(ADA)

    def add() -> object:
        return sales.add_lines(kim, AddLines(order.order_id, [NewLine("4712", Decimal(5))], "called"))

    def release() -> object:
        added.wait(20)
        try:
            return fulfilment.release_orders(ada, ReleaseOrders(at.site, [order.order_id]))
        finally:
            finished.set()
            connection.close()

    more, released = at_the_same_time([add, release])
    assert isinstance(more, LinesAdded) and isinstance(released, release_gets), (more, released)
    assert not verify()
