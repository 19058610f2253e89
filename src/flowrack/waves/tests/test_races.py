"""Races over waves: each first shows that the set-up catches the race, then that the guard wins it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from tests.cast import MAY, ctx
from tests.races.together import at_the_same_time

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.waves import commands
from flowrack.waves.tests import cases
from flowrack.waves.types import PlanOver, ReleaseWaves, WaveStarted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wave():
    return cases.waves_of(cases.planned().plan.plan_id)[0]


def test_without_the_guard_two_planners_both_find_the_wave_planned(wave):
    gate = threading.Barrier(2)

    def naive() -> bool:
        state = sql.fetch_value("SELECT state FROM waves_planwave WHERE id = %s", (wave,))
        gate.wait()
        return bool(state == "planned")

    assert at_the_same_time([naive, naive]) == [True, True]


def test_two_planners_release_a_wave_once(wave):
    contexts = [ctx(MAY), ctx(MAY)]

    def guarded(n: int) -> Callable[[], object]:
        return lambda: commands.release_wave(contexts[n], ReleaseWaves(wave))

    kinds = sorted(type(one).__name__ for one in at_the_same_time([guarded(0), guarded(1)]))
    assert kinds == sorted([PlanOver.__name__, WaveStarted.__name__])
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_wave") == 1
    assert sql.fetch_value("SELECT sum(units) FROM fulfilment_pickline") == 15
    assert not verify()
