"""Whether a customer takes a shipment as it is, and when he does not take the rest any more. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flowrack.sales.types_limits import Departure, Limits, Verdict

RULE = "shipment limits 1"


def judge_departure(limits: Limits, leaving: Departure) -> Verdict:
    """May this shipment leave? A shipment with all that is left may, whatever its value."""
    if limits.latest_ship_on is not None and limits.today > limits.latest_ship_on:
        return Verdict(
            f"the customer takes nothing that {_late(limits.latest_on, limits.latest_ship_on)}",
            "Agree another latest day and change the order, or cancel the rest.",
        )
    if not leaving.missing:
        return Verdict()
    if leaving.value < limits.min_shipment_value:
        return Verdict(
            f"what is there is worth {leaving.value:,.2f} and the customer takes shipments from "
            f"{limits.min_shipment_value:,.2f} on",
            "Wait for the rest, or cancel it: the last shipment may be smaller.",
        )
    is_last = limits.max_shipments is not None and limits.shipments + 1 >= limits.max_shipments
    return _judge_last(limits, leaving) if is_last else Verdict()


def _late(latest_on: date | None, latest_ship_on: date) -> str:
    """What comes too late for a customer, by both days: his is that of arrival."""
    arrives = latest_on or latest_ship_on
    return f"arrives after {arrives:%d %b %Y}; the last day to leave for it was {latest_ship_on:%d %b %Y}"


def _judge_last(limits: Limits, leaving: Departure) -> Verdict:
    """The last shipment that the customer takes, and something would be left."""
    what = _last(limits)
    if limits.last_shipment == "waits":
        return Verdict(f"{what}, and {leaving.missing:,} units are missing", "Wait for the rest, or cancel it.")
    if leaving.busy:
        said = f"{what}, and {leaving.busy:,} units of it are in picking"
        return Verdict(said, "Pick them first, or call them back.")
    return Verdict(ends_order=True)


def _last(limits: Limits) -> str:
    if limits.max_shipments == 1:
        return "the customer takes one shipment"
    return f"it would be the last of {limits.max_shipments} shipments that the customer takes"


def ended_words(limits: Limits, units: int) -> str:
    """Why the rest of an order was cancelled when its last shipment left."""
    which = "The one shipment" if limits.max_shipments == 1 else f"The last of {limits.max_shipments} shipments"
    return f"{which} that the customer takes has left: the other {units:,} units are cancelled, as his terms say."


@dataclass(frozen=True, slots=True)
class Age:
    """What decides whether the rest of an order is still wanted."""

    requested_on: date
    latest_on: date | None
    latest_ship_on: date | None
    cancel_after_days: int | None
    today: date
    policy: str = "partial"


@dataclass(frozen=True, slots=True)
class Overdue:
    """Why the rest is not wanted any more; with `promised` even what is promised and no picker has."""

    sentence: str
    promised: bool


def judge_age(age: Age) -> Overdue | None:
    """Whether the customer still takes what has not left."""
    if age.latest_ship_on is not None and age.today > age.latest_ship_on:
        return Overdue(f"The customer takes nothing that {_late(age.latest_on, age.latest_ship_on)}.", promised=True)
    if age.cancel_after_days is None:
        return None
    until = age.requested_on + timedelta(days=age.cancel_after_days)
    if age.today <= until:
        return None
    after = "on the wanted day" if not age.cancel_after_days else f"{age.cancel_after_days} days after the wanted day"
    is_whole = age.policy == "complete"  # a part of it is of no use
    return Overdue(f"Backorders of this customer end {after}, {until:%d %b %Y}.", promised=is_whole)
