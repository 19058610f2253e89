"""The days of an order: what is wanted at the door, and by when it must leave for that."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.sales import commands, queries_days, steps_days
from flowrack.sales.commands_changes import change_order
from flowrack.sales.types import EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.sales.types_changes import ChangeOrder

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)  # a Monday
FRI, NEXT_MON, NEXT_TUE = date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)


@pytest.fixture
def at():
    place = outbound.house()
    outbound.item("4711")
    outbound.customer("ACME", life=10)
    return place


def enter(at, *, now: datetime = NOW, **days: date):
    """An order of ACME; its days: wanted, nothing after, ship by, the last day to leave, way, life on leaving."""
    order = NewOrder("ACME", at.site, [NewLine("4711", Decimal(1))], **days)  # type: ignore[arg-type]
    done = commands.enter_orders(ctx(KIM, now=now), EnterOrders([order])).orders[0]
    return done.order_id, days_of(done.order_id)


def days_of(order_id: int):
    return sql.fetch_one(
        """
        SELECT requested_on, latest_on, ship_by_on, latest_ship_on, transit_days, min_life_days FROM sales_order
        WHERE id = %s
        """,
        (order_id,),
    )


def address(code: str, region: str = "", transit_days: int | None = None) -> None:
    sql.execute(
        """
        INSERT INTO parties_address (party_id, code, name, transit_days, region, is_default, is_active, is_to_check,
                                     lines, city, postcode, country)
        SELECT id, %s, %s, %s, %s, false, true, false, '{}', '', '', 'GB' FROM parties_party WHERE code = 'ACME'
        """,
        (code, code, transit_days, region),
    )


@pytest.mark.parametrize(
    ("wanted", "leaves"),
    [
        (date(2026, 3, 3), TODAY),
        (NEXT_MON, FRI),
        (date(2026, 3, 7), date(2026, 3, 5)),  # a Saturday: there on the Friday before
        (date(2026, 3, 8), date(2026, 3, 5)),
    ],
)
def test_an_order_must_leave_a_weekday_before_it_is_wanted(at, wanted, leaves):
    _, (requested_on, _, ship_by_on, _, way, life) = enter(at, requested_on=wanted)
    assert (requested_on, ship_by_on) == (wanted, leaves)
    assert (way, life) == ((wanted - leaves).days, 10 + (wanted - leaves).days)


def test_the_latest_day_is_one_of_arrival_too(at):
    assert enter(at, requested_on=date(2026, 3, 4), latest_on=NEXT_MON)[1] == (
        date(2026, 3, 4), NEXT_MON, date(2026, 3, 3), FRI, 1, 11,
    )  # fmt: skip


def test_a_customer_who_gives_a_ship_day_is_dated_by_it(at):
    order_id, days = enter(at, ship_on=FRI, latest_on=NEXT_MON)
    assert days == (NEXT_MON, NEXT_TUE, FRI, NEXT_MON, 3, 13)
    change_order(ctx(KIM), ChangeOrder(order_id, requested_on=NEXT_TUE))
    assert days_of(order_id) == (NEXT_TUE, NEXT_TUE, NEXT_MON, NEXT_MON, 1, 11)
    with pytest.raises(OrderRefused) as refused:
        enter(at, ship_on=FRI, requested_on=NEXT_MON)
    assert [(bad.field, bad.fix) for bad in refused.value.lines] == [
        ("ship_on", "Name one of them: the other follows from the way.")
    ]
    with pytest.raises(OrderRefused, match="1 to mend"):
        enter(at, ship_on=TODAY - timedelta(days=1))


def test_an_order_without_a_day_is_wanted_when_what_leaves_today_arrives(at):
    assert enter(at)[1][:3] == (date(2026, 3, 3), None, TODAY)
    friday = NOW + timedelta(days=4)
    assert enter(at, now=friday)[1][:3] == (NEXT_MON, None, FRI)


def test_an_order_without_a_day_after_the_last_cut_off_has_what_leaves_on_the_next_day(at):
    days = [TODAY, date(2026, 3, 3), date(2026, 3, 4)]
    rows, until = [("", day, 1) for day in days], [time(16, 30)] * 3
    steps_days.write_send_days(at.site, rows, today=TODAY, until=until)
    just_in_time, late = (NOW.replace(hour=hour, minute=minute) for hour, minute in ((16, 29), (16, 30)))
    assert enter(at, now=just_in_time)[1][:3] == (date(2026, 3, 3), None, TODAY)
    assert enter(at, now=late)[1][:3] == (date(2026, 3, 4), None, date(2026, 3, 3))
    steps_days.write_send_days(at.site, rows, today=TODAY, until=[time(17)] * 3)
    assert enter(at, now=late)[1][:3] == (date(2026, 3, 3), None, TODAY)
    assert enter(at, now=late, requested_on=date(2026, 3, 3))[1][2] == TODAY, "a day that is named is the customer's"


def warned(at, *, now: datetime = NOW, **days: date) -> list[str]:
    order = NewOrder("ACME", at.site, [NewLine("4711", Decimal(1))], **days)  # type: ignore[arg-type]
    return commands.enter_orders(ctx(KIM, now=now), EnterOrders([order])).orders[0].warnings


def test_entry_warns_of_days_that_cannot_be_kept_and_names_the_first_possible_one(at):
    rows = [("", TODAY + timedelta(days=n), 1) for n in (0, 1, 2, 3, 4)]
    steps_days.write_send_days(at.site, rows, today=TODAY, until=[time(16, 30)] * 5)
    just_in_time, late = (NOW.replace(hour=hour, minute=minute) for hour, minute in ((16, 29), (16, 30)))
    tomorrow = date(2026, 3, 3)
    assert warned(at, now=just_in_time, requested_on=tomorrow) == []
    assert warned(at, now=late, requested_on=tomorrow) == [
        "Wanted on Tue 3 Mar 2026, it had to leave by Mon 2 Mar 2026: too late. The last cut-off of today, 16:30, has"
        " passed. It leaves on Tue 3 Mar 2026 at the earliest and is there on Wed 4 Mar 2026."
    ]
    assert warned(at, now=just_in_time, requested_on=TODAY) == [
        "Wanted on Mon 2 Mar 2026, it had to leave by Fri 27 Feb 2026: too late."
        " It leaves on Mon 2 Mar 2026 at the earliest and is there on Tue 3 Mar 2026."
    ]
    assert warned(at, now=late, ship_on=TODAY, latest_on=tomorrow) == [
        "To leave on Mon 2 Mar 2026: too late. The last cut-off of today, 16:30, has passed."
        " It leaves on Tue 3 Mar 2026 at the earliest and is there on Wed 4 Mar 2026."
    ]
    assert warned(at, now=late, latest_on=tomorrow) == [
        "Wanted on Tue 3 Mar 2026, it had to leave by Mon 2 Mar 2026: too late. The last cut-off of today, 16:30, has"
        " passed. It leaves on Tue 3 Mar 2026 at the earliest and is there on Wed 4 Mar 2026.",
        "Nothing after Tue 3 Mar 2026 cannot be kept: what has not left by then is cancelled.",
    ]
    assert warned(at, now=late) == []


def test_closed_days_and_regions_count_and_the_address_goes_first(at):
    rows = [("", day, 1) for day in (TODAY, date(2026, 3, 3), date(2026, 3, 5), FRI, NEXT_MON)]
    rows += [("Scotland", day, 2) for day in (TODAY, date(2026, 3, 5))]
    steps_days.write_send_days(at.site, rows, today=TODAY)
    address("NORTH", "Scotland")
    address("NEAR", "Scotland", 0)
    assert enter(at, requested_on=date(2026, 3, 5))[1][2] == date(2026, 3, 3)  # Wednesday the 4th is closed
    assert enter(at, requested_on=FRI, ship_to="NORTH")[1][2] == TODAY
    assert enter(at, requested_on=NEXT_MON, ship_to="NORTH")[1][2] == date(2026, 3, 5)
    assert enter(at, requested_on=FRI, ship_to="NEAR")[1][2] == date(2026, 3, 5)
    assert enter(at, ship_on=date(2026, 3, 4))[1][0] == FRI


def test_open_orders_follow_the_calendar_and_others_stay(at):
    before, after = enter(at, requested_on=date(2026, 3, 4))[0], enter(at, requested_on=NEXT_MON)[0]
    week = [("", TODAY + timedelta(days=n), 1) for n in (0, 1, 2, 3, 4, 7, 8)]
    assert steps_days.write_send_days(at.site, week, today=TODAY) == 2
    assert steps_days.write_send_days(at.site, week, today=TODAY) == 0
    assert steps_days.write_send_days(at.site, [row for row in week if row[1] != FRI], today=TODAY) == 1
    assert days_of(before)[2] == date(2026, 3, 3)
    assert days_of(after)[2:5] == (date(2026, 3, 5), None, 4)
    assert steps_days.write_send_days(at.site, [], today=TODAY) == 2
    assert days_of(after)[2] == FRI


def test_a_faster_way_on_the_last_day_does_not_stop_the_calendar(at):
    thursday = date(2026, 3, 5)
    order_id, days = enter(at, ship_on=thursday, latest_on=FRI)
    assert days[:4] == (FRI, NEXT_MON, thursday, FRI)
    slow, express = ("", thursday, 5), ("", FRI, 1)
    assert steps_days.write_send_days(at.site, [slow, express], today=TODAY) == 1
    assert days_of(order_id)[:5] == (date(2026, 3, 12), date(2026, 3, 12), thursday, FRI, 7)


def test_when_what_leaves_arrives(at):
    [line] = outbound.order(at.site, "ACME", ("4711", 1)).line_ids
    assert queries_days.arrivals([(line, FRI), (line, TODAY)]) == {
        (line, FRI): NEXT_MON,
        (line, TODAY): date(2026, 3, 3),
    }


def test_a_wish_for_a_day_on_which_nothing_arrives_is_told_with_the_day_that_can_be_kept(at):
    assert warned(at, requested_on=date(2026, 3, 7)) == [
        "Nothing arrives on Sat 7 Mar 2026, the wanted day: it leaves by Thu 5 Mar 2026 and is there on Fri 6 Mar 2026."
    ]
    assert warned(at, requested_on=FRI) == []
    assert warned(at, ship_on=FRI) == []
    [sunday] = warned(at, requested_on=date(2026, 3, 8))
    assert sunday.endswith("it leaves by Thu 5 Mar 2026 and is there on Fri 6 Mar 2026.")
