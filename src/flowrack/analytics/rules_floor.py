"""The numbers of picking, packing and sending: what was asked, and each figure with both its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flowrack.analytics.rules import Ratio, ratio


@dataclass(frozen=True, slots=True)
class FloorAsked:
    """The business days `start` to `end` of each site, both included; of a site (0 = all), as of `now`."""

    start: date
    end: date
    now: datetime
    site_id: int = 0

    @property
    def params(self) -> dict[str, Any]:
        """What the statements need."""
        return {"start": self.start, "end": self.end, "now": self.now, "site": self.site_id}


@dataclass(frozen=True, slots=True)
class Picked:
    """Picking by lists of one method and kind of unit, or of all, in the period or in one week of it (its Monday).

    `seconds` run from the taking of a list to its last pick, of lists that somebody took (`timed_lines`: a system may
    confirm picks without that); `plain_mm` is the walk in the order of the bins, of the lists that have
    `walk_mm`.
    """

    method: str
    unit_kind: str
    week: date | None
    lists: int
    lines: int
    units: int
    seconds: int
    timed_lines: int
    walk_mm: int
    plain_mm: int

    @property
    def lines_an_hour(self) -> Decimal | None:
        """Lines picked for each hour of work; None where no time was measured."""
        return rate(self.timed_lines * 3_600, self.seconds)

    @property
    def saved(self) -> Ratio:
        """The share of the walk in the order of the bins that was spared; below zero where the walk was longer."""
        return ratio(self.plain_mm - self.walk_mm, self.plain_mm)


def rate(numerator: int | Decimal, denominator: int) -> Decimal | None:
    """A quotient with one decimal; None where there is nothing to divide by."""
    return (Decimal(numerator) / denominator).quantize(Decimal("0.1")) if denominator else None


@dataclass(frozen=True, slots=True)
class FloorFigures:
    """All numbers of picking, packing and sending of a period.

    Shares are (numerator, denominator). Waits are picks that waited for a refill: how many minutes at the median and
    for nine in ten. `filled_cartons` of the `cartons` have a known type and fill. Money is in the currency of the
    house: of `sent_lines`, `priced_lines` were sent with a known freight and `boxed_lines` in cartons of a known type.
    """

    asked: FloorAsked
    whole: Picked
    methods: list[Picked]
    weeks: list[Picked]
    short: Ratio
    right: Ratio
    waves_on_time: Ratio
    waited: Ratio
    wait_p50: Decimal | None
    wait_p90: Decimal | None
    filled_permille: int | None
    cartons: int
    filled_cartons: int
    as_planned: Ratio
    weight_right: Ratio
    scanned: Ratio
    punctual: Ratio
    left_behind: Ratio
    freight: Decimal
    carton_cost: Decimal
    sent_lines: int
    priced_lines: int
    boxed_lines: int

    @property
    def freight_a_line(self) -> Decimal | None:
        """Freight for each line of which the freight is known."""
        return _each(self.freight, self.priced_lines)

    @property
    def carton_a_line(self) -> Decimal | None:
        """Cost of cartons for each line that was sent in a carton of a known type."""
        return _each(self.carton_cost, self.boxed_lines)

    @property
    def cost_a_line(self) -> Decimal | None:
        """Freight and carton of a line, each by the lines of which it is known; labour has no price in Flowrack."""
        known = [one for one in (self.freight_a_line, self.carton_a_line) if one is not None]
        return sum(known, Decimal(0)) if known else None


def _each(cost: Decimal, lines: int) -> Decimal | None:
    return (cost / lines).quantize(Decimal("0.01")) if lines else None
