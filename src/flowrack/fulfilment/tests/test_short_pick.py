"""short_pick: on the real ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound, supply
from tests.cast import ADA, CY, NOW, PAM, ctx

from flowrack.allocation import queries_cover
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.fulfilment import commands, queries_short
from flowrack.fulfilment.types import (
    PickTooMany,
    ShortPick,
)
from flowrack.fulfilment.types_lists import PickRule, SetPickRules
from flowrack.fulfilment.types_short import UndoShort
from flowrack.ledger import steps
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, outbox, sql
from flowrack.shared.errors import Invalid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    return at, item, order, outbound.release(at.site, order)


def test_a_short_pick_takes_the_rest_from_another_bin(case):
    at, item, order, wave = case
    outbound.receive(at, item, 78, "1")
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.units, done.elsewhere_units, done.waiting_units) == (9, 3, 0)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 3, "released": 3, "picked": 9}
    rows = sql.fetch_all(
        "SELECT p.units, p.state, p.short_reason, b.code FROM fulfilment_pickline p "
        "JOIN locations_location b ON b.id = p.location_id ORDER BY p.state DESC, p.units DESC"
    )
    assert rows == [
        (3, "short", "none_there", "forward_pick-1"),
        (9, "picked", "", "forward_pick-1"),
        (3, "open", "", "reserve-1"),
    ]
    assert sql.fetch_all("SELECT state FROM fulfilment_picklist") == [("open",)]  # somebody has to walk there
    assert sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'fulfilment.pick_short'") == 1
    assert not verify()


def test_a_short_pick_without_another_bin_waits_and_says_why(case):
    _, item, order, wave = case
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 0, "damaged"))
    assert (done.units, done.elsewhere_units, done.waiting_units) == (0, 0, 12)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 12}
    assert outbound.order_state(order) == "confirmed"
    assert outbound.where(item) == {"forward_pick-1": 12}
    why = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
    assert why == "12 of 12 were not found in the bin (damaged): 12 wait for stock again."
    assert not verify()


def test_a_short_pick_needs_a_reason_and_less_than_all(case):
    _, _, _, wave = case
    before = outbound.books()
    with pytest.raises(Invalid):
        commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 3, "tired"))
    with pytest.raises(PickTooMany):
        commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 12, "none_there"))
    assert outbound.books() == before


def test_what_was_not_found_is_promised_to_nobody_until_the_bin_is_counted(case):
    at, item, order, wave = case
    commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 3, "picked": 9}
    assert outbound.where(item) == {"forward_pick-1": 3, "staged-1": 9}
    other = outbound.order(at.site, "ACME", ("4711", 3))
    assert outbound.allocate(at.site).units == 0
    assert outbound.counts(other.line_ids[0]) == {"units": 3, "waiting": 3}
    doubt = [(f"fulfilment.pick:{wave.pick_ids[0]}", 3)]
    assert sql.fetch_all("SELECT ref, units FROM ledger_commitment") == doubt
    assert sql.fetch_all("SELECT ref, units FROM ledger_reservation WHERE ref LIKE 'fulfilment%%'") == doubt
    assert not verify()


def test_the_lowest_rank_bears_what_was_not_found(case):
    at, item, order, wave = case
    outbound.receive(at, item, 10, "1")
    outbound.customer("SMALL", tier="C")
    small = outbound.order(at.site, "SMALL", ("4711", 10))
    outbound.allocate(at.site, small)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 8, "none_there"))
    assert (done.elsewhere_units, done.waiting_units) == (4, 0)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 4, "released": 4, "picked": 8}
    assert outbound.counts(small.line_ids[0]) == {"units": 10, "waiting": 4, "allocated": 6}
    why = decisions.why(f"sales.line:{small.line_ids[0]}")[0].sentence
    assert why == "4 taken back and wait again: a picker found 4 less in a bin than the books say"
    assert not verify()


def test_a_short_line_of_low_rank_takes_nothing_from_a_better_one(case):
    at, item, order, wave = case
    outbound.receive(at, item, 10, "1")
    outbound.customer("BIG", tier="A")
    big = outbound.order(at.site, "BIG", ("4711", 9))
    outbound.allocate(at.site, big)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 8, "none_there"))
    assert (done.elsewhere_units, done.waiting_units) == (1, 3)
    assert outbound.counts(order.line_ids[0]) == {
        "units": 12, "waiting": 3, "allocated": 1, "released": 1, "picked": 8
    }  # fmt: skip
    assert outbound.counts(big.line_ids[0]) == {"units": 9, "allocated": 9}
    assert not verify()


@pytest.fixture
def beside():
    """A pick of 12 loose units from a bin in which a pallet of 30 of the same item stands; another bin has 50."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    pallet = Place(at.places["forward_pick1"], outbound.tote(at.site, "LP-9"))
    steps.post(context(), [Move(item, 30, at.virtual("SUPPLIER"), pallet, "receipt", value=Decimal(30))])
    outbound.receive(at, item, 50, "1", "forward_pick2")
    return item, wave


