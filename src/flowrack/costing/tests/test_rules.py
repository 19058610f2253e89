from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.costing.rules import ReceiptLeft, revaluation, share_late_cost
from flowrack.costing.types import SplitBy


@st.composite
def some_receipts(draw):
    count = draw(st.integers(1, 8))
    rows = []
    for move_id in range(count):
        units = draw(st.integers(1, 500))
        rows.append(ReceiptLeft(move_id, units, draw(st.decimals(0, 9999, places=2)), draw(st.integers(0, units))))
    return rows


@given(st.decimals(-99_999, 99_999, places=2), some_receipts(), st.sampled_from(list(SplitBy)))
def test_the_parts_of_a_late_cost_add_up_to_the_cent(amount, receipts, split_by):
    shares = share_late_cost(amount, receipts, split_by=split_by)
    assert sum(s.stock + s.sold for s in shares) == amount


@given(st.decimals(0, 99_999, places=2), some_receipts())
def test_goods_that_are_gone_carry_nothing_on_stock_and_goods_that_are_there_nothing_on_sales(amount, receipts):
    for share, receipt in zip(share_late_cost(amount, receipts, split_by=SplitBy.VALUE), receipts, strict=True):
        if receipt.units_left == 0:
            assert share.stock == 0
        if receipt.units_left == receipt.units:
            assert share.sold == 0


def test_late_freight_of_500_on_1000_units_of_which_400_are_sold():
    [share] = share_late_cost(Decimal("500.00"), [ReceiptLeft(1, 1000, Decimal("10000"), 600)], split_by=SplitBy.VALUE)
    assert (share.stock, share.sold) == (Decimal("300.00"), Decimal("200.00"))


def test_freight_over_free_goods_is_split_by_line():
    receipts = [ReceiptLeft(1, 75, Decimal(0), 75), ReceiptLeft(2, 25, Decimal(0), 25)]
    shares = share_late_cost(Decimal("3.00"), receipts, split_by=SplitBy.VALUE)
    assert [s.stock for s in shares] == [Decimal("1.50"), Decimal("1.50")]


@given(st.integers(1, 10_000), st.decimals(0, 99_999, places=2), st.decimals(0, 999, places=2))
def test_after_a_revaluation_every_unit_is_worth_the_new_cost(units, value, cost):
    assert value + revaluation(units, value, cost) == units * cost


def test_no_stock_is_worth_nothing_at_any_cost():
    assert revaluation(0, Decimal(0), Decimal("9.99")) == 0
