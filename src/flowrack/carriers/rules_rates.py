"""What a carrier's service costs for some parcels, by its rate card. Pure; exact to the cent.

Rounding: every charge is rounded half up to the cent when it is made, so that the charges of a price add up to it. Fuel
is one charge of the whole shipment. Billable weight is rounded up to the card's step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from flowrack.shared.money import to_money

Sides = tuple[int, int, int]
GRAMS = 1_000  # in a kilogram
ZERO = Decimal(0)


class Basis(StrEnum):
    """What a rate is for: each parcel by its weight, the whole shipment by its weight, or each pallet."""

    PARCEL = "parcel"
    SHIPMENT = "shipment"
    PALLET = "pallet"


class Mode(StrEnum):
    """How the goods travel."""

    GROUND = "ground"
    AIR = "air"


class Extra(StrEnum):
    """When a surcharge is due."""

    ALWAYS = "always"
    RESIDENTIAL = "residential"
    REMOTE = "remote"
    OVERSIZE = "oversize"
    HAZARD = "hazard"


class ChargeKind(StrEnum):
    """A part of a price, in the order in which they are worked out."""

    FREIGHT = "freight"
    MINIMUM = "minimum"
    SURCHARGE = "surcharge"
    FUEL = "fuel"


class Hazard(NamedTuple):
    """A hazard in a parcel: class or division ("2.1"), and whether it is packed as limited quantity."""

    hazard: str
    is_limited: bool = False

    def __str__(self) -> str:
        return f"{self.hazard} LQ" if self.is_limited else self.hazard


class Parcel(NamedTuple):
    """A parcel or pallet: outer sides in mm (None: nobody measured it), weight in g, the hazards in it."""

    weight_g: int
    sides: Sides | None = None
    hazards: tuple[Hazard, ...] = ()
    is_pallet: bool = False

    @property
    def length_mm(self) -> int:
        """The longest side; 0 when nobody measured it."""
        return max(self.sides) if self.sides else 0

    @property
    def girth_mm(self) -> int:
        """The longest side and once round the others; 0 when nobody measured it."""
        return 2 * sum(self.sides) - max(self.sides) if self.sides else 0


class Destination(NamedTuple):
    """Where goods go."""

    country: str
    postcode: str = ""
    region: str = ""
    is_residential: bool = False


class Lane(NamedTuple):
    """Places that belong to a zone of a card. Empty = any; postcodes are compared by their beginnings."""

    zone: str
    origin_site_id: int = 0
    origin_country: str = ""
    country: str = ""
    region: str = ""
    postcode_from: str = ""
    postcode_to: str = ""


class Break(NamedTuple):
    """What a billable weight up to this one costs: an amount, and so much per kg above a weight."""

    upto_g: int
    price: Decimal
    per_kg: Decimal = ZERO
    over_g: int = 0


class Surcharge(NamedTuple):
    """An amount for each parcel, or for the shipment, when its cause is there."""

    cause: Extra
    amount: Decimal
    is_per_parcel: bool = False
    has_fuel: bool = False
    over_length_mm: int = 0
    over_girth_mm: int = 0
    over_weight_g: int = 0


class Remote(NamedTuple):
    """Postcodes of a country that are far off."""

    country: str
    postcode_from: str
    postcode_to: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """One service as a version of its carrier's rate card has it: what it takes, when it goes, what it costs."""

    card_id: int
    service_id: int
    carrier_id: int
    carrier: str
    code: str
    name: str
    version: int = 1
    mode: Mode = Mode.GROUND
    basis: Basis = Basis.PARCEL
    divisor: int = 0  # cm3 that count as a kg; 0 = weight alone
    step_g: int = 1
    minimum: Decimal = ZERO
    max_parcel_g: int = 0  # 0 = no limit
    max_length_mm: int = 0
    max_girth_mm: int = 0
    min_pallets: int = 0
    dock_minutes: int = 0
    goes_on: tuple[int, ...] = (1, 2, 3, 4, 5)
    delivers_on: tuple[int, ...] = (1, 2, 3, 4, 5)
    takes: frozenset[Hazard] = frozenset()
    lanes: tuple[Lane, ...] = ()
    days: Mapping[str, int] = field(default_factory=dict)  # on the way, by zone
    breaks: Mapping[str, tuple[Break, ...]] = field(default_factory=dict)  # by zone, the lightest first
    fuels: tuple[tuple[date, Decimal], ...] = ()  # percent from a day on, the earliest first
    surcharges: tuple[Surcharge, ...] = ()
    remotes: tuple[Remote, ...] = ()
    closed: tuple[date, ...] = ()  # public holidays of the carrier: it neither goes nor delivers


