"""release_wave: a planned wave goes to the floor as planned, or says what changed."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands
from flowrack.waves.tests import cases
from flowrack.waves.types import PlanChanged, PlanOver, ReleaseWaves

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_planned_wave_becomes_picks_and_keeps_its_cut_off():
    case = cases.planned()
    (wave,) = cases.waves_of(case.plan.plan_id)
    done = commands.release_wave(ctx(MAY), ReleaseWaves(wave))
    assert (done.orders, done.lines, done.units, done.left_out) == (3, 3, 15, [])
    assert sql.fetch_one("SELECT cut_off_at, pick_until, template FROM waves_run") == (
        cases.CUT_OFF,
        cases.CUT_OFF,
        "Parcels",
    )
    assert sql.fetch_one("SELECT state FROM waves_plan") == ("released",)
    line = case.orders[0].line_ids[0]
    assert outbound.counts(line) == {"units": 5, "allocated": 5, "released": 5}
    assert why(f"sales.line:{line}")[0].sentence.startswith("the hands reach until 10:30 for the cut-off at 10:30")
    assert why(f"fulfilment.wave:{done.wave_id}")[0].sentence == (
        f"It was planned in {case.plan.number} by the template Parcels."
    )
    assert not verify()
    with pytest.raises(PlanOver, match="on the floor already"):
        commands.release_wave(ctx(MAY), ReleaseWaves(wave))


def test_what_changed_since_the_plan_is_told_and_can_be_left_out():
    case = cases.planned()
    (wave,) = cases.waves_of(case.plan.plan_id)
    away = fulfilment.release_orders(ctx(MAY), ReleaseOrders(case.at.site, [case.orders[1].order_id]))
    before = cases.books()
    with pytest.raises(PlanChanged) as refused:
        commands.release_wave(ctx(MAY), ReleaseWaves(wave))
    assert cases.books() == before
    assert [line.message for line in refused.value.lines] == [
        f"{case.orders[1].number} line 1: it went with {away.number}."
    ]
    done = commands.release_wave(ctx(MAY), ReleaseWaves(wave, without_changed=True))
    assert (done.orders, done.lines) == (2, 2)
    assert done.left_out == [f"{case.orders[1].number} line 1: it went with {away.number}"]


def test_an_outsider_releases_nothing():
    case = cases.planned()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.release_wave(ctx(EVE), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    assert cases.books() == before
