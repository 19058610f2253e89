import pytest
from tests.cast import CY, EVE, GUS, ctx

from flowrack.counting import commands
from flowrack.counting.models import Count, CountLine, CountTask
from flowrack.counting.tests.scene import bin_with, task_for
from flowrack.counting.types import CountNotFound, OpenCount
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_the_books_of_the_moment_are_remembered_and_not_told():
    house, item = bin_with(10)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    line = CountLine.objects.get(count_id=opened.count_id)
    assert (line.item_id, line.opened_units, line.counted_units) == (item, 10, None)
    assert opened.round_no == 1
    assert not hasattr(opened, "expected_units")


def test_a_bin_is_counted_by_one_person_at_a_time():
    house, _ = bin_with(10)
    req = OpenCount(task_for(house))
    assert commands.open_count(ctx(CY, "same"), req) == commands.open_count(ctx(CY, "same"), req)
    with pytest.raises(WrongState):
        commands.open_count(ctx(GUS), req)
    assert Count.objects.count() == 1


def test_strangers_and_unknown_counts_are_refused_and_leave_no_trace():
    house, _ = bin_with(10)
    with pytest.raises(NotPermitted):
        commands.open_count(ctx(EVE), OpenCount(task_for(house)))
    with pytest.raises(CountNotFound):
        commands.open_count(ctx(CY), OpenCount(999_999))
    assert (Count.objects.count(), CountTask.objects.get().state) == (0, "due")
