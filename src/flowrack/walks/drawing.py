"""The floor as a picture: racks, aisles, doors and staging from above, and a walk drawn on it. Server-drawn SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flowrack.walks.rules_floor import Floor, along, is_upright
from flowrack.walks.types import Aisle, OneWay, PlaceRow, Point, Spot

WIDTH, TALLEST, MARGIN = 1_392, 820, 28
RACK_MM = 1_100
MOST_MARKS, MOST_NAMES = 6_000, 60
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """From millimetres of the floor to pixels of the picture. North is up, or to the right on a floor that is long."""

    box: Box
    across: int  # millimetres that fit into so many pixels
    pixels: int
    is_turned: bool

    def length(self, mm: int) -> int:
        """So many pixels."""
        return mm * self.pixels // self.across

    def at(self, point: Point) -> Point:
        """Where a point of the floor lies in the picture."""
        left, bottom, _, top = self.box
        if self.is_turned:
            return MARGIN + self.length(point[1] - bottom), MARGIN + self.length(point[0] - left)
        return MARGIN + self.length(point[0] - left), MARGIN + self.length(top - point[1])

    def is_up(self, aisle: Aisle) -> bool:
        """Whether the aisle runs up or down in the picture."""
        return is_upright(aisle) != self.is_turned

    @property
    def height(self) -> int:
        """Of the picture."""
        left, bottom, right, top = self.box
        return self.length(right - left if self.is_turned else top - bottom) + 2 * MARGIN


def floor_plan(
    floor: Floor, places: Sequence[PlaceRow], walk: Sequence[int] = (), *, label: str = "Floor plan"
) -> SafeString:
    """The floor with its places; `walk` are locations in the order in which they are visited."""
    scale = _scale(_box(floor, places))
    return format_html(
        '<svg class="floor" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        WIDTH, scale.height, label,
        _racks(floor.aisles, scale),
        _aisles(floor.aisles, scale),
        _marks(floor, scale),
        _others(floor, places, scale),
        _walk(floor, walk, scale),
        format_html('<text class="fl-north" x="{}" y="18">north {}</text>', WIDTH - 8, "→" if scale.is_turned else "↑"),
    )  # fmt: skip


def _box(floor: Floor, places: Sequence[PlaceRow]) -> Box:
    """Left, bottom, right and top of all that is drawn."""
    points = [along(aisle, mm) for aisle in floor.aisles for mm in (0, aisle.length_mm)]
    points += [(spot.x_mm, spot.y_mm) for spot in (floor.layout.start, floor.layout.end)]
    points += [(spot.x_mm, spot.y_mm) for place in places for spot in [floor.layout.spots[place.location_id]]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - 3_000, min(ys) - 2_000, max(xs) + 3_000, max(ys) + 3_000


def _scale(box: Box) -> Scale:
    """The larger of both ways to lay the floor into the picture; north stays up unless turning gains a good deal."""
    left, bottom, right, top = box
    plain = _fit(right - left, top - bottom)
    turned = _fit(top - bottom, right - left)
    if turned[1] * plain[0] * 10 > plain[1] * turned[0] * 13:
        return Scale(box, *turned, is_turned=True)
    return Scale(box, *plain, is_turned=False)


def _fit(wide: int, tall: int) -> tuple[int, int]:
    """Millimetres and the pixels that they get, so that both sides fit."""
    if tall * (WIDTH - 2 * MARGIN) > wide * (TALLEST - 2 * MARGIN):
        return tall, TALLEST - 2 * MARGIN
    return wide, WIDTH - 2 * MARGIN


def _strip(aisle: Aisle, first: int, last: int, off: int, width: int, scale: Scale) -> str:
    """A rectangle along an aisle, `off` millimetres beside its middle, as a path."""
    (x1, y1), (x2, y2) = along(aisle, first), along(aisle, last)
    if is_upright(aisle):
        corners = [(x1 + off - width // 2, y1), (x2 + off + width // 2, y2)]
    else:
        corners = [(x1, y1 + off - width // 2), (x2, y2 + off + width // 2)]
    (a, b), (c, d) = (scale.at(corner) for corner in corners)
    return f"M{a} {b}H{c}V{d}H{a}Z"


def _racks(aisles: Sequence[Aisle], scale: Scale) -> SafeString:
    """Racks on both sides of the aisles, where there are bays."""
    paths = [
        _strip(aisle, max(aisle.first_bay_mm - aisle.bay_mm // 2, 0), aisle.length_mm - aisle.first_bay_mm
               + aisle.bay_mm // 2 if 2 * aisle.first_bay_mm < aisle.length_mm else aisle.length_mm,
               side * (aisle.width_mm + RACK_MM) // 2, RACK_MM, scale)
        for aisle in aisles if not aisle.is_cross for side in (-1, 1)
    ]  # fmt: skip
    return format_html('<path class="fl-rack" d="{}"/>', "".join(paths))


def _aisles(aisles: Sequence[Aisle], scale: Scale) -> SafeString:
    ways = "".join(_strip(aisle, 0, aisle.length_mm, 0, aisle.width_mm * 2 // 3, scale) for aisle in aisles)
    named = [aisle for aisle in aisles if not aisle.is_cross][:MOST_NAMES]
    names = format_html_join(
        "", '<text class="fl-name" x="{}" y="{}">{}{}</text>',
        ((x, y + 4, aisle.code, _arrow(aisle, scale))
         for aisle in named for x, y in [scale.at(along(aisle, aisle.length_mm))]),
    )  # fmt: skip
    return format_html('<path class="fl-aisle" d="{}"/>{}', ways, names)


def _arrow(aisle: Aisle, scale: Scale) -> str:
    """The way a one-way aisle is walked, as it looks in the picture."""
    if aisle.one_way == OneWay.BOTH:
        return ""
    ends = [scale.at(along(aisle, mm)) for mm in (0, aisle.length_mm)]
    (x1, y1), (x2, y2) = ends if aisle.one_way == OneWay.FORWARD else ends[::-1]
    if scale.is_up(aisle):
        return " ↓" if y2 > y1 else " ↑"
    return " →" if x2 > x1 else " ←"


def _marks(floor: Floor, scale: Scale) -> SafeString:
    """A tick for every bay with places."""
    spots = sorted({(s.aisle, s.along_mm) for s in floor.layout.spots.values() if s.aisle >= 0})[:MOST_MARKS]
    path = []
    for n, mm in spots:
        aisle = floor.aisles[n]
        x, y = scale.at(along(aisle, mm))
        half = max(scale.length(aisle.width_mm // 3), 2)
        path.append(f"M{x - half} {y}h{2 * half}" if scale.is_up(aisle) else f"M{x} {y - half}v{2 * half}")
    return format_html('<path class="fl-bay" d="{}"/>', "".join(path))


def _others(floor: Floor, places: Sequence[PlaceRow], scale: Scale) -> SafeString:
    """Doors, staging and floor places, each with its code while there are few (a drawn floor has no room for all)."""
    spots, is_guess = floor.layout.spots, not floor.layout.is_measured
    loose = [place for place in places if spots[place.location_id].aisle < 0 and (is_guess or place.point)]
    dots = format_html_join(
        "", '<rect class="fl-{}" x="{}" y="{}" width="8" height="8"><title>{}</title></rect>',
        ((place.kind, x - 4, y - 4, place.code)
         for place in loose[:MOST_MARKS] for x, y in [_seen(floor, place, scale)]),
    )  # fmt: skip
    names = format_html_join(
        "", '<text class="fl-code" x="{}" y="{}">{}</text>',
        ((x, y + 18, place.code) for place in loose
         if len(loose) <= MOST_NAMES and not (is_guess and place.kind == "bin")
         for x, y in [_seen(floor, place, scale)]),
    )  # fmt: skip
    return format_html("{}{}", dots, names)


def _seen(floor: Floor, place: PlaceRow, scale: Scale) -> Point:
    spot = floor.layout.spots[place.location_id]
    return scale.at((spot.x_mm, spot.y_mm))


def _walk(floor: Floor, walk: Sequence[int], scale: Scale) -> SafeString:
    """The way from the start through the stops to the end, with the stops numbered."""
    begin, finish = _point(floor.layout.start), _point(floor.layout.end)
    places = [_point(floor.layout.spots[place]) for place in walk]
    stands = [floor.start, *(floor.at(place) for place in walk), floor.end]
    points: list[Point] = []
    for place, (one, other) in zip([begin, *places], pairwise(stands), strict=True):
        points += [place, *floor.way(one, other)]
    line = " ".join(f"{x},{y}" for x, y in map(scale.at, [*points, finish])) if walk else ""
    stops: dict[Point, list[int]] = {}
    for n, point in enumerate(places, 1):
        stops.setdefault(scale.at(point), []).append(n)
    dots = format_html_join(
        "", '<g class="fl-stop"><circle cx="{}" cy="{}" r="9"/><text x="{}" y="{}">{}</text></g>',
        ((x, y, x, y + 4, numbers[0] if len(numbers) == 1 else f"{numbers[0]}+") for (x, y), numbers in stops.items()),
    )  # fmt: skip
    ends = format_html_join(
        "", '<g class="fl-end"><circle cx="{}" cy="{}" r="6"/><text x="{}" y="{}">{}</text></g>',
        ((x, y, x + 11, y + 4, name)
         for name, (x, y) in ([("start and end", scale.at(begin))] if begin == finish else
                              [("start", scale.at(begin)), ("end", scale.at(finish))])),
    )  # fmt: skip
    return format_html('<polyline class="fl-walk" points="{}"/>{}{}', line, dots, ends)


def _point(spot: Spot) -> Point:
    return spot.x_mm, spot.y_mm
