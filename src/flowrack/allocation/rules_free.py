"""How many units of an item are free at a site on each day, when all have what they have a claim on: the one rule by
which promises are given and the ladder tells whose a delivery is (ADR 0029). Pure.

Free on a day is the smallest balance from that day on, less safety stock and never below zero: the cumulative
available-to-promise with look-ahead. What a later claim needs before the next supply covers it is not free before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

HORIZON = timedelta(days=180)


class Change(NamedTuple):
    """Units that come (positive) or go (negative) on a day."""

    on: date
    units: int


class Step(NamedTuple):
    """From this day on so many units are free, and the balance is so high; both may be below those before."""

    on: date
    free: int
    balance: int


def claimed_on(promised_on: date | None, ship_on: date, policy: str) -> date:
    """From which day on a line claims its units: who was promised a day after the one on which it should leave could
    use what comes sooner, so it claims them from that one on. An order in one delivery waits for its last line
    whatever comes of the others: it claims them for the day that it was promised."""
    if promised_on is None:
        return ship_on
    return promised_on if policy == "complete" else min(promised_on, ship_on)


def counted(promised: Iterable[Change], waiting: Iterable[Change], *, today: date) -> list[Change]:
    """All claims on the day from which they count: what was promised, and what quotes hold, as `claimed_on` says. What
    waits and was told no day takes what they leave as soon as it comes, so it counts from today on, unless it is for
    after the horizon."""
    return [*promised, *(Change(today, one.units) for one in waiting if one.on <= today + HORIZON)]


def free_by_day(on_hand: int, changes: Iterable[Change], *, safety: int, today: date, until: date) -> list[Step]:
    """The steps of free units from today to `until`; the first is today's. Days between two steps are like the first.

    What was due before today counts today; what comes after `until` is not seen.
    """
    net: dict[date, int] = {today: 0}
    for change in changes:
        if change.on <= until:
            day = max(change.on, today)
            net[day] = net.get(day, 0) + change.units
    days = sorted(net)
    balances = []
    balance = on_hand
    for day in days:
        balance += net[day]
        balances.append(balance)
    steps: list[Step] = []
    lowest = balances[-1]
    for day, at in zip(reversed(days), reversed(balances), strict=True):
        lowest = min(lowest, at)
        steps.append(Step(day, max(0, lowest - safety), at))
    return steps[::-1]


def free_on(steps: Sequence[Step], day: date) -> int:
    """Units free on a day; none before the first step."""
    free = 0
    for step in steps:
        if step.on > day:
            break
        free = step.free
    return free


def first_with(steps: Sequence[Step], units: int) -> date | None:
    """The first day on which so many units are free; None within the horizon. Free units never fall with time."""
    return next((step.on for step in steps if step.free >= units), None)
