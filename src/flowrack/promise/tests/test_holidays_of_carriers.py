"""Public holidays of carriers: no service goes or delivers on them, and the days of orders follow."""

from datetime import date, datetime, time

import pytest
from tests import outbound
from tests.cast import ADA, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_days, commands_setup, queries, queries_days, queries_replay, rules_days
from flowrack.promise.rules_case import Site
from flowrack.promise.rules_house import NONE, CutOff, House, Reason, Why, Work, first_trip, last_trip, there_on
from flowrack.promise.tests import given
from flowrack.promise.tests.test_set_cut_offs import service
from flowrack.promise.types import CutOffOf, RenewDays, SetCutOffs

THU, CHRISTMAS, BOXING, OBSERVED, TUE = (date(2026, 12, n) for n in (24, 25, 26, 28, 29))
HOLIDAYS = {"GB": (CHRISTMAS, BOXING, OBSERVED)}


def services(*rows: tuple[int, int, str]) -> tuple[CutOff, ...]:
    """Services (id, days on the way, whose holidays) that go at three on weekdays."""
    return tuple(
        CutOff(key, f"Service {key}", "", day, time(15), days, keeps)
        for key, days, keeps in rows
        for day in range(1, 6)
    )


def leaves(house: House, on: date) -> tuple[date, date, str] | None:
    trip = first_trip(house, Work(0), now=datetime.combine(on, time(9)), not_before=on)
    return trip and (trip.ships_on, trip.arrives_on, trip.service)


def test_nothing_goes_and_nothing_is_delivered_on_a_holiday_of_the_carrier():
    house = House(cut_offs=services((1, 1, "GB")), holidays=HOLIDAYS)
    assert leaves(house, THU) == (THU, TUE, "Service 1"), "Friday and Monday are holidays"
    assert leaves(house, CHRISTMAS) == (TUE, date(2026, 12, 30), "Service 1")
    trip = first_trip(house, Work(0), now=datetime.combine(CHRISTMAS, time(9)), not_before=CHRISTMAS)
    assert trip is not None and trip.reasons[0] == Reason(CHRISTMAS, Why.HOLIDAY)
    by_monday = last_trip(
        house, Work(0), now=datetime(2026, 12, 21, 9), not_before=date(2026, 12, 21), arrives_by=OBSERVED
    )
    assert by_monday is not None and (by_monday.ships_on, by_monday.arrives_on) == (date(2026, 12, 23), THU)


def test_a_carrier_that_keeps_none_goes_all_the_same_and_is_the_fastest_then():
    house = House(cut_offs=services((1, 1, "GB"), (2, 2, NONE)), holidays=HOLIDAYS)
    assert leaves(house, date(2026, 12, 21)) == (date(2026, 12, 21), date(2026, 12, 22), "Service 1")
    assert leaves(house, THU) == (THU, OBSERVED, "Service 2")
    assert leaves(house, CHRISTMAS) == (CHRISTMAS, TUE, "Service 2")
    [first, *_] = house.cut_offs
    assert there_on(house, first, THU, way=2) == date(2026, 12, 30), (
        "days that the customer names are no holidays either"
    )


def test_without_a_service_nothing_goes_on_what_all_carriers_keep():
    house = House(holidays={"": (CHRISTMAS, OBSERVED)})
    assert leaves(house, THU) == (THU, TUE, "")
    rows = rules_days.rows_of(Site(1, "KW1", "Kestrel Wharf", datetime(2026, 12, 21, 9), house))
    assert (THU, 1, (CHRISTMAS, OBSERVED)) in [(day, days, off) for _, day, days, _, off in rows]
    assert CHRISTMAS not in [row[1] for row in rows]
    assert rules_days.rows_of(Site(1, "KW1", "Kestrel Wharf", datetime(2026, 12, 21, 9), House())) == []


@pytest.mark.django_db
def test_what_all_carriers_keep_is_the_holidays_of_a_site_without_services():
    site = given.house(10).site
    service()
    other = sql.fetch_value(
        """INSERT INTO parties_party (code, name, is_carrier, holidays_of) VALUES ('TIDE', 'Tide', true, 'DE')
           RETURNING id"""
    )
    sql.execute(
        "INSERT INTO parties_carrierservice (carrier_id, code, name, transit_days) VALUES (%s, 'E', 'E', 1)", (other,)
    )
    assert queries.sites([site], NOW)[site].house.holidays == {}, "one of them keeps none"
    sql.execute("UPDATE parties_party SET holidays_of = 'GB' WHERE code = 'DPD'")
    common = queries.sites([site], NOW)[site].house.holidays[""]
    assert [day for day in common if day.year == 2026] == [
        date(2026, 1, 1), GOOD_FRIDAY, date(2026, 5, 25), CHRISTMAS, BOXING,
    ]  # fmt: skip


@pytest.fixture
def at():
    found = given.house(10)
    commands_setup.set_cut_offs(ctx(ADA), SetCutOffs(found.site, [CutOffOf(service(), time(15))]))
    return found


def keep(country: str) -> None:
    sql.execute("UPDATE parties_party SET holidays_of = %s WHERE is_carrier", (country,))


GOOD_FRIDAY, EASTER_MONDAY, AFTER = date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 7)


@pytest.mark.django_db
def test_orders_and_promises_follow_the_holidays_of_the_carrier(at):
    order = outbound.order(at.site, "ACME", ("V-200", 1), on=EASTER_MONDAY)
    leaves_by = "SELECT ship_by_on FROM sales_order WHERE id = %s"
    assert sql.fetch_value(leaves_by, (order.order_id,)) == GOOD_FRIDAY
    assert not queries_days.any_stale(NOW)
    keep("GB")
    assert queries_days.any_stale(NOW), "the worker sees it"
    commands_days.renew_days(context_for_system(NOW, "round"), RenewDays())
    assert not queries_days.any_stale(NOW)
    assert sql.fetch_value(leaves_by, (order.order_id,)) == date(2026, 4, 2), "nothing leaves on Good Friday"
    arrives = "SELECT sales_arrives_from(%s, '', %s, %s)"
    assert sql.fetch_value(arrives, (at.site, None, date(2026, 4, 2))) == EASTER_MONDAY, "kept in part of the country"
    assert sql.fetch_value(arrives, (at.site, 0, GOOD_FRIDAY)) == EASTER_MONDAY
    assert sql.fetch_value(arrives, (at.site, 2, date(2026, 4, 2))) == AFTER
    held = given.quote(5, wanted_on=EASTER_MONDAY)
    assert (held.ships_on, held.arrives_on) == (date(2026, 4, 2), EASTER_MONDAY)
    assert queries_replay.replay(10).differing == []


@pytest.mark.django_db
def test_the_database_counts_the_way_past_holidays_as_the_rules_do(at):
    keep("GB")
    site = queries.sites([at.site], NOW)[at.site]
    assert site.house.holidays["GB"][:3] == (date(2026, 1, 1), GOOD_FRIDAY, date(2026, 5, 4))
    commands_days.renew_days(context_for_system(NOW, "round"), RenewDays())
    [goes] = {one.service_id for one in site.house.cut_offs}
    row = next(one for one in site.house.cut_offs if one.service_id == goes)
    for region, day, _, _, off in rules_days.rows_of(site)[60:260]:
        assert region == "" and all(day < one for one in off)
        for way in range(7):
            said = sql.fetch_value("SELECT sales_arrives_from(%s, '', %s, %s)", (at.site, way, day))
            assert said == there_on(site.house, row, day, way), (day, way)
