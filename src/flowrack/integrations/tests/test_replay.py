"""Ten days of real orders through the whole flow: the books add up after each day, and nothing is done twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker
from tests.template import copied

from flowrack.integrations import sample
from flowrack.integrations.replay import reads
from flowrack.integrations.replay.run import Done, run
from flowrack.integrations.replay.types import NotEmpty, Settings
from flowrack.platform import sql
from flowrack.returns.queries import issues

pytestmark = pytest.mark.xdist_group("replay")
SLICE = Path(sample.__file__).parent / "orders.csv.gz"


def play(days: int, *, daily: bool = False) -> Done:
    settings = Settings(seed=7, days=days, sites=("KW1", "KW2"), verify_daily=daily, counts_a_day=2)
    return run(SLICE, settings, lambda _: None)


def books(done: Done) -> str:
    return reads.books_hash([site.site_id for site in done.house.sites])


def value(query: str) -> int:
    return int(sql.fetch_value(query) or 0)


@pytest.fixture(scope="module")
def done(django_db_blocker: DjangoDbBlocker) -> Iterator[Done]:
    """Ten days in a database of their own, with real commits."""
    with django_db_blocker.unblock(), copied(f"flowrack_replay_test_{os.getpid()}"):
        yield play(10, daily=True)


def test_ten_days_pass_every_stage(done: Done) -> None:
    assert (done.days, done.tally.orders, done.tally.order_lines) == (10, 263, 2_111)
    assert value("SELECT count(*) FROM sales_order") == 263
    assert value("SELECT count(*) FROM shipping_shipment WHERE state = 'shipped'") >= 250
    assert done.tally.receipts > 0 and done.tally.returned_units > 0 and done.tally.counted_bins > 0
    assert value("SELECT count(*) FROM purchasing_po WHERE note = 'Proposed by planning'") > 0
    assert value("SELECT count(*) FROM platform_outboxevent WHERE done_at IS NULL") == 0


def test_customers_hold_what_was_shipped_and_did_not_come_back(done: Done) -> None:
    at_customers = value(
        "SELECT sum(c.on_hand) FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id"
        " WHERE l.code = 'CUSTOMER'"
    )
    assert at_customers == value("SELECT sum(shipped_units) FROM sales_orderline") - done.tally.returned_units
    assert value("SELECT count(*) FROM sales_orderline WHERE shipped_units + cancelled_units > units") == 0


def test_what_came_back_of_a_lot_cannot_come_back_again(done: Done) -> None:
    """A day replayed later offers each lot of a sale as the ledger has it: what was sent less what came back."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT c.code, o.reference, i.sku FROM returns_rmaline r
        JOIN sales_orderline l ON l.id = r.order_line_id JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party c ON c.id = o.customer_id JOIN catalog_item i ON i.id = l.item_id
        """
    )
    assert rows
    offered = {
        (line.order_line_id, line.lot_id): line.units
        for line in reads.sold_lines([(row[0], row[1], row[2]) for row in rows])
        if line.units
    }
    out = issues([order_line_id for order_line_id, _ in offered])
    assert offered == {key: sum(issue.units_out for issue in found) for key, found in out.items()}


def test_nobody_approves_what_he_wrote(done: Done) -> None:
    assert value("SELECT count(*) FROM purchasing_po WHERE approved_by_id = created_by_id") == 0


def test_a_played_day_that_is_resumed_after_any_step_repeats_nothing(done: Done) -> None:
    expected = books(done)
    commands = value("SELECT count(*) FROM platform_commandrecord")
    for step in ("deliveries", "orders first", "release first", "decisions", "counts", "send last"):
        sql.execute("UPDATE integrations_replayrun SET step = %s", (step,))
        again = play(10)
        assert (again.days, books(again)) == (1, expected), step
        assert value("SELECT count(*) FROM platform_commandrecord") == commands, step


def test_a_finished_replay_does_nothing_more_and_can_be_extended(done: Done) -> None:
    assert play(10).days == 0
    assert play(11).days == 1


def test_a_company_with_stock_of_its_own_is_not_furnished(done: Done) -> None:
    before = value("SELECT count(*) FROM platform_commandrecord")
    other = Settings(seed=8, days=1, sites=("KW1", "KW2"), counts_a_day=2)
    with pytest.raises(NotEmpty, match=r"^This company is not empty: goods moved that are not this replay's\."):
        run(SLICE, other, lambda _: None)
    assert value("SELECT count(*) FROM platform_commandrecord") == before
