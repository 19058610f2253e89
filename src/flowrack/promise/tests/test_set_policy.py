from datetime import date

import pytest
from tests.cast import ADA, KIM, NOW, ctx

from flowrack.promise import commands_setup as commands
from flowrack.promise import queries
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup, SetPolicy
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_policy_counts_at_once():
    at = given.house(10)
    commands.set_policy(ctx(ADA), SetPolicy(at.site, prepare_minutes=9 * 60))
    assert given.quote(1).ships_on == date(2026, 3, 3)
    commands.set_policy(ctx(ADA), SetPolicy(at.site, counts_at_percent=95, kinds=["pick"]))
    policy = queries.sites([at.site], NOW)[at.site].house.policy
    assert (policy.counts_at_percent, policy.kinds, policy.prepare_minutes) == (95, ("pick",), 15)


def test_every_bad_field_is_named():
    at = given.house(0)
    with pytest.raises(BadSetup) as refused:
        commands.set_policy(ctx(ADA), SetPolicy(at.site, counts_at_percent=101, shelf_days=-1))
    assert [line.field for line in refused.value.lines] == ["shelf_days", "counts_at_percent"]
    with pytest.raises(NotPermitted):
        commands.set_policy(ctx(KIM), SetPolicy(at.site))
