"""Two people give the same units by hand at once, and a lapse meets a picker: no unit is promised twice."""

from __future__ import annotations

import threading

import pytest

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation import steps_overrides
from flowrack.allocation.tests.byhand import NEXT_DAY, TODAY, Shelf, give, shelf
from flowrack.allocation.types_overrides import CannotGive, GiveUnits, LapseOverrides, UnitsGiven
from flowrack.ledger.types import NotFree
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import FlowrackError
from tests import outbound
from tests.cast import ADA, LOU, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


def give_together(at: Shelf) -> list[object]:
    """Ada gives the last 20 units to low, and Lou to mid."""
    people = [ctx(ADA), ctx(LOU)]
    asked = [GiveUnits(at.line(name), 20, "A fair", TODAY) for name in ("low", "mid")]
    return at_the_same_time([lambda n=n: commands.give_units(people[n], asked[n]) for n in (0, 1)])


def test_without_the_lock_both_see_the_same_units(monkeypatch):
    """The set-up catches the race: both have looked before either writes, and the ledger throws one out."""
    at = shelf(20)
    both_have_looked = threading.Barrier(2, timeout=20)
    losers = steps_overrides.losers
    looked: list[int] = []

    def late(*args):
        looked.append(1)
        if len(looked) <= 2:
            both_have_looked.wait()
        return losers(*args)

    monkeypatch.setattr(commands.ledger, "claim_pools", lambda items, site: None)
    monkeypatch.setattr(steps_overrides, "losers", late)
    outcomes = give_together(at)
    assert sum(isinstance(one, NotFree) for one in outcomes) == 1, outcomes


def test_the_second_of_two_hears_that_nothing_is_left():
    at = shelf(20)
    outcomes = give_together(at)
    assert sum(isinstance(one, UnitsGiven) for one in outcomes) == 1, outcomes
    assert sum(isinstance(one, CannotGive) for one in outcomes) == 1, outcomes
    assert sum(at.promised()) == 20
    assert sql.fetch_value("SELECT count(*) FROM allocation_override") == 1
    assert verify() == []


def test_a_lapse_against_the_release_to_pickers_leaves_every_unit_once():
    at = shelf()
    give(at.line("low"), 20)
    system = context_for_system(NEXT_DAY, "lapse")
    outcomes = at_the_same_time(
        [
            lambda: commands.lapse_overrides(system, LapseOverrides()),
            lambda: outbound.release(at.at.site, at.low),
        ]
    )
    assert not isinstance(outcomes[0], FlowrackError), outcomes
    counts = outbound.counts(at.line("low"))
    assert (counts.get("released", 0), counts.get("allocated", 0)) in ((20, 20), (0, 0)), counts
    assert verify() == []
