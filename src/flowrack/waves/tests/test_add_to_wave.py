"""add_to_wave: an urgent order joins a wave that is being picked."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_floor as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import AddToWave, PlanNotFound

pytestmark = pytest.mark.django_db(transaction=True)


def test_its_picks_stand_behind_those_of_the_wave():
    case = cases.planned(orders=2)
    wave = outbound.release(case.at.site, *case.orders)
    urgent = cases.reserved(case.at, ("4711", 9))
    done = commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id, urgent.order_id, "a ward waits"))
    assert (done.wave_id, done.picks, done.units) == (wave.wave_id, 1, 9)
    assert sql.fetch_all("SELECT sequence, units FROM fulfilment_pickline ORDER BY sequence") == [
        (1, 5),
        (2, 5),
        (3, 9),
    ]
    assert why(f"sales.line:{urgent.line_ids[0]}")[0].sentence == (
        f"joined {wave.number} while it was picked: a ward waits"
    )


def test_a_wave_that_is_not_there_takes_nothing_and_an_outsider_adds_nothing():
    case = cases.planned(orders=1)
    wave = outbound.release(case.at.site, *case.orders)
    urgent = cases.reserved(case.at, ("4711", 9))
    before = cases.books()
    with pytest.raises(PlanNotFound):
        commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id + 1, urgent.order_id, "now"))
    with pytest.raises(NotPermitted):
        commands.add_to_wave(ctx(EVE), AddToWave(wave.wave_id, urgent.order_id, "now"))
    assert cases.books() == before
