from datetime import date

import pytest
from tests import outbound
from tests.cast import EVE, KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system, drain
from flowrack.promise import commands_lines, queries_lines
from flowrack.promise.tests import given
from flowrack.promise.types import PromiseLines
from flowrack.sales import steps as sales
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
FRI = date(2026, 3, 6)


def promised(line_id: int):
    row = queries_lines.promise_of([line_id])[0]
    return row.first_ships_on, row.ships_on, row.arrives_on


def test_the_promise_follows_the_day_that_an_urgent_order_moved_and_the_first_stays():
    at = given.house(10)
    [line] = outbound.order(at.site, "ACME", ("V-200", 4), on=date(2026, 3, 4)).line_ids
    drain(now=NOW)
    assert promised(line) == (date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 4))
    sales.set_promises({line: FRI})
    done = commands_lines.follow_promises(context_for_system(NOW, "event"), PromiseLines([line]))
    assert [(one.line_id, one.ships_on, one.arrives_on) for one in done.lines] == [(line, FRI, date(2026, 3, 9))]
    assert promised(line) == (date(2026, 3, 3), FRI, date(2026, 3, 9))
    assert commands_lines.follow_promises(context_for_system(NOW, "again"), PromiseLines([line])).lines == []


def test_who_may_not_promise_moves_nothing():
    at = given.house(10)
    [line] = outbound.order(at.site, "ACME", ("V-200", 4), on=date(2026, 3, 4)).line_ids
    drain(now=NOW)
    sales.set_promises({line: FRI})
    for person in (KIM, EVE):
        with pytest.raises(NotPermitted):
            commands_lines.follow_promises(ctx(person), PromiseLines([line]))
    assert promised(line)[1] == date(2026, 3, 3)
    assert sql.fetch_value("SELECT count(*) FROM sales_orderline WHERE promised_on = %s", (FRI,)) == 1
