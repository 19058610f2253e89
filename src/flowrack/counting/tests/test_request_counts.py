from datetime import date

import pytest
from tests.cast import CY, HAL, ctx

from flowrack.counting import commands
from flowrack.counting.models import CountTask
from flowrack.counting.tests.scene import bin_with, counts_of
from flowrack.counting.types import CountRefused, RequestCounts
from flowrack.shared.errors import NotPermitted

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
