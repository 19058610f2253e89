"""The shapes of an answer to "When can I have 40?": options, their parts, and what binds each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import NamedTuple

from flowrack.promise.rules_case import Ask, Supply
from flowrack.promise.rules_house import Overload
from flowrack.promise.rules_lateness import Chance


class OptionKind(StrEnum):
    """The shape of an answer."""

    ONE_DAY = "one_day"
    SPLIT = "split"
    SUBSTITUTE = "substitute"


class Binding(StrEnum):
    """What would have to change for an earlier day."""

    SUPPLY = "supply"
    STOCK = "stock"
    HOUSE = "house"
    AHEAD = "ahead"
    WISH = "wish"


class Bound(NamedTuple):
    """The one thing that binds a part: a supply by name and day, free units, a reason of the house, or the clock."""

    kind: Binding
    name: str = ""
    on: date | None = None
    units: int = 0
    why: str = ""
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Units that leave one site on one day, with what they need; `stands_for` units of what was asked."""

    item_id: int
    sku: str
    units: int
    stands_for: int
    site_id: int
    site: str
    on_hand: int
    supplies: tuple[Supply, ...]
    ships_on: date
    cut_off: time
    service: str
    arrives_on: date
    bound: Bound
    chance: Chance | None


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve the ask. Without parts it is not possible: `misses` units are nowhere to be had, `most` can be
    there on a day. Where several sites are sooner than one, `alone` is what the one could do."""

    kind: OptionKind
    parts: tuple[Part, ...]
    misses: int = 0
    days_late: int = 0
    p50: date | None = None
    p90: date | None = None
    needs_consent: bool = False
    same_as: OptionKind | None = None
    most: int = 0
    most_on: date | None = None
    alone: Part | None = None

    @property
    def arrives_on(self) -> date | None:
        """When the last of it arrives."""
        return max((part.arrives_on for part in self.parts), default=None)

    @property
    def ships_on(self) -> date | None:
        """When the last of it leaves."""
        return max((part.ships_on for part in self.parts), default=None)

    @property
    def bound(self) -> Bound | None:
        """What binds the last part."""
        last = max(self.parts, key=lambda part: part.arrives_on, default=None)
        return last.bound if last else None


class Leaving(NamedTuple):
    """How the first option of an ask goes, and no more: when all of it leaves and is there, None where nobody can say,
    and what is claimed for it, as (item, site, units, day)."""

    ships_on: date | None
    arrives_on: date | None
    claims: tuple[tuple[int, int, int, date], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The options for one ask, and the first day that the wish would overload."""

    ask: Ask
    options: tuple[Option, ...]
    overload: Overload | None = None

    @property
    def leaving(self) -> Leaving:
        """How the first option goes; where it is not possible, what leaves in parts is claimed all the same."""
        first, split = self.options[:2]
        parts = first.parts or split.parts
        claims = tuple((part.item_id, part.site_id, part.units, part.ships_on) for part in parts)
        return Leaving(first.ships_on, first.arrives_on, claims)

    def option(self, kind: OptionKind) -> Option | None:
        """The option of a kind, if it is possible."""
        return next((o for o in self.options if o.kind == kind and o.parts), None)


def leaving_of(one: Answer | Leaving) -> Leaving:
    """How the first option goes, whether or not all of them were worked out."""
    return one.leaving if isinstance(one, Answer) else one
