"""Whether orders may leave on a truck of another carrier than the one that was chosen for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flowrack.shared.errors import BadLine
from flowrack.shipping.rules_loads import listed
from flowrack.shipping.types_loads import OtherCarrier

RULE = "shipping.load_carrier/1"


class ChosenFor(NamedTuple):
    """An order with the carrier that was chosen for it; 0 = nothing was chosen."""

    order_id: int
    number: str
    carrier_id: int
    carrier: str


def elsewhere(chosen: Sequence[ChosenFor], carrier_id: int) -> list[ChosenFor]:
    """The orders for which another carrier than the truck's was chosen. A truck without a carrier is nobody's yet."""
    return [one for one in chosen if carrier_id and one.carrier_id and one.carrier_id != carrier_id]


def check_named(chosen: Sequence[ChosenFor], carrier_id: int, *, policy: str) -> None:
    """Refuses with OtherCarrier to load a truck of which nobody said whose it is, where only the chosen may go."""
    bound = [one for one in chosen if one.carrier_id]
    if policy != "refuse" or carrier_id or not bound:
        return
    fix = "Say on the truck's plan whose it is."
    lines = [BadLine(0, "carrier", f"{one.carrier} was chosen for {one.number}.", fix) for one in bound]
    raise OtherCarrier("Nobody said whose truck this is.", lines=lines, fix=fix)


def check_carrier(others: Sequence[ChosenFor], *, policy: str, reason: str, truck: str) -> str:
    """What to tell of orders that another carrier should take ("" = nothing), by the site's policy.

    Refuses with OtherCarrier, naming every order, where the site lets none go, or asks why and nobody says.
    """
    if not others:
        return ""
    asks = policy == "reason" and len(reason.strip()) < 3
    if policy == "refuse" or asks:
        lines = [
            BadLine(0, "carrier", f"{one.carrier} was chosen for {one.number}, not {truck}.", _fix(asks=asks))
            for one in others
        ]
        raise OtherCarrier(f"{truck} was not chosen for {_numbers(others)}.", lines=lines, fix=_fix(asks=asks))
    return f"{others[0].carrier} was chosen for {_numbers(others)}."


def _numbers(others: Sequence[ChosenFor]) -> str:
    return listed([one.number for one in others])


def _fix(*, asks: bool) -> str:
    if asks:
        return "Say why they go with this carrier, or plan them on a truck of the chosen one."
    return "Plan them on a truck of the chosen carrier, or take another service for them first."
