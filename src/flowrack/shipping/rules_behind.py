"""Words for what stayed when its truck left. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.promise.rules_house import Trip
from flowrack.shipping import rules_loads
from flowrack.shipping.types_loads import CALLED_OFF, WHY_BEHIND, LeftPlate


def in_units(units: int) -> str:
    """3 units, 1 unit."""
    return f"{units:,} unit{'' if units == 1 else 's'}"


def day(on: date) -> str:
    """Wed 4 Mar."""
    return f"{on:%a} {on.day} {on:%b}"


def leaves(trip: Trip | None) -> str:
    """How goods leave instead: by which service, on which day, and when they arrive."""
    if trip is None:
        return "nobody can say when it leaves"
    by = f" with {trip.service}" if trip.service else ""
    return f"it can leave on {day(trip.ships_on)}{by} and arrives on {day(trip.arrives_on)}"


def without(rows: Sequence[LeftPlate]) -> str:
    """What of an order a truck left without: plates, and units that were not staged."""
    plates = [one.plate for one in rows if one.is_staged]
    units = sum(one.units for one in rows if not one.is_staged)
    late = f"{in_units(units)} that {'was' if units == 1 else 'were'} not staged" if units else ""
    return " and ".join(part for part in (rules_loads.listed(plates) if plates else "", late) if part)


def went(load: str, reason: str) -> str:
    """What the truck did, as it stands before the goods that it did not take: by the code of the reason."""
    if reason == CALLED_OFF:
        return f"{load} was called off after its cut-off"
    return f"{load} left without"


def stayed(load: str, reason: str) -> str:
    """Why goods are still here, as it stands with what is chosen for them anew."""
    return went(load, reason) if reason == CALLED_OFF else f"{went(load, reason)} it"


def sentence(load: str, rows: Sequence[LeftPlate], reason: str, promised_on: date | None, trip: Trip | None) -> str:
    """Why goods of an order are still here, and what becomes of its day."""
    stands = "It stays promised"
    if any(one.is_staged for one in rows):
        stands = "It stands staged and stays promised" if all(one.is_staged for one in rows) else stands
    late = ""
    if promised_on is not None and (trip is None or trip.ships_on > promised_on):
        late = f" The promise of {day(promised_on)} does not hold: {leaves(trip)}."
    if reason == CALLED_OFF:
        return f"{went(load, reason)}, and should have taken {without(rows)}. {stands}.{late}"
    return f"{went(load, reason)} {without(rows)}: {WHY_BEHIND[reason].lower()}. {stands}.{late}"


def at_risk(load: str, reason: str, trip: Trip | None) -> str:
    """Why a promise does not hold, and what comes instead."""
    how = "" if reason == CALLED_OFF else f" it ({WHY_BEHIND[reason].lower()})"
    return f"{went(load, reason)}{how}: {leaves(trip)}"
