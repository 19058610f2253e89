"""What fits before the cut-offs and what waits: the least penalty that the hands allow. Pure.

Work up to each cut-off must fit into the hands up to it. People of a zone work only there, others anywhere, so a
zone's work beyond its own people draws on the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

ANYWHERE = 0
FINE = 1_000_000


class Unit(NamedTuple):
    """What goes or waits as one (an order, or a line): its work by zone, the window by which it must be picked, and the
    points that waiting costs. `fixed` holds what a person decided: 1 goes, -1 waits."""

    key: int
    window: int
    seconds: tuple[tuple[int, int], ...]
    points: int
    fixed: int = 0

    @property
    def work(self) -> int:
        """Seconds of one person."""
        return sum(seconds for _, seconds in self.seconds)


# Seconds of hands up to each window's end, by zone (0 = people who work anywhere). None = nobody said who works.
Hands = Sequence[Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Fit:
    """The keys of what waits, the points that it costs, and the points below which no plan can be, if that is known."""

    waiting: frozenset[int]
    points: int
    method: str
    bound: int = 0

    @property
    def gap(self) -> int:
        """By how many thousandths of its points the plan may be too dear."""
        return 0 if self.points <= self.bound else (self.points - self.bound) * 1000 // self.points


class Load:
    """Work before each window's end, by zone, against the hands."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.work: list[defaultdict[int, int]] = [defaultdict(int) for _ in hands]

    def add(self, unit: Unit, sign: int = 1) -> None:
        """Work of a unit counts from its window on."""
        for window in range(unit.window, len(self.hands)):
            for zone, seconds in unit.seconds:
                self.work[window][zone] += sign * seconds

    def over(self, window: int) -> int:
        """Seconds that the hands lack up to a window."""
        hands = self.hands[window]
        beyond = sum(max(0, work - hands.get(zone, 0)) for zone, work in self.work[window].items() if zone)
        return beyond + self.work[window].get(ANYWHERE, 0) - hands.get(ANYWHERE, 0)

    def is_short(self, window: int, zone: int) -> bool:
        """Whether less work in a zone would free hands up to a window."""
        return zone == ANYWHERE or self.work[window][zone] > self.hands[window].get(zone, 0)

    def has_room(self, unit: Unit) -> bool:
        """Whether one more fits up to every window."""
        self.add(unit)
        fits = all(self.over(window) <= 0 for window in range(unit.window, len(self.hands)))
        self.add(unit, -1)
        return fits


def greedy(units: Sequence[Unit], hands: Hands) -> Fit:
    """An answer at once: the cheapest work waits until the hands reach; what still fits then goes after all."""
    load = Load(hands)
    going = {unit.key: unit for unit in units if unit.fixed >= 0}
    for unit in going.values():
        load.add(unit)
    cheapest = sorted(going.values(), key=_by_price)
    waiting = {unit.key: unit for unit in units if unit.fixed < 0}
    for window in range(len(hands)):
        if load.over(window) <= 0:
            continue
        for unit in cheapest:
            if unit.window > window or unit.key in waiting or unit.fixed:
                continue
            if any(load.is_short(window, zone) for zone, _ in unit.seconds):
                waiting[unit.key] = unit
                load.add(unit, -1)
                if load.over(window) <= 0:
                    break
    for unit in sorted(waiting.values(), key=lambda u: (-u.points, u.key)):
        if not unit.fixed and load.has_room(unit):
            load.add(unit)
            del waiting[unit.key]
    points = sum(unit.points for unit in waiting.values())
    return Fit(frozenset(waiting), points, "greedy")


def _by_price(unit: Unit) -> tuple[int, int]:
    """Points for each second that waiting saves; of equals the newest waits first."""
    return (unit.points * FINE // max(1, unit.work), -unit.key)


def alike(units: Iterable[Unit]) -> dict[tuple[int, tuple[tuple[int, int], ...], int], list[Unit]]:
    """Free units of the same window, work and points: it does not matter which of them waits. The newest first."""
    kinds: dict[tuple[int, tuple[tuple[int, int], ...], int], list[Unit]] = {}
    for unit in sorted((u for u in units if not u.fixed), key=lambda u: -u.key):
        kinds.setdefault((unit.window, unit.seconds, unit.points), []).append(unit)
    return kinds
