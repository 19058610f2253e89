"""recall_wave: open picks come back, what is picked stays picked."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY, EVE, MAY, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.ledger.verify import verify
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.waves import commands_floor as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import NotOnFloor, RecallWave

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_not_picked_comes_back():
    case = cases.planned()
    wave = outbound.release(case.at.site, *case.orders)
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0])]))
    done = commands.recall_wave(ctx(MAY), RecallWave(wave.wave_id, "the truck does not come"))
    assert (done.picks, done.units) == (2, 10)
    assert [outbound.counts(one.line_ids[0]) for one in case.orders] == [
        {"units": 5, "picked": 5},
        {"units": 5, "allocated": 5},
        {"units": 5, "allocated": 5},
    ]
    assert not verify()
    with pytest.raises(NotOnFloor):
        commands.recall_wave(ctx(MAY), RecallWave(wave.wave_id, "again"))


def test_a_reason_is_needed_and_an_outsider_recalls_nothing():
    case = cases.planned()
    wave = outbound.release(case.at.site, *case.orders)
    before = cases.books()
    with pytest.raises(Invalid, match="Say why"):
        commands.recall_wave(ctx(MAY), RecallWave(wave.wave_id, ""))
    with pytest.raises(NotPermitted):
        commands.recall_wave(ctx(EVE), RecallWave(wave.wave_id, "no"))
    assert cases.books() == before
