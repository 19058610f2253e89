"""How suppliers are measured: in time within a window, in full, how long it takes, what was faulty, at which price.

Every figure keeps its sample: a share its numerator and denominator, a spread the number of lines. Nothing to measure
is None, never 100 %. Percentiles are by nearest rank: the smallest value that at least so many of all do not exceed;
the median of an even number of values is the mean of the two in the middle; the deviation is that of a sample (n - 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

EARLY_DAYS = 2
LATE_DAYS = 0
FEW_LINES = 10
MILLION = Decimal(1_000_000)
HUNDREDTH = Decimal("0.01")


class Timing(StrEnum):
    """When a line was complete, against its promise and the window around it."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Window:
    """How many days before and after the promise still count as on time. No early limit = None."""

    early_days: int | None = EARLY_DAYS
    late_days: int = LATE_DAYS

    def judge(self, days_after: int) -> Timing:
        """What so many days after the promise (negative: before it) are."""
        if days_after > self.late_days:
            return Timing.LATE
        if self.early_days is not None and days_after < -self.early_days:
            return Timing.EARLY
        return Timing.ON_TIME


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the width of some whole numbers of days."""

    lines: int
    mean: Decimal
    median: Decimal
    p90: int
    deviation: Decimal | None  # None: one value has no spread


def spread(days: Iterable[int]) -> Spread | None:
    """The spread of days; None when there are none."""
    ordered = sorted(days)
    count = len(ordered)
    if not count:
        return None
    total, squares = sum(ordered), sum(x * x for x in ordered)
    middle = Decimal(ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    deviation = None
    if count > 1:
        deviation = (Decimal(count * squares - total * total) / (count * (count - 1))).sqrt()
    return Spread(count, Decimal(total) / count, middle, percentile(ordered, 90), deviation)


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The percentile of sorted values by nearest rank."""
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]


def is_in_full(*, ordered: int, received: int, under: int) -> bool:
    """Whether everything came that was ordered, but for what may be missing by agreement."""
    return received + under >= ordered


def ppm(defective: int, received: int) -> Decimal | None:
    """Defective units per million received, whole; None when nothing came."""
    if received <= 0:
        return None
    return (MILLION * defective / received).quantize(Decimal(1), rounding=ROUND_HALF_UP)


def price_variance(*, paid: Decimal, agreed: Decimal) -> Decimal | None:
    """How much more (negative: less) was paid than agreed, in percent of what was agreed, two places."""
    if agreed <= 0:
        return None
    return ((paid - agreed) * 100 / agreed).quantize(HUNDREDTH, rounding=ROUND_HALF_UP) + 0  # no sign of nothing


def lead_days(ordered_on: date | None, received_on: date | None) -> int | None:
    """Days from the order to the goods; None when a day is not known or the goods came before they were ordered."""
    if ordered_on is None or received_on is None or received_on < ordered_on:
        return None
    return (received_on - ordered_on).days


def histogram(days: Iterable[int], edges: Sequence[int]) -> list[int]:
    """How many values fall below the first edge, from each edge to the next, and from the last edge on."""
    counts = [0] * (len(edges) + 1)
    for value in days:
        counts[sum(1 for edge in edges if value >= edge)] += 1
    return counts
