"""Floors for the tests: a block of aisles between two cross aisles, with places where one wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.walks.rules_floor import Floor, along
from flowrack.walks.types import Aisle, Heading, Layout, OneWay, Point, Spot

DEPTH, APART = 20_000, 5_000


def block(
    places: Mapping[int, tuple[int, int]],
    *,
    aisles: int = 4,
    start: Point = (0, 0),
    end: Point | None = None,
    one_way: Sequence[OneWay] = (),
    middle: bool = False,
    loose: Mapping[int, Point] | None = None,
) -> Floor:
    """Aisles 0, 1, ... to the north, 5 m apart and 20 m long; places are (aisle, millimetres from the front)."""
    ways = [*one_way, *[OneWay.BOTH] * aisles]
    found = [
        Aisle(f"{n:02d}", APART * (n + 1), 0, Heading.NORTH, DEPTH, 1, 1_000, 500, one_way=ways[n])
        for n in range(aisles)
    ]
    width = APART * (aisles + 1)
    found += [Aisle(f"C{y}", 0, y, Heading.EAST, width, is_cross=True)
              for y in ((0, DEPTH // 2, DEPTH) if middle else (0, DEPTH))]  # fmt: skip
    spots = {key: Spot(*along(found[n], mm), n, mm) for key, (n, mm) in places.items()}
    spots |= {key: Spot(*point) for key, point in (loose or {}).items()}
    return Floor(Layout(1, tuple(found), spots, Spot(*start), Spot(*(start if end is None else end))))
