"""What it would cost to send the parts of an option: full cases as parcels, the rest in one. Pure.

It is a look ahead: cartons are planned when a wave is released, and the carrier is chosen then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from flowrack.carriers.rules_choice import ANY_SERVICE, Case, Departure, Guide, choose
from flowrack.carriers.rules_rates import Destination, Hazard, Parcel, Sides, Tariff
from flowrack.promise.rules_options import Option, Part

IN_TIME_FIRST = Decimal(100_000)  # a day late counts more than any freight: the promise is for its day
MOST_CASES = 60  # of one part; above that nobody sends single cases


@dataclass(frozen=True, slots=True)
class Packed:
    """How an item travels: weight of a unit (0 = not known), a case of so many with its sides, its hazards."""

    unit_g: int
    case_units: int = 0
    case_g: int = 0
    case_sides: Sides | None = None
    hazards: tuple[Hazard, ...] = ()


@dataclass(frozen=True, slots=True)
class To:
    """Where the goods go, and what the customer says of carriers."""

    destination: Destination
    guides: tuple[Guide, ...]
    countries: Mapping[int, str]  # of our sites


@dataclass(frozen=True, slots=True)
class Freight:
    """What an option costs to send; without an amount the words say why it is not known."""

    amount: Decimal | None
    words: str


def parcels_of(units: int, packed: Packed) -> list[Parcel] | None:
    """The parcels of so many units; None when they cannot be told, as nobody weighed the item."""
    case_g = packed.case_g or packed.unit_g * packed.case_units
    cases = units // packed.case_units if packed.case_units > 1 and case_g else 0
    if cases > MOST_CASES:
        return None
    loose = units - cases * packed.case_units
    if loose and not packed.unit_g:
        return None
    found = [Parcel(case_g, packed.case_sides, packed.hazards)] * cases
    return [*found, Parcel(loose * packed.unit_g, None, packed.hazards)] if loose else found


def freight_of(option: Option, to: To, packed: Mapping[int, Packed], tariffs: Sequence[Tariff]) -> Freight:
    """The least freight of an option, over its parts; the services that would take them."""
    total, names = Decimal(0), []
    for part in option.parts:
        parcels = parcels_of(part.units, packed[part.item_id])
        if parcels is None:
            return Freight(None, f"not known: {part.sku} has no weight, or too many cases for parcels")
        chosen = choose(_case(part, to, parcels), tariffs).chosen
        if chosen is None or chosen.price is None:
            return Freight(None, f"no carrier with a rate card takes {part.units:,} {part.sku}")
        total += chosen.freight
        by = f"{chosen.carrier}, {chosen.name}" + (", on his own account" if chosen.account else "")
        late = chosen.days_late
        by += f", {late} day{'s' if late > 1 else ''} after the promised one" if late else ""
        names += [] if by in names else [by]
    return Freight(total, "; then ".join(names))


def _case(part: Part, to: To, parcels: Sequence[Parcel]) -> Case:
    leaves = Departure(part.ships_on, part.cut_off or time(23, 59))
    return Case(
        site_id=part.site_id, origin_country=to.countries.get(part.site_id, ""), to=to.destination,
        parcels=tuple(parcels), ready_at=datetime.combine(part.ships_on, time.min), arrives_by=part.arrives_on,
        late_day_cost=IN_TIME_FIRST, guides=to.guides, departures={ANY_SERVICE: (leaves,)},
    )  # fmt: skip
