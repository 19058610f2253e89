"""Whether what a quote holds can still leave on the day that the customer was told. Pure.

The day is looked at by the house's own calendar and cut-offs, without the work of the day, which was weighed when it
was quoted; goods to come by what promises foresee: in rank, beside all other promises.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from flowrack.promise.rules_case import Site
from flowrack.promise.rules_house import Reason, Trip, Work, first_trip


class HeldPart(NamedTuple):
    """Units that a quote holds: of stock, or (`is_committed` false) of what is to come; where they go, and the weekdays
    on the way that the customer's address names."""

    quote_id: int
    part_id: int
    item_id: int
    sku: str
    site_id: int
    units: int
    is_committed: bool
    ships_on: date
    region: str
    way: int | None


class Cover(NamedTuple):
    """When goods to come can leave (None: nobody can say), how many units are too late, and what brings the last."""

    on: date | None
    late: int
    name: str = ""


class Changed(NamedTuple):
    """Units that cannot leave on their day: when they can (None: nobody can say), and when they arrive then."""

    part: HeldPart
    ships_on: date | None
    arrives_on: date | None
    reason: Reason | None
    cover: Cover | None


IN_STOCK = Cover(date.min, 0)


def changed(part: HeldPart, site: Site, cover: Cover = IN_STOCK) -> Changed | None:
    """What became of the day of a part; None where it stands."""
    late = cover if cover.late else None
    if late is not None and late.on is None:
        return Changed(part, None, None, None, late)
    asked = leaves(site, part.ships_on, part.region, part.way)
    reason = asked.reasons[0] if asked is not None and asked.reasons else None
    can = asked
    if late is not None and late.on is not None:
        can = leaves(site, max(late.on, part.ships_on), part.region, part.way)
    if can is not None and can.ships_on == part.ships_on:
        return None
    return Changed(part, can.ships_on if can else None, can.arrives_on if can else None, reason, late)


def leaves(site: Site, on: date, region: str, way: int | None = None) -> Trip | None:
    """The first way on which something ready can leave a site from a day on, by its clock, calendar and cut-offs."""
    house = replace(site.house, hands=(), load={}, queue=0)
    first = max(on, site.now.date())
    return first_trip(house, Work(0), now=site.now, not_before=first, region=region, way=way)
