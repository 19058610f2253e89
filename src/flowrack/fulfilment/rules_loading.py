"""How goods fill a box: blocks of one kind of good, in the greatest free spaces that are left. Pure and deterministic.

    load((400, 300, 200), [Goods(key=1, sides=(100, 80, 60), units=12)]) -> Load

Everything stands on the floor or wholly on one block below it, so that what is drawn can be packed by hand. The method
is that of the greatest free spaces with blocks (Parreño, Alvarez-Valdés, Tamarit, Oliveira 2008, "A maximal-space
algorithm for the container loading problem"), with full support; lengths are mm, weights g, all whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from operator import itemgetter
from random import Random
from typing import NamedTuple

Sides = tuple[int, int, int]
ANY_WAY_UP = (True, True, True)
UPRIGHT = (False, False, True)
ORDERS = ((2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 2, 0), (0, 1, 2), (1, 0, 2))  # which side of a block grows first
FLOOR = -1
LEAST_LUCK, MOST_LUCK = 70, 100  # percent by which a later try weighs the volume of a block


class Goods(NamedTuple):
    """Equal units: their sides, which of these may be upright, and what one bears on its top (None: any weight)."""

    key: int
    sides: Sides
    units: int
    weight_g: int = 0
    may_stand: tuple[bool, bool, bool] = ANY_WAY_UP
    bears_g: int | None = None


class Block(NamedTuple):
    """Units of one good side by side: the corner nearest to the origin, a unit's sides as it lies, how many."""

    key: int
    corner: Sides
    sides: Sides
    many: Sides

    @property
    def units(self) -> int:
        return self.many[0] * self.many[1] * self.many[2]

    @property
    def far(self) -> Sides:
        """The corner opposite to `corner`."""
        (x, y, z), (a, b, c), (i, j, k) = self.corner, self.sides, self.many
        return x + a * i, y + b * j, z + c * k


class Space(NamedTuple):
    """A greatest free cuboid, and the number of the block on which all of its base lies (FLOOR: on the floor)."""

    x0: int
    y0: int
    z0: int
    x1: int
    y1: int
    z1: int
    base: int


@dataclass(slots=True)
class Load:
    """What lies where, and the units of each good that found no place. `volume` is that of the goods, in mm³."""

    blocks: list[Block] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    volume: int = 0
    weight_g: int = 0

    @property
    def is_whole(self) -> bool:
        return not any(self.left)


class _Kind(NamedTuple):
    """A good as the loader needs it: the ways it may lie, its volume."""

    goods: Goods
    ways: tuple[Sides, ...]
    volume: int
    least: int


def load(inside: Sides, goods: Sequence[Goods], max_weight_g: int | None = None, tries: int = 4) -> Load:
    """The fullest of up to `tries` loads; the first that holds everything is taken at once."""
    kinds = [_Kind(one, ways(one), _volume(one.sides), min(one.sides)) for one in goods]
    best = Load(left=[one.units for one in goods])
    for attempt in range(tries):
        found = _Loader(inside, kinds, max_weight_g, attempt).fill()
        if found.volume > best.volume:
            best = found
        if found.is_whole:
            return found
    return best


def ways(goods: Goods) -> tuple[Sides, ...]:
    """How a unit may lie: length, width and height as seen in the box, without repeats."""
    return _ways(goods.sides, goods.may_stand)


@lru_cache(maxsize=1 << 14)
def _ways(sides: Sides, may_stand: tuple[bool, bool, bool]) -> tuple[Sides, ...]:
    found = {(sides[a], sides[b], sides[up]) for a, b, up in permutations(range(3)) if may_stand[up]}
    return tuple(sorted(found))


