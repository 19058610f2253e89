from datetime import date
from decimal import Decimal

import pytest

from flowrack.purchasing.rules_agreements import agreement_faults, carried_over, due_on, off_pct, price_of
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreedTerms,
    AgreementContent,
    Break,
    ItemTerms,
    OrderTerms,
    PriceBreak,
)

MARCH = date(2026, 3, 1)
TERMS = ItemTerms(
    list_cost=Decimal("4.5"),
    agreement="AG-1001 v2",
    breaks=(Break(7, 1, Decimal(4)), Break(8, 100, Decimal("3.6")), Break(9, 1_000, Decimal("3.25"))),
    starts_on=MARCH,
)
LISTED = ItemTerms(list_cost=Decimal("4.5"))


@pytest.mark.parametrize(
    ("terms", "units", "typed", "told"),
    [
        (TERMS, 99, None, ("4", "agreement", 7, "4.00 by agreement AG-1001 v2, from 1 unit, since 1 Mar 2026.")),
        (TERMS, 100, None, ("3.6", "agreement", 8, "3.60 by agreement AG-1001 v2, from 100 units, since 1 Mar 2026.")),
        (TERMS, 5_000, None, (
            "3.25", "agreement", 9, "3.25 by agreement AG-1001 v2, from 1,000 units, since 1 Mar 2026.",
        )),
        (LISTED, 100, None, ("4.5", "list", None, "4.50 by the supplier's list; no agreement in force names it.")),
        (None, 100, None, ("3", "standard", None, "3.00: the standard cost, as the supplier has told no price.")),
        (None, 100, "9", ("9", "typed", None, "9.00: typed; nothing is agreed.")),
        (LISTED, 1, "4.5", ("4.5", "typed", None, "4.50: typed, the same as 4.50 by the supplier's list.")),
        (TERMS, 100, "3.69", (
            "3.69", "typed", 8,
            "3.69: typed, 2.5 % above; it would be 3.60 by agreement AG-1001 v2, from 100 units, since 1 Mar 2026.",
        )),
    ],
)  # fmt: skip
def test_a_price_says_where_it_comes_from(terms, units, typed, told):
    found = price_of(terms, units=units, typed=None if typed is None else Decimal(typed), standard_cost=Decimal(3))
    assert (found.unit_cost, str(found.source), found.price_id, found.sentence) == (Decimal(told[0]), *told[1:])
    assert found.is_off == (typed == "3.69")


def test_without_any_price_there_is_none_and_below_the_lowest_break_the_lowest_counts():
    assert price_of(ItemTerms(), units=1, typed=None, standard_cost=None) is None
    from_fifty = ItemTerms(breaks=(Break(1, 50, Decimal(2)), Break(2, 90, Decimal(1))))
    assert price_of(from_fifty, units=10, typed=None, standard_cost=None).unit_cost == 2
    assert off_pct(agreed=Decimal(0), cost=Decimal(1)) is None
    assert off_pct(agreed=Decimal(8), cost=Decimal(7)) == Decimal("-12.5")


@pytest.mark.parametrize(
    ("today", "terms", "due"),
    [
        # Orders on Tuesdays only: Thursday the 5th waits until the 10th; 3 days on is Friday.
        (date(2026, 3, 5), OrderTerms(order_weekdays=(2,)), date(2026, 3, 13)),
        # That Tuesday is closed, so the order goes out on the 17th.
        (date(2026, 3, 5), OrderTerms(order_weekdays=(2,), closed_days=(date(2026, 3, 10),)), date(2026, 3, 20)),
        # Goods come on Mondays; the first one is closed.
        (date(2026, 3, 5), OrderTerms(delivery_weekdays=(1,), closed_days=(date(2026, 3, 9),)), date(2026, 3, 16)),
        (date(2026, 3, 5), OrderTerms(), date(2026, 3, 9)),
    ],
)
def test_goods_come_after_the_order_day_and_lead_time_on_an_open_delivery_day(today, terms, due):
    assert due_on(today=today, lead_time_days=3, terms=terms) == due


def test_everything_wrong_with_an_agreement_is_named_at_once():
    bad = AgreementContent(
        supplier_id=1,
        valid_from=date(2026, 3, 1),
        valid_to=date(2026, 2, 28),
        terms=AgreedTerms(min_weight_g=-1, over_pct=Decimal(100), order_weekdays=[], delivery_weekdays=[8]),
        lines=[
            AgreedLine(item_id=5, prices=[PriceBreak(1, Decimal(1)), PriceBreak(1, Decimal(2), MARCH)], moq=0),
            AgreedLine(item_id=5, family_id=None),
            AgreedLine(item_id=5, family_id=6, over_pct=Decimal(-1), lead_time_days=-1),
            AgreedLine(item_id=7, prices=[PriceBreak(0, Decimal("NaN"), date(2026, 1, 1))]),
        ],
    )
    assert [(b.line, b.field) for b in agreement_faults(bad)] == [
        (0, "valid_to"), (0, "min_weight_g"), (0, "over_pct"), (0, "order_weekdays"), (0, "delivery_weekdays"),
        (1, "moq"), (1, "starts_on"), (1, "starts_on"), (1, "from_units"), (2, "item"), (3, "item"),
        (3, "lead_time_days"), (3, "over_pct"), (4, "unit_cost"), (4, "from_units"), (4, "starts_on"),
    ]  # fmt: skip
    assert agreement_faults(AgreementContent(1, MARCH, lines=[AgreedLine(item_id=1)])) == []


def test_the_next_version_begins_with_the_prices_of_its_first_day_and_later_ones():
    line = AgreedLine(
        item_id=1,
        prices=[
            PriceBreak(1, Decimal(9), date(2026, 1, 1)),
            PriceBreak(1, Decimal(8), date(2026, 2, 1)),
            PriceBreak(50, Decimal(7), date(2026, 2, 1)),
            PriceBreak(1, Decimal(6), date(2026, 6, 1)),
        ],
    )
    [carried] = carried_over([line], MARCH)
    assert [(p.from_units, p.unit_cost, p.starts_on) for p in carried.prices] == [
        (1, 8, MARCH), (50, 7, MARCH), (1, 6, date(2026, 6, 1)),
    ]  # fmt: skip
