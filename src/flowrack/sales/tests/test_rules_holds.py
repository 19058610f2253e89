"""The rules of holds: what is in doubt, and why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from flowrack.sales.rules_holds import (
    SHIPPED,
    doubtful_units,
    judge_address,
    judge_credit,
    judge_quantity,
    rules_faults,
)
from flowrack.sales.types_holds import HoldKind

TWELVE = {"lines": 40, "median": Decimal("2.4849"), "deviation": Decimal("0.4"), "greatest": 4_000}
# ln 12; 1.4826 * 0.4 < 0.7


def test_the_limit_is_the_median_times_e_to_the_factor_times_the_spread():
    assert doubtful_units(SHIPPED, **TWELVE) == 800  # 12 * e^(6 * 0.7)
    wide = {**TWELVE, "deviation": Decimal("0.8")}
    assert doubtful_units(SHIPPED, **wide) == 14_785  # 12 * e^(6 * 1.4826 * 0.8)
    assert doubtful_units(replace(SHIPPED, floor_units=2_000), **TWELVE) == 2_000


def test_however_wide_lines_spread_twenty_times_the_largest_is_the_limit():
    wide = {**TWELVE, "deviation": Decimal("2"), "greatest": 1_000}  # 12 * e^(6 * 2.97) is beyond 600 million
    assert doubtful_units(SHIPPED, **wide) == 20_000
    assert doubtful_units(SHIPPED, **{**wide, "greatest": 13}) == 800  # as if the lines did not spread
    assert judge_quantity(SHIPPED, units=50_000, largest=1_000, **wide) is not None
    assert judge_quantity(SHIPPED, units=20_000, largest=0, **wide) is None


def test_of_an_item_with_few_lines_or_none_only_tens_of_thousands_are_in_doubt():
    few = {**TWELVE, "lines": 19, "greatest": 79}
    assert doubtful_units(SHIPPED, **few) == 10_000
    assert doubtful_units(SHIPPED, **{**few, "greatest": 700}) == 14_000
    assert doubtful_units(replace(SHIPPED, floor_units=12_000), **few) == 12_000
    slip = judge_quantity(SHIPPED, units=45_000, largest=0, **few)
    assert slip is not None and slip.sentence == (
        "45,000 of an item that was ordered 19 times here, 79 at most, and this customer has ordered nothing before."
    )
    assert judge_quantity(SHIPPED, units=45_000, largest=45_000, **few) is None
    none = {"lines": 0, "median": Decimal(0), "deviation": Decimal(0), "greatest": 0}
    first = judge_quantity(SHIPPED, units=10_001, largest=90, **none)
    assert first is not None and first.sentence == (
        "10,001 of an item that nobody has ordered here before, and this customer's largest line was 90."
    )
    assert judge_quantity(SHIPPED, units=10_000, largest=0, **none) is None
    assert doubtful_units(replace(SHIPPED, holds_quantity=False), **TWELVE) is None


def test_a_limit_never_leaves_what_a_line_can_hold():
    assert (
        doubtful_units(SHIPPED, lines=20, median=Decimal(20), deviation=Decimal(9), greatest=10**9) == 977_002_725
    )  # e^20.7


def test_a_line_beyond_the_limit_is_in_doubt_unless_the_customer_ordered_as_much_before():
    doubt = judge_quantity(SHIPPED, units=19_152, largest=144, **TWELVE)
    assert doubt is not None and doubt.kind is HoldKind.QUANTITY
    assert doubt.sentence == (
        "19,152 is 1,596 times the usual 12 of this item, and this customer's largest line was 144."
    )
    assert (doubt.detail["limit"], doubt.detail["lines"], doubt.detail["largest"]) == (800, 40, 144)
    assert judge_quantity(SHIPPED, units=800, largest=0, **TWELVE) is None
    assert judge_quantity(SHIPPED, units=801, largest=0, **TWELVE) is not None
    assert judge_quantity(SHIPPED, units=19_152, largest=19_152, **TWELVE) is None


def credit(**values: object):
    plain = {"is_stopped": False, "reason": "", "limit": None, "owed": Decimal(0), "others": Decimal(0)}
    return judge_credit(**{**plain, "value": Decimal(100), **values})  # type: ignore[arg-type]


def test_credit_is_used_up_by_what_is_owed_what_is_open_and_the_order():
    assert credit() is None
    assert credit(limit=Decimal(100)) is None
    doubt = credit(limit=Decimal(150), owed=Decimal(30), others=Decimal(40))
    assert doubt is not None
    assert doubt.sentence == (
        "20.00 beyond the credit limit of 150.00: this order 100.00, open orders 40.00, owed 30.00."
    )
    stopped = credit(is_stopped=True, reason="two invoices over 90 days")
    assert stopped is not None and stopped.sentence == "The customer is on stop: two invoices over 90 days."


def test_an_address_is_in_doubt_when_it_is_marked_or_not_in_use_or_missing_where_one_is_asked_for():
    def judged(code: str = "DOOR", *, marked: bool = False, active: bool = True, **rules: bool):
        doubt = judge_address(replace(SHIPPED, **rules), code=code, is_marked=marked, is_active=active)
        return doubt and doubt.sentence

    assert judged() is None
    assert judged(marked=True) == "Address DOOR is marked to be checked."
    assert judged(active=False) == "Address DOOR is not in use any more."
    assert judged("") is None
    assert judged("", needs_address=True) == ("The order has no delivery address, and the customer has no default one.")
    assert judged(marked=True, holds_address=False) is None


def test_rules_that_make_no_sense_are_named_field_by_field():
    wrong = replace(SHIPPED, least_lines=2, factor=Decimal(0), least_spread=Decimal(0), floor_units=0)
    assert [bad.field for bad in rules_faults(wrong, " ")] == [
        "reason", "least_lines", "factor", "least_spread", "floor_units",
    ]  # fmt: skip
    assert rules_faults(SHIPPED, "as shipped") == []
