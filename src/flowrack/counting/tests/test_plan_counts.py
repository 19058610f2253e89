from datetime import timedelta

import pytest
from tests.cast import CY, HAL, NOW, ctx

from flowrack.counting import commands
from flowrack.counting.models import CountTask
from flowrack.counting.queries.books import bins_due, bins_to_count
from flowrack.counting.tests.scene import bin_with, count
from flowrack.counting.types import PlanCounts
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


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


def test_what_left_a_bin_since_its_last_count_tells_its_risk():
    house, item = bin_with(10)

    def moves_out(days: int, times: int) -> int:
        for _ in range(times):
            move = Move(item, 1, house["reserve1"], house.virtual("CUSTOMER"), "issue")
            ledger.post(h.context(NOW + timedelta(days=days)), [move])
        return bins_due(house.site)[0].moves_since

    assert moves_out(-2, 2) == 2
    assert bins_to_count([house.site]) == {house.site: 1}
    [task_id] = commands.plan_counts(ctx(HAL), PlanCounts(house.site)).task_ids
    assert bins_due(house.site) == [] and bins_to_count([house.site]) == {}
    count(CY, task_id, (item, 8))
    assert CountTask.objects.get(pk=task_id).state == "posted"
    assert moves_out(1, 3) == 3
    assert moves_out(-1, 1) == 3  # keyed in later, but it happened before the count


def test_a_retried_plan_makes_its_counts_once_and_a_picker_plans_nothing():
    house, _ = bin_with(10)
    req = PlanCounts(house.site)
    assert commands.plan_counts(ctx(HAL, "same"), req) == commands.plan_counts(ctx(HAL, "same"), req)
    with pytest.raises(NotPermitted):
        commands.plan_counts(ctx(CY), req)
    assert CountTask.objects.count() == 1
