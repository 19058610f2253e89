"""A customer wants fewer while a picker confirms: nothing is picked and given back, nobody books what is gone."""

from __future__ import annotations

import threading
import time

import pytest

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import locks
from flowrack.fulfilment import steps as floor
from flowrack.fulfilment.types import ConfirmPicks, Pick, PickTooMany
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes
from flowrack.sales.types import ChangeLine
from tests import outbound
from tests.cast import CY, KIM, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)
PICKS = "SELECT state, units FROM fulfilment_pickline ORDER BY id"


def confirm_while_it_shrinks(monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[object]]:
    """The pick of 10 is 6, not committed yet, when the picker confirms the 10 in the hand."""
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 100, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 10))
    outbound.allocate(at.site, order)
    [pick_id] = outbound.release(at.site, order).pick_ids
    [line_id] = order.line_ids
    take_off, is_less = floor.take_off, threading.Event()

    def slow(*args: object) -> None:
        take_off(*args)  # type: ignore[arg-type]
        is_less.set()
        until = time.monotonic() + 20
        while not waiting() and time.monotonic() < until:
            time.sleep(0.02)

    monkeypatch.setattr(floor, "take_off", slow)
    kim, cy = ctx(KIM), ctx(CY)

    def confirm() -> object:
        is_less.wait(20)
        return fulfilment.confirm_picks(cy, ConfirmPicks([Pick(pick_id, 10)]))

    outcomes = at_the_same_time([lambda: commands_changes.change_line(kim, ChangeLine(line_id, 6)), confirm])
    return line_id, outcomes


def test_without_the_lock_the_picker_is_let_in_and_only_the_line_itself_stops_him(monkeypatch):
    """The set-up catches the race: both see the pick of 10, and the later one fails on what the line has left."""
    plain = locks._PICKS.replace("FOR NO KEY UPDATE OF l, p", "")
    monkeypatch.setattr(locks, "_PICKS", plain)
    line_id, outcomes = confirm_while_it_shrinks(monkeypatch)
    assert not isinstance(outcomes[1], PickTooMany), outcomes
    assert outbound.counts(line_id)["units"] == 6


def test_the_picker_is_told_how_many_are_wanted_now_and_takes_these(monkeypatch):
    line_id, outcomes = confirm_while_it_shrinks(monkeypatch)
    refused = outcomes[1]
    assert isinstance(refused, PickTooMany), outcomes
    assert refused.lines[0].message == "The pick asks for 6, not 10."
    assert sql.fetch_all(PICKS) == [("open", 6), ("cancelled", 4)]
    assert outbound.counts(line_id) == {"units": 6, "allocated": 6, "released": 6}
    [open_pick] = [row[0] for row in sql.fetch_all("SELECT id FROM fulfilment_pickline WHERE state = 'open'")]
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(open_pick, 6)]))
    assert outbound.counts(line_id) == {"units": 6, "picked": 6} and not verify()
