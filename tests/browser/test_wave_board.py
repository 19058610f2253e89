"""The wave board in a real browser: a wave is dragged onto another one, and leaves when that does."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.waves import commands
from flowrack.waves.commands_floor import move_cut_off
from flowrack.waves.tests import cases
from flowrack.waves.types import MoveCutOff, ReleaseWaves
from tests.browser.conftest import at_rest
from tests.cast import MAY, ctx

pytestmark = pytest.mark.django_db(transaction=True)
LONDON = ZoneInfo("Europe/London")  # where the site is: a board shows its clock


def test_a_wave_that_is_dragged_onto_another_leaves_when_that_does(visit):
    case = cases.planned()
    first = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    cases.reserved(case.at, ("4711", 5))
    [later] = cases.waves_of(cases.plan(case.at).plan_id)
    second = commands.release_wave(ctx(MAY), ReleaseWaves(later))
    leaves = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    move_cut_off(ctx(MAY), MoveCutOff(second.wave_id, leaves, "comes another day"))
    sql.execute("UPDATE fulfilment_wave SET released_at = %s", (now(),))  # the board knows the last days only

    page = visit("/waves/board", person=MAY)
    page.locator(f'[data-name="{first.number}"]').drag_to(page.locator(f'[data-name="{second.number}"]'))
    page.wait_for_selector(f"text={first.number} leaves {leaves.astimezone(LONDON):%a %H:%M}")
    at_rest(page)
    assert page.url.endswith("/waves/board")
    assert sql.fetch_all("SELECT cut_off_at, why FROM waves_run ORDER BY wave_id") == [
        (leaves, f"cut-off moved: leaves with {second.number}"),
        (leaves, "cut-off moved: comes another day"),
    ]
