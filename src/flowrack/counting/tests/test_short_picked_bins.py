"""What a picker did not find: the count of the bin gives it back or writes it off."""

import pytest
from tests import outbound
from tests.cast import CY, GUS, HAL, IDA, ctx

from flowrack.counting import commands
from flowrack.counting.tests.scene import count, task_for
from flowrack.counting.types import ApproveVariances, AskRecount, CancelCount
from flowrack.fulfilment import commands as floor
from flowrack.fulfilment.types import ShortPick
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    """A bin of 40; a picker asked for 12 and found 10."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 40, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    floor.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 10, "none_there"))
    return at, item


def free(at, item):
    [pool] = stock.pools([item], at.site)
    return pool.reserve, pool.free


def doubts():
    return sql.fetch_value("SELECT coalesce(sum(units), 0) FROM ledger_commitment WHERE ref LIKE 'fulfilment.pick:%%'")


def test_units_that_are_there_after_all_are_free_again(case):
    at, item = case
    assert (free(at, item), doubts()) == ((30, 0), 30), "the picker has seen that the bin is empty"
    done = count(GUS, task_for(at), (item, 30))
    assert (done.state, done.posted_units) == ("posted", 0)
    assert (free(at, item), doubts()) == ((30, 30), 0)
    told = "SELECT body::json ->> 'item_ids' FROM platform_outboxevent WHERE kind = 'fulfilment.doubts_ended'"
    assert sql.fetch_all(told) == [(f"[{item}]",)], "who waits for them hears of it, though the count found no more"
    assert not verify()


def test_units_that_are_gone_are_written_off(case):
    at, item = case
    sql.execute("UPDATE counting_countpolicy SET tolerance_percent = 10, tolerance_value = 10")
    done = count(GUS, task_for(at), (item, 28))
    assert (done.state, done.posted_units) == ("posted", -2)
    assert (free(at, item), doubts()) == ((28, 28), 0)
    assert not verify()


def test_they_stay_in_doubt_until_the_difference_is_approved(case):
    at, item = case
    done = count(GUS, task_for(at), (item, 15))
    assert (done.state, free(at, item), doubts()) == ("review", (30, 0), 30)
    commands.ask_recount(ctx(HAL), AskRecount(done.task_id))
    assert count(CY, done.task_id, (item, 15)).state == "review" and doubts() == 30
    commands.approve_variances(ctx(IDA), ApproveVariances(done.task_id, "miscount"))
    assert (free(at, item), doubts()) == ((15, 15), 0)
    assert not verify()


def test_a_count_that_is_called_off_gives_nothing_back(case):
    at, item = case
    commands.cancel_count(ctx(HAL), CancelCount(task_for(at), "no time"))
    assert (free(at, item), doubts()) == ((30, 0), 30)
