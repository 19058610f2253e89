"""The level of a pick face over time: what is drawn from it when, exact to the second and without rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Draw:
    """Units that leave a face evenly between two moments.

    `slides`: nobody said when they begin to leave, or they should have begun: nobody draws them, so it gets later.
    """

    units: int
    from_at: datetime
    until_at: datetime
    slides: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A draw as it was told: `is_of_orders` when its units are part of what the orders say, which it only times."""

    units: int
    from_at: datetime
    until_at: datetime
    is_of_orders: bool


def seconds(at: datetime) -> int:
    """Whole seconds of a moment."""
    return int(at.timestamp())


def drawn(draws: Sequence[Draw], at: datetime) -> Fraction:
    """Units drawn until a moment."""
    return sum((_drawn(draw, seconds(at)) for draw in draws), Fraction(0))


def _drawn(draw: Draw, at: int) -> Fraction:
    start, end = seconds(draw.from_at), seconds(draw.until_at)
    if at >= end:
        return Fraction(draw.units)
    if at <= start:
        return Fraction(0)
    return Fraction(draw.units * (at - start), end - start)


def reached(draws: Sequence[Draw], units: Fraction | int) -> Fraction | None:
    """The second at which so many units have been drawn; None when they never are."""
    if sum(draw.units for draw in draws) < units:
        return None
    stops = sorted({seconds(at) for draw in draws for at in (draw.from_at, draw.until_at)})
    before, was = stops[0], Fraction(0)
    for stop in stops:
        here = sum((_drawn(draw, stop) for draw in draws), Fraction(0))
        if here >= units:
            return _between(before, was, stop, here, Fraction(units), draws)
        before, was = stop, here
    return Fraction(stops[-1])


def _between(before: int, was: Fraction, stop: int, here: Fraction, units: Fraction, draws: Sequence[Draw]) -> Fraction:
    """Where between two stops, at an even rate, the units are reached; what leaves at once leaves at the stop."""
    at_once = sum(draw.units for draw in draws if seconds(draw.from_at) == seconds(draw.until_at) == stop)
    even = here - at_once - was
    if units <= was or stop == before:
        return Fraction(stop if units > was else before)
    if units > was + even:
        return Fraction(stop)
    return before + (units - was) / even * (stop - before)


def floor_minute(second: Fraction) -> datetime:
    """The whole minute before: nothing may land after it."""
    return datetime.fromtimestamp(int(second // MINUTE) * MINUTE, UTC)


def ceil_minute(second: Fraction) -> datetime:
    """The whole minute after: nothing may land before it."""
    return datetime.fromtimestamp(int(-(-second // MINUTE)) * MINUTE, UTC)


def draws_ahead(told: Sequence[Told], *, of_orders: int, now: datetime, until: datetime) -> list[Draw]:
    """What will be drawn from now on.

    Orders draw `of_orders` units in all: those that a wave times in its window, the rest evenly until `until`. Other
    draws count for the part of their window that is still to come.
    """
    left, found = of_orders, []
    for one in sorted(told, key=lambda t: (t.from_at, t.until_at, t.units)):
        start = max(one.from_at, now)
        end = max(one.until_at, start)
        if one.is_of_orders:
            units = min(one.units, left)
            left -= units
        else:
            units = _still_to_come(one, now)
        if units > 0:
            is_behind = one.from_at < now or one.until_at <= now
            found.append(Draw(units, start, end, slides=one.is_of_orders and is_behind))
    if left > 0:
        found.append(Draw(left, now, max(until, now + timedelta(hours=1)), slides=True))
    return found


def _still_to_come(one: Told, now: datetime) -> int:
    gone = drawn([Draw(one.units, one.from_at, one.until_at)], now)
    return int(-(-(one.units - gone) // 1))
