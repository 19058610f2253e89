"""A bin that was counted without the house: what moved around it makes no false difference, and it counts once."""

from datetime import timedelta

import pytest
from tests.cast import CY, EVE, GUS, HAL, ctx

from flowrack.counting import commands, commands_floor
from flowrack.counting.models import Count, CountLine, CountTask, Variance
from flowrack.counting.tests.scene import bin_with, count, counts_of, task_for
from flowrack.counting.types import (
    AlreadyCounting,
    BinLine,
    CancelCount,
    CountBin,
    CountRefused,
    EnterCount,
    OpenCount,
    SameCounter,
    SeenLine,
    TakeCounts,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
TEN = h.NOW + timedelta(hours=1)  # the stock came an hour before


def at(minutes):
    return TEN + timedelta(minutes=minutes)


def picked(house, item, units, minutes, place="reserve1"):
    """Units leave the bin at a time of the floor; they are booked when this is called."""
    move = Move(item, units, house[place], house.virtual("CUSTOMER"), "issue")
    ledger.post(h.context(at(minutes)), [move])


def counted(person, task_id, *lines, opened=0, done=5, empty=False, key=None):
    """The bin is counted from `opened` to `done`: lines are (item, units, minute)."""
    seen = [BinLine(SeenLine(item, units), at(minute)) for item, units, minute in lines]
    return commands_floor.count_bin(ctx(person, key, now=at(done)), CountBin(task_id, at(opened), seen, empty))


def test_what_left_the_bin_after_it_was_counted_makes_no_difference():
    house, item = bin_with(100)
    task_id = task_for(house)
    picked(house, item, 30, 20)
    done = counted(CY, task_id, (item, 100, 2))
    assert (done.state, done.posted_units, done.open_variances) == ("posted", 0, 0)
    assert h.on_hand(house, item, "reserve1") == 70
    line = CountLine.objects.get()
    assert (line.opened_units, line.expected_units, line.counted_units) == (100, 100, 100)
    assert Count.objects.get().opened_at == at(0)


def test_what_left_the_bin_before_and_was_booked_only_since_is_part_of_the_books_of_then():
    house, item = bin_with(100)
    task_id = task_for(house)
    picked(house, item, 30, -10)
    assert counted(CY, task_id, (item, 70, 2)).state == "posted"
    assert CountLine.objects.get().opened_units == 70
    assert not Variance.objects.exists()


@pytest.mark.parametrize(("seen", "state", "off"), [(100, "posted", 0), (95, "posted", 0), (90, "review", -5)])
def test_what_left_while_the_bin_was_counted_may_have_been_counted_or_not(seen, state, off):
    house, item = bin_with(100)
    task_id = task_for(house)
    picked(house, item, 5, 1)
    picked(house, item, 40, 30)
    assert counted(CY, task_id, (item, seen, 2)).state == state
    assert list(Variance.objects.values_list("units", flat=True)) == ([off] if off else [])


def test_a_real_difference_is_found_and_posted_by_policy_when_it_is_small():
    house, item = bin_with(1000, cost="1.00")
    task_id = task_for(house)
    picked(house, item, 400, 60)
    assert counted(CY, task_id, (item, 995, 2)).posted_units == -5
    assert h.on_hand(house, item, "reserve1") == 595


def test_what_came_after_the_count_is_not_missing_and_what_was_not_named_is_zero_only_when_said():
    house, item = bin_with(20)
    other = h.item("OTHER")
    task_id = task_for(house)
    h_move = Move(other, 8, house.virtual("SUPPLIER"), house["reserve1"], "receipt", value=8)
    ledger.post(h.context(at(30)), [h_move])
    done = counted(CY, task_id, (item, 20, 2), empty=True)
    assert (done.state, Variance.objects.count()) == ("posted", 0)


def test_an_empty_bin_is_zero_and_a_line_that_nobody_named_is_a_blank():
    house, item = bin_with(20)
    other = h.item("OTHER")
    h.receive(house, other, 8, "1.00")
    task_id = task_for(house)
    counted(CY, task_id, (item, 20, 2))
    assert list(Variance.objects.values_list("line__item_id", "units", "is_blank")) == [(other, -8, True)]
    CountTask.objects.update(state="recount")
    counted(GUS, task_id, empty=True)
    found = Variance.objects.filter(decision="open").order_by("units").values_list("units", "is_blank")
    assert list(found) == [(-20, False), (-8, False)]


def test_a_count_begun_in_the_house_is_ended_by_the_device():
    house, item = bin_with(100)
    task_id = task_for(house)
    opened = commands.open_count(ctx(CY, now=at(0)), OpenCount(task_id))
    commands.enter_count(ctx(CY, now=at(1)), EnterCount(opened.count_id, [SeenLine(item, 40)]))
    assert counted(CY, task_id, (item, 100, 3), opened=2).state == "posted"
    assert Count.objects.count() == 1


def test_the_same_entry_counts_once_and_the_bin_is_nobodys_any_more():
    house, item = bin_with(100)
    task_id = task_for(house)
    commands_floor.take_counts(ctx(CY, now=at(-5), device="D-1"), TakeCounts(house.site, count=1))
    first = counted(CY, task_id, (item, 60, 2), key="once")
    assert counted(CY, task_id, (item, 60, 2), key="once") == first
    assert (Count.objects.count(), Variance.objects.count()) == (1, 1)
    assert CountTask.objects.get().lease_until is None


def test_a_bin_that_a_colleague_counted_or_that_was_called_off_is_refused_with_who():
    house, item = bin_with(100)
    task_id = task_for(house)
    count(GUS, task_id, (item, 100))
    before = counts_of("counting_count", "counting_countline", "counting_variance", "ledger_move")
    with pytest.raises(AlreadyCounting) as refused:
        counted(CY, task_id, (item, 60, 2))
    assert refused.value.message == "Gus Packer counted this bin meanwhile."
    other = task_for(house, "reserve2")
    commands.cancel_count(ctx(HAL), CancelCount(other, "not today"))
    with pytest.raises(AlreadyCounting) as refused:
        counted(CY, other, empty=True)
    assert "was called off" in refused.value.message
    assert counts_of("counting_count", "counting_countline", "counting_variance", "ledger_move") == before


def test_a_recount_needs_another_person_without_network_too():
    house, item = bin_with(100)
    task_id = task_for(house)
    counted(CY, task_id, (item, 60, 2))
    CountTask.objects.update(state="recount")
    with pytest.raises(SameCounter):
        counted(CY, task_id, (item, 60, 2))
    assert counted(GUS, task_id, (item, 60, 2)).state == "review"
    assert list(Count.objects.order_by("id").values_list("round_no", flat=True)) == [1, 2]


def test_what_nobody_can_have_seen_is_refused_and_leaves_no_trace():
    house, item = bin_with(100)
    task_id = task_for(house)
    tracked = h.item("LOTTED", tracking="lot")
    for lines, times in (([], {}), ([(item, 60, 9)], {}), ([(item, 60, -1)], {}), ([(tracked, 1, 2)], {})):
        with pytest.raises(CountRefused):
            counted(CY, task_id, *lines, **times)
    with pytest.raises(CountRefused):
        counted(CY, task_id, empty=True, opened=6)
    with pytest.raises(NotPermitted):
        counted(EVE, task_id, (item, 100, 2))
    assert (Count.objects.count(), CountTask.objects.get().state) == (0, "due")
