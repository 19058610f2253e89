from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.inbound.rules_corrections import Split, StillHere, correct, split, worth_of

money = st.decimals(min_value=0, max_value=10_000, places=2)


def test_shares_of_a_receipt_add_up():
    parts = [worth_of(Decimal("10.00"), 3, first=n, last=n + 1) for n in range(3)]
    assert parts == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]


def test_an_amount_rests_on_what_is_here_and_on_what_has_left():
    assert split(Decimal("10.00"), 3, 1) == Split(Decimal("3.33"), Decimal("6.67"))


def test_stock_gives_back_no_more_than_it_is_worth():
    found = correct(Decimal("10.00"), [(10, Decimal(0))], StillHere(5, Decimal("4.98")))
    assert found.old == Split(Decimal("4.98"), Decimal("5.02"))


@given(
    old=money,
    lines=st.lists(st.tuples(st.integers(1, 500), money), min_size=1, max_size=5),
    units=st.integers(0, 2_000),
    value=money,
)
def test_corrections_add_up_and_leave_no_stock_worth_less_than_nothing(old, lines, units, value):
    found = correct(old, lines, StillHere(units, value))
    assert found.old.stock + found.old.gone == old
    assert [line.stock + line.gone for line in found.new] == [worth for _, worth in lines]
    assert value + sum(line.stock for line in found.new) - found.old.stock >= 0
