"""What moves are worth: every method, exact to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import AlreadyReversed, CostMissing, Move, OverReturn
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def w1() -> h.House:
    return h.house()


@pytest.fixture(autouse=True)
def always_verified():
    yield
    assert verify() == []


def test_fifo_issue_eats_the_oldest_layers_first(w1):
    tea = h.item("TEA", "fifo")
    h.receive(w1, tea, 10, "10")
    h.receive(w1, tea, 10, "20")
    assert h.ship(w1, tea, 15).values == [Decimal(200)]
    assert h.book(w1, tea) == (5, Decimal(100))
    assert h.book(w1, tea, "cogs") == (15, Decimal(200))
    assert h.book(w1, tea, "grni") == (-20, Decimal(-300))


def test_fifo_issues_in_one_batch_share_layers_in_their_order(w1):
    tea = h.item("TEA", "fifo")
    h.receive(w1, tea, 4, "10")
    h.receive(w1, tea, 2, "25")
    customer = w1.virtual("CUSTOMER")
    posting = steps.post(
        h.context(), [Move(tea, n, w1["reserve1"], customer, "issue", origin=f"t.o:{n}") for n in (3, 1, 1)]
    )
    assert posting.values == [Decimal(30), Decimal(10), Decimal(25)]
    assert h.book(w1, tea) == (1, Decimal(25))


def test_moving_average_follows_receipts_and_keeps_on_issue(w1):
    tea = h.item("TEA", "average")
    h.receive(w1, tea, 10, "10")
    h.receive(w1, tea, 10, "20")
    assert h.ship(w1, tea, 15).values == [Decimal(225)]
    assert h.book(w1, tea) == (5, Decimal(75))


def test_the_last_unit_takes_the_rest_so_nothing_is_worth_something(w1):
    tea = h.item("TEA", "average")
    for cost in ("1.00", "1.00", "1.01"):
        h.receive(w1, tea, 1, cost)
    assert [h.ship(w1, tea, 1).values[0] for _ in range(3)] == [Decimal("1.00"), Decimal("1.01"), Decimal("1.00")]
    assert h.book(w1, tea) == (0, Decimal(0))


def test_standard_cost_ignores_the_receipt_price_and_books_the_variance(w1):
    tea = h.item("TEA", "standard", standard_cost="10")
    h.receive(w1, tea, 10, "12")
    h.ship(w1, tea, 4)
    assert h.book(w1, tea) == (6, Decimal(60))
    assert h.book(w1, tea, "cogs") == (4, Decimal(40))
    assert h.book(w1, tea, "variance") == (0, Decimal(20))
    assert h.book(w1, tea, "grni") == (-10, Decimal(-120))


def test_lot_actual_issues_each_lot_at_its_own_cost(w1):
    tea = h.item("TEA", "lot_actual", tracking="lot")
    one, two = h.lot(tea, "L1"), h.lot(tea, "L2")
    h.receive(w1, tea, 10, "10", lot_id=one)
    h.receive(w1, tea, 10, "30", lot_id=two)
    assert h.ship(w1, tea, 3, lot_id=two).values == [Decimal(90)]
    assert h.ship(w1, tea, 3, lot_id=one).values == [Decimal(30)]


def test_a_return_comes_back_at_the_cost_it_left_with_and_never_more_than_was_sent(w1):
    tea = h.item("TEA", "fifo")
    h.receive(w1, tea, 10, "10")
    sent = h.ship(w1, tea, 10)
    h.receive(w1, tea, 10, "20")
    back = Move(tea, 3, w1.virtual("CUSTOMER"), w1["return_review1"], "return", of_move=sent.move_ids[0])
    assert steps.post(h.context(), [back]).values == [Decimal(30)]
    with pytest.raises(OverReturn) as refused, transaction.atomic():
        steps.post(h.context(), [Move(tea, 8, back.source, back.target, "return", of_move=sent.move_ids[0])])
    assert refused.value.lines[0].fix == "Return at most 7."
    assert h.book(w1, tea) == (13, Decimal(230))


def test_returns_that_name_a_receipt_take_what_is_left_of_it_then_the_oldest(w1):
    """Three units for 10.00: the first leaves for 3.33; two returns of two share the other two, for 6.67."""
    tea, supplier = h.item("TEA", "fifo"), w1.virtual("SUPPLIER")
    h.receive(w1, tea, 10, "1")
    dear = steps.post(h.context(), [Move(tea, 3, supplier, w1["reserve1"], "r", value=Decimal(10))]).move_ids[0]

    def back(*units: int) -> list[Decimal]:
        return steps.post(
            h.context(), [Move(tea, n, w1["reserve1"], supplier, "back", of_move=dear) for n in units]
        ).values

    assert back(1) == [Decimal("3.33")]
    assert back(1, 2) == [Decimal("3.34"), Decimal("4.33")]
    assert back(1) == [Decimal("1.00")]
    assert h.book(w1, tea) == (8, Decimal("8.0000"))


def test_a_receipt_without_a_cost_is_refused(w1):
    tea = h.item("TEA", "fifo")
    with pytest.raises(CostMissing), transaction.atomic():
        h.receive(w1, tea, 1, None)


def test_found_stock_comes_in_at_the_current_cost(w1):
    tea = h.item("TEA", "fifo")
    h.receive(w1, tea, 10, "3")
    found = Move(tea, 2, w1.virtual("ADJUSTMENT"), w1["reserve1"], "found")
    assert steps.post(h.context(), [found]).values == [Decimal(6)]


def test_a_late_cost_spreads_over_the_open_layers_without_losing_a_cent(w1):
    tea = h.item("TEA", "fifo")
    for units in (1, 1, 1):
        h.receive(w1, tea, units, "10")
    late = Move(tea, 0, w1.virtual("CLEARING"), w1.virtual("STOCK-VALUE"), "freight", value=Decimal("1.00"))
    steps.post(h.context(), [late])
    assert [h.ship(w1, tea, 1).values[0] for _ in range(3)] == [Decimal("10.33"), Decimal("10.34"), Decimal("10.33")]
    assert h.book(w1, tea) == (0, Decimal(0))


def test_a_transfer_carries_its_cost_through_transit(w1):
    w2 = h.house("W2")
    tea = h.item("TEA", "average")
    h.receive(w1, tea, 1, "100")
    h.receive(w1, tea, 1, "80")
    h.receive(w2, tea, 1, "80")
    steps.post(h.context(), [Move(tea, 1, w1["reserve1"], w2.virtual("TRANSIT"), "transfer")])
    assert h.book(w2, tea, "in_transit") == (1, Decimal(90))
    steps.post(h.context(), [Move(tea, 1, w2.virtual("TRANSIT"), w2["reserve1"], "transfer")])
    assert (h.book(w1, tea), h.book(w2, tea)) == ((1, Decimal(90)), (2, Decimal(170)))


@pytest.mark.parametrize("costing", ["fifo", "average"])
def test_a_reversal_restores_units_and_value_exactly(w1, costing):
    tea = h.item("TEA", costing)
    h.receive(w1, tea, 3, "3.33")
    received = h.receive(w1, tea, 7, "4.99")
    before = h.book(w1, tea)
    issued = h.ship(w1, tea, 4)
    steps.reverse(h.context(), issued.posting_id)
    assert h.book(w1, tea) == before
    assert h.book(w1, tea, "cogs") == (0, Decimal(0))
    with pytest.raises(AlreadyReversed), transaction.atomic():
        steps.reverse(h.context(), issued.posting_id)
    assert received.posting_id < issued.posting_id


def test_a_receipt_whose_layer_was_used_cannot_be_reversed(w1):
    tea = h.item("TEA", "fifo")
    received = h.receive(w1, tea, 3, "3.33")
    h.receive(w1, tea, 7, "4.99")
    h.ship(w1, tea, 1)
    with pytest.raises(AlreadyReversed), transaction.atomic():
        steps.reverse(h.context(), received.posting_id)


def test_the_value_of_a_day_is_months_plus_the_days_moves(w1):
    from datetime import UTC, date, datetime

    from flowrack.ledger import queries

    tea = h.item("TEA", "fifo")
    at = lambda month, day: h.context(datetime(2026, month, day, 12, tzinfo=UTC))  # noqa: E731
    into = lambda units: Move(tea, units, w1.virtual("SUPPLIER"), w1["reserve1"], "receipt", value=Decimal(units))  # noqa: E731
    steps.post(at(3, 10), [into(5)])
    steps.post(at(4, 10), [into(7)])
    steps.post(at(4, 20), [into(9)])
    value = {
        day: {r.account: r.value for r in queries.trial_balance_at(day)}.get("inventory", Decimal(0))
        for day in (date(2026, 3, 9), date(2026, 3, 31), date(2026, 4, 10), date(2026, 4, 30))
    }
    assert list(value.values()) == [Decimal(0), Decimal(5), Decimal(12), Decimal(21)]
    assert sql.fetch_value("SELECT count(*) FROM ledger_bookmonth") == 4