def rest_of_it():
    return sql.fetch_all(
        "SELECT p.units, b.code, n.code FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id "
        "JOIN locations_lpn n ON n.id = p.lpn_id WHERE p.state = 'open'"
    )


def test_a_pallet_of_the_same_item_in_the_same_bin_gives_the_rest(beside):
    item, wave = beside
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 2, "none_there"))
    assert (done.elsewhere_units, done.waiting_units) == (10, 0)
    assert rest_of_it() == [(10, "forward_pick-1", "LP-9")]
    assert outbound.where(item)["forward_pick-1"] == 40
    assert not verify()


def test_what_cannot_be_reached_comes_from_another_bin(beside):
    _, wave = beside
    commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 2, "cannot_reach"))
    assert rest_of_it() == [(10, "forward_pick-2", "")]


def test_the_picker_is_told_where_the_rest_comes_from_and_customer_service_that_a_promise_cannot_hold(case):
    at, item, order, wave = case
    outbox.drain(now=NOW)
    assert queries_cover.exceptions([0]) == []
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    line = order.line_ids[0]
    assert queries_short.rest_in_words(done, line, NOW) == ["3 wait: nothing that is to come covers it."]
    outbox.drain(now=NOW)
    [seen] = queries_cover.exceptions([0])
    assert (seen.order, seen.units, seen.covered_on) == (order.number, 3, None)
    po = supply.approved(at.site, supply.supplier(), (item, 50, "1"))
    outbound.receive(at, outbound.item("4712"), 20, "1")
    set_substitute(ctx(PAM), SetSubstitute("4711", "4712"))
    sql.execute("UPDATE sales_order SET substitutes = 'yes'")
    first, second = queries_short.rest_in_words(done, line, NOW)
    assert first.startswith("3 wait until ") and first.endswith(f", when {po.number} is expected.")
    assert second == "Customer service may offer 3 × 4712 instead."


def test_the_picker_is_told_which_bins_have_the_rest(case):
    at, item, order, wave = case
    outbound.receive(at, item, 2, "1")
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    said = ["2 from reserve-1: on this list.", "1 waits: nothing that is to come covers it."]
    assert queries_short.rest_in_words(done, order.line_ids[0], NOW) == said


def rule(at, what: str) -> None:
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule(at_short=what)]))


def instead(at, *, takes: str = "yes", needs_consent: bool = False, units: int = 20) -> int:
    """4712 may be sent instead of 4711, two for one, and so many lie in the reserve."""
    other = outbound.item("4712")
    outbound.receive(at, other, units, "1")
    edge = SetSubstitute("4711", "4712", ratio_num=2, needs_consent=needs_consent, is_price_protected=True)
    set_substitute(ctx(PAM), edge)
    sql.execute("UPDATE sales_order SET substitutes = %s", (takes,))
    return other


def open_picks():
    return sql.fetch_all(
        "SELECT i.sku, p.units, b.code, l.state FROM fulfilment_pickline p JOIN catalog_item i ON i.id = p.item_id "
        "JOIN locations_location b ON b.id = p.location_id JOIN fulfilment_picklist l ON l.id = p.pick_list_id "
        "WHERE p.state = 'open' ORDER BY p.id"
    )


def test_what_no_bin_has_is_sent_as_another_item_from_the_same_list(case):
    at, item, _, wave = case
    rule(at, "substitutes")
    outbound.receive(at, item, 1, "1")
    other = instead(at)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.elsewhere_units, done.instead_units, done.replaced_units, done.waiting_units) == (1, 4, 2, 0)
    assert open_picks() == [("4711", 1, "reserve-1", "open"), ("4712", 4, "reserve-1", "open")]
    first, second = sql.fetch_all("SELECT id FROM sales_orderline ORDER BY line_no")
    assert outbound.counts(first[0]) == {"units": 12, "allocated": 1, "released": 1, "picked": 9, "cancelled": 2}
    assert outbound.counts(second[0]) == {"units": 4, "allocated": 4, "released": 4}
    assert sql.fetch_all("SELECT original_id, replaces FROM sales_substitution") == [(first[0], 2)]
    why = [row.sentence for row in decisions.why(f"sales.line:{first[0]}")]
    told = "3 of 12 were not found in the bin (none there): 1 comes from another bin, 4 × 4712 are sent instead of 2."
    assert told in why
    assert decisions.why(f"sales.line:{second[0]}")[0].sentence == "All 4 reserved, instead of 2 4711."
    assert queries_short.rest_in_words(done, first[0], NOW) == [
        "1 from reserve-1, 4 × 4712 from reserve-1 instead: on this list."
    ]
    kept = "SELECT units, elsewhere_units, replaced_units, policy FROM fulfilment_shortpick"
    assert sql.fetch_all(kept) == [(3, 1, 2, "substitutes")]
    assert sql.fetch_all("SELECT replaces FROM fulfilment_shortrest ORDER BY id") == [(0,), (2,)]
    outbound.pick_all(wave.__class__(**{**_fields(wave), "pick_ids": done.elsewhere_ids}))
    assert outbound.where(other) == {"reserve-1": 16, "staged-1": 4}
    assert not verify()


