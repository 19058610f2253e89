"""What is cross-docked at a site."""

from __future__ import annotations

import pytest
from tests.cast import ADA, ctx

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import queries_cross_docks
from flowrack.allocation.tests.doorside import Scene
from flowrack.allocation.types_cross_docks import (
    BadCrossDocking,
    SetCrossDocking,
)

pytestmark = pytest.mark.django_db


def test_a_policy_names_every_bad_field_and_a_new_version_ends_the_one_before():
    scene = Scene()
    again = commands.set_cross_docking(
        ctx(ADA), SetCrossDocking(scene.at.site, True, "one door", scene.at.places["staged1"])
    )
    assert (scene.policy.version, again.version) == (1, 2)
    assert [row.version for row in queries_cross_docks.policies()] == [2]
    with pytest.raises(BadCrossDocking) as refused:
        bad = SetCrossDocking(scene.at.site, True, " ", scene.at.places["reserve1"], scene.at.places["staged1"], ["NO"])
        commands.set_cross_docking(ctx(ADA), bad)
    assert [line.field for line in refused.value.lines] == ["reason", "staging_id", "door_id", "families"]
