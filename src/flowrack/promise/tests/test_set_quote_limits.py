from datetime import timedelta

import pytest
from tests.cast import ADA, KIM, NOW, ctx

from flowrack.promise import commands_setup as commands
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup, QuoteLimit, SetQuoteLimits
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_the_limits_of_a_tier_count_from_then_on():
    given.house(10)
    commands.set_quote_limits(ctx(ADA), SetQuoteLimits("B", 7, 1, 5))
    assert given.quote(5).expires_at - NOW == timedelta(minutes=7)
    with pytest.raises(QuoteLimit):
        given.quote(1)


def test_every_bad_field_is_named():
    with pytest.raises(BadSetup) as refused:
        commands.set_quote_limits(ctx(ADA), SetQuoteLimits("X", 0, -1, -1))
    assert [line.field for line in refused.value.lines] == ["tier", "minutes", "most_quotes", "most_units"]
    with pytest.raises(NotPermitted):
        commands.set_quote_limits(ctx(KIM), SetQuoteLimits("A", 1, 1, 1))
