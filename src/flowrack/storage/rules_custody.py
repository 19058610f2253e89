"""What a day of an owner's pallets is charged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rates:
    """Charges from a day on."""

    valid_from: date
    pallet_day: Decimal
    pallet_in: Decimal
    pallet_out: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Pallets and units that stand there at the end of a day, and pallets that came and left on it."""

    on: date
    pallets: int
    units: int
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Charged:
    """A day with its charges; None where no rates were agreed for it."""

    day: Standing
    storage: Decimal | None
    handling: Decimal | None


def charge(days: Sequence[Standing], rates: Sequence[Rates]) -> list[Charged]:
    """Each day by the rates that count on it: the last ones that began before or on it."""
    known = sorted(rates, key=lambda one: one.valid_from)
    found = []
    for day in days:
        agreed = [one for one in known if one.valid_from <= day.on]
        if not agreed:
            found.append(Charged(day, None, None))
            continue
        rate = agreed[-1]
        handling = rate.pallet_in * day.came + rate.pallet_out * day.left
        found.append(Charged(day, (rate.pallet_day * day.pallets).quantize(CENT), handling.quantize(CENT)))
    return found


def total(charged: Sequence[Charged]) -> tuple[Decimal, Decimal]:
    """Storage and handling of all days for which rates were agreed."""
    zero = Decimal("0.00")
    return (
        sum((one.storage for one in charged if one.storage is not None), zero),
        sum((one.handling for one in charged if one.handling is not None), zero),
    )
