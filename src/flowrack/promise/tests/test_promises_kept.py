"""Promised days and quotes through the real commands: stock stays for them, whoever comes later."""

from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import ADA, DI, KIM, ctx

from flowrack.allocation import commands_runs, queries_certificates, queries_cover
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet
from flowrack.allocation.types_runs import AllocateItems
from flowrack.inbound.types import CountedLine
from flowrack.platform import decisions, sql
from flowrack.promise import commands_orders
from flowrack.promise.tests import given
from flowrack.promise.types import OrderQuote
from flowrack.purchasing import commands_confirmations
from flowrack.purchasing.types_confirmations import ConfirmedLine, NewConfirmation, RecordConfirmations
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
TUE = date(2026, 3, 3)


def scene(units=20):
    """Stock of V-200, and tier C and tier A customers."""
    at = given.house(units, tier="C")
    outbound.customer("BEST", tier="A")
    return at


def held(order):
    """Units that an order's lines hold."""
    return [
        row[0]
        for row in sql.fetch_all(
            "SELECT allocated_units FROM sales_orderline WHERE order_id = %s ORDER BY line_no", (order.order_id,)
        )
    ]


def confirm(po, units, on):
    """The supplier names another day, and Di takes it."""
    answer = RecordConfirmations([NewConfirmation(po.po_id, "OC", [ConfirmedLine(1, Units(units), on)])])
    done = commands_confirmations.record_confirmations(ctx(DI), answer)
    asked = [one.confirmation_line_id for one in done.lines if one.state == "open"]
    if asked:
        commands_confirmations.decide_confirmations(
            ctx(DI), commands_confirmations.DecideConfirmations(asked, "accept")
        )


def why(order):
    return decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence


def replays():
    found = queries_certificates.replay_lines(50, 1)
    return found.lines and found.identical_lines == found.lines


def test_a_tier_a_order_that_comes_later_leaves_what_a_tier_c_order_was_promised():
    at = scene()
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    assert given.promises() == [(TUE, TUE)]
    later = outbound.order(at.site, "BEST", ("V-200", 20))
    outbound.allocate(at.site, later)
    assert (held(later), why(later)) == (
        [8],
        f"8 of 20 reserved, 12 wait: 12 in stock are kept for {first.number}, promised for 3 Mar.",
    )
    outbound.allocate(at.site)
    assert (held(first), held(later)) == ([12], [8])
    assert replays()


def test_each_line_of_a_complete_order_says_what_is_in_its_way():
    at = scene()
    outbound.receive(at, outbound.item("V-300"), 5, "1")
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    outbound.customer("WHOLE", tier="A", policy="complete")
    later = outbound.order(at.site, "WHOLE", ("V-200", 20), ("V-300", 5))
    outbound.allocate(at.site, later)
    assert held(later) == [0, 0]
    assert [decisions.why(f"sales.line:{line_id}")[0].sentence for line_id in later.line_ids] == [
        f"All 20 wait: 12 in stock are kept for {first.number}, promised for 3 Mar.",
        "All 5 wait: this customer takes one complete delivery, and line 1, item V-200, has 12 of 20 missing.",
    ]
    assert replays()


def test_a_full_run_and_stock_that_becomes_free_keep_promises_too():
    at = scene(10)
    first = outbound.order(at.site, "ACME", ("V-200", 8))
    given.drain()
    later = outbound.order(at.site, "BEST", ("V-200", 20))
    done = commands_runs.allocate_items(ctx(ADA), AllocateItems(at.site, [given.item_id()]))
    assert (done.units, held(first), held(later)) == (10, [8], [2])
    assert replays()


def test_what_comes_in_time_lets_the_better_tier_have_the_stock():
    at = scene(10)
    po = given.po(at, 30, date(2026, 3, 4))  # counts on the 9th, and leaves on the 10th
    first = outbound.order(at.site, "ACME", ("V-200", 8), on=date(2026, 3, 16))
    given.drain()
    assert given.promises() == [(date(2026, 3, 13), date(2026, 3, 13))]
    later = outbound.order(at.site, "BEST", ("V-200", 20))
    outbound.allocate(at.site, later)
    assert (held(later), held(first)) == ([10], [0])
    confirm(po, 30, date(2026, 3, 20))
    again = outbound.order(at.site, "BEST", ("V-200", 5))
    outbound.receive(at, given.item_id(), 9, "1", "reserve1")
    outbound.allocate(at.site, again)
    assert (held(again), why(again)) == (
        [1],
        f"1 of 5 reserved, 4 wait: 8 in stock are kept for {first.number}, promised for 13 Mar.",
    )


