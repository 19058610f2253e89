from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_days as commands
from flowrack.promise.forms_days import read_any_day, rows_of
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
FRI, MON = date(2026, 3, 6), date(2026, 3, 9)


def closed():
    return sql.fetch_all('SELECT site_id, "on", reason FROM promise_closedday ORDER BY 1, 2')


def test_a_list_closes_sites_and_orders_are_to_leave_the_day_before():
    at, other = given.house(10), outbound.house("W2")
    order = outbound.order(at.site, "ACME", ("V-200", 1), on=MON)
    by = "SELECT ship_by_on FROM sales_order WHERE id = %s"
    assert sql.fetch_value(by, (order.order_id,)) == FRI
    days = [ClosedOn(FRI, "Founders' day"), ClosedOn(date(2026, 12, 25), " Christmas Day ")]
    assert commands.set_closed_days(ctx(ADA), SetClosedDays([at.site, other.site], days)).count == 2
    assert closed() == [
        (site, day, why)
        for site in sorted((at.site, other.site))
        for day, why in ((FRI, "Founders' day"), (date(2026, 12, 25), "Christmas Day"))
    ]
    assert sql.fetch_value(by, (order.order_id,)) == date(2026, 3, 5)
    commands.set_closed_days(ctx(ADA), SetClosedDays([at.site], [ClosedOn(FRI, "")]))
    assert sql.fetch_value(by, (order.order_id,)) == FRI
    assert len(closed()) == 3


def test_a_bad_list_names_its_rows_and_changes_nothing():
    at = given.house(10)
    days = [ClosedOn(FRI, "one"), ClosedOn(MON, "x" * 81), ClosedOn(FRI, "two")]
    with pytest.raises(BadSetup) as refused:
        commands.set_closed_days(ctx(ADA), SetClosedDays([at.site], days))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [(2, "reason"), (3, "on")]
    with pytest.raises(BadSetup):
        commands.set_closed_days(ctx(ADA), SetClosedDays([], []))
    with pytest.raises(BadSetup):
        many = [ClosedOn(FRI + timedelta(days=n), "x") for n in range(1_001)]
        commands.set_closed_days(ctx(ADA), SetClosedDays([at.site], many))
    with pytest.raises(NotPermitted):
        commands.set_closed_days(ctx(KIM), SetClosedDays([at.site], [ClosedOn(FRI, "one")]))
    assert closed() == []


@pytest.mark.parametrize("text", ["2026-12-25", "25.12.2026", "25 Dec 2026", "Fri 25 December 2026", "25/12/2026"])
def test_days_are_read_as_people_write_them(text):
    assert read_any_day(text) == date(2026, 12, 25)


def test_what_may_be_two_days_is_none():
    assert read_any_day("1/2/2026") is None
    assert read_any_day("31.02.2026") is None
    assert read_any_day("5/5/2026") == date(2026, 5, 5)


def test_a_list_is_read_from_a_spreadsheet_or_a_csv_file():
    assert rows_of('Date,Holiday\r\n2026-12-25,"Christmas, first day"\n\n') == [["2026-12-25", "Christmas, first day"]]
    assert rows_of("25.12.2026;Christmas") == [["25.12.2026", "Christmas"]]
    assert rows_of("2026-12-25\tChristmas\n") == [["2026-12-25", "Christmas"]]
    assert rows_of(" \n") == []


def test_each_row_of_a_list_is_parted_by_its_own_separator():
    mixed = (
        "Day;Why\n2026-12-03;Stocktaking\n25 Dec 2026,Christmas\n2026-12-26\tBoxing Day\n2026-12-31;Eve, and inventory"
    )
    assert rows_of(mixed) == [
        ["2026-12-03", "Stocktaking"],
        ["25 Dec 2026", "Christmas"],
        ["2026-12-26", "Boxing Day"],
        ["2026-12-31", "Eve, and inventory"],
    ]
