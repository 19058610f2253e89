"""set_policy: what waiting costs, in versions."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_setup as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import BadTemplate, SetPolicy

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_plan_goes_by_the_newest_version_and_names_it():
    at = cases.house(people=1)
    cases.stocked(at, "4711")
    outbound.customer()
    cases.reserved(at, ("4711", 5))
    assert commands.set_policy(ctx(MAY), SetPolicy(at.site, tier_b=7)).version == 1
    assert commands.set_policy(ctx(MAY), SetPolicy(at.site, tier_b=9, late_day=1)).version == 2
    done = cases.plan(at)
    assert sql.fetch_one(
        "SELECT p.policy_version, x.points FROM waves_plan p JOIN waves_planline x ON x.plan_id = p.id WHERE p.id = %s",
        (done.plan_id,),
    ) == (2, 10)


def test_points_are_not_negative():
    at = cases.house()
    before = cases.books()
    with pytest.raises(BadTemplate) as refused:
        commands.set_policy(ctx(MAY), SetPolicy(at.site, waits_by="luck", tier_a=-1))
    assert [line.field for line in refused.value.lines] == ["tier_a", "waits_by"]
    assert cases.books() == before


def test_an_outsider_sets_none():
    at = cases.house()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.set_policy(ctx(EVE), SetPolicy(at.site))
    assert cases.books() == before
