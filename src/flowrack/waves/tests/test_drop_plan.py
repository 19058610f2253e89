"""drop_plan: a plan is not followed any more."""

from __future__ import annotations

import pytest
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands
from flowrack.waves.tests import cases
from flowrack.waves.types import DropPlan, PlanOver, ReleaseWaves

pytestmark = pytest.mark.django_db(transaction=True)


def test_waves_of_a_dropped_plan_are_not_released():
    case = cases.planned()
    (wave,) = cases.waves_of(case.plan.plan_id)
    assert commands.drop_plan(ctx(MAY), DropPlan(case.plan.plan_id)).waves == 1
    assert sql.fetch_value("SELECT state FROM waves_plan") == "dropped"
    with pytest.raises(PlanOver, match="is dropped"):
        commands.release_wave(ctx(MAY), ReleaseWaves(wave))
    with pytest.raises(PlanOver, match="is dropped"):
        commands.drop_plan(ctx(MAY), DropPlan(case.plan.plan_id))


def test_an_outsider_drops_nothing():
    case = cases.planned()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.drop_plan(ctx(EVE), DropPlan(case.plan.plan_id))
    assert cases.books() == before
