from datetime import time

import pytest
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_setup as commands
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup, HoursOf, SetHours
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_week_takes_the_place_of_the_one_before():
    at = given.house(0)
    commands.set_hours(ctx(ADA), SetHours(at.site, [HoursOf(1, time(6), time(22)), HoursOf(6, time(8), time(12))]))
    commands.set_hours(ctx(ADA), SetHours(at.site, [HoursOf(1, time(7), time(12)), HoursOf(1, time(13), time(17))]))
    assert sql.fetch_all("SELECT weekday, opens_at, closes_at FROM promise_sitehours ORDER BY 2") == [
        (1, time(7), time(12)), (1, time(13), time(17)),
    ]  # fmt: skip


def test_every_bad_row_is_named_and_nothing_changes():
    at = given.house(0)
    rows = [HoursOf(8, time(8), time(17)), HoursOf(2, time(17), time(8)), HoursOf(3, time(8), time(12)),
            HoursOf(3, time(11), time(13))]  # fmt: skip
    with pytest.raises(BadSetup) as refused:
        commands.set_hours(ctx(ADA), SetHours(at.site, rows))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "weekday"),
        (2, "closes_at"),
        (4, "opens_at"),
    ]
    with pytest.raises(NotPermitted):
        commands.set_hours(ctx(KIM), SetHours(at.site, []))
    assert sql.fetch_value("SELECT count(*) FROM promise_sitehours") == 0
