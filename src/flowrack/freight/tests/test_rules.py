"""A charge beside what was expected: matched, or its cause."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from flowrack.freight.forms import lines_of
from flowrack.freight.rules import Billed, Cause, Expected, Verdict, faults, is_of, judge, reference, together
from flowrack.freight.states import ACTIONS, TRANSITIONS, ChargeState, advance
from flowrack.freight.types import BilledLine, FreightTerms, WrongFreightState
from flowrack.shared.errors import BadLine

D = Decimal
NORTH = 7
TEN = Expected(D("10.00"), 5_000, "1", D("2.00"), (NORTH,), "North Ground")
TERMS = FreightTerms(D(2), D("0.50"), D(50))


def said(amount: str, *, weight_g: int = 0, zone: str = "", surcharges: str | None = None, **more: object) -> Verdict:
    billed = Billed(D(amount), weight_g, zone, D(surcharges) if surcharges else None)
    usual = {"shipment": "SH-1", "carrier_id": NORTH, "earlier": "", "left_with": "", "terms": TERMS}
    expected = more.pop("expected", TEN)
    return judge(billed, expected, **(usual | more))  # type: ignore[arg-type]


def test_within_the_greater_tolerance_it_is_matched_and_less_is_always():
    assert said("10.50") == Verdict(Cause.MATCHED, "0.50 more than expected", D("10.00"))
    assert said("10.51").cause == Cause.PRICE
    assert said("4.00") == Verdict(Cause.MATCHED, "6.00 less than expected", D("10.00"))
    dear = replace(TEN, amount=D("100.00"))
    assert said("102.00", expected=dear).cause == Cause.MATCHED
    assert said("102.01", expected=dear).cause == Cause.PRICE


def test_each_cause_has_its_words_and_the_first_that_explains_it_counts():
    assert said("12.00", weight_g=7_500, zone="2") == Verdict(Cause.WEIGHT, "7.5 kg billed, 5 expected", D("10.00"))
    assert said("12.00", weight_g=5_000, zone="2") == Verdict(Cause.ZONE, "zone 2 billed, 1 expected", D("10.00"))
    assert said("12.00", zone="1", surcharges="4.00") == Verdict(
        Cause.SURCHARGE, "surcharges of 4.00 billed, 2.00 expected", D("10.00")
    )
    assert said("12.00") == Verdict(Cause.PRICE, "2.00 more than the rate card says", D("10.00"))


def test_what_is_not_expected_of_the_carrier_is_expected_to_cost_nothing():
    assert said("12.00", shipment="") == Verdict(Cause.NOT_OURS, "no shipment of ours has this reference", D(0))
    assert said("10.00", earlier="invoice A1") == Verdict(Cause.TWICE, "SH-1 stands in invoice A1 already", D(0))
    assert said("10.00", expected=None) == Verdict(Cause.NOT_CHOSEN, "no carrier was chosen for SH-1", D(0))
    assert said("10.00", carrier_id=8) == Verdict(Cause.NOT_CHOSEN, "North Ground was chosen for SH-1", D(0))
    assert said("10.00", left_with="Swift") == Verdict(Cause.NOT_OURS, "SH-1 left with Swift", D(0))
    assert (is_of("", ["North"]), is_of("north Ground", ["North"]), is_of("Northway", ["North"])) == (True, True, False)
    with_it = replace(TEN, with_shipment="SH-0")
    assert said("10.00", expected=with_it) == Verdict(Cause.NOT_CHOSEN, "its freight was expected with SH-0", D(0))
    own = replace(TEN, account="ACME-9")
    assert said("10.00", expected=own) == Verdict(Cause.NOT_OURS, "it goes on the customer's own account ACME-9", D(0))


def test_lines_of_one_shipment_are_one_and_references_are_read_as_people_write_them():
    lines = [BilledLine("T1", D(4), 1_000, "1", D(1)), BilledLine("T2", D(5), 2_000, "1"), BilledLine("T3", D(1))]
    assert together(lines) == Billed(D(10), 3_000, "1", D(1))
    assert together([BilledLine("T1", D(4), zone="1"), BilledLine("T2", D(4), zone="2")]).zone == ""
    assert reference(" sh-1001 ") == "SH-1001"
    assert reference("(00) 350123451234567894") == reference("00350123451234567894") == "350123451234567894"


def test_bad_lines_are_named():
    lines = [BilledLine("", D(-1)), BilledLine("T", D(5), -1, "", D(6))]
    assert [(bad.line, bad.field) for bad in faults(" ", lines)] == [
        (0, "number"), (1, "reference"), (1, "amount"), (2, "weight_g"), (2, "surcharges"),
    ]  # fmt: skip
    assert [bad.field for bad in faults("A1", [])] == ["lines"]


@pytest.mark.parametrize("state", list(ChargeState))
def test_every_pair_of_state_and_action_is_allowed_or_refused_as_the_page_says(state):
    for action in ACTIONS:
        if (state, action) in TRANSITIONS:
            assert advance(state, action, reference="T") == TRANSITIONS[state, action]
        else:
            with pytest.raises(WrongFreightState):
                advance(state, action, reference="T")


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("amount", BilledLine("X", D("7.123456"))),
        ("amount", BilledLine("X", D("1e900000"))),
        ("amount", BilledLine("X", D("NaN"))),
        ("weight_g", BilledLine("X", D(1), 10**20)),
        ("surcharges", BilledLine("X", D(1), surcharges=D("0.001"))),
        ("reference", BilledLine("X" * 81, D(1))),
        ("reference", BilledLine("X\0", D(1))),
        ("zone", BilledLine("X", D(1), zone="Z" * 21)),
    ],
)
def test_nothing_is_rounded_or_cut_silently(field, line):
    good = BilledLine("X" * 80, D("7.12"), 999_999_999, "Z" * 20, D("0.01"))
    assert [(bad.line, bad.field) for bad in faults("A1", [good, line])] == [(2, field)]


def test_an_invoice_has_a_largest_number_of_lines_and_a_number_that_is_kept_whole():
    line = BilledLine("X", D(1))
    assert faults("A" * 60, [line] * 2_000) == []
    assert [bad.field for bad in faults("A" * 61, [line] * 2_001)] == ["number", "lines"]


@pytest.mark.parametrize("kg", ["1e900000", "1e999998", "1e-900000", "-1e30", "1.0001"])
def test_a_weight_that_is_none_costs_no_time_and_is_refused_at_its_line(kg):
    bad: list[BadLine] = []
    [line] = lines_of([{"reference": "X", "amount": "1", "weight_kg": kg}], bad)
    assert ([(one.line, one.field) for one in bad], line.weight_g) == ([(1, "weight_kg")], 0)
