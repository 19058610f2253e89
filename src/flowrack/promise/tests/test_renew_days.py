from datetime import date, time, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_days, commands_setup, queries, queries_days, rules_days
from flowrack.promise.rules_house import after_weekdays
from flowrack.promise.tests import given
from flowrack.promise.types import CutOffOf, RenewDays, SetCutOffs, SetPolicy

pytestmark = pytest.mark.django_db
FRI, MON = date(2026, 3, 6), date(2026, 3, 9)


def ship_by(order) -> date:
    return sql.fetch_value("SELECT ship_by_on FROM sales_order WHERE id = %s", (order.order_id,))


def test_a_slower_way_lets_open_orders_leave_earlier():
    at = given.house(10)
    order = outbound.order(at.site, "ACME", ("V-200", 1), on=MON)
    assert ship_by(order) == FRI
    commands_setup.set_policy(ctx(ADA), SetPolicy(at.site, transit_days=2))
    assert ship_by(order) == date(2026, 3, 5)
    commands_setup.set_cut_offs(ctx(ADA), SetCutOffs(at.site, [CutOffOf(0, time(15), [1, 3], "", 1)]))
    assert ship_by(order) == date(2026, 3, 4)  # Mondays and Wednesdays


def test_as_time_goes_on_days_are_added_and_orders_stay():
    at = given.house(10)
    commands_setup.set_policy(ctx(ADA), SetPolicy(at.site, transit_days=2))
    order = outbound.order(at.site, "ACME", ("V-200", 1), on=MON)
    assert not queries_days.any_stale(NOW)
    later = NOW + timedelta(days=3)
    assert queries_days.any_stale(later)
    commands_days.renew_days(context_for_system(later, "round"), RenewDays())
    assert not queries_days.any_stale(later)
    assert sql.fetch_value("SELECT max(d.on) FROM sales_sendday d") == date(2027, 4, 9)  # 400 days on, a Friday
    assert ship_by(order) == date(2026, 3, 5)


def test_a_site_like_any_other_has_no_days_of_its_own():
    at = given.house(10)
    commands_setup.set_policy(ctx(ADA), SetPolicy(at.site, line_seconds=30))
    assert sql.fetch_value("SELECT count(*) FROM sales_sendday") == 0


def test_the_database_counts_weekdays_as_the_rules_do():
    at = given.house(0)
    commands_setup.set_policy(ctx(ADA), SetPolicy(at.site, transit_days=3))
    site = queries.sites([at.site], NOW)[at.site]
    rows = {day: days for _, day, days, _, _ in rules_days.rows_of(site)}
    for n in range(30):
        day = date(2026, 3, 2) + timedelta(days=n)
        for days in range(8):
            said = sql.fetch_value("SELECT sales_after_weekdays(%s, %s)", (day, days))
            assert said == after_weekdays(day, days), (day, days)
        leaves = sql.fetch_value("SELECT sales_leaves_for(%s, '', NULL, %s)", (at.site, day))
        assert leaves == max(on for on, way in rows.items() if after_weekdays(on, way) <= day)
        usual = sql.fetch_value("SELECT sales_leaves_for(0, '', 3, %s)", (day,))
        assert usual == leaves, day
