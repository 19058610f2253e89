from datetime import date, timedelta

import pytest
from tests.cast import CY, HAL, NOW, ctx

from flowrack.counting import commands
from flowrack.counting.models import CountTask
from flowrack.counting.tests.scene import bin_with, count, counts_of
from flowrack.counting.types import CancelCount, CountRefused, PlanCounts, RequestCounts
from flowrack.ledger.tests import house as h
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_bin_waits_for_one_count_only():
    house, _ = bin_with(5)
    bins = [house.places["reserve1"], house.places["reserve2"]]
    first = commands.request_counts(ctx(HAL), RequestCounts(house.site, bins[:1], due_on=date(2026, 3, 9)))
    second = commands.request_counts(ctx(HAL), RequestCounts(house.site, bins))
    assert (len(first.task_ids), first.already_due) == (1, 0)
    assert (len(second.task_ids), second.already_due) == (1, 1)
    task = CountTask.objects.get(pk=first.task_ids[0])
    assert (task.number, task.state, task.due_on) == (first.numbers[0], "due", date(2026, 3, 9))


def test_a_retry_is_answered_from_the_record():
    house, _ = bin_with(5)
    req = RequestCounts(house.site, [house.places["reserve1"]])
    assert commands.request_counts(ctx(HAL, "same"), req) == commands.request_counts(ctx(HAL, "same"), req)


def test_places_that_cannot_be_counted_are_all_named_and_nothing_is_made():
    house, _ = bin_with(5)
    before = counts_of("counting_counttask", "platform_commandrecord")
    virtual = house.virtual("SUPPLIER").location_id
    with pytest.raises(CountRefused) as refusal:
        commands.request_counts(ctx(HAL), RequestCounts(house.site, [house.places["reserve1"], virtual, 999_999]))
    assert [line.line for line in refusal.value.lines] == [2, 3]
    assert counts_of("counting_counttask", "platform_commandrecord") == before
    with pytest.raises(NotPermitted):
        commands.request_counts(ctx(CY), RequestCounts(house.site, [house.places["reserve1"]]))


def test_the_plan_takes_due_bins_by_expected_loss():
    house, _cheap = bin_with(10, "1.00", place="reserve1")
    dear = h.item("DEAR")
    h.receive(house, dear, 10, "90.00", "reserve2")
    planned = commands.plan_counts(ctx(HAL), PlanCounts(house.site, limit=1))
    assert CountTask.objects.get(pk=planned.task_ids[0]).location_id == house.places["reserve2"]
    assert CountTask.objects.get(pk=planned.task_ids[0]).cause == "plan"


def test_a_bin_that_was_counted_rests_until_its_interval_has_passed():
    house, item = bin_with(10)
    [task_id] = commands.plan_counts(ctx(HAL), PlanCounts(house.site)).task_ids
    count(CY, task_id, (item, 10))
    soon, later = NOW + timedelta(days=179), NOW + timedelta(days=180)
    assert commands.plan_counts(ctx(HAL, now=soon), PlanCounts(house.site)).task_ids == []
    assert len(commands.plan_counts(ctx(HAL, now=later), PlanCounts(house.site)).task_ids) == 1


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
