"""Races of who cancels orders with those who pick them. First that the set-up catches the race, then the guard."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests import outbound
from tests.cast import CY, KIM, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import locks
from flowrack.fulfilment import steps_changes as floor
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes, commands_many, steps_changes, steps_floor
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_many import CancelOrders
from flowrack.shared.errors import Busy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_picks():
    """An order of two lines in a wave, both picks open."""
    at = outbound.house()
    for sku in ("4711", "4712"):
        outbound.receive(at, outbound.item(sku), 10, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5), ("4712", 5))
    outbound.allocate(at.site, order)
    return order, outbound.release(at.site, order)


def picks_while_cancelled(monkeypatch, order, wave):
    """What is told of the order when its first pick is done between the reading and the calling back."""
    cy, kim, call_back = ctx(CY), ctx(KIM), steps_changes.free_from_floor
    pickers: list[threading.Thread] = []

    def pick() -> None:
        try:
            fulfilment.confirm_picks(cy, ConfirmPicks([Pick(wave.pick_ids[0], 5)]))
        except Exception as refusal:
            refused.append(type(refusal).__name__)
        finally:
            connection.close()

    refused: list[str] = []

    def later(*args):
        pickers.append(threading.Thread(target=pick))
        pickers[0].start()
        pickers[0].join(timeout=0.5)
        return call_back(*args)

    monkeypatch.setattr(steps_changes, "free_from_floor", later)
    [said] = commands_many.cancel_orders(kim, CancelOrders([order.order_id], "not wanted")).outcomes
    pickers[0].join()
    return said.is_done, said.said, refused


def states() -> list[str]:
    return [row[0] for row in sql.fetch_all("SELECT state FROM fulfilment_pickline ORDER BY id")]


def test_without_the_locks_a_pick_is_done_between_and_nothing_is_cancelled(two_picks, monkeypatch):
    monkeypatch.setattr(steps_floor, "claim", lambda order_ids: None)
    with pytest.raises(Busy, match="just now"):
        picks_while_cancelled(monkeypatch, *two_picks)
    assert states() == ["picked", "open"], "what was called back of an order that stays is not"


def test_who_picks_while_orders_are_cancelled_comes_too_late(two_picks, monkeypatch):
    told = picks_while_cancelled(monkeypatch, *two_picks)
    assert told == (True, "10 units cancelled, 10 of them reserved: free for others at once.", ["PickClosed"])
    assert states() == ["cancelled", "cancelled"]


def picks_while_fewer_are_wanted(monkeypatch, order, wave):
    """Who picks 5 at the moment at which 3 are wanted, between the reading of picks and of the line: the faults."""
    cy, kim, claim = ctx(CY), ctx(KIM), floor.sales.claim_lines
    faults: list[str] = []

    def pick() -> None:
        try:
            fulfilment.confirm_picks(cy, ConfirmPicks([Pick(wave.pick_ids[0], 5)]))
        except Exception as refusal:
            faults.append(type(refusal).__name__)
        finally:
            connection.close()

    picker = threading.Thread(target=pick)

    def later(line_ids):
        if picker.ident is None:
            picker.start()
            picker.join(timeout=0.5)
        return claim(line_ids)

    with monkeypatch.context() as patch:
        patch.setattr(floor.sales, "claim_lines", later)
        try:
            commands_changes.change_line(kim, ChangeLine(order.line_ids[0], 3))
        except Exception as fault:
            faults.append(type(fault).__name__)
    picker.join()
    return faults


def test_without_the_locks_what_is_picked_between_is_taken_for_open_and_the_change_refused(two_picks, monkeypatch):
    monkeypatch.setattr(locks, "_PICKS", locks._PICKS.replace("FOR NO KEY UPDATE OF l, p", ""))
    assert picks_while_fewer_are_wanted(monkeypatch, *two_picks) == ["TooLate"]


def test_who_picks_while_fewer_are_wanted_is_told_how_many(two_picks, monkeypatch):
    order, wave = two_picks
    assert picks_while_fewer_are_wanted(monkeypatch, order, wave) == ["PickTooMany"]
    assert outbound.counts(order.line_ids[0]) == {"units": 3, "allocated": 3, "released": 3}
    assert states() == ["open", "open", "cancelled"] and not verify()


def test_what_is_picked_first_goes_back(two_picks):
    order, wave = two_picks
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 5)]))
    commands_changes.change_line(ctx(KIM), ChangeLine(order.line_ids[0], 3))
    assert outbound.counts(order.line_ids[0]) == {"units": 3, "picked": 3}
    assert states() == ["picked", "open", "going_back"] and not verify()