def _fields(wave) -> dict[str, object]:
    return {name: getattr(wave, name) for name in wave.__slots__}


@pytest.mark.parametrize(
    ("policy", "takes", "needs", "why"),
    [
        ("bins", "yes", False, ""),
        ("substitutes", "consent", False, " Nothing is sent instead: this customer is asked first."),
        ("substitutes", "yes", True, " Nothing is sent instead: 4712 needs the customer's consent."),
        ("substitutes", "no", False, " Nothing is sent instead: 4712: the customer takes no substitutes."),
    ],
)
def test_nothing_is_sent_instead_unasked(case, policy, takes, needs, why):
    at, _, order, wave = case
    rule(at, policy)
    instead(at, takes=takes, needs_consent=needs)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.elsewhere_ids, done.waiting_units) == ([], 3)
    sentence = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
    assert sentence == f"3 of 12 were not found in the bin (none there): 3 wait for stock again.{why}"
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 3, "picked": 9}


def test_what_another_order_waits_for_before_it_is_not_sent_instead(case):
    at, _, order, wave = case
    rule(at, "substitutes")
    instead(at, units=4)
    outbound.customer("FIRST", tier="A")
    first = outbound.order(at.site, "FIRST", ("4712", 4))
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.instead_units, done.waiting_units) == (0, 3)
    why = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
    assert why.endswith(f"Nothing is sent instead: {first.number} waits before it for what could be sent instead.")


def test_another_lot_of_the_item_comes_before_another_item():
    at = outbound.house()
    item = outbound.item("4711", tracking="lot")
    outbound.receive(at, item, 12, "1", "forward_pick1", lot_id=outbound.lot(item, "L1"))
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    rule(at, "substitutes")
    outbound.receive(at, item, 2, "1", lot_id=outbound.lot(item, "L2"))
    instead(at)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.elsewhere_units, done.replaced_units, done.waiting_units) == (2, 1, 0)
    assert open_picks() == [("4711", 2, "reserve-1", "open"), ("4712", 2, "reserve-1", "open")]
    why = [row.sentence for row in decisions.why(f"sales.line:{order.line_ids[0]}")]
    assert any("2 come from another bin, 2 of another lot, 2 × 4712 are sent instead of 1." in one for one in why)
    assert not verify()


def test_a_rule_may_let_the_rest_wait_though_another_bin_has_it(case):
    at, item, _, wave = case
    rule(at, "wait")
    outbound.receive(at, item, 78, "1")
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.elsewhere_ids, done.waiting_units) == ([], 3)
    assert outbound.where(item) == {"forward_pick-1": 3, "reserve-1": 78, "staged-1": 9}
    assert not verify()


def test_what_else_the_books_say_of_the_bin_is_for_nobody_until_it_is_counted(case):
    at, item, order, wave = case
    outbound.receive(at, item, 27, "1", "forward_pick1")  # 39 in the books, and the picker sees an empty bin
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 0, "none_there"))
    assert (done.waiting_units, done.unseen_units) == (12, 27)
    [books, wait] = queries_short.rest_in_words(done, order.line_ids[0], NOW)
    assert books == "forward_pick-1 has 27 more in the books: nobody gets them before a count."
    assert wait == "12 wait: nothing that is to come covers it."
    assert decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence == (
        "12 of 12 were not found in the bin (none there): 12 wait for stock again. "
        "The other 27 that the books say are there are for nobody until it is counted."
    )
    assert outbound.allocate(at.site).units == 0
    assert not verify()
    again = commands.undo_short(ctx(CY), UndoShort(wave.pick_ids[0]))
    assert (again.units, outbound.counts(order.line_ids[0])["released"]) == (12, 12)
    free = "SELECT on_hand - reserved FROM ledger_cell WHERE item_id = %s AND NOT is_virtual"
    assert sql.fetch_all(free, (item,)) == [(27,)]
    assert not verify()


def test_promises_from_the_books_of_an_empty_bin_give_way(case):
    at, item, _, wave = case
    outbound.receive(at, item, 27, "1", "forward_pick1")
    outbound.receive(at, item, 5, "1")
    other = outbound.order(at.site, "ACME", ("4711", 20))
    outbound.allocate(at.site, other)
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 2, "none_there"))
    assert (done.elsewhere_units, done.waiting_units, done.unseen_units) == (5, 5, 27)
    assert outbound.counts(other.line_ids[0]) == {"units": 20, "waiting": 20}
    why = decisions.why(f"sales.line:{other.line_ids[0]}")[0].sentence
    assert "a picker found 10 less in a bin than the books say, and its other 27 are in doubt" in why
    assert not verify()
