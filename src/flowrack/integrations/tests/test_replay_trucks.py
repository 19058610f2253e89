"""A furnished replay: suppliers announce, trucks have slots and clocks, lots are inspected, and the books add up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker
from tests.template import copied

from flowrack.integrations import sample
from flowrack.integrations.replay.run import Done, run
from flowrack.integrations.replay.types import Settings
from flowrack.platform import sql

pytestmark = pytest.mark.xdist_group("replay")
SLICE = Path(sample.__file__).parent / "orders.csv.gz"


@pytest.fixture(scope="module")
def done(django_db_blocker: DjangoDbBlocker) -> Iterator[Done]:
    """Ten days of a furnished house in a database of their own."""
    settings = Settings(seed=2026, days=10, sites=("KW1", "KW2"), counts_a_day=1, pick_faces=40, is_furnished=True)
    with django_db_blocker.unblock(), copied(f"flowrack_trucks_test_{os.getpid()}"):
        yield run(SLICE, settings, lambda _: None)


def value(query: str) -> int:
    return int(sql.fetch_value(query) or 0)


def test_every_announced_truck_came_to_its_door_and_left_and_its_notice_is_closed(done: Done) -> None:
    assert done.findings == 0
    notices = value("SELECT count(*) FROM dock_asn")
    assert notices > 0 and notices == value("SELECT count(*) FROM dock_asn WHERE state = 'closed'")
    trucks = sql.fetch_all(
        "SELECT state, due_at IS NOT NULL AND checked_in_at <= door_at AND door_at < out_at FROM dock_appointment"
    )
    assert trucks == [("done", True)] * notices
    counted = value("SELECT count(DISTINCT asn_id) FROM dock_asnline WHERE received_units > 0")
    assert counted == notices
    assert value("SELECT count(*) FROM platform_outboxevent WHERE done_at IS NULL") == 0


def test_who_has_a_van_of_his_own_announces_nothing(done: Done) -> None:
    announced = {
        row[0] for row in sql.fetch_all("SELECT s.code FROM dock_asn a JOIN parties_party s ON s.id = a.supplier_id")
    }
    came = {
        row[0]
        for row in sql.fetch_all("SELECT s.code FROM inbound_receipt r JOIN parties_party s ON s.id = r.supplier_id")
    }
    assert announced and announced < came
    assert came - announced <= {"S01", "S05", "S08", "S15", "S17", "S18"}


def test_lots_under_a_plan_are_judged_before_they_are_put_away_and_the_first_of_the_spell_fails(done: Done) -> None:
    judged = sql.fetch_all(
        """
        SELECT s.code, n.sample_result, n.verdict, v.severity FROM inspection_inspection n
        JOIN parties_party s ON s.id = n.supplier_id
        JOIN inspection_supplierseverity v ON v.supplier_id = n.supplier_id AND v.item_id = n.item_id ORDER BY n.id
        """
    )
    assert judged and {row[0] for row in judged} <= {"S02", "S12", "S13"}
    assert ("S02", "fails", "split", "tightened") in judged
    assert value("SELECT count(*) FROM inspection_inspection WHERE state <> 'decided'") == 0
