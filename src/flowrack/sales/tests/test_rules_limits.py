"""Shipment limits and the age of backorders, as pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from flowrack.sales.rules_limits import Age, judge_age, judge_departure
from flowrack.sales.types_limits import Departure, Limits

TODAY = date(2026, 3, 2)


def limits(**more: object) -> Limits:
    start = {
        "order_id": 1,
        "number": "SO-1",
        "max_shipments": None,
        "last_shipment": "waits",
        "min_shipment_value": Decimal(0),
        "latest_on": None,
        "latest_ship_on": None,
        "shipments": 0,
        "today": TODAY,
    }
    return Limits(**{**start, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "leaving", "why"),
    [
        ({}, Departure(Decimal(1), 5), ""),
        ({"latest_on": TODAY + timedelta(days=1), "latest_ship_on": TODAY}, Departure(Decimal(1), 0), ""),
        (
            {"latest_on": TODAY, "latest_ship_on": TODAY - timedelta(days=1)},
            Departure(Decimal(1), 0),
            "the customer takes nothing that arrives after 02 Mar 2026; the last day to leave for it was 01 Mar 2026",
        ),
        ({"min_shipment_value": Decimal(100)}, Departure(Decimal(100), 5), ""),
        (
            {"min_shipment_value": Decimal(100)},
            Departure(Decimal("99.99"), 5),
            "what is there is worth 99.99 and the customer takes shipments from 100.00 on",
        ),
        ({"min_shipment_value": Decimal(100)}, Departure(Decimal(1), 0), ""),
        ({"max_shipments": 2}, Departure(Decimal(1), 5), ""),
        (
            {"max_shipments": 2, "shipments": 1},
            Departure(Decimal(1), 5),
            "it would be the last of 2 shipments that the customer takes, and 5 units are missing",
        ),
        ({"max_shipments": 2, "shipments": 1}, Departure(Decimal(1), 0), ""),
        ({"max_shipments": 1}, Departure(Decimal(1), 5), "the customer takes one shipment, and 5 units are missing"),
        (
            {"max_shipments": 1, "last_shipment": "cancels"},
            Departure(Decimal(1), 5, busy=2),
            "the customer takes one shipment, and 2 units of it are in picking",
        ),
    ],
)
def test_why_a_shipment_waits(given: dict[str, object], leaving: Departure, why: str):
    assert judge_departure(limits(**given), leaving).why == why


def test_the_last_shipment_ends_its_order_where_the_terms_say_so():
    verdict = judge_departure(limits(max_shipments=2, shipments=1, last_shipment="cancels"), Departure(Decimal(1), 5))
    assert (verdict.why, verdict.ends_order) == ("", True)
    whole = judge_departure(limits(max_shipments=2, shipments=1, last_shipment="cancels"), Departure(Decimal(1), 0))
    assert (whole.why, whole.ends_order) == ("", False)


@pytest.mark.parametrize(
    ("latest_on", "days", "today", "promised"),
    [
        (None, None, TODAY + timedelta(days=900), None),
        (None, 5, TODAY + timedelta(days=5), None),
        (None, 5, TODAY + timedelta(days=6), False),
        (TODAY, 5, TODAY, None),
        (TODAY, 5, TODAY + timedelta(days=1), True),
    ],
)
def test_when_the_rest_is_not_wanted_any_more(latest_on, days, today, promised):
    found = judge_age(Age(TODAY, latest_on, latest_on, days, today))
    assert (None if found is None else found.promised) is promised