class _Loader:
    """One attempt: the free spaces, what is left and what the blocks below may still bear."""

    def __init__(self, inside: Sides, kinds: list[_Kind], max_weight_g: int | None, attempt: int) -> None:
        self.inside, self.kinds = inside, kinds
        self.luck = Random(attempt) if attempt > 1 else None
        self.by_corner = attempt % 2 == 0
        self.spaces = [Space(0, 0, 0, *inside, FLOOR)]
        self.load = Load(left=[one.goods.units for one in kinds])
        self.room_g = max_weight_g
        self.bears: list[int | None] = []  # what each block may still carry
        self.below: list[int] = []  # the block on which each block stands

    def fill(self) -> Load:
        while self.spaces and any(self.load.left):
            space = self._next_space()
            found = self._best(space)
            if found is None:
                self.spaces.remove(space)
                continue
            n, sides, count = found
            self._place(space, n, sides, count)
        return self.load

    def _next_space(self) -> Space:
        if not self.by_corner:
            return min(self.spaces, key=itemgetter(0, 2, 1, 3, 4, 5))
        length, width, _ = self.inside
        return min(
            self.spaces,
            key=lambda s: (
                sorted((min(s.x0, length - s.x1), min(s.y0, width - s.y1), s.z0)),
                (s.x0 - s.x1) * (s.y1 - s.y0) * (s.z1 - s.z0),
                s,
            ),
        )

    def _best(self, space: Space) -> tuple[int, Sides, Sides] | None:
        """The block of the greatest volume for this space, the lowest of equal ones; what bears nothing comes last."""
        room = (space.x1 - space.x0, space.y1 - space.y0, space.z1 - space.z0)
        allowed_g = self._allowed_g(space.base)
        best, most = None, (-1, -1, 0)
        for n, kind in enumerate(self.kinds):
            units = self.load.left[n]
            weight = kind.goods.weight_g
            if units and allowed_g is not None and weight:
                units = min(units, allowed_g // weight)
            if not units:
                continue
            bears = kind.goods.bears_g
            sturdy = 0 if bears == 0 else 1
            for way in kind.ways:
                high = room[2] // way[2]
                if bears is not None and weight:
                    high = min(high, bears // weight + 1)
                elif bears == 0:
                    high = min(high, 1)
                along, across = min(room[0] // way[0], units), min(room[1] // way[1], units)
                if not along or not across or not high:
                    continue
                bound = min(along * across * high, units) * kind.volume
                if (sturdy, bound if self.luck is None else bound * MOST_LUCK) < most[:2]:
                    continue
                for count in _blocks(along, across, min(high, units), units):
                    volume = count[0] * count[1] * count[2] * kind.volume
                    if self.luck is not None:
                        volume *= self.luck.randrange(LEAST_LUCK, MOST_LUCK)
                    if (sturdy, volume, -count[2] * way[2]) > most:
                        most, best = (sturdy, volume, -count[2] * way[2]), (n, way, count)
        return best

    def _allowed_g(self, base: int) -> int | None:
        """The weight that may still come onto a block and into the box; None: any."""
        allowed = self.room_g
        while base != FLOOR:
            bears = self.bears[base]
            if bears is not None and (allowed is None or bears < allowed):
                allowed = bears
            base = self.below[base]
        return allowed

    def _place(self, space: Space, n: int, sides: Sides, count: Sides) -> None:
        goods = self.kinds[n].goods
        long, wide = sides[0] * count[0], sides[1] * count[1]
        x = space.x0 if space.x0 <= self.inside[0] - space.x1 or not self.by_corner else space.x1 - long
        y = space.y0 if space.y0 <= self.inside[1] - space.y1 or not self.by_corner else space.y1 - wide
        block = Block(goods.key, (x, y, space.z0), sides, count)
        weight = block.units * goods.weight_g
        if self.room_g is not None:
            self.room_g -= weight
        base = space.base
        while base != FLOOR:
            bears = self.bears[base]
            if bears is not None:
                self.bears[base] = bears - weight
            base = self.below[base]
        bears = goods.bears_g
        self.bears.append(None if bears is None else bears - (count[2] - 1) * goods.weight_g)
        self.below.append(space.base)
        self.load.left[n] -= block.units
        self.load.blocks.append(block)
        self.load.volume += block.units * self.kinds[n].volume
        self.load.weight_g += weight
        least = min((kind.least for kind, units in zip(self.kinds, self.load.left, strict=True) if units), default=0)
        self.spaces = cut(self.spaces, block, len(self.bears) - 1, least)


@lru_cache(maxsize=1 << 16)
def _blocks(along: int, across: int, high: int, units: int) -> tuple[Sides, ...]:
    """The blocks of at most so many units that fit, the largest first: one for each order in which the sides grow."""
    most = (along, across, high)
    if along * across * high <= units:
        return (most,)
    found = []
    for order in ORDERS:
        count, rest = [1, 1, 1], units
        for side in order:
            count[side] = min(most[side], rest)
            rest //= count[side]
        block = (count[0], count[1], count[2])
        if block not in found:
            found.append(block)
    return tuple(sorted(found, key=lambda b: -b[0] * b[1] * b[2]))


def cut(spaces: Sequence[Space], block: Block, number: int, least: int) -> list[Space]:
    """The greatest free spaces after a block came in; those too narrow for anything (`least`) are dropped.

    Nothing is free below a block: it stands on the floor or on another.
    """
    (bx0, by0, bz0), (bx1, by1, bz1) = block.corner, block.far
    kept, new = [], []
    for space in spaces:
        x0, y0, z0, x1, y1, z1, base = space
        if bx0 >= x1 or bx1 <= x0 or by0 >= y1 or by1 <= y0 or bz0 >= z1 or bz1 <= z0:
            kept.append(space)
            continue
        if bx0 - x0 >= least and bx0 > x0:
            new.append(Space(x0, y0, z0, bx0, y1, z1, base))
        if x1 - bx1 >= least and x1 > bx1:
            new.append(Space(bx1, y0, z0, x1, y1, z1, base))
        if by0 - y0 >= least and by0 > y0:
            new.append(Space(x0, y0, z0, x1, by0, z1, base))
        if y1 - by1 >= least and y1 > by1:
            new.append(Space(x0, by1, z0, x1, y1, z1, base))
        if z1 - bz1 >= least and z1 > bz1:
            top = Space(max(x0, bx0), max(y0, by0), bz1, min(x1, bx1), min(y1, by1), z1, number)
            if top.x1 - top.x0 >= least and top.y1 - top.y0 >= least:
                new.append(top)
    new = sorted(set(new), key=lambda s: ((s.x0 - s.x1) * (s.y1 - s.y0) * (s.z1 - s.z0), s))
    for space in new:
        if not any(_holds(other, space) for other in kept):
            kept.append(space)
    return kept


def _holds(outer: Space, inner: Space) -> bool:
    return (
        outer.x0 <= inner.x0
        and outer.y0 <= inner.y0
        and outer.z0 <= inner.z0
        and outer.x1 >= inner.x1
        and outer.y1 >= inner.y1
        and outer.z1 >= inner.z1
    )


def _volume(sides: Sides) -> int:
    return sides[0] * sides[1] * sides[2]
