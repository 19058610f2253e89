"""Lines that could not be promised when they were entered get their first promise once units or supply are there."""

from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import ADA, BO, KIM, NOW, ctx

from flowrack.allocation import commands_overrides, commands_runs, queries_cover
from flowrack.allocation.types_overrides import GiveUnits
from flowrack.allocation.types_runs import AllocateItems
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_lines, queries_lines, queries_replay
from flowrack.promise.tests import given
from flowrack.promise.types import PromiseLines
from flowrack.sales import commands_changes
from flowrack.sales.types import CancelOrder
from flowrack.shared.quantity import Units
from flowrack.storage import commands_transfers as storage
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import SendStock

pytestmark = pytest.mark.django_db
TUE, TEN = date(2026, 3, 3), date(2026, 3, 10)


def lacking(units=100):
    """The first order is promised all units, so the second, of as many, is promised nothing."""
    at = given.house(units)
    first = outbound.order(at.site, "ACME", ("V-200", units))
    given.drain()
    second = outbound.order(at.site, "ACME", ("V-200", units))
    given.drain()
    assert given.promises() == [(TUE, TUE), (None, None)]
    return at, first, second


def cases():
    return sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'promise_case'")


def test_units_by_hand_bring_no_promise_and_count_where_one_is_asked_for_though_others_claim_all_that_is_left():
    _, first, second = lacking()
    done = commands_overrides.give_units(
        ctx(ADA), GiveUnits(second.line_ids[0], Units(100), "A stand at the fair", TUE)
    )
    given.drain()
    assert done.number
    assert given.promises() == [(TUE, TUE), (None, None)]
    commands_lines.promise_lines(context_for_system(NOW, "asked"), PromiseLines(second.line_ids))
    assert given.promises() == [(TUE, TUE), (TUE, TUE)]
    said = next(row.sentence for row in why(f"promise.line:{second.line_ids[0]}") if row.kind == "promise")
    assert said.startswith("Promised to leave Tue 3 Mar. Bound by: ")
    assert list(queries_cover.risks_of_order(first.order_id)) == first.line_ids
    found = queries_replay.replay(10)
    assert (found.cases, found.differing) == (3, [])


def test_a_run_that_gives_units_brings_the_promise():
    at, _, second = lacking()
    outbound.receive(at, given.item_id(), 100, "1", "reserve1")
    commands_runs.allocate_items(ctx(ADA), AllocateItems(at.site, [given.item_id()]))
    given.drain()
    assert outbound.counts(second.line_ids[0])["allocated"] == 100
    assert given.promises() == [(TUE, TUE), (TUE, TUE)]


def test_a_cancelled_order_that_only_waited_brings_the_promise_to_who_is_next():
    _, first, _ = lacking()
    assert outbound.counts(first.line_ids[0]) == {"units": 100, "waiting": 100}
    commands_changes.cancel_order(ctx(KIM), CancelOrder(first.order_id, "not wanted"))
    given.drain()
    assert given.promises()[1] == (TUE, TUE)


def test_an_order_on_a_supplier_brings_the_promise_and_later_ones_change_nothing():
    at, _, _ = lacking()
    ostler = supply.supplier()

    def bought(units, due):
        supply.approved(at.site, ostler, (given.item_id(), units, "4"), due=due)
        given.drain()

    bought(60, date(2026, 3, 4))
    before = 2
    assert cases() == before
    assert given.promises()[1] == (None, None)  # sixty of a hundred: still nobody can say
    bought(60, date(2026, 3, 4))
    assert given.promises()[1] == (TEN, TEN)
    assert cases() == before + 1
    bought(60, date(2026, 3, 3))
    assert given.promises()[1] == (TEN, TEN)
    assert cases() == before + 1
    assert queries_lines.unpromised_of(at.site, [given.item_id()]) == []


def test_the_best_rank_comes_first_to_what_is_on_order():
    at, _, _ = lacking()
    outbound.customer("BEST", tier="A")
    best = outbound.order(at.site, "BEST", ("V-200", 100))
    given.drain()
    given.po(at, 100, date(2026, 3, 4))
    given.drain()
    assert given.promises() == [(TUE, TUE), (None, None), (TEN, TEN)]
    assert best.order_id


def test_an_order_that_leaves_whole_is_promised_with_all_its_lines():
    at = given.house(100, policy="complete")
    outbound.item("V-300")
    outbound.order(at.site, "ACME", ("V-200", 10), ("V-200", 200))
    given.drain()
    assert given.promises() == [(None, None)] * 2
    given.po(at, 200, date(2026, 3, 4))
    given.drain()
    assert given.promises() == [(TEN, TEN)] * 2


def test_only_first_promises_leave_those_that_stand_and_write_nothing_where_nobody_can_say():
    _, first, second = lacking()
    before = given.rows()
    done = commands_lines.promise_lines(
        context_for_system(NOW, "first"), PromiseLines([*first.line_ids, *second.line_ids], only_first=True)
    )
    assert done.lines == []
    after = given.rows()
    assert {name: after[name] - before[name] for name in after} == dict.fromkeys(after, 0) | {
        "platform_commandrecord": 1
    }


def test_a_transfer_that_is_on_its_way_brings_the_promise_where_it_goes():
    at, _, _ = lacking()
    north = outbound.house("NORTH")
    outbound.receive(north, given.item_id(), 100, "1", "reserve1")
    line = StockAt(north.places["reserve1"], given.item_id(), Units(100))
    storage.send_stock(ctx(BO), SendStock(north.site, at.site, [line], due_on=date(2026, 3, 5)))
    given.drain()
    [_, (first, latest)] = given.promises()
    assert first == latest == date(2026, 3, 6)


def test_a_line_that_was_told_no_day_has_what_comes_first_before_anybody_new():
    """150 are wanted and 100 come: nobody can say a day for all of them, and nobody else is promised the 100."""
    at = given.house(0)
    given.po(at, 100, date(2026, 3, 4))
    outbound.order(at.site, "ACME", ("V-200", 150), on=date(2026, 4, 30))
    given.drain()
    assert given.promises() == [(None, None)]
    supply.approved(at.site, supply.supplier("OTHER"), (given.item_id(), 120, "4"), due=date(2026, 3, 20))
    assert given.quote(70).ships_on > date(2026, 3, 20)
