"""Races of who cancels orders with those who pick them. First that the set-up catches the race, then the guard."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests import outbound
from tests.cast import CY, KIM, ctx
from tests.races.together import at_the_same_time

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import locks
from flowrack.fulfilment import steps_changes as floor
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes, commands_many, steps_changes, steps_floor
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_changes import Fewer
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
    ended = "10 units cancelled, worth 0.00; the rest of the order ends."
    assert told == (True, f"{ended} 10 of them were reserved: free for others at once.", ["PickClosed"])
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


def two_want_three_of_five(monkeypatch, two_picks, fewer):
    """Two people want 3 of the 5 that are picked at once: both have read the line before one is through. `fewer` is
    what the floor is asked for then."""
    order, wave = two_picks
    [line, _], contexts = order.line_ids, [ctx(KIM), ctx(KIM)]
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 5)]))
    take_back, both = steps_floor.take_back, threading.Barrier(2)

    def later(by, wanted):
        both.wait(timeout=30)
        return take_back(by, {line: fewer})

    monkeypatch.setattr(steps_floor, "take_back", later)
    done = at_the_same_time([
        lambda: commands_changes.change_line(contexts[0], ChangeLine(line, 3)),
        lambda: commands_changes.change_line(contexts[1], ChangeLine(line, 3)),
    ])  # fmt: skip
    assert [getattr(one, "units", one) for one in done] == [3, 3]
    back = "SELECT state, units FROM fulfilment_pickline WHERE order_line_id = %s ORDER BY id"
    return outbound.counts(line), sql.fetch_all(back, (line,))


def test_asked_by_a_difference_that_was_read_before_two_send_back_twice(two_picks, monkeypatch):
    counts, picks = two_want_three_of_five(monkeypatch, two_picks, Fewer(by=2))
    assert counts == {"units": 3, "waiting": 2, "picked": 1}
    assert picks == [("picked", 1), ("going_back", 2), ("going_back", 2)]


def test_two_who_want_fewer_at_once_send_back_what_one_would(two_picks, monkeypatch):
    counts, picks = two_want_three_of_five(monkeypatch, two_picks, steps_changes.to_take_away([ChangeLine(0, 3)])[0])
    assert counts == {"units": 3, "picked": 3}
    assert picks == [("picked", 3), ("going_back", 2)] and not verify()
