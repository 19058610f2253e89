from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import ADA, IDA, ctx

from flowrack.counting import commands, queries
from flowrack.counting.types import CountRefused, SetPolicy
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db

STRICT = SetPolicy("B", 60, Decimal("0.5"), Decimal(20), Decimal(200), Decimal(2000))


def test_a_policy_is_changed_for_one_class():
    before = queries.policies()
    commands.set_policy(ctx(ADA), STRICT)
    after = queries.policies()
    assert (after["B"].every_days, after["B"].first_limit) == (60, 200)
    assert (after["A"], after["C"]) == (before["A"], before["C"])


def test_figures_that_make_no_sense_and_strangers_are_refused_and_change_nothing():
    before = queries.policies()
    for bad in (replace(STRICT, velocity="X"), replace(STRICT, every_days=0), replace(STRICT, first_limit=Decimal(5))):
        with pytest.raises(CountRefused):
            commands.set_policy(ctx(ADA), bad)
    with pytest.raises(NotPermitted):
        commands.set_policy(ctx(IDA), STRICT)
    assert queries.policies() == before


def test_a_retry_is_answered_from_the_record():
    assert commands.set_policy(ctx(ADA, "same"), STRICT) == commands.set_policy(ctx(ADA, "same"), STRICT)
