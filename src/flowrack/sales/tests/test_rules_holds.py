"""The rules of holds: what is in doubt, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from flowrack.sales.rules_holds import (
    SHIPPED,
    AtSite,
    Usual,
    doubtful_units,
    judge_address,
    judge_anywhere,
    judge_credit,
    judge_quantity,
    limit_of,
    rules_faults,
)
from flowrack.sales.types_holds import HoldKind

TWELVE = {"lines": 40, "median": Decimal("2.4849"), "deviation": Decimal("0.4"), "greatest": 4_000}
# ln 12; 1.4826 * 0.4 < 0.7
HOUSE = Usual(lines=9_000, median=Decimal("1.0986"), deviation=Decimal("0.7"), greatest=6_000)  # 3 units


def judged(units: int, largest: int = 0, same: Sequence[int] = (), house: Usual | None = None, **item: object):
    known = Usual(**item) if item else None  # type: ignore[arg-type]
    return judge_quantity(SHIPPED, units=units, item=known, house=house, largest=largest, same=same)


def test_the_limit_is_the_median_times_e_to_the_factor_times_the_spread():
    assert doubtful_units(replace(SHIPPED, factor=Decimal(6)), **TWELVE) == 800  # 12 * e^(6 * 0.7)
    assert doubtful_units(SHIPPED, **TWELVE) == 500  # 12 * e^(5 * 0.7) = 397 is below the floor
    wide = {**TWELVE, "deviation": Decimal("0.8")}
    assert doubtful_units(SHIPPED, **wide) == 4_515  # 12 * e^(5 * 1.4826 * 0.8)
    assert doubtful_units(replace(SHIPPED, floor_units=2_000), **TWELVE) == 2_000


def test_however_wide_lines_spread_five_times_the_largest_is_the_limit():
    wide = {**TWELVE, "deviation": Decimal("2"), "greatest": 1_000}  # 12 * e^(5 * 2.97) is beyond 30 million
    assert doubtful_units(SHIPPED, **wide) == 5_000
    assert doubtful_units(SHIPPED, **{**wide, "greatest": 13}) == 500  # as if the lines did not spread
    assert judged(50_000, 1_000, **wide) is not None
    assert judged(5_000, **wide) is None
    usual_three = {"lines": 40, "median": Decimal("1.0986"), "deviation": Decimal("1"), "greatest": 48}
    assert judged(900, **usual_three) is not None  # of an item of which 48 are much


def test_an_item_with_a_short_history_is_judged_by_all_lines_of_the_site():
    short = {**TWELVE, "lines": 19, "greatest": 79}
    assert doubtful_units(SHIPPED, **short) is None
    assert limit_of(SHIPPED, Usual(**short), HOUSE) == 537  # 3 * e^(5 * 1.4826 * 0.7)
    assert limit_of(SHIPPED, Usual(**{**short, "greatest": 400}), HOUSE) == 2_000  # five times its own largest
    assert limit_of(SHIPPED, None, HOUSE) == 537
    assert judged(537, house=HOUSE, **short) is None
    doubt = judged(45_000, house=HOUSE, **short)
    assert doubt is not None and doubt.sentence == (
        "45,000 is 15,000 times the usual 3 of a line here, of an item that was ordered 19 times here, 79 at most, "
        "and this customer has ordered nothing before."
    )
    assert (doubt.detail["limit"], doubt.detail["item_lines"], doubt.detail["item_greatest"]) == (537, 19, 79)
    new = judged(45_000, 60, house=HOUSE)
    assert new is not None and new.sentence == (
        "45,000 is 15,000 times the usual 3 of a line here, of an item that nobody has ordered here before, "
        "and this customer's largest line was 60."
    )


def test_while_a_site_has_few_lines_or_none_only_tens_of_thousands_are_in_doubt():
    few = Usual(19, Decimal(1), Decimal(1), 79)
    assert limit_of(replace(SHIPPED, short_units=900, most_times=2), few, None) == max(900, 2 * few.greatest)
    assert limit_of(SHIPPED, few, few) == limit_of(SHIPPED, None, None) == 10_000
    assert limit_of(SHIPPED, replace(few, greatest=3_000), few) == 15_000
    assert limit_of(replace(SHIPPED, floor_units=12_000), few, None) == 12_000
    first = judged(10_001, 90)
    assert first is not None and first.sentence == (
        "10,001 of an item that nobody has ordered here before, and this customer's largest line was 90."
    )
    assert judged(10_000) is None
    off = replace(SHIPPED, holds_quantity=False)
    assert doubtful_units(off, **TWELVE) is None and limit_of(off, few, HOUSE) is None


def test_a_limit_never_leaves_what_a_line_can_hold():
    assert (
        doubtful_units(SHIPPED, lines=20, median=Decimal(20), deviation=Decimal(9), greatest=10**9) == 977_002_725
    )  # e^20.7


def test_a_line_beyond_the_limit_is_in_doubt_unless_the_customer_ordered_as_much_before():
    doubt = judged(19_152, 144, **TWELVE)
    assert doubt is not None and doubt.kind is HoldKind.QUANTITY
    assert doubt.sentence == (
        "19,152 is 1,596 times the usual 12 of this item, and this customer's largest line was 144."
    )
    assert (doubt.detail["limit"], doubt.detail["lines"], doubt.detail["largest"]) == (500, 40, 144)
    assert judged(500, **TWELVE) is None
    assert judged(501, **TWELVE) is not None
    assert judged(19_152, 19_152, **TWELVE) is None


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
    def said(code: str = "DOOR", *, marked: bool = False, active: bool = True, **rules: bool):
        doubt = judge_address(replace(SHIPPED, **rules), code=code, is_marked=marked, is_active=active)
        return doubt and doubt.sentence

    assert said() is None
    assert said(marked=True) == "Address DOOR is marked to be checked."
    assert said(active=False) == "Address DOOR is not in use any more."
    assert said("") is None
    assert said("", needs_address=True) == ("The order has no delivery address, and the customer has no default one.")
    assert said(marked=True, holds_address=False) is None


def test_rules_that_make_no_sense_are_named_field_by_field():
    wrong = replace(SHIPPED, least_lines=2, factor=Decimal(0), least_spread=Decimal(0), floor_units=0)
    assert [bad.field for bad in rules_faults(wrong, " ")] == [
        "reason", "least_lines", "factor", "least_spread", "floor_units",
    ]  # fmt: skip
    assert rules_faults(SHIPPED, "as shipped") == []


def test_an_order_that_any_site_may_send_is_in_doubt_only_where_all_that_know_the_item_say_so():
    def anywhere(units: int, *sites: AtSite, largest: int = 0):
        found = judge_anywhere(sites, units=units, largest=largest)
        return found and found[0].sentence

    twelve = Usual(**TWELVE)  # type: ignore[arg-type]
    many = Usual(lines=40, median=Decimal(9), deviation=Decimal("0.4"), greatest=9_000)
    few = Usual(lines=2, median=Decimal(9), deviation=Decimal("0.4"), greatest=9_000)
    knows, unknown = AtSite(SHIPPED, twelve, HOUSE), AtSite(SHIPPED, None, None)
    assert anywhere(5_000, knows, unknown) == anywhere(5_000, unknown, knows)
    assert anywhere(5_000, knows, AtSite(SHIPPED, few, HOUSE)) is not None, "two lines say nothing of what is usual"
    assert anywhere(5_000, knows, AtSite(SHIPPED, many, HOUSE)) is None
    assert anywhere(5_000, knows, AtSite(replace(SHIPPED, holds_quantity=False), many, HOUSE)) is not None
    assert anywhere(5_000, knows, unknown, largest=5_000) is None
    assert anywhere(12_000, unknown, unknown) == (
        "12,000 of an item that nobody has ordered at any site before, and this customer has ordered nothing before."
    )
    assert anywhere(45_000, AtSite(SHIPPED, replace(twelve, lines=19, greatest=79), HOUSE), unknown) == (
        "45,000 is 15,000 times the usual 3 of a line at one site, of an item that was ordered 19 times at one site, "
        "79 at most, and this customer has ordered nothing before."
    )
