"""Arithmetic of figures: ratios with both parts kept, percentiles, and the geometry of small charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from flowrack.analytics.types import Trouble

HUNDRED = Decimal(100)
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with its parts, so that no average of averages is ever taken."""

    numerator: Decimal
    denominator: Decimal

    @property
    def value(self) -> Decimal | None:
        """The share, or None when there is nothing to divide by."""
        return None if self.denominator == 0 else self.numerator / self.denominator

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, one place; never rounded up to all nor down to nothing: 5,948 of 5,950 are 99.9."""
        value = self.value
        if value is None:
            return None
        found = (value * HUNDRED).quantize(TENTH, rounding=ROUND_HALF_UP)
        if 0 < value < 1:
            return min(max(found, TENTH), HUNDRED - TENTH)
        return found


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Ratio:
    """A ratio of two figures."""
    return Ratio(Decimal(numerator), Decimal(denominator))


def turns(cogs: Decimal, values: Sequence[Decimal], days: int) -> Decimal | None:
    """How often stock turns over in a year: cost of goods sold, scaled to 365 days, over the mean value of stock."""
    if not values or days <= 0:
        return None
    mean = sum(values, Decimal(0)) / len(values)
    if mean == 0:
        return None
    return (cogs * 365 / days / mean).quantize(TENTH, rounding=ROUND_HALF_UP)


RANK = {"now": 0, "today": 1, "week": 2}


def most_urgent(found: Sequence[Trouble], *, limit: int, of_kind: int) -> list[Trouble]:
    """At most `limit` troubles, the most urgent first, by money at risk within the same urgency.

    One of every kind comes first, then of one kind no more than `of_kind` before the others; what room is left goes
    to the rest. A hundred late orders do not hide the pallet that nobody knows.
    """
    ordered = sorted(found, key=lambda t: (RANK[t.when], -(t.at_risk or 0), t.since, t.name))
    seen: Counter[str] = Counter()
    heads: list[Trouble] = []
    first: list[Trouble] = []
    rest: list[Trouble] = []
    for trouble in ordered:
        seen[trouble.kind] += 1
        (heads if seen[trouble.kind] == 1 else first if seen[trouble.kind] <= of_kind else rest).append(trouble)
    chosen = [*heads, *first, *rest][:limit]
    return [trouble for trouble in ordered if trouble in chosen]


def polyline(values: Sequence[Decimal | int | None], *, width: int, height: int, pad: int = 4) -> list[tuple[str, str]]:
    """Points of a sparkline on its own scale, left to right, as text; gaps are left out."""
    known = [Decimal(v) for v in values if v is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    span = high - low or Decimal(1)
    inner_w, inner_h = Decimal(width - 2 - 6), Decimal(height - 2 * pad)
    step = inner_w / max(1, len(values) - 1)
    points = []
    for i, v in enumerate(values):
        if v is None:
            continue
        y = Decimal(height - pad) - (Decimal(v) - low) / span * inner_h if high != low else Decimal(height) / 2
        points.append((str((2 + i * step).quantize(TENTH)), str(y.quantize(TENTH))))
    return points


def segments(
    amounts: Sequence[Decimal | int], *, width: int, gap: int = 1, least: int = 2
) -> list[tuple[Decimal, Decimal]]:
    """(x, width) of stacked segments that fill `width`; every amount above zero is at least `least` wide."""
    shown = [Decimal(a) for a in amounts if a > 0]
    if not shown:
        return [(Decimal(0), Decimal(0)) for _ in amounts]
    room = Decimal(width - gap * (len(shown) - 1) - least * len(shown))
    total = sum(shown, Decimal(0))
    x = Decimal(0)
    placed = []
    for amount in amounts:
        if amount <= 0:
            placed.append((x, Decimal(0)))
            continue
        wide = least + Decimal(amount) / total * max(room, Decimal(0))
        placed.append((x.quantize(TENTH), wide.quantize(TENTH)))
        x += wide + gap
    return placed


def duration_words(minutes: Decimal | int | None) -> tuple[str, str]:
    """A duration as people say it: the number and its unit, ("2 h 52", "") or ("3.2", "days")."""
    if minutes is None:
        return "–", ""
    whole = int(Decimal(minutes).to_integral_value(rounding=ROUND_HALF_UP))
    if whole < 60:
        return str(whole), "min"
    if whole < 48 * 60:
        return f"{whole // 60} h {whole % 60:02d}", ""
    return str((Decimal(whole) / 1440).quantize(TENTH)), "days"


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of a bar chart, in pixels: a wide pale bar of what was planned, a slim dark one of what is done."""

    label: str
    x: Decimal
    wide: Decimal
    slim_x: Decimal
    slim: Decimal
    planned_y: Decimal
    planned_height: Decimal
    done_y: Decimal
    done_height: Decimal
    middle: Decimal
    planned: int
    done: int


def hour_bars(hours: Sequence[tuple[int, int, int]], *, width: int, height: int) -> list[Bar]:
    """Bars for (hour, planned, done), all on one scale from zero; `height` is that of the tallest bar."""
    if not hours:
        return []
    top = max(max(planned, done) for _, planned, done in hours) or 1
    slot = Decimal(width) / len(hours)
    wide, slim = (slot * 7 / 10).quantize(TENTH), (slot * 4 / 10).quantize(TENTH)
    bars = []
    for n, (hour, planned, done) in enumerate(hours):
        left = slot * n
        tall = [(Decimal(v) / top * height).quantize(TENTH) for v in (planned, done)]
        bars.append(
            Bar(
                label=f"{hour:02d}",
                x=(left + (slot - wide) / 2).quantize(TENTH),
                wide=wide,
                slim_x=(left + (slot - slim) / 2).quantize(TENTH),
                slim=slim,
                planned_y=height - tall[0],
                planned_height=tall[0],
                done_y=height - tall[1],
                done_height=tall[1],
                middle=(left + slot / 2).quantize(TENTH),
                planned=planned,
                done=done,
            )
        )
    return bars