class Charge(NamedTuple):
    """A part of a price; parcel 0 = the whole shipment."""

    kind: ChargeKind
    words: str
    amount: Decimal
    parcel: int = 0


class Price(NamedTuple):
    """What a service asks, and for what."""

    zone: str
    billable_g: int
    charges: tuple[Charge, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the charges."""
        return sum((charge.amount for charge in self.charges), ZERO)


def within(postcode: str, first: str, last: str) -> bool:
    """Whether a postcode lies between two beginnings of postcodes, both included. Empty ends are open."""
    code = bare(postcode)
    return (not first or code[: len(first)] >= first) and (not last or code[: len(last)] <= last)


def bare(postcode: str) -> str:
    """A postcode without blanks and hyphens, in capitals."""
    return postcode.upper().replace(" ", "").replace("-", "")


def zone_of(lanes: Sequence[Lane], site_id: int, origin_country: str, to: Destination) -> str:
    """The zone of a destination: the lane that says most of it; "" when the card does not go there.

    A lane with postcodes says more than one with a region, that more than one with a country, and a site of ours more
    than the country it lies in. Of lanes that say as much the first counts.
    """
    best, best_rank = "", (-1, -1)
    for lane in lanes:
        fits = (
            lane.origin_site_id in (0, site_id)
            and lane.origin_country in ("", origin_country)
            and lane.country in ("", to.country)
            and lane.region in ("", to.region)
            and (not (lane.postcode_from or lane.postcode_to) or bool(to.postcode))
            and within(to.postcode, lane.postcode_from, lane.postcode_to)
        )
        there = 4 * bool(lane.postcode_from or lane.postcode_to) + 2 * bool(lane.region) + bool(lane.country)
        rank = (there, 2 * bool(lane.origin_site_id) + bool(lane.origin_country))
        if fits and rank > best_rank:
            best, best_rank = lane.zone, rank
    return best


def billable_g(tariff: Tariff, weight_g: int, sides: Sides | None) -> int:
    """The weight that is charged: that of the scale or of the room it takes, rounded up to the step."""
    room_g = -(-(sides[0] * sides[1] * sides[2]) // tariff.divisor) if tariff.divisor and sides else 0
    return -(-max(weight_g, room_g) // tariff.step_g) * tariff.step_g


def break_of(breaks: Sequence[Break], weight_g: int) -> Break | None:
    """The break that a weight falls into; None when it is heavier than all."""
    return next((one for one in breaks if weight_g <= one.upto_g), None)


def amount_of(one: Break, weight_g: int) -> Decimal:
    """What a billable weight costs within a break."""
    above = max(weight_g - one.over_g, 0)
    return to_money(one.price + one.per_kg * above / GRAMS)


def fuel_percent(tariff: Tariff, on: date) -> Decimal:
    """The fuel percentage of a day; 0 before the first."""
    return next((percent for start, percent in reversed(tariff.fuels) if start <= on), ZERO)


def price(tariff: Tariff, zone: str, parcels: Sequence[Parcel], to: Destination, on: date) -> Price | None:
    """What the service asks for the parcels on a day; None when they are heavier than its card knows."""
    freight = _freight(tariff, zone, parcels)
    if freight is None:
        return None
    charges, weight_g = freight
    carried = sum((charge.amount for charge in charges), ZERO)
    if carried < tariff.minimum:
        charges.append(Charge(ChargeKind.MINIMUM, "up to the minimum", tariff.minimum - carried))
        carried = tariff.minimum
    fuelled = carried
    for one in tariff.surcharges:
        due = _due(tariff, one, parcels, to)
        charges += due
        if one.has_fuel:
            fuelled += sum((charge.amount for charge in due), ZERO)
    percent = fuel_percent(tariff, on)
    if percent:
        charges.append(Charge(ChargeKind.FUEL, f"fuel {percent.normalize():f} %", to_money(fuelled * percent / 100)))
    return Price(zone, weight_g, tuple(charges))


def _freight(tariff: Tariff, zone: str, parcels: Sequence[Parcel]) -> tuple[list[Charge], int] | None:
    """The freight before minimum and surcharges, with the billable weight."""
    breaks = tariff.breaks.get(zone, ())
    weights = [billable_g(tariff, parcel.weight_g, parcel.sides) for parcel in parcels]
    if tariff.basis == Basis.SHIPMENT:
        step = tariff.step_g
        weights = [-(-sum(weights) // step) * step]
    charges = []
    for n, weight_g in enumerate(weights, 1):
        found = break_of(breaks, weight_g)
        if found is None:
            return None
        is_whole = tariff.basis == Basis.SHIPMENT
        charges.append(Charge(ChargeKind.FREIGHT, _weight(weight_g), amount_of(found, weight_g), 0 if is_whole else n))
    return charges, sum(weights)


def too_heavy(tariff: Tariff, zone: str, parcels: Sequence[Parcel]) -> str:
    """Why the card has no rate for the parcels: which one, what of it counts, and where the card ends."""
    breaks = tariff.breaks.get(zone, ())
    ends = f"its card ends at {_weight(breaks[-1].upto_g)}" if breaks else "its card has no rate there"
    if tariff.basis == Basis.SHIPMENT:
        whole_g = sum(billable_g(tariff, parcel.weight_g, parcel.sides) for parcel in parcels)
        return f"all {len(parcels)} together count {_weight(whole_g)}, {ends}"
    for n, parcel in enumerate(parcels, 1):
        counted_g = billable_g(tariff, parcel.weight_g, parcel.sides)
        if break_of(breaks, counted_g) is None:
            sides = " by its room" if counted_g > -(-parcel.weight_g // tariff.step_g) * tariff.step_g else ""
            return f"parcel {n} counts {_weight(counted_g)}{sides}, {ends}"
    return "heavier than its rate card knows"


def _weight(weight_g: int) -> str:
    return f"{(Decimal(weight_g) / GRAMS).normalize():f} kg"


def _due(tariff: Tariff, one: Surcharge, parcels: Sequence[Parcel], to: Destination) -> list[Charge]:
    """What a surcharge comes to: nothing, once, or for each parcel that causes it."""
    match one.cause:
        case Extra.RESIDENTIAL:
            caused = [to.is_residential] * len(parcels)
        case Extra.REMOTE:
            is_remote = bool(to.postcode) and any(
                far.country in ("", to.country) and within(to.postcode, far.postcode_from, far.postcode_to)
                for far in tariff.remotes
            )
            caused = [is_remote] * len(parcels)
        case Extra.OVERSIZE:
            caused = [_is_oversize(one, parcel) for parcel in parcels]
        case Extra.HAZARD:
            caused = [bool(parcel.hazards) for parcel in parcels]
        case Extra.ALWAYS:
            caused = [True] * len(parcels)
    if one.is_per_parcel:
        return [Charge(ChargeKind.SURCHARGE, one.cause, one.amount, n) for n, is_due in enumerate(caused, 1) if is_due]
    return [Charge(ChargeKind.SURCHARGE, one.cause, one.amount)] if any(caused) else []


def _is_oversize(one: Surcharge, parcel: Parcel) -> bool:
    return (
        (0 < one.over_length_mm < parcel.length_mm)
        or (0 < one.over_girth_mm < parcel.girth_mm)
        or (0 < one.over_weight_g < parcel.weight_g)
    )
