import pytest
from tests.cast import CY, HAL, ctx

from flowrack.counting import commands
from flowrack.counting.models import CountTask
from flowrack.counting.tests.scene import bin_with, count, task_for
from flowrack.counting.types import CancelCount, CountRefused, PlanCounts
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_count_that_nobody_began_can_be_called_off_with_a_reason():
    house, item = bin_with(10)
    [task_id] = commands.plan_counts(ctx(HAL), PlanCounts(house.site)).task_ids
    with pytest.raises(CountRefused):
        commands.cancel_count(ctx(HAL), CancelCount(task_id, " "))
    assert commands.cancel_count(ctx(HAL), CancelCount(task_id, "bin is emptied today")).state == "cancelled"
    [again] = commands.plan_counts(ctx(HAL), PlanCounts(house.site)).task_ids
    count(CY, again, (item, 10))
    with pytest.raises(WrongState):
        commands.cancel_count(ctx(HAL), CancelCount(again, "too late"))


def test_a_retry_is_answered_from_the_record_and_a_picker_cancels_nothing():
    house, _ = bin_with(10)
    req = CancelCount(task_for(house), "bin is emptied today")
    with pytest.raises(NotPermitted):
        commands.cancel_count(ctx(CY), req)
    assert CountTask.objects.get().state == "due"
    assert commands.cancel_count(ctx(HAL, "same"), req) == commands.cancel_count(ctx(HAL, "same"), req)
