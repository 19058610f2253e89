from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import CY, KIM, LOU, NOW, ctx

from flowrack.allocation.queries_overrides import overrides_after
from flowrack.platform import sql
from flowrack.promise import commands_lines as commands
from flowrack.promise.tests import given
from flowrack.promise.types import MovePromise, MovePromises, OverCapacity
from flowrack.sales.types import OrderNotFound
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db
TUE, FRI = date(2026, 3, 3), date(2026, 3, 6)
WHY = "The supplier delivers later"


def line_of(units: int = 10) -> int:
    at = given.house(100)
    [line] = outbound.order(at.site, "ACME", ("V-200", units)).line_ids
    given.drain()
    return line


def test_the_latest_moves_the_first_stays_and_a_letter_is_drafted():
    line = line_of()
    req = MovePromises([MovePromise(line, FRI)], WHY)
    done = commands.move_promises(ctx(KIM, "k"), req)
    assert commands.move_promises(ctx(KIM, "k"), req) == done
    assert given.promises() == [(TUE, FRI)]
    [(text, state)] = sql.fetch_all("SELECT text, state FROM allocation_customernotice")
    assert "10 of V-200 will reach you on Mon 9 Mar instead of Wed 4 Mar" in text
    assert "The reason: The supplier delivers later." in text and state == "draft"


def test_without_a_day_each_line_moves_to_the_earliest():
    line = line_of()
    commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, FRI)], WHY))
    done = commands.move_promises(ctx(KIM), MovePromises([MovePromise(line)], "it came early"))
    assert (done.lines[0].ships_on, given.promises()) == (TUE, [(TUE, TUE)])


def test_past_days_and_moves_without_a_reason_or_line_are_refused():
    line = line_of()
    before = given.rows()
    for lines, reason, fault in (
        ([MovePromise(line, date(2026, 3, 1))], WHY, Invalid),
        ([MovePromise(line, FRI)], " ", Invalid),
        ([MovePromise(line + 99, FRI)], WHY, OrderNotFound),
    ):
        with pytest.raises(fault):
            commands.move_promises(ctx(KIM), MovePromises(lines, reason))
    with pytest.raises(NotPermitted):
        commands.move_promises(ctx(CY), MovePromises([MovePromise(line, FRI)], WHY))
    assert (given.rows(), given.promises()) == (before, [(TUE, TUE)])


def test_a_day_that_is_full_needs_somebody_who_may_override():
    line = line_of()
    site = sql.fetch_value("SELECT min(site_id) FROM ledger_pool")
    sql.execute(
        "INSERT INTO tasks_capacity (site_id, kind, weekday, shift, people, hours) "
        "VALUES (%s, 'pick', 4, 'day', 1, %s)",
        (site, Decimal("0.02")),
    )
    with pytest.raises(OverCapacity, match="Fri 6 Mar is full: with this, 2 min of work stand against 1 min of hands"):
        commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, FRI)], WHY))
    commands.move_promises(ctx(LOU), MovePromises([MovePromise(line, FRI)], WHY))
    assert given.promises() == [(TUE, FRI)]
    [one] = overrides_after([0], now=NOW)
    assert (one.kind, one.made_by, one.reason, one.review) == ("capacity", "Lou Sales", WHY, "to review")
    assert one.broken.endswith("Fri 6 Mar is full: with this, 2 min of work stand against 1 min of hands.")


def test_what_is_picked_and_has_not_left_is_told_another_day_too():
    line = line_of()
    [(order_id, site)] = sql.fetch_all("SELECT id, site_id FROM sales_order")
    order = outbound.EnteredOrder(order_id, "", [line])
    outbound.allocate(site, order)
    outbound.pick_all(outbound.release(site, order))
    [(waits, picked)] = sql.fetch_all("SELECT open_units + allocated_units, picked_units FROM sales_orderline")
    assert (waits, picked) == (0, 10)
    commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, FRI)], "it missed its truck"))
    assert given.promises() == [(TUE, FRI)]
    [text] = [row[0] for row in sql.fetch_all("SELECT text FROM allocation_customernotice")]
    assert "10 of V-200 will reach you on Mon 9 Mar instead of Wed 4 Mar" in text
    why = "SELECT sentence FROM platform_decision WHERE subject = %s ORDER BY id DESC LIMIT 1"
    assert sql.fetch_value(why, (f"promise.line:{line}",)) == (
        "Promised to leave Fri 6 Mar. All 10 are picked and have not left."
    )
    done = commands.move_promises(ctx(KIM), MovePromises([MovePromise(line)], "a truck goes sooner"))
    [(ships_on, seconds)] = sql.fetch_all("SELECT ships_on, seconds FROM promise_linepromise")
    assert (done.lines[0].ships_on, seconds) == (ships_on, 0) and ships_on < FRI


def test_a_line_that_would_leave_on_another_day_than_was_shown_is_refused_by_its_place():
    line = line_of()
    with pytest.raises(Invalid) as refused:
        commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, seen_on=FRI)], WHY))
    [bad] = refused.value.lines
    assert (bad.line, bad.message) == (
        1,
        f"{number_of(line)}: V-200 would leave Tue 3 Mar, not Fri 6 Mar as was shown.",
    )
    assert given.promises() == [(TUE, TUE)]
    commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, FRI, seen_on=FRI)], WHY))
    assert given.promises() == [(TUE, FRI)]


def test_who_gets_his_goods_as_promised_gets_no_letter():
    commands.move_promises(ctx(KIM), MovePromises([MovePromise(line_of())], "looked at again"))
    assert sql.fetch_value("SELECT count(*) FROM allocation_customernotice") == 0


def test_a_fault_is_told_of_the_place_in_which_its_line_was_sent():
    at = given.house(100)
    first = outbound.order(at.site, "ACME", ("V-200", 10)).line_ids[0]
    last = outbound.order(at.site, "ACME", ("V-200", 900)).line_ids[0]
    given.drain()
    with pytest.raises(Invalid) as refused:
        commands.move_promises(ctx(KIM), MovePromises([MovePromise(last), MovePromise(first)], WHY))
    assert [(bad.line, bad.message) for bad in refused.value.lines] == [(1, f"{number_of(last)}: nobody can say when.")]


def test_what_is_picked_arrives_no_sooner_than_by_its_late_carrier():
    line = line_of()
    [(order_id, site)] = sql.fetch_all("SELECT id, site_id FROM sales_order")
    order = outbound.EnteredOrder(order_id, "", [line])
    outbound.allocate(site, order)
    outbound.pick_all(outbound.release(site, order))
    sql.execute(
        "INSERT INTO allocation_promiseexception (order_line_id, promised_on, covered_on, arrives_on, units, reason, "
        "raised_at, closing, by_calendar) VALUES (%s, %s, %s, '2026-03-12', 10, 'No carrier in time', %s, '', true)",
        (line, TUE, TUE, NOW),
    )
    done = commands.move_promises(ctx(KIM), MovePromises([MovePromise(line)], "the carrier is late"))
    assert (done.lines[0].ships_on, done.lines[0].arrives_on) == (date(2026, 3, 2), date(2026, 3, 12))
    [text] = [row[0] for row in sql.fetch_all("SELECT text FROM allocation_customernotice")]
    assert "10 of V-200 will reach you on Thu 12 Mar instead of Wed 4 Mar" in text
    assert sql.fetch_value("SELECT closing FROM allocation_promiseexception") == "Promise moved: the carrier is late"


def number_of(line: int) -> str:
    return sql.fetch_value(
        "SELECT o.number FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id WHERE l.id = %s", (line,)
    )
