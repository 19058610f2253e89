"""Ten days of real orders through the whole flow: the books add up after each, and the same seed gives the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrack.integrations import sample
from flowrack.integrations.replay import reads
from flowrack.integrations.replay.run import Done, run
from flowrack.integrations.replay.types import Settings
from flowrack.platform import sql

pytestmark = pytest.mark.django_db

SLICE = Path(sample.__file__).parent / "orders.csv.gz"


def play(days: int, *, daily: bool = False, seed: int = 7, sites: tuple[str, ...] = ("KW1", "KW2")) -> Done:
    settings = Settings(seed=seed, days=days, sites=sites, verify_daily=daily, counts_a_day=2)
    return run(SLICE, settings, lambda _: None)


def books(done: Done) -> str:
    return reads.books_hash([site.site_id for site in done.house.sites])


def value(query: str) -> int:
    return int(sql.fetch_value(query) or 0)


def test_ten_days_pass_every_stage_and_the_books_add_up_after_each() -> None:
    done = play(10, daily=True)
    assert (done.days, done.tally.orders, done.tally.order_lines) == (10, 263, 2_111)
    assert value("SELECT count(*) FROM sales_order") == 263
    assert value("SELECT count(*) FROM shipping_shipment WHERE state = 'shipped'") >= 250
    assert done.tally.receipts > 0 and done.tally.returned_units > 0 and done.tally.counted_bins > 0
    assert value("SELECT count(*) FROM purchasing_po WHERE note = 'Proposed by planning'") > 0
    assert value("SELECT count(*) FROM platform_outboxevent WHERE done_at IS NULL") == 0
    # What customers hold is what was shipped and did not come back.
    shipped = value("SELECT sum(shipped_units) FROM sales_orderline")
    at_customers = value(
        "SELECT sum(c.on_hand) FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id"
        " WHERE l.code = 'CUSTOMER'"
    )
    assert at_customers == shipped - done.tally.returned_units


def test_no_order_left_with_more_than_was_ordered_and_no_person_signed_twice() -> None:
    play(4)
    assert value("SELECT count(*) FROM sales_orderline WHERE shipped_units + cancelled_units > units") == 0
    assert value("SELECT count(*) FROM purchasing_po WHERE approved_by_id = created_by_id") == 0


def test_a_finished_replay_does_nothing_when_it_is_run_again_and_can_be_extended() -> None:
    first = play(2)
    again = play(2)
    assert again.days == 0
    assert books(again) == books(first)
    longer = play(3)
    assert longer.days == 1


def test_a_resumed_day_repeats_nothing() -> None:
    """Cut a day short after each of its steps: the rest of the day must lead to the same books."""
    done = play(2)
    expected = books(done)
    commands = value("SELECT count(*) FROM platform_commandrecord")
    for step in ("deliveries", "orders first", "release first", "pick second", "counts", "send last"):
        sql.execute("UPDATE integrations_replayrun SET step = %s", (step,))
        play(2)
        assert books(done) == expected, step
        assert value("SELECT count(*) FROM platform_commandrecord") == commands, step
