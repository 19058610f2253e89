"""An order ships from another site while a run gives it stock at the one before: it holds stock at one site only."""

from __future__ import annotations

import threading
import time

import pytest

from flowrack.ledger.verify import verify
from flowrack.promise import commands_sites, steps_sites
from flowrack.promise.tests.elsewhere import astray, two_sites, where
from flowrack.promise.types_sites import LinesSourced, MoveLines
from flowrack.sales import locks
from flowrack.sales.types import EnteredOrder
from tests import outbound
from tests.cast import ADA, KIM, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def move_while_a_run_waits(monkeypatch: pytest.MonkeyPatch) -> tuple[outbound.House, EnteredOrder, list[object]]:
    """The order has moved and is not committed when the run asks for its lines."""
    at, north = two_sites(100, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    move, has_moved = steps_sites.move, threading.Event()

    def slow(*args: object) -> object:
        done = move(*args)  # type: ignore[arg-type]
        has_moved.set()
        until = time.monotonic() + 20
        while not waiting() and time.monotonic() < until:
            time.sleep(0.02)
        return done

    monkeypatch.setattr(commands_sites.steps_sites, "move", slow)
    kim, req = ctx(KIM), MoveLines(order.order_id, [], north.site, "sooner")
    ctx(ADA)

    def run() -> object:
        has_moved.wait(20)
        return outbound.allocate(at.site, order)

    outcomes = at_the_same_time([lambda: commands_sites.move_lines(kim, req), run])
    assert isinstance(outcomes[0], LinesSourced), outcomes
    return north, order, outcomes


def test_without_the_locks_the_run_gives_stock_of_the_site_before(monkeypatch):
    """The set-up catches the race: the run waits for the line, and has read the site of its order before."""
    monkeypatch.setattr(commands_sites.allocation, "own_promised_days", lambda pairs: None)
    monkeypatch.setattr(locks, "_of_their_sites", lambda rows, _: rows)
    move_while_a_run_waits(monkeypatch)
    assert len(astray()) == 1


def test_who_claims_lines_without_promised_days_sees_that_the_order_moved(monkeypatch):
    """A receipt that goes straight to waiting lines claims them so."""
    monkeypatch.setattr(commands_sites.allocation, "own_promised_days", lambda pairs: None)
    _, order, outcomes = move_while_a_run_waits(monkeypatch)
    assert outcomes[1].units == 0, outcomes  # type: ignore[attr-defined]
    assert (where(), astray()) == ([(order.number, "NORTH", 40, 0)], [])


def test_the_run_sees_that_the_order_moved_and_leaves_it(monkeypatch):
    north, order, outcomes = move_while_a_run_waits(monkeypatch)
    assert outcomes[1].units == 0, outcomes  # type: ignore[attr-defined]
    assert (where(), astray()) == ([(order.number, "NORTH", 40, 0)], [])
    assert outbound.allocate(north.site).units == 40
    assert astray() == [] and not verify()
