"""Lines on whose promised day nothing leaves: what is open of them is written anew only when it got worse."""

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, ctx

from flowrack.allocation.steps_exceptions import NotSent, raise_not_sent
from flowrack.platform import sql

pytestmark = pytest.mark.django_db
PROMISED, NEXT = date(2026, 3, 4), date(2026, 3, 6)


def test_a_line_of_which_nobody_can_say_any_more_when_it_leaves_is_told_anew_once():
    here = outbound.house()
    outbound.item("4711")
    outbound.customer()
    [line_id] = outbound.order(here.site, "ACME", ("4711", 10)).line_ids

    def told(next_on: date | None, why: str) -> tuple[object, ...]:
        raise_not_sent(ctx(ADA), [NotSent(line_id, 10, PROMISED, next_on, why)])
        return sql.fetch_one("SELECT covered_on, reason FROM allocation_promiseexception WHERE closed_at IS NULL")

    assert told(NEXT, "closed that day") == (NEXT, "closed that day")
    assert told(date(2026, 3, 5), "a truck the day before") == (NEXT, "closed that day"), "better is not at risk anew"
    assert told(None, "nothing goes there") == (None, "nothing goes there")
    assert told(None, "still nothing") == (None, "nothing goes there")
    assert sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'cover'") == 2
