from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, CY, GUS, HAL, IDA, OZ, ctx

from flowrack.counting import commands
from flowrack.counting.models import Variance
from flowrack.counting.tests.scene import bin_with, count, counts_of, task_for
from flowrack.counting.types import (
    ApproveVariances,
    AskRecount,
    CountRefused,
    OverYourLimit,
    RecountFirst,
)
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import PoolClaim
from flowrack.ledger.verify import verify
from flowrack.shared.errors import DutiesConflict, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def recounted(units, counted, **item):
    """A task whose bin two people counted alike, waiting for review."""
    house, item_id = bin_with(units, **item)
    task_id = task_for(house)
    count(CY, task_id, (item_id, counted))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    count(GUS, task_id, (item_id, counted))
    return house, item_id, task_id


def test_one_approver_posts_a_difference_up_to_the_first_limit():
    house, item, task_id = recounted(100, 60)
    done = commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "mispick"))
    assert (done.state, len(done.posted_ids), done.waiting_ids) == ("posted", 1, [])
    assert h.on_hand(house, item, "reserve1") == 60
    assert h.book(house, item, "adjustment") == (40, Decimal("80.0000"))
    variance = Variance.objects.get(decision="approved")
    assert (variance.units, variance.value, variance.reason) == (-40, Decimal("-80"), "mispick")
    assert Variance.objects.filter(decision="superseded").count() == 1


def test_above_the_first_limit_a_second_person_must_approve():
    house, item, task_id = recounted(1000, 600)
    first = commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "unknown"))
    assert (first.state, first.posted_ids, len(first.waiting_ids), first.posting_id) == ("review", [], 1, 0)
    assert h.on_hand(house, item, "reserve1") == 1000
    with pytest.raises(OverYourLimit):
        commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "unknown"))
    second = commands.approve_variances(ctx(ADA), ApproveVariances(task_id, "unknown"))
    assert (second.state, len(second.posted_ids)) == ("posted", 1)
    assert h.on_hand(house, item, "reserve1") == 600


def test_above_the_second_limit_the_last_approver_is_one_without_limit():
    house, item, task_id = recounted(10_000, 5_000)
    commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "theft"))
    with pytest.raises(OverYourLimit):
        commands.approve_variances(ctx(ADA), ApproveVariances(task_id, "theft"))
    commands.approve_variances(ctx(OZ), ApproveVariances(task_id, "theft"))
    assert h.on_hand(house, item, "reserve1") == 5_000


def test_whoever_counted_the_bin_does_not_approve_it():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(IDA, task_id, (item, 60))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    count(GUS, task_id, (item, 60))
    before = counts_of("ledger_move", "platform_commandrecord")
    with pytest.raises(DutiesConflict):
        commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "unknown"))
    assert counts_of("ledger_move", "platform_commandrecord") == before
    assert h.on_hand(house, item, "reserve1") == 100


def test_one_count_is_not_enough_for_a_large_difference():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    with pytest.raises(RecountFirst):
        commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "unknown"))


def test_two_blank_counts_and_an_approval_mean_that_nothing_is_there():
    house, item = bin_with(3)
    task_id = task_for(house)
    count(CY, task_id)
    with pytest.raises(RecountFirst):
        commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "misplaced"))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    count(GUS, task_id)
    commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "misplaced"))
    assert h.on_hand(house, item, "reserve1") == 0


def test_a_picker_may_not_approve_and_a_reason_is_needed():
    _, _, task_id = recounted(100, 60)
    with pytest.raises(NotPermitted):
        commands.approve_variances(ctx(CY), ApproveVariances(task_id, "unknown"))
    with pytest.raises(CountRefused):
        commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "because"))


def test_a_retried_approval_posts_once_and_a_second_one_is_refused():
    house, item, task_id = recounted(100, 60)
    req = ApproveVariances(task_id, "mispick")
    first = commands.approve_variances(ctx(IDA, "same"), req)
    assert commands.approve_variances(ctx(IDA, "same"), req) == first
    with pytest.raises(WrongState):
        commands.approve_variances(ctx(ADA), req)
    assert h.on_hand(house, item, "reserve1") == 60


def test_a_shortage_that_promised_stock_must_bear_takes_the_promise_back_first():
    house, item, task_id = recounted(100, 60)
    customer = h.value("INSERT INTO parties_party (code, name, is_customer) VALUES ('C', 'C', true) RETURNING id")
    order = h.value(
        """INSERT INTO sales_order (number, customer_id, site_id, reference, tier, policy, min_life_days, state,
                                    ordered_at, requested_on, entered_by_id)
           VALUES ('SO-1', %s, %s, '', 'B', 'partial', 0, 'confirmed', now(), current_date, %s) RETURNING id""",
        customer, house.site, IDA.id,
    )  # fmt: skip
    line = h.value(
        """INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                        picked_units, shipped_units, cancelled_units, unit_price)
           VALUES (%s, 1, %s, 80, 80, 0, 0, 0, 0, 5) RETURNING id""",
        order, item,
    )  # fmt: skip
    h.steps.commit(h.context(), [PoolClaim(item, house.site, 80, f"sales.line:{line}")])
    commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "mispick"))
    assert h.on_hand(house, item, "reserve1") == 60
    row = h.sql.fetch_one("SELECT allocated_units, open_units FROM sales_orderline WHERE id = %s", (line,))
    assert row == (60, 20)
    assert h.value("SELECT committed FROM ledger_pool WHERE item_id = %s", item) == 60


def test_a_shortage_under_open_picks_calls_them_back_first():
    at = outbound.house()
    item = outbound.item("WIDGET")
    outbound.receive(at, item, 100, "2.00")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("WIDGET", 80))
    outbound.allocate(at.site, order)
    outbound.release(at.site, order)
    task_id = task_for(at)
    count(CY, task_id, (item, 60))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    count(GUS, task_id, (item, 60))
    commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "mispick"))
    assert h.on_hand(at, item, "reserve1") == 60
    assert outbound.counts(order.line_ids[0]) == {"units": 80, "waiting": 20, "allocated": 60}
    assert outbound.order_state(order) == "confirmed"
    assert h.value("SELECT count(*) FROM fulfilment_pickline WHERE state = 'cancelled'") == 1
    assert not verify()
