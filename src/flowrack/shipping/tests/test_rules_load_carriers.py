"""The choice of a carrier binds the truck: told, asked why, or refused, as the site says."""

from __future__ import annotations

import pytest

from flowrack.shipping.rules_load_carriers import ChosenFor, check_carrier, elsewhere
from flowrack.shipping.types_loads import OtherCarrier

NORTH, SWIFT = 7, 8
ONE, TWO = ChosenFor(1, "SO-1", NORTH, "North Freight"), ChosenFor(2, "SO-2", SWIFT, "Swift Freight")
FREE = ChosenFor(3, "SO-3", 0, "")


def test_an_order_without_a_choice_goes_with_anybody_and_a_truck_without_a_carrier_takes_all():
    assert elsewhere([ONE, TWO, FREE], SWIFT) == [ONE]
    assert elsewhere([ONE, TWO, FREE], 0) == []
    assert check_carrier([], policy="refuse", reason="", truck="Swift Freight") == ""


def test_a_reason_lets_it_go_where_the_site_asks_for_one_and_the_words_are_told():
    said = {"truck": "Swift Freight", "policy": "reason"}
    with pytest.raises(OtherCarrier) as refused:
        check_carrier([ONE], reason=" x ", **said)
    assert [(bad.message, bad.fix) for bad in refused.value.lines] == [
        (
            "North Freight was chosen for SO-1, not Swift Freight.",
            "Say why they go with this carrier, or plan them on a truck of the chosen one.",
        )
    ]
    assert check_carrier([ONE], reason="North is on strike", **said) == "North Freight was chosen for SO-1."


def test_a_site_that_refuses_takes_no_reason_and_one_that_warns_needs_none():
    with pytest.raises(OtherCarrier) as refused:
        check_carrier([ONE], policy="refuse", reason="North is on strike", truck="Swift Freight")
    assert refused.value.fix == ("Plan them on a truck of the chosen carrier, or take another service for them first.")
    assert check_carrier([ONE], policy="warn", reason="", truck="Swift Freight") == "North Freight was chosen for SO-1."
