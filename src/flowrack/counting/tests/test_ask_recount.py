import pytest
from tests.cast import CY, GUS, HAL, ctx

from flowrack.counting import commands
from flowrack.counting.models import CountTask, Variance
from flowrack.counting.tests.scene import bin_with, count, task_for
from flowrack.counting.types import AskRecount, SameCounter
from flowrack.ledger.tests import house as h
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_recount_is_done_by_somebody_else():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    with pytest.raises(SameCounter):
        count(CY, task_id, (item, 60))
    assert CountTask.objects.get(pk=task_id).state == "recount"


def test_a_recount_that_agrees_with_the_books_ends_the_task():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    commands.ask_recount(ctx(HAL), AskRecount(task_id))
    assert count(GUS, task_id, (item, 100)).state == "posted"
    assert [v.decision for v in Variance.objects.all()] == ["superseded"]
    assert h.on_hand(house, item, "reserve1") == 100


def test_only_a_count_in_review_is_recounted_and_only_by_who_may_ask():
    house, item = bin_with(100)
    task_id = task_for(house)
    with pytest.raises(WrongState):
        commands.ask_recount(ctx(HAL), AskRecount(task_id))
    count(CY, task_id, (item, 60))
    with pytest.raises(NotPermitted):
        commands.ask_recount(ctx(CY), AskRecount(task_id))
    assert CountTask.objects.get().state == "review"
    req = AskRecount(task_id)
    assert commands.ask_recount(ctx(HAL, "same"), req) == commands.ask_recount(ctx(HAL, "same"), req)
