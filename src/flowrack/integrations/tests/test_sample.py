"""The day on which the sample company stands."""

from datetime import date, datetime

import pytest

from flowrack.integrations.replay.house import SHOP
from flowrack.integrations.sample.company import last_moment


@pytest.mark.parametrize(("hour", "minute", "stands_at"), [(2, 41, (2, 41)), (12, 0, (12, 0)), (22, 5, (17, 0))])
def test_the_sample_stands_on_the_day_of_the_clock_at_whatever_hour_it_is_made(hour, minute, stands_at) -> None:
    today, until = last_moment(datetime(2026, 11, 30, hour, minute, tzinfo=SHOP))
    assert today == date(2026, 11, 30)
    assert (until.astimezone(SHOP).date(), until.astimezone(SHOP).hour, until.minute) == (today, *stands_at)
