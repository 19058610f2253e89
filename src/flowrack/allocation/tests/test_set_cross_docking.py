"""What is cross-docked at a site."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, BO, bearer, ctx, signed_in, user_id

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import queries_cross_docking
from flowrack.allocation.tests.doorside import Scene
from flowrack.allocation.types_cross_docks import (
    BadCrossDocking,
    SetCrossDocking,
)
from flowrack.platform.web.query import ListQuery

pytestmark = pytest.mark.django_db


def test_a_policy_names_every_bad_field_and_a_new_version_ends_the_one_before():
    scene = Scene()
    again = commands.set_cross_docking(
        ctx(ADA), SetCrossDocking(scene.at.site, True, "one door", scene.at.places["staged1"])
    )
    assert (scene.policy.version, again.version) == (1, 2)
    assert [row.version for row in queries_cross_docking.policies(frozenset({0}))] == [2]
    with pytest.raises(BadCrossDocking) as refused:
        bad = SetCrossDocking(scene.at.site, True, " ", scene.at.places["reserve1"], scene.at.places["staged1"], ["NO"])
        commands.set_cross_docking(ctx(ADA), bad)
    assert [line.field for line in refused.value.lines] == ["reason", "staging_id", "door_id", "families"]


def test_policies_are_read_at_the_sites_where_the_right_is_held():
    scene = Scene()
    user_id(BO, site_id=outbound.house("W9").site)
    assert [queries_cross_docking.policy_page(ListQuery(actor_id=who.id)).total for who in (BO, ADA)] == [0, 1]
    here, everywhere = signed_in(BO), signed_in(ADA)
    assert here.get("/api/v1/cross-docking", headers=bearer(BO)).json() == []
    found = everywhere.get("/api/v1/cross-docking", headers=bearer(ADA)).json()
    assert [one["site_id"] for one in found] == [scene.at.site]
