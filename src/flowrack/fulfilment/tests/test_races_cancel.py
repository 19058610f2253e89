"""Races of who cancels orders with those who pick them. First that the set-up catches the race, then the guard."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests import outbound
from tests.cast import CY, KIM, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.platform import sql
from flowrack.sales import commands_many, steps_changes, steps_floor
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
