"""refresh_item_history: the summary says the same as all lines would, and is told of each line once."""

from __future__ import annotations

import random
from decimal import Decimal
from importlib import import_module
from statistics import median_low

import pytest
from tests import outbound
from tests.cast import NOW

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.sales import commands_holds, jobs
from flowrack.sales.rules_holds import SHIPPED, doubtful_units
from flowrack.sales.tests import desk
from flowrack.sales.types_holds import ItemHistoryRefreshed, RefreshItemHistory

pytestmark = pytest.mark.django_db(transaction=True)


def history() -> tuple[int, Decimal, Decimal, int | None, int]:
    row = sql.fetch_one(
        "SELECT lines, median, deviation, doubtful_units, greatest_units FROM sales_itemhistory WHERE item_id <> 0"
    )
    assert row is not None
    return row[0], row[1], row[2], row[3], row[4]


def test_the_summary_is_the_median_and_its_deviation_of_all_lines():
    at = outbound.house()
    outbound.item("A")
    outbound.customer("ACME")
    rng = random.Random(7)
    units = [9_000, *(rng.choice([1, 2, 6, 12, 12, 24, 48, 600]) for _ in range(74))]  # so that no order is held
    for part in (units[:30], units[30:]):
        outbound.order(at.site, "ACME", *[("A", n) for n in part])
        desk.told(at.site, str(len(part)))
    logs = sorted(Decimal(n).ln() for n in units)
    middle = median_low(logs)
    away = median_low(sorted(abs(x - middle) for x in logs))
    lines, median, deviation, doubtful, greatest = history()
    assert (lines, median, deviation) == (75, round(middle, 4), round(away, 4))
    assert doubtful == doubtful_units(SHIPPED, lines=lines, median=median, deviation=deviation, greatest=9_000)
    assert greatest == 9_000


def test_where_lines_spread_widely_five_times_the_largest_is_the_limit():
    at = outbound.house()
    outbound.item("A")
    outbound.customer("ACME")
    outbound.order(at.site, "ACME", *[("A", 3 * 10 ** (n % 3)) for n in range(24)])
    desk.told(at.site, "wide")
    lines, median, deviation, doubtful, greatest = history()
    assert (lines, greatest, doubtful) == (24, 300, 1_500)
    assert doubtful == doubtful_units(SHIPPED, lines=lines, median=median, deviation=deviation, greatest=greatest)


def test_the_limits_of_a_company_that_was_there_before_are_those_of_the_rule_without_another_order():
    at = outbound.house()
    outbound.item("A")
    outbound.item("B")
    outbound.customer("ACME")
    outbound.order(at.site, "ACME", *[("A", 3 * 10 ** (n % 3)) for n in range(24)], ("B", 12))
    desk.told(at.site, "before")
    kept = "SELECT item_id, lines, median, deviation, greatest_units, doubtful_units FROM sales_itemhistory ORDER BY 1"
    before = sql.fetch_all(kept)
    assert [(row[1], row[5]) for row in before] == [(25, 1_500), (24, 1_500), (1, None)]  # of all lines, A and B
    sql.execute("UPDATE sales_itemhistory SET doubtful_units = 9000000 WHERE doubtful_units IS NOT NULL")
    sql.execute("DELETE FROM sales_itemhistory WHERE item_id = 0")
    sql.execute("DELETE FROM sales_orderedunits WHERE item_id = 0")
    change = import_module("flowrack.sales.migrations.0021_history_of_all_lines")
    sql.execute(change.COUNT)
    sql.execute(change.JUDGE_ANEW)
    assert sql.fetch_all(kept) == before


def test_held_lines_teach_nothing_and_no_line_is_told_twice():
    at = desk.house()
    outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    request = RefreshItemHistory(at.site)
    again = commands_holds.refresh_item_history(context_for_system(NOW, "again"), request)
    assert again == ItemHistoryRefreshed(0, 0)
    assert history()[0] == 20


def test_the_worker_tells_sites_with_news_and_leaves_no_trace_without():
    at = desk.house()
    outbound.order(at.site, "ACME", (desk.ITEM, 12))
    [work] = [one for one in all_periodic() if one.run is jobs.refresh_item_history]
    run_round(work, NOW)
    assert history()[0] == 21
    before = outbound.books()
    run_round(work, NOW.replace(hour=13))
    assert outbound.books() == before
