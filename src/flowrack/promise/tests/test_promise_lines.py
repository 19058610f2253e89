from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_lines as commands
from flowrack.promise.tests import given
from flowrack.promise.types import LinePromised, PromiseLines
from flowrack.sales import commands_changes as sales
from flowrack.sales import commands_many as sales_many
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_many import SetWantedDays
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
MON, TUE, FRI = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6)


def test_at_entry_lines_get_their_promise_with_the_reason():
    at = given.house(100)
    number = given.po(at, 60, date(2026, 3, 4)).number
    lines = outbound.order(at.site, "ACME", ("V-200", 90), ("V-200", 50), ("V-200", 50)).line_ids
    given.drain()
    # Nothing is on record of the supplier, so five days are added, and one more to the shelf.
    assert given.promises() == [(TUE, TUE), (date(2026, 3, 10), date(2026, 3, 10)), (None, None)]
    [first] = [row for row in why(f"promise.line:{lines[1]}") if row.kind == "promise"]
    assert first.sentence == (
        f"Promised to leave Tue 10 Mar, 7 days after the wish. Bound by: {number}, Mon 9 Mar. "
        "Sure: no deliveries on record."
    )
    [none] = [row for row in why(f"promise.line:{lines[2]}") if row.kind == "promise"]
    assert none.sentence == (
        "No promise: 20 of 50 can be there by Wed 11 Mar; 30 units have no supply within the next half year."
    )
    assert sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'promise_case'") == 1


def test_the_first_promise_stays_when_the_latest_moves():
    at = given.house(100)
    [line] = outbound.order(at.site, "ACME", ("V-200", 90)).line_ids
    given.drain()
    given.po(at, 100, date(2026, 3, 4))
    sales.change_line(ctx(KIM), ChangeLine(line, 150))
    given.drain()
    assert given.promises() == [(TUE, date(2026, 3, 10))]
    assert sql.fetch_all("SELECT first_ships_on, ships_on FROM promise_linepromise") == [(TUE, date(2026, 3, 10))]


def test_who_wants_another_day_is_told_what_becomes_of_the_day_that_he_was_promised():
    at = given.house(100)
    order, none = (outbound.order(at.site, "ACME", ("V-200", units), on=TUE) for units in (10, 500))
    given.drain()
    assert given.promises() == [(MON, MON), (None, None)]
    both = SetWantedDays([order.order_id, none.order_id], date(2026, 3, 12), "The fair moved")
    sales_many.set_wanted_days(ctx(KIM), both)
    given.drain()
    [(line_id, text)] = sql.fetch_all("SELECT order_line_id, text FROM allocation_customernotice")
    assert line_id == order.line_ids[0], "who was promised no day is told nothing"
    assert "will reach you on Thu 12 Mar instead of Tue 3 Mar" in text
    assert "The reason: The fair moved; you want it on 12 Mar 2026 now." in text


def test_an_order_that_is_delivered_whole_leaves_with_its_last_line():
    at = given.house(100, policy="complete")
    given.po(at, 100, date(2026, 3, 4))
    outbound.order(at.site, "ACME", ("V-200", 50), ("V-200", 90))
    given.drain()
    assert given.promises() == [(date(2026, 3, 10), date(2026, 3, 10))] * 2


def test_two_orders_in_a_row_are_not_promised_the_same_units():
    at = given.house(100)
    outbound.order(at.site, "ACME", ("V-200", 80))
    outbound.order(at.site, "ACME", ("V-200", 80))
    given.drain()
    assert given.promises() == [(TUE, TUE), (None, None)]


def test_work_that_is_promised_fills_the_day():
    at = given.house(1_000)
    sql.execute(
        "INSERT INTO tasks_capacity (site_id, kind, weekday, shift, people, hours) "
        "SELECT %s, 'pick', d, 'day', 1, %s FROM generate_series(0, 4) AS d",
        (at.site, Decimal("0.05")),  # three minutes a day: one line of 90 seconds and 6 for ten units fits
    )
    for _ in range(3):
        outbound.order(at.site, "ACME", ("V-200", 10), on=MON)
    given.drain()
    assert [row[0] for row in given.promises()] == [TUE, date(2026, 3, 4), date(2026, 3, 5)]


def test_it_is_the_houses_own_command_and_harmless_without_lines():
    given.house(1)
    assert commands.promise_lines(context_for_system(NOW, "x"), PromiseLines([77])).lines == []
    with pytest.raises(NotPermitted):
        commands.promise_lines(ctx(KIM), PromiseLines([1]))
    assert LinePromised(1, None, None)
