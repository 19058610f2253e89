"""A promise at risk reads the same in the list, on the control tower and on the order's page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, KIM, NOW, ctx, signed_in

from flowrack.allocation import queries_cover
from flowrack.analytics.queries import tower
from flowrack.ledger.tests.house import today
from flowrack.platform import outbox, sql
from flowrack.promise.commands_days import set_closed_days
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.sales import steps as sales

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
NEXT_WEEK = date(2026, 3, 12)


@pytest.fixture
def late():
    """An order of units that nobody has, wanted in ten days and promised for it, at risk."""
    at = outbound.house()
    outbound.item("V-200")
    outbound.customer("ACME", tier="A")
    order = outbound.order(at.site, "ACME", ("V-200", 6), on=date(2026, 3, 13))
    outbox.drain(now=NOW)
    sales.set_promises({order.line_ids[0]: NEXT_WEEK})
    sql.execute(
        """
        INSERT INTO promise_linepromise (line_id, site_id, first_ships_on, ships_on, arrives_on, seconds, promised_at,
                                         change)
        VALUES (%s, %s, %s, %s, %s, 90, %s, 1)
        """,
        (order.line_ids[0], at.site, NEXT_WEEK, NEXT_WEEK, NEXT_WEEK + timedelta(days=1), NOW),
    )
    sql.execute(
        """
        INSERT INTO allocation_promiseexception (order_line_id, promised_on, units, reason, raised_at, closing)
        VALUES (%s, %s, 6, 'PO-9 moved', %s, '')
        """,
        (order.line_ids[0], NEXT_WEEK, NOW),
    )
    return order


def shown(order, at: datetime = NOW):
    return [(t.name, t.promise, t.cause, t.when) for t in tower.troubles(0, at) if t.name == order.number]


def test_the_tower_shows_what_the_list_shows_and_no_more(late):
    assert [(row.order, row.promised_on) for row in queries_cover.exceptions([0])] == [(late.number, NEXT_WEEK)]
    assert shown(late) == [(late.number, NEXT_WEEK, "Promise at risk", "today")]
    sql.execute(
        "UPDATE allocation_promiseexception SET closed_at = %s, closing = 'told', closed_by_id = %s", (NOW, KIM.id)
    )
    assert queries_cover.exceptions([0]) == []
    assert shown(late) == [], "it is to leave in more than a week"
    [soon] = shown(late, NOW + timedelta(days=7))
    assert soon == (late.number, NEXT_WEEK, "No supply", "week"), "the day promised, not the day wanted"


def test_the_order_page_says_that_it_is_at_risk_and_since_when_it_is_overdue(late):
    page = signed_in(KIM).get(f"/orders/{late.order_id}").content.decode()
    assert "at risk" in page
    assert ("overdue since" in page) == (today() > NEXT_WEEK)
    sql.execute("UPDATE promise_linepromise SET ships_on = %s, arrives_on = %s", (date(2099, 3, 2), date(2099, 3, 3)))
    page = signed_in(KIM).get(f"/orders/{late.order_id}").content.decode()
    assert "overdue since" not in page and "2 Mar 2099" in page and "3 Mar 2099" in page


def test_an_order_with_all_its_units_is_on_the_tower_when_its_day_is_closed():
    at = outbound.house()
    outbound.receive(at, outbound.item("V-200"), 6, "1", "reserve1")
    outbound.customer("ACME", tier="A")
    order = outbound.order(at.site, "ACME", ("V-200", 6))
    outbox.drain(now=NOW)
    outbound.allocate(at.site, order)
    tuesday = date(2026, 3, 3)
    set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(tuesday, "Stocktaking")]))
    [shown] = [one for one in tower.troubles(at.site, NOW) if one.kind == "order"]
    assert (shown.name, shown.text, shown.cause) == (order.number, "6 × V-200 leave late, ACME Ltd", "Promise at risk")
    [listed] = queries_cover.exceptions([at.site])
    assert (listed.promised_on, listed.covered_on, listed.units) == (tuesday, date(2026, 3, 4), 6)
