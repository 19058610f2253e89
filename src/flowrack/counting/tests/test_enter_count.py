import pytest
from tests.cast import CY, ctx

from flowrack.counting import commands, queries
from flowrack.counting.models import CountLine
from flowrack.counting.tests.scene import bin_with, counts_of, task_for
from flowrack.counting.types import CountRefused, EnterCount, FinishCount, OpenCount, SeenLine
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move, Place
from flowrack.shared.errors import WrongState

pytestmark = pytest.mark.django_db


def test_an_item_entered_again_replaces_what_was_entered_before():
    house, item = bin_with(10)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 7)]))
    done = commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 10)]))
    assert done.lines == 1
    assert CountLine.objects.get().counted_units == 10


def test_the_answer_tells_nothing_of_what_is_expected():
    house, item = bin_with(10)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    done = commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 3)]))
    assert (done.count_id, done.lines) == (opened.count_id, 1)
    assert queries.entered(opened.count_id) == [("WIDGET", "WIDGET", "", 3)]


def test_units_on_several_pallets_are_counted_together():
    house, item = bin_with(10, place="receiving1")
    for code, units in (("P1", 6), ("P2", 4)):
        lpn = h.value("INSERT INTO locations_lpn (code, site_id) VALUES (%s, %s) RETURNING id", code, house.site)
        target = Place(house.places["reserve1"], lpn)
        h.steps.post(h.context(), [Move(item, units, house["receiving1"], target, "putaway")])
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 9)]))
    assert [line.counted_units for line in CountLine.objects.order_by("pk")] == [6, 3]


def test_every_bad_line_is_named_and_nothing_is_entered():
    house, item = bin_with(10)
    traced = h.item("TRACED", tracking="lot")
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    before = counts_of("counting_countline", "platform_commandrecord")
    with pytest.raises(CountRefused) as refusal:
        commands.enter_count(
            ctx(CY),
            EnterCount(
                opened.count_id, [SeenLine(item, 5), SeenLine(999_999, 1), SeenLine(traced, 1), SeenLine(item, -1)]
            ),
        )
    assert [(line.line, line.field) for line in refusal.value.lines] == [(2, "item_id"), (3, "lot_id"), (4, "units")]
    assert counts_of("counting_countline", "platform_commandrecord") == before
    assert CountLine.objects.get().counted_units is None


def test_nothing_is_entered_after_the_count_is_finished():
    house, item = bin_with(10)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    commands.finish_count(ctx(CY), FinishCount(opened.count_id))
    with pytest.raises(WrongState):
        commands.enter_count(ctx(CY), EnterCount(opened.count_id, [SeenLine(item, 5)]))


def test_a_retried_scan_is_answered_from_the_record():
    house, item = bin_with(10)
    opened = commands.open_count(ctx(CY), OpenCount(task_for(house)))
    req = EnterCount(opened.count_id, [SeenLine(item, 5)])
    assert commands.enter_count(ctx(CY, "same"), req) == commands.enter_count(ctx(CY, "same"), req)
    assert CountLine.objects.count() == 1
