import pytest
from tests.cast import ADA, CY, HAL, IDA, ctx

from flowrack.counting import commands
from flowrack.counting.models import Variance
from flowrack.counting.tests.scene import bin_with, count, task_for
from flowrack.counting.types import ApproveVariances, RefreshCount, SetPolicy
from flowrack.ledger.tests import house as h
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


def test_what_moved_since_can_be_made_part_of_what_was_counted():
    """Tryton's rule: with 1 in the books, 3 counted and 1 received since, the adjustment is 1."""
    policy = SetPolicy("C", 180, *map(h.Decimal, ("1", "0", "500", "5000")), needs_recount=False)
    commands.set_policy(ctx(ADA), policy)
    house, item = bin_with(1)
    task_id = task_for(house)
    count(CY, task_id, (item, 3))
    h.receive(house, item, 1, "2.00")
    commands.refresh_count(ctx(HAL), RefreshCount(task_id))
    variance = Variance.objects.get(decision="open")
    assert (variance.line.expected_units, variance.line.counted_units, variance.units) == (2, 3, 1)
    commands.approve_variances(ctx(IDA), ApproveVariances(task_id, "found"))
    assert h.on_hand(house, item, "reserve1") == 3


def test_a_difference_that_is_gone_ends_the_task_and_posts_nothing():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    h.ship(house, item, 40)
    done = commands.refresh_count(ctx(HAL), RefreshCount(task_id))
    assert (done.state, done.open_variances) == ("posted", 0)
    assert h.on_hand(house, item, "reserve1") == 60


def test_only_a_count_in_review_is_compared_anew():
    house, _item = bin_with(100)
    with pytest.raises(WrongState):
        commands.refresh_count(ctx(HAL), RefreshCount(task_for(house)))


def test_a_retried_refresh_is_answered_from_the_record():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    first = commands.refresh_count(ctx(HAL, "same"), RefreshCount(task_id))
    assert commands.refresh_count(ctx(HAL, "same"), RefreshCount(task_id)) == first
