"""A replay whose people walk pick lists: what is picked by when, and what the report says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker
from tests.template import copied

from flowrack.fulfilment.rules_cartons import AS_IT_IS, Carton, Plan
from flowrack.fulfilment.types import StagedUnits
from flowrack.integrations import sample
from flowrack.integrations.replay import packing, rules
from flowrack.integrations.replay.history import days, survey_world
from flowrack.integrations.replay.report import as_text, closing_report
from flowrack.integrations.replay.run import Done, run
from flowrack.integrations.replay.types import ReplayRefused, Settings
from flowrack.platform import sql

pytestmark = pytest.mark.xdist_group("replay_floor")
SLICE = Path(sample.__file__).parent / "orders.csv.gz"
ONE = Settings(seed=7, days=2, sites=("KW1",), pickers=1)


@pytest.fixture(scope="module")
def done(django_db_blocker: DjangoDbBlocker) -> Iterator[Done]:
    """Two days of one site with one picker, in a database of their own."""
    with django_db_blocker.unblock(), copied(f"flowrack_floor_test_{os.getpid()}"):
        yield run(SLICE, ONE, lambda _: None)


def test_a_list_takes_a_start_a_walk_and_its_bins() -> None:
    assert rules.list_seconds(90_500, [1, 6, 600]) == 150 + 90 + 12 + 14 + 32


def test_one_picker_makes_the_most_urgent_lists_in_time_and_leaves_the_rest_on_the_floor(done: Done) -> None:
    states = dict(sql.fetch_all("SELECT state, count(*) FROM fulfilment_picklist GROUP BY 1"))
    assert states.keys() == {"open", "done"} and done.tally.lists_late >= states["open"] > 0
    late = """
        SELECT count(*) FROM fulfilment_picklist l JOIN fulfilment_wave w ON w.id = l.wave_id
        WHERE l.state = 'done' AND extract(minute FROM l.finished_at) > 55
    """
    assert sql.fetch_value(late) == 0
    overlaps = """
        SELECT count(*) FROM fulfilment_picklist a JOIN fulfilment_picklist b
        ON a.id < b.id AND a.started_at < b.last_pick_at AND b.started_at < a.last_pick_at
    """
    assert sql.fetch_value(overlaps) == 0


def test_the_report_counts_each_picked_line_once_by_its_method(done: Done) -> None:
    report = closing_report(done)
    picked = sql.fetch_value("SELECT count(*) FROM fulfilment_pickline p JOIN fulfilment_picklist l "
                             "ON l.id = p.pick_list_id WHERE p.state = 'picked' AND l.state = 'done'")  # fmt: skip
    assert sum(one["lines"] for one in report["methods"].values()) == picked > 0
    each = report["methods"]["cluster, each"]
    assert each["lines_an_hour"] == f"{Decimal(each['lines'] * 3_600) / each['seconds']:.1f}"
    assert 0 < each["walk_mm"] <= each["plain_mm"] * 11 // 10  # heavy goods first is worth a little detour
    assert f"{each['lines']:,} lines in {each['lists']:,} lists" in as_text(report)


def test_what_is_staged_goes_into_the_cartons_of_its_plan(done: Done) -> None:
    typed, plain = sql.fetch_one(
        "SELECT count(carton_type_id), count(*) - count(carton_type_id) FROM fulfilment_carton"
    )
    assert typed > plain
    report = closing_report(done)
    assert report["cartons"] == typed + plain and 0 < report["carton_fill_permille"] <= 1_000


def test_cartons_are_filled_from_the_rows_of_their_items_and_the_rest_is_one_more() -> None:
    def row(line: int, item: int, units: int, lot: int = 0) -> StagedUnits:
        return StagedUnits(line, 7, item, lot, 1, 0, 0, 5, "available", units)

    rows = [row(1, 41, 4, lot=8), row(2, 41, 3, lot=9), row(3, 42, 2)]
    plan = Plan([Carton(3, (), ((41, 5),), 0, 0), Carton(AS_IT_IS, (), ((41, 2),), 0, 0)])
    found = packing.cartons_of(7, rows, plan, {3: "M"})
    assert [
        (one.carton_type, [(x.line_id, x.units, x.lot_id, x.from_lpn_id) for x in one.contents]) for one in found
    ] == [
        ("M", [(1, 4, 8, 5), (2, 1, 9, 5)]),
        ("", [(2, 2, 9, 5)]),
        ("", [(3, 2, 0, 5)]),
    ]


def test_a_history_may_begin_on_a_later_day_and_says_when_there_is_none() -> None:
    whole, _ = survey_world(SLICE, 7)
    later, wanted = survey_world(SLICE, 7, whole.last_on)
    assert (later.first_on, later.last_on) == (whole.last_on, whole.last_on)
    assert [day.on for day in days(SLICE, wanted, from_on=whole.last_on)] == [whole.last_on]
    with pytest.raises(ReplayRefused, match="no lines from 2030-01-01 on"):
        survey_world(SLICE, 7, date(2030, 1, 1))


def test_each_order_leaves_by_the_service_that_was_chosen_and_its_freight_is_in_the_report(done: Done) -> None:
    report = closing_report(done)
    taken = report["services"]
    assert {one["service"].split(",")[0] for one in taken} <= {"Northline Parcels", "Skyhop Express", "Broad Haul"}
    carriers = dict(sql.fetch_all("SELECT carrier, count(*) FROM shipping_shipment WHERE state = 'shipped' GROUP BY 1"))
    assert sum(one["orders"] for one in taken) == done.tally.shipped_orders == sum(carriers.values()) > 0
    assert sum(Decimal(one["freight"]) for one in taken) == Decimal(report["freight"]) > 0
    assert f"Sent by {taken[0]['service']}" in as_text(report)
