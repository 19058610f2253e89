"""What follows when a planned wave leaves at another time: hands and work up to each cut-off, before and after. Pure;
times are the site's own clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flowrack.waves.drawing import day_word, hours
from flowrack.waves.rules_hands import SECOND, Crew, seconds_until


class Leaving(NamedTuple):
    """A wave that is still planned: its id, its times and its seconds of work."""

    plan_wave_id: int
    cut_off_at: datetime
    pick_until: datetime
    seconds: int


class Truck(NamedTuple):
    """A truck that orders of the wave are planned on."""

    number: str
    leaves_at: datetime
    orders: int


@dataclass(frozen=True, slots=True)
class Room:
    """A time by which work must be picked: seconds of hands from now, on the floor, planned before and after."""

    cut_off_at: datetime
    pick_until: datetime
    hands: int
    floor: int
    before: int
    after: int

    @property
    def free(self) -> int:
        """Seconds of hands that nothing needs then; less than nothing: work for which there are no hands."""
        return self.hands - self.floor - self.after

    @property
    def minutes(self) -> tuple[int, int, int, int, int]:
        """Hands, floor, planned before and after, and what is free, in minutes of one person that add up."""
        floor, hands = _minutes(self.floor), _minutes(self.hands)
        before, after = (_minutes(self.floor + seconds) - floor for seconds in (self.before, self.after))
        return (hands, floor, before, after, hands - floor - after)


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def rooms(
    crew: Crew,
    now: datetime,
    floor: Mapping[tuple[datetime, int], int],
    before: Sequence[Leaving],
    after: Sequence[Leaving],
) -> list[Room]:
    """Each time by which something must be picked before or after; work counts from now up to it."""
    ends: dict[datetime, datetime] = {}
    for one in sorted([*before, *after], key=lambda one: one.cut_off_at, reverse=True):
        ends[one.pick_until] = one.cut_off_at
    times = sorted(ends)
    found = []
    for end, hands in zip(times, seconds_until(crew, now, times), strict=True):
        on_floor = sum(seconds for (until, _), seconds in floor.items() if until <= end)
        sums = [sum(one.seconds for one in of if one.pick_until <= end) for of in (before, after)]
        found.append(Room(ends[end], end, sum(hands.values()), on_floor, *sums))
    return found


def not_aboard(truck: str, aboard: int, orders: int) -> str:
    """A wave is to leave with a truck that is not to take all of its orders."""
    if aboard:
        others = "the other one" if orders - aboard == 1 else "the others"
        return f"{truck} has {aboard:,} of its {orders:,} orders: plan {others} on that truck, too."
    if orders == 1:
        return f"{truck} does not have its order: plan it on that truck, too."
    return f"{truck} has none of its {orders:,} orders: plan them on that truck, too."


def consequences(
    was: Leaving,
    new: Leaving,
    of: Sequence[Room],
    trucks: Sequence[Truck],
    *,
    planned_for: datetime,
    service: str,
    knows_hands: bool,
    now: datetime,
) -> list[str]:
    """What the planner must know before the wave moves, in sentences; the worst first."""
    said = []
    if new.pick_until <= now:
        said.append(f"It had to be picked until {day_word(new.pick_until, now)}: that is over.")
    for room in of if knows_hands else ():
        if room.free < 0 and room.after > room.before:
            until = day_word(room.pick_until, now)
            said.append(f"Until {until} the people are short of {hours(-room.free)} of work: something is late.")
    if new.cut_off_at > planned_for:
        whose = service or "The departure"
        said.append(f"{whose} leaves at {day_word(planned_for, now)}: what is ready later misses it, unless it waits.")
    for truck in trucks:
        if truck.leaves_at < new.cut_off_at:
            orders = f"{truck.orders:,} of its orders {'is' if truck.orders == 1 else 'are'} on it"
            said.append(f"{truck.number} leaves at {day_word(truck.leaves_at, now)}, before this; {orders}.")
    word = "earlier" if new.pick_until < was.pick_until else "later"
    said.append(
        f"It must be picked until {day_word(new.pick_until, now)} instead of {day_word(was.pick_until, now)}: "
        f"{hours(abs(new.pick_until - was.pick_until) // SECOND)} {word}."
    )
    if knows_hands and not any(room.free < 0 for room in of):
        said.append("The people reach for all that is planned.")
    if not knows_hands:
        said.append("Nobody has said how many people pick, so nobody knows whether they reach.")
    return said
