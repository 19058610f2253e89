"""Customers of a replay who order ahead, take variants, or slip: what becomes of them, and what the report says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker
from tests.template import copied

from flowrack.integrations import sample
from flowrack.integrations.replay import rules
from flowrack.integrations.replay.report import as_text, closing_report
from flowrack.integrations.replay.run import Done, run
from flowrack.integrations.replay.types import Settings
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.xdist_group("replay_wishes")
AHEAD = "o.requested_on > (o.ordered_at AT TIME ZONE 'Europe/London')::date + 8"  # of others it is the next days
SLICE = Path(sample.__file__).parent / "orders.csv.gz"


def play(days: int) -> Done:
    settings = Settings(seed=7, days=days, sites=("KW1", "KW2"), home_percent=51, has_wishes=True)
    return run(SLICE, settings, lambda _: None)


@pytest.fixture(scope="module")
def done(django_db_blocker: DjangoDbBlocker) -> Iterator[Done]:
    """Three weeks in a database of their own."""
    with django_db_blocker.unblock(), copied(f"flowrack_wishes_test_{os.getpid()}"):
        yield play(18)


@pytest.fixture
def report(done: Done) -> dict[str, Any]:
    return closing_report(done)


def value(query: str) -> int:
    return int(sql.fetch_value(query) or 0)


def test_the_books_add_up(done: Done) -> None:
    assert (done.findings, verify()) == (0, [])


def test_orders_for_a_later_day_get_stock_a_week_before_and_leave_by_their_day(done: Done) -> None:
    ahead = value(f"SELECT count(*) FROM sales_order o WHERE {AHEAD}")
    assert ahead == done.tally.orders_ahead > 0
    early = """
        SELECT count(*) FROM platform_decision d
        JOIN sales_orderline l ON d.subject = 'sales.line:' || l.id JOIN sales_order o ON o.id = l.order_id
        WHERE d.kind = 'allocation' AND d.sentence LIKE '%%stock is promised 7 days before%%'
    """
    assert value(early) > 0
    sent = (
        """
        FROM shipping_shipmentline x JOIN shipping_shipment s ON s.id = x.shipment_id AND s.state = 'shipped'
        JOIN sales_orderline l ON l.id = x.order_line_id JOIN sales_order o ON o.id = l.order_id
        WHERE """
        + AHEAD
    )
    assert value(f"SELECT count(*) {sent}") > 0
    on = "(s.shipped_at AT TIME ZONE 'Europe/London')::date"
    assert value(f"SELECT count(*) {sent} AND {on} < least(o.ship_by_on - 4, l.promised_on)") == 0


def test_variants_are_sent_to_those_who_take_them_alone(done: Done) -> None:
    rows = sql.fetch_all(
        """
        SELECT p.code, i.sku, j.sku, x.replaces FROM sales_substitution x
        JOIN sales_orderline l ON l.id = x.original_id JOIN sales_orderline m ON m.id = x.line_id
        JOIN catalog_item i ON i.id = l.item_id JOIN catalog_item j ON j.id = m.item_id
        JOIN sales_order o ON o.id = l.order_id JOIN parties_party p ON p.id = o.customer_id
        """
    )
    assert rows and sum(row[3] for row in rows) == done.tally.substituted_units
    for customer, sku, other, _ in rows:
        assert rules.takes_variants(7, customer) and (sku, other) in rules.variants([sku, other])


def test_the_report_says_what_each_tier_got(done: Done, report: dict[str, Any]) -> None:
    tiers = report["tiers"]
    assert sorted(tiers) == ["A", "B", "C"]
    kpi = report["kpis"]["promise_first"]
    assert sum(one["lines"] for one in tiers.values()) == int(kpi["denominator"])
    assert sum(one["kept"] for one in tiers.values()) == int(kpi["numerator"])
    for one in tiers.values():
        assert one["in_time"] <= one["sent"] <= one["units"]
        assert one["lines_kept"] == str(round(100 * one["kept"] / one["lines"], 1))
    assert "Tier A " in as_text(report)


def test_the_report_names_every_slip(done: Done, report: dict[str, Any]) -> None:
    assert len(report["slips"]) == report["slips_cancelled"] == done.tally.slips


def test_a_day_that_is_resumed_offers_nothing_twice(done: Done) -> None:
    before = value("SELECT count(*) FROM platform_commandrecord")
    for step in ("promise last", "variants last"):
        sql.execute("UPDATE integrations_replayrun SET step = %s", (step,))
        play(18)
        assert value("SELECT count(*) FROM platform_commandrecord") == before, step


def test_variants_have_the_same_number_and_go_in_no_circle() -> None:
    assert rules.variants(["21931", "84030E", "21931B", "84030A", "84031", "M", "21931A"]) == [
        ("21931", "21931A"),
        ("21931A", "21931B"),
        ("84030A", "84030E"),
    ]
