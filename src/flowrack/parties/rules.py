"""Decisions about parties: when goods can come, and what fits together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from flowrack.parties import rules_holidays
from flowrack.parties.types import CustomerFields, PartyFields, ShipsPartial
from flowrack.shared.check_digits import is_valid
from flowrack.shared.errors import BadLine

LONGEST_WAIT_DAYS = 366


def supply_date(
    *, ordered_on: date, lead_time_days: int, delivery_weekdays: Sequence[int], holidays: Collection[date]
) -> date:
    """The first day on which an order of today can arrive: the lead time, then the next delivery day.

    Weekdays are 1 = Monday to 7 = Sunday. A supplier who never delivers within a year is a mistake in the calendar.
    """
    assert lead_time_days >= 0
    day = ordered_on + timedelta(days=lead_time_days)
    for _ in range(LONGEST_WAIT_DAYS):
        if day.isoweekday() in delivery_weekdays and day not in holidays:
            return day
        day += timedelta(days=1)
    raise ValueError("the calendar has no delivery day within a year")


def order_units(wanted: int, *, moq: int, multiple: int) -> int:
    """What to order of an item: at least `wanted` and the minimum, up to the next multiple."""
    assert wanted > 0
    least = max(wanted, moq)
    return -(-least // multiple) * multiple


def check_party(party: PartyFields) -> list[BadLine]:
    """What is wrong with a company's fields."""
    bad: list[BadLine] = []
    if not party.name.strip():
        bad.append(BadLine(0, "name", "A company needs a name.", "Fill it in."))
    if not (party.supplier or party.customer or party.is_carrier or party.is_owner):
        bad.append(BadLine(0, "parts", "Supplier, customer, carrier or owner?", "Choose at least one."))
    if party.gln and not (len(party.gln) == 13 and is_valid(party.gln)):
        bad.append(BadLine(0, "gln", f"“{party.gln}” is no GLN.", "A GLN has 13 digits; the last is its check digit."))
    if party.country and not (len(party.country) == 2 and party.country.isalpha() and party.country.isupper()):
        bad.append(BadLine(0, "country", f"“{party.country}” is no country code.", "Use two letters: GB, DE, FR."))
    if party.holidays_of:
        bad += _check_holidays(party)
    if party.supplier:
        days = party.supplier.delivery_weekdays
        if not days or not set(days) <= {1, 2, 3, 4, 5, 6, 7}:
            bad.append(BadLine(0, "delivery_weekdays", "Deliveries need weekdays from 1 to 7.", "1 is Monday."))
        for name in ("lead_time_days", "min_order_value"):
            if getattr(party.supplier, name) < 0:
                bad.append(BadLine(0, name, "Less than nothing.", "Use 0 or more."))
        if party.supplier.order_multiple_units < 1:
            bad.append(BadLine(0, "order_multiple_units", "A multiple of less than 1.", "Use 1 or more."))
    return bad + (_check_customer(party.customer) if party.customer else [])


def _check_holidays(party: PartyFields) -> list[BadLine]:
    if party.holidays_of not in rules_holidays.countries():
        said = f"No public holidays are known of a country “{party.holidays_of}”."
        return [BadLine(0, "holidays_of", said, "Use two letters as in ISO 3166: GB, DE, FR; or leave it empty.")]
    if not (party.supplier or party.is_carrier):
        said = "Kept of suppliers and carriers only."
        return [BadLine(0, "holidays_of", said, "Leave it empty, or make it a supplier or a carrier.")]
    return []


def _check_customer(terms: CustomerFields) -> list[BadLine]:
    bad = [
        BadLine(0, name, "Less than nothing.", "Use 0 or more.")
        for name in ("min_remaining_life_days", "min_shipment_value", "cancel_after_days", "transit_days")
        if (getattr(terms, name) or 0) < 0
    ]
    if terms.max_shipments is not None and terms.max_shipments < 1:
        bad.append(BadLine(0, "max_shipments", "Fewer than one shipment.", "Use 1 or more, or leave it empty."))
    if terms.ships_partial == ShipsPartial.COMPLETE and (terms.max_shipments or 1) > 1:
        bad.append(
            BadLine(
                0,
                "max_shipments",
                f"One complete delivery and {terms.max_shipments} shipments at most contradict each other.",
                "Leave it empty, or allow parts.",
            )
        )
    return bad