def test_an_order_that_was_promised_itself_is_run_by_name_at_its_rank_among_the_others():
    at = scene(10)
    first = outbound.order(at.site, "ACME", ("V-200", 10))
    given.drain()
    late = outbound.order(at.site, "BEST", ("V-200", 6))
    sql.execute(
        "UPDATE sales_orderline SET promised_on = '2026-03-03', first_promised_on = '2026-03-03' WHERE order_id = %s",
        (late.order_id,),
    )
    outbound.allocate(at.site, first)
    assert (held(first), why(first)) == (
        [4],
        f"4 of 10 reserved, 6 wait: 6 in stock are kept for {late.number}, promised for 3 Mar.",
    )
    assert replays()


@pytest.mark.parametrize("rules", [RuleSet(), RuleSet(classes=(ClassRule("Best", tiers=("A",)), ClassRule("Rest")))])
def test_the_rank_decides_whose_promise_is_kept_when_one_order_is_run_by_name(rules):
    at = scene(10)
    orders = [outbound.order(at.site, who, ("V-200", 6)) for who in ("ACME", "BEST", "ACME")]
    given.drain()
    rulebook.in_force(at.site, rules)
    sql.execute("UPDATE sales_orderline SET promised_on = '2026-03-03', first_promised_on = '2026-03-03'")
    first, best, last = orders
    outbound.allocate(at.site, last)
    assert (held(last), why(last)) == (
        [0],
        f"All 6 wait: 10 in stock are kept for {best.number} and 1 other, promised by 3 Mar.",
    )
    outbound.allocate(at.site, best)
    outbound.allocate(at.site, first)
    assert (held(best), held(first), held(last)) == ([6], [4], [0])
    assert replays()


def test_a_quote_on_goods_to_come_is_kept_taken_into_an_order_and_shipped():
    at = scene(0)
    po = given.po(at, 20, date(2026, 3, 4))
    quote = given.quote(12)
    assert (quote.on_hand_units, quote.ships_on) == (0, date(2026, 3, 10))
    supply.receive(po, at, CountedLine(Units(20), given.item_id()))
    sql.execute("UPDATE ledger_pool SET reserve = receiving, receiving = 0 WHERE item_id = %s", (given.item_id(),))
    later = outbound.order(at.site, "BEST", ("V-200", 20))
    outbound.allocate(at.site, later)
    assert (held(later), why(later)) == (
        [8],
        f"8 of 20 reserved, 12 wait: 12 in stock are kept for {quote.number}, promised for 10 Mar.",
    )
    assert replays()
    [order] = commands_orders.order_quote(ctx(KIM), OrderQuote(quote.quote_id)).orders
    assert sql.fetch_value("SELECT promised_on FROM sales_orderline WHERE order_id = %s", (order.order_id,)) == (
        date(2026, 3, 10)
    )
    assert outbound.allocate(at.site, later).units == 0
    assert outbound.allocate(at.site, order).units == 12


def at_risk():
    return [(row.order, row.units, row.promised_on) for row in queries_cover.exceptions([0])]


def test_a_class_that_guarantees_breaks_a_promise_and_the_exception_follows():
    at = scene(20)
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    clinics = ClassRule("Clinics", "guarantee", tiers=("A",))
    rulebook.in_force(at.site, RuleSet(classes=(clinics, ClassRule("Rest"))))
    later = outbound.order(at.site, "BEST", ("V-200", 15))
    outbound.allocate(at.site)
    assert (held(later), held(first), at_risk()) == ([15], [5], [])
    given.drain()
    assert at_risk() == [(first.number, 7, TUE)]
    assert decisions.why(f"sales.line:{first.line_ids[0]}")[0].sentence == (
        "Stock was shared out: 7 units have no cover in time; the promise of 3 Mar cannot hold."
    )


def test_a_newcomer_of_a_better_tier_puts_no_promise_at_risk():
    at = scene(20)
    outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    later = outbound.order(at.site, "BEST", ("V-200", 20))
    outbound.allocate(at.site, later)
    given.drain()
    assert (held(later), at_risk()) == ([8], [])


def test_when_supply_slips_exactly_the_promise_that_cannot_be_kept_is_at_risk():
    at = scene(10)
    po = given.po(at, 10, date(2026, 3, 4))  # leaves on the 10th
    best = outbound.order(at.site, "BEST", ("V-200", 10), on=date(2026, 3, 20))
    worst = outbound.order(at.site, "ACME", ("V-200", 10), on=date(2026, 3, 12))
    given.drain()
    outbound.allocate(at.site, best, worst)
    assert at_risk() == []
    confirm(po, 10, date(2026, 3, 27))
    given.drain()
    assert (held(best), held(worst)) == ([10], [0])
    assert at_risk() == [(worst.number, 10, date(2026, 3, 11))]
