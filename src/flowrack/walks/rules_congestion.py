"""How full aisles are: who is working in which, and where one more person would be too many. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flowrack.walks.types import Layout


@dataclass(frozen=True, slots=True)
class Occupancy:
    """An aisle and how many people are in it; `most_people` 0 is no limit."""

    aisle: int
    code: str
    people: int
    most_people: int

    @property
    def is_full(self) -> bool:
        """Whether nobody more should be sent there."""
        return 0 < self.most_people <= self.people


def occupancy(layout: Layout, at: Iterable[int]) -> list[Occupancy]:
    """How many people are in each aisle that has a limit or somebody in it; `at` is where each person works now."""
    people = Counter(layout.spots[location].aisle for location in at if location in layout.spots)
    return [
        Occupancy(n, aisle.code, people[n], aisle.most_people)
        for n, aisle in enumerate(layout.aisles)
        if people[n] or aisle.most_people
    ]


def full_aisles(layout: Layout, at: Iterable[int], *, most_people: int = 0) -> frozenset[int]:
    """The aisles where one more person would be too many; `most_people` is for those without a limit of their own."""
    return frozenset(
        one.aisle
        for one in occupancy(layout, at)
        if one.is_full or (one.most_people == 0 and 0 < most_people <= one.people)
    )


def in_full_aisles(layout: Layout, places: Iterable[int], full: Collection[int]) -> int:
    """How many of these places lie in full aisles: of two lists the one with fewer is given out first."""
    return sum(layout.spots[place].aisle in full for place in places if place in layout.spots)
