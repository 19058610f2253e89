"""What it costs to send cartons of the house to a place: the cheapest service that takes them. Pure.

An estimate for the plan of cartons: days and cut-offs are left to the choice of the carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flowrack.carriers.rules_choice import takes
from flowrack.carriers.rules_rates import Destination, Hazard, Parcel, Tariff, price, zone_of
from flowrack.fulfilment.rules_cartons import Boxes, CartonKind, Freight, FreightOf

WALL_MM = 4  # of a carton, on each side
NOBODY = Decimal(1_000_000)  # cartons that no service takes are the last to be planned


class Way(NamedTuple):
    """From where to where, on which day."""

    site_id: int
    origin_country: str
    to: Destination
    on: date


def freight_of(tariffs: Sequence[Tariff], way: Way, kinds: Sequence[CartonKind]) -> FreightOf | None:
    """The freight of cartons by what is in them; None when no service goes there."""
    zones = {
        tariff.service_id: zone
        for tariff in tariffs
        if (zone := zone_of(tariff.lanes, way.site_id, way.origin_country, way.to)) in tariff.breaks
    }
    going = [tariff for tariff in tariffs if tariff.service_id in zones and not tariff.min_pallets]
    if not going:
        return None
    outside = {kind.type_id: _outside(kind) for kind in kinds}

    def of(hazards: Sequence[str]) -> Freight:
        dangers = tuple(Hazard(text.removesuffix(" LQ"), text.endswith(" LQ")) for text in hazards)
        able = [tariff for tariff in going if all(takes(tariff, danger) for danger in dangers)]
        known: dict[tuple[tuple[int, int], ...], Decimal] = {}

        def freight(boxes: Boxes) -> Decimal:
            key = tuple(boxes)
            if key not in known:
                parcels = [Parcel(weight_g, outside[type_id], dangers) for type_id, weight_g in boxes]
                known[key] = _cheapest(able, zones, parcels, way)
            return known[key]

        return freight

    return of


def _outside(kind: CartonKind) -> tuple[int, int, int]:
    long, wide, high = kind.inside
    return long + 2 * WALL_MM, wide + 2 * WALL_MM, high + 2 * WALL_MM


def _cheapest(tariffs: Sequence[Tariff], zones: Mapping[int, str], parcels: Sequence[Parcel], way: Way) -> Decimal:
    """The least that a service asks for the parcels, which must be within what it takes."""
    best = NOBODY * len(parcels)
    for tariff in tariffs:
        if all(_fits(tariff, parcel) for parcel in parcels):
            asked = price(tariff, zones[tariff.service_id], parcels, way.to, way.on)
            best = min(best, asked.total) if asked else best
    return best


def _fits(tariff: Tariff, parcel: Parcel) -> bool:
    return not (
        0 < tariff.max_parcel_g < parcel.weight_g
        or 0 < tariff.max_length_mm < parcel.length_mm
        or 0 < tariff.max_girth_mm < parcel.girth_mm
    )
