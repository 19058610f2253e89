from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import CY, GUS, ctx

from flowrack.counting import commands
from flowrack.counting.models import Variance
from flowrack.counting.tests.scene import bin_with, count, counts_of, task_for
from flowrack.counting.types import EnterCount, FinishCount, NotYourCount, OpenCount, SeenLine
from flowrack.ledger.tests import house as h
from flowrack.platform.decisions import why

pytestmark = pytest.mark.django_db


def test_a_count_that_agrees_posts_nothing_and_ends_the_task():
    house, item = bin_with(100)
    done = count(CY, task_for(house), (item, 100))
    assert (done.state, done.posted_units, done.open_variances) == ("posted", 0, 0)
    assert h.on_hand(house, item, "reserve1") == 100


def test_a_small_difference_is_posted_by_policy_and_says_why():
    house, item = bin_with(100)
    done = count(CY, task_for(house), (item, 99))
    assert (done.state, done.posted_units, done.open_variances) == ("posted", -1, 0)
    assert h.on_hand(house, item, "reserve1") == 99
    assert h.book(house, item) == (99, Decimal("198.0000"))
    assert h.book(house, item, "adjustment") == (1, Decimal("2.0000"))
    variance = Variance.objects.get()
    assert (variance.decision, variance.value) == ("policy", Decimal("-2"))
    [decision] = why(f"counting.variance:{variance.pk}")
    assert decision.sentence == "Posted by policy: -1 units, -2.00 is inside tolerance."


def test_a_small_surplus_comes_in_at_the_present_unit_cost():
    house, item = bin_with(200)
    count(CY, task_for(house), (item, 202))
    assert h.book(house, item) == (202, Decimal("404.0000"))


def test_a_large_difference_waits_for_review_and_posts_nothing():
    house, item = bin_with(100)
    done = count(CY, task_for(house), (item, 60))
    assert (done.state, done.open_variances) == ("review", 1)
    assert h.on_hand(house, item, "reserve1") == 100
    variance = Variance.objects.get()
    assert (variance.units, variance.value, variance.decision) == (-40, Decimal("-80"), "open")


def test_class_a_and_tracked_goods_always_wait():
    house, item = bin_with(1000, tracking="none")
    h.sql.execute("UPDATE catalog_item SET velocity = 'A' WHERE id = %s", (item,))
    assert count(CY, task_for(house), (item, 999)).state == "review"


def test_blank_is_not_zero():
    house, item = bin_with(3)
    done = count(CY, task_for(house))
    assert (done.state, done.open_variances) == ("review", 1)
    assert Variance.objects.get().is_blank
    assert h.on_hand(house, item, "reserve1") == 3


def test_an_empty_bin_is_counted_as_zero():
    house, _item = bin_with(3)
    done = count(CY, task_for(house), empty=True)
    assert (done.state, done.open_variances) == ("review", 1)
    variance = Variance.objects.get()
    assert (variance.units, variance.is_blank) == (-3, False)


def test_picks_during_the_count_raise_no_false_variance():
    house, item = bin_with(60)
    task_id = task_for(house)
    opened = commands.open_count(ctx(CY), OpenCount(task_id))
    for _ in range(6):
        h.ship(house, item, 1)
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 57)]))
    for _ in range(6):
        h.ship(house, item, 1)
    done = commands.finish_count(ctx(CY), FinishCount(opened.count_id))
    assert (done.state, done.posted_units, done.open_variances) == ("posted", 0, 0)
    assert h.on_hand(house, item, "reserve1") == 48


def test_moves_after_the_count_change_books_and_shelf_alike():
    house, item = bin_with(100)
    task_id = task_for(house)
    opened = commands.open_count(ctx(CY), OpenCount(task_id))
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 99)]))
    h.ship(house, item, 10)
    commands.finish_count(ctx(CY), FinishCount(opened.count_id))
    assert h.on_hand(house, item, "reserve1") == 89


def test_goods_that_the_books_do_not_know_are_a_surplus_to_review():
    house, item = bin_with(5)
    stray = h.item("STRAY", standard_cost="4")
    done = count(CY, task_for(house), (item, 5), (stray, 2))
    assert (done.state, done.open_variances) == ("review", 1)
    assert Variance.objects.get().value == Decimal("8")


def test_a_retried_finish_is_answered_from_the_record():
    house, item = bin_with(100)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 99)]))
    first = commands.finish_count(ctx(CY, "same"), FinishCount(opened.count_id))
    assert commands.finish_count(ctx(CY, "same"), FinishCount(opened.count_id)) == first
    assert h.on_hand(house, item, "reserve1") == 99


def test_nobody_finishes_the_count_of_another_and_nothing_changes():
    house, _item = bin_with(100)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    before = counts_of("counting_variance", "ledger_move", "platform_commandrecord")
    with pytest.raises(NotYourCount):
        commands.finish_count(ctx(GUS), FinishCount(opened.count_id))
    assert counts_of("counting_variance", "ledger_move", "platform_commandrecord") == before


def test_a_large_bin_takes_as_many_queries_as_a_small_one(django_assert_num_queries):
    house = h.house()
    items = [h.item(f"I{n}") for n in range(12)]
    for item in items:
        h.receive(house, item, 100, "1.00")
    task_id = task_for(house)
    opened = commands.open_count(ctx(CY), OpenCount(task_id))
    seen = [SeenLine(item, 100) for item in items]
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [replace(s, units=99) for s in seen]))
    context = ctx(CY)
    with django_assert_num_queries(29):
        commands.finish_count(context, FinishCount(opened.count_id))
