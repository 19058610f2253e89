"""The numbers of receiving: what was asked, and each figure with both its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flowrack.analytics.rules import Ratio, ratio

EARLY_MINUTES = 60
LATE_MINUTES = 15
QUARTER_HOURS = 4  # in an hour


@dataclass(frozen=True, slots=True)
class InboundAsked:
    """The business days `start` to `end` of each site, both included; of a site and a supplier (0 = all), as of `now`.

    A truck is punctual from `early_minutes` before its slot to `late_minutes` after the slot has begun.
    """

    start: date
    end: date
    now: datetime
    site_id: int = 0
    supplier_id: int = 0
    early_minutes: int = EARLY_MINUTES
    late_minutes: int = LATE_MINUTES

    @property
    def params(self) -> dict[str, Any]:
        """What the statements need."""
        return {
            "start": self.start, "end": self.end, "now": self.now, "site": self.site_id, "supplier": self.supplier_id,
            "early": self.early_minutes, "late": self.late_minutes,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepTime:
    """Minutes of one step: of how many pallets (or loose lines), all together, and the nearest-rank percentiles."""

    key: str
    pallets: int
    minutes: Decimal
    p50: Decimal | None
    p90: Decimal | None


@dataclass(frozen=True, slots=True)
class DockToStock:
    """The steps of the pallets that were put away in a period, or in one week of it (its Monday)."""

    week: date | None
    pallets: int
    steps: dict[str, StepTime]
    suggested: int
    overridden: int

    @property
    def overrides(self) -> Ratio:
        """Pallets that went to another bin than the one suggested, of those for which one was suggested."""
        return ratio(self.overridden, self.suggested)


@dataclass(frozen=True, slots=True)
class Productivity:
    """Lines, units and pallets counted in a period, or a week of it, and the labour in them."""

    week: date | None
    lines: int
    units: int
    pallets: int
    faulty_lines: int
    quarters: int | None  # None: labour is not split by supplier

    @property
    def hours(self) -> Decimal | None:
        """Labour hours."""
        return None if self.quarters is None else Decimal(self.quarters) / QUARTER_HOURS

    @property
    def lines_per_hour(self) -> Ratio | None:
        """Receipt lines per labour hour."""
        return None if self.hours is None else ratio(self.lines, self.hours)

    @property
    def discrepancies(self) -> Ratio:
        """Receipt lines with a discrepancy, of those counted."""
        return ratio(self.faulty_lines, self.lines)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Trucks whose slot began in a period: how each kept it. Walk-ins had none."""

    on_time: int = 0
    early: int = 0
    late: int = 0
    no_show: int = 0
    undecided: int = 0
    walk_in: int = 0

    @property
    def share(self) -> Ratio:
        """Punctual trucks of those decided."""
        return ratio(self.on_time, self.on_time + self.early + self.late + self.no_show)


@dataclass(frozen=True, slots=True)
class Standing:
    """Units of a state on their way into stock, by age; the ledger's figure, and what no record tells the age of."""

    state: str
    units: int
    by_age: tuple[int, ...]

    @property
    def ageless(self) -> int:
        """Units of which no open record says since when they stand."""
        return max(self.units - sum(self.by_age), 0)


@dataclass(frozen=True, slots=True)
class InboundFigures:
    """All numbers of receiving of a period, and those of its weeks."""

    asked: InboundAsked
    dock_to_stock: DockToStock
    weeks: list[DockToStock]
    productivity: Productivity
    productivity_weeks: list[Productivity]
    punctuality: Punctuality
    kinds: list[tuple[str, int, int]]  # kind of discrepancy, how many, units
    reasons: list[tuple[str, int]]  # why another bin, how many pallets
    standing: list[Standing]
