from decimal import Decimal

import pytest
from tests.cast import BO, NED, ctx

from flowrack.costing import commands, locks, queries
from flowrack.costing.models import LateCost
from flowrack.costing.types import CostRefused, PostLateCost
from flowrack.ledger.tests import house as h
from flowrack.ledger.verify import verify
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def post(amount, *receipts, split_by="value", key=None, person=NED):
    moves = [move for r in receipts for move in r.move_ids]
    req = PostLateCost(Decimal(amount), "freight invoice 4711", moves, split_by)
    return commands.post_late_cost(ctx(person, key), req)


@pytest.mark.parametrize("costing", ["fifo", "average"])
def test_late_freight_of_500_rests_on_600_in_stock_and_400_sold(costing):
    house = h.house()
    item = h.item("W", costing)
    receipt = h.receive(house, item, 1000, "10.00")
    h.ship(house, item, 400)
    done = post("500.00", receipt)
    assert (done.stock_value, done.sold_value) == (Decimal("300.00"), Decimal("200.00"))
    assert h.book(house, item) == (600, Decimal("6300.0000"))
    assert h.book(house, item, "cogs") == (400, Decimal("4200.0000"))
    assert h.book(house, item, "clearing") == (0, Decimal("-500.0000"))
    assert sum(row.value for row in queries.trial_balance()) == 0


def test_a_late_cost_on_a_fifo_receipt_rests_on_its_own_layer():
    house = h.house()
    item = h.item("W", "fifo")
    first = h.receive(house, item, 10, "1.00")
    h.receive(house, item, 10, "2.00")
    post("5.00", first)
    h.ship(house, item, 10)
    assert h.book(house, item, "cogs") == (10, Decimal("15.0000"))
    assert h.book(house, item) == (10, Decimal("20.0000"))


def test_of_a_standard_cost_item_all_of_it_is_variance():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    receipt = h.receive(house, item, 10, None)
    post("5.00", receipt)
    assert h.book(house, item) == (10, Decimal("100.0000"))
    assert h.book(house, item, "variance") == (0, Decimal("5.0000"))


def test_a_credit_goes_the_other_way():
    house = h.house()
    item = h.item("W", "average")
    receipt = h.receive(house, item, 10, "10.00")
    post("-30.00", receipt)
    assert h.book(house, item) == (10, Decimal("70.0000"))


def test_freight_over_free_goods_is_split_by_line():
    house = h.house()
    one, two = h.item("ONE", "average"), h.item("TWO", "average")
    receipts = [h.receive(house, one, 75, "0"), h.receive(house, two, 25, "0")]
    post("3.00", *receipts)
    assert h.book(house, one)[1] / 75 == Decimal("0.02")
    assert h.book(house, two)[1] / 25 == Decimal("0.06")


def test_what_is_no_receipt_no_money_or_not_allowed_is_refused_and_leaves_no_trace():
    house = h.house()
    item = h.item("W")
    receipt, issue = h.receive(house, item, 10, "1.00"), h.ship(house, item, 1)
    for amount, posting in (("5.00", issue), ("0", receipt), ("1.005", receipt)):
        with pytest.raises(CostRefused):
            post(amount, posting)
    with pytest.raises(NotPermitted):
        post("5.00", receipt, person=BO)
    assert LateCost.objects.count() == 0
    assert h.book(house, item) == (9, Decimal("9.0000"))


def test_a_retry_posts_once():
    house = h.house()
    item = h.item("W")
    receipt = h.receive(house, item, 10, "1.00")
    assert post("5.00", receipt, key="same") == post("5.00", receipt, key="same")
    assert h.book(house, item) == (10, Decimal("15.0000"))


def test_what_is_sold_while_the_books_are_waited_for_bears_its_share(monkeypatch):
    house = h.house()
    item = h.item("W", "fifo")
    first = h.receive(house, item, 10, "1.00")
    h.receive(house, item, 10, "2.00")
    lock = locks.stock_books

    def sold_meanwhile(item_ids):
        h.ship(house, item, 10)
        return lock(item_ids)

    monkeypatch.setattr(locks, "stock_books", sold_meanwhile)
    done = post("5.00", first)
    assert (done.stock_value, done.sold_value) == (Decimal("0.00"), Decimal("5.00"))
    assert h.book(house, item) == (10, Decimal("20.0000"))
    assert not verify()
