"""move_cut_off: the truck of a wave comes later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import EVE, MAY, NOW, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.waves import commands
from flowrack.waves.commands_floor import move_cut_off, tell_slips
from flowrack.waves.tests import cases
from flowrack.waves.types import MoveCutOff, NotOnFloor, ReleaseWaves, TellSlips

pytestmark = pytest.mark.django_db(transaction=True)
LATER = cases.CUT_OFF + timedelta(minutes=40)


def test_a_wave_that_had_slipped_is_on_its_way_again():
    case = cases.planned()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    after = cases.CUT_OFF + timedelta(minutes=1)
    assert tell_slips(ctx(MAY, now=after), TellSlips()).wave_ids == [wave.wave_id]
    done = move_cut_off(ctx(MAY, now=after), MoveCutOff(wave.wave_id, LATER, "stands on the motorway"))
    assert (done.cut_off_at, done.pick_until) == (LATER, LATER)
    assert sql.fetch_one("SELECT cut_off_at, slipped_at, why FROM waves_run") == (
        LATER,
        None,
        "cut-off moved: stands on the motorway",
    )
    assert sql.fetch_value("SELECT DISTINCT due_at FROM fulfilment_picklist") == LATER
    assert tell_slips(ctx(MAY, now=after), TellSlips()).wave_ids == []


def test_a_time_that_is_over_and_a_wave_without_a_cut_off_are_refused():
    case = cases.planned()
    wave = outbound.release(case.at.site, *case.orders)
    before = cases.books()
    with pytest.raises(Invalid, match="This time is over"):
        move_cut_off(ctx(MAY), MoveCutOff(wave.wave_id, NOW, "late"))
    with pytest.raises(NotOnFloor, match="was released without a cut-off"):
        move_cut_off(ctx(MAY), MoveCutOff(wave.wave_id, LATER, "late"))
    with pytest.raises(NotPermitted):
        move_cut_off(ctx(EVE), MoveCutOff(wave.wave_id, LATER, "late"))
    assert cases.books() == before


def test_a_truck_of_another_day_is_put_back_on_its_day():
    case = cases.planned()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    page = signed_in(MAY).get(f"/waves/{wave.wave_id}/cut-off").content.decode()
    assert 'type="datetime-local"' in page and f'value="{cases.CUT_OFF:%Y-%m-%dT%H:%M}"' in page
    later = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    asked = {"at": f"{later:%Y-%m-%dT%H:%M}", "reason": "comes another day", "key": "late"}
    assert signed_in(MAY).post(f"/waves/{wave.wave_id}/cut-off", asked).status_code == 303
    assert sql.fetch_value("SELECT cut_off_at FROM waves_run") == later


def test_a_wave_that_is_dragged_on_the_board_comes_back_to_it_and_offers_the_way_back():
    case = cases.planned()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    later = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    asked = {"at": f"{later:%Y-%m-%dT%H:%M}", "reason": "leaves with LD-1", "key": "drag", "from": "board"}
    may = signed_in(MAY)
    moved = may.post(f"/waves/{wave.wave_id}/cut-off", asked)
    assert (moved.status_code, moved.headers["Location"]) == (303, "/waves/board")
    board = may.get("/waves/board").content.decode()
    assert f"{wave.number} leaves {later:%a %H:%M}" in board
    url = f"/waves/{wave.wave_id}/cut-off?at={cases.CUT_OFF:%Y-%m-%dT%H}%3A{cases.CUT_OFF:%M}&amp;reason=as+before"
    assert url in board
    assert f'value="{cases.CUT_OFF:%Y-%m-%dT%H:%M}"' in may.get(url.replace("&amp;", "&")).content.decode()
