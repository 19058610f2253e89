from datetime import UTC, datetime, timedelta

import pytest
from tests.cast import NOW

from flowrack.analytics.queries.tower_overdue import overdue
from flowrack.platform import sql
from flowrack.promise.tests import given

pytestmark = pytest.mark.django_db
NOVEMBER = datetime(2026, 11, 2, 9, tzinfo=UTC)


def coming(site_id, now):
    return overdue(site_id, now, 5)


def test_quotes_that_end_today_are_one_row_of_a_site():
    at = given.house(100)
    assert coming(0, NOW) == []
    one = given.quote(10)
    [row] = coming(at.site, NOW)
    assert (row.name, row.url_name, row.url_id, row.tone) == (one.number, "promise_quote", one.quote_id, "wait")
    assert row.text.startswith("ends today at ")
    two = given.quote(5)
    sql.execute(
        "UPDATE promise_quote SET doubt = 'PO-1 comes later', doubted_at = %s WHERE id = %s", (NOW, two.quote_id)
    )
    [row] = coming(0, NOW)
    assert (row.name, row.url_name, row.url_id, row.tone) == ("2 quotes W1", "promise_quotes", 0, "warn")
    assert f"end today, {one.number} first at " in row.text and row.text.endswith("; 1 cannot be kept")
    sql.execute("UPDATE promise_quote SET expires_at = %s", (NOW + timedelta(days=1),))
    assert coming(0, NOW) == []


def test_a_calendar_without_next_year_is_said_from_october_on():
    at = given.house(100)
    assert coming(0, NOVEMBER) == [], "a site without a country and without closed days keeps none"
    sql.execute("UPDATE locations_site SET country = 'GB' WHERE id = %s", (at.site,))
    for when in (NOW, NOVEMBER):
        [row] = coming(0, when)
        assert (row.name, row.url_id) == ("Calendar W1", at.site)
        assert row.text == "no holiday is set: promises take each for a working day"
    closed = "INSERT INTO promise_closedday (site_id, \"on\", reason) VALUES (%s, %s, 'Christmas Day')"
    sql.execute(closed, (at.site, "2026-12-25"))
    [row] = coming(0, NOVEMBER)
    assert (row.name, row.text, row.url_id) == ("Calendar W1", "no day of 2027 is closed yet", at.site)
    assert coming(0, NOVEMBER - timedelta(days=60)) == []
    sql.execute(
        "INSERT INTO promise_closedday (site_id, \"on\", reason) VALUES (%s, '2027-01-01', 'New Year')", (at.site,)
    )
    assert coming(0, NOVEMBER) == []
    sql.execute("DELETE FROM promise_closedday")
    sql.execute(
        """INSERT INTO promise_openday (site_id, "on", name, decided_by_id, decided_at)
           SELECT %s, '2027-01-01', 'New Year', min(id), %s FROM platform_user""",
        (at.site, NOVEMBER),
    )
    assert coming(0, NOVEMBER) == [], "a site that works on all of them said so"
