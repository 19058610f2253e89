"""The closing report of a small history, every measure worked out by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker
from tests.template import copied

from flowrack.integrations.replay.report import as_text, closing_report
from flowrack.integrations.replay.run import run
from flowrack.integrations.replay.types import Settings

# One worker plays the history once for all of them.
pytestmark = pytest.mark.xdist_group("replay_measures")
HISTORY = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
100001,85001,RED MUG,600,2010-03-01 10:02:00,2.00,10001,United Kingdom
100002,85001,RED MUG,400,2010-03-01 11:30:00,2.00,10002,United Kingdom
100002,85002,BLUE PLATE,10,2010-03-01 11:30:00,5.00,10002,United Kingdom
100003,85002,BLUE PLATE,4,2010-03-02 09:15:00,5.00,10001,United Kingdom
100004,85002,BLUE PLATE,1,2010-03-17 10:00:00,5.00,10002,United Kingdom
"""


@pytest.fixture(scope="module")
def report(django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    path: Path = tmp_path_factory.mktemp("history") / "orders.csv"
    path.write_text(HISTORY)
    settings = Settings(seed=1, days=None, sites=("KW1",), verify_daily=True)
    with django_db_blocker.unblock(), copied(f"flowrack_measures_test_{os.getpid()}"):
        yield closing_report(run(path, settings, lambda _: None))


def parts(report: dict[str, Any], key: str) -> tuple[str, str, str]:
    kpi = report["kpis"][key]
    return kpi["value"], kpi["numerator"], kpi["denominator"]


def test_fill_rates_count_the_orders_due_by_the_last_day(report: dict[str, Any]) -> None:
    """924 mugs lie there on the first morning: 600 leave, then 324 of 400. The last order is wanted on the day after
    the last, and so is due to leave on the last, as goods travel a day: its plate leaves."""
    assert parts(report, "line_fill") == ("80.0", "4", "5")
    assert parts(report, "unit_fill") == ("92.5", "939", "1015")
    assert parts(report, "order_fill") == ("75.0", "3", "4")


def test_order_cycle_time_runs_until_the_last_unit_has_left(report: dict[str, Any]) -> None:
    """Everything leaves at 13:58: 3.93, 4.72 and 3.97 hours, and 386.47 for the order that waited until the 17th."""
    assert parts(report, "cycle_p50")[0::2] == ("4.3", "4")
    assert parts(report, "cycle_p90")[0::2] == ("271.9", "4")


def test_dock_to_stock_runs_from_the_truck_at_seven_to_the_bin_at_half_past_nine(report: dict[str, Any]) -> None:
    assert parts(report, "dock_p50")[0::2] == ("150.0", "3564")
    assert parts(report, "dock_p90")[0::2] == ("150.0", "3564")


def test_turns_compare_the_cost_of_what_was_sold_with_the_mean_value_of_stock(report: dict[str, Any]) -> None:
    """1,000 mugs at 1.08 and 15 plates at 3.05, over stock of 1,107.72 before the first day and 3,831.09 at the end."""
    assert parts(report, "turns") == ("9.8", "1125.7500", "2469.4050")


def test_accuracy_is_of_six_picks_and_of_the_one_bin_that_was_counted(report: dict[str, Any]) -> None:
    assert parts(report, "pick") == ("100.0", "6", "6")
    assert parts(report, "units") == ("100.0", "26", "26")
    assert parts(report, "bins") == ("100.0", "1", "1")


def test_the_report_says_the_period_the_work_and_that_the_books_were_proved(report: dict[str, Any]) -> None:
    assert (report["from"], report["to"], report["days"]) == ("2010-03-01", "2010-03-17", 3)
    assert (report["orders"], report["order_lines"], report["moves"]) == (4, 5, 24)
    assert report["verify_findings"] == 0
    told = as_text(report)
    assert "Line fill rate                  80.0 %      lines in full by the ship-by day / lines due: 4 / 5" in told
    assert "Order cycle time, median        4.3 h       last ship confirm - order entered; 4 measured" in told
