"""The words of walking: aisles, places on the floor, stops, routes and trips. Lengths are whole millimetres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flowrack.shared.errors import Invalid

Point = tuple[int, int]
Matrix = Sequence[Sequence[int]]  # millimetres from row to column


class Heading(StrEnum):
    """Which way an aisle runs on the floor plan: from its first bay to its last. North is up."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"
    WEST = "west"


class OneWay(StrEnum):
    """Whether people may walk an aisle both ways, only from its first bay to its last, or only back."""

    BOTH = "both"
    FORWARD = "forward"
    BACKWARD = "backward"


class Method(StrEnum):
    """How the order of the stops was found."""

    AS_GIVEN = "as given"
    S_SHAPE = "S-shape"
    RETURN = "return"
    LARGEST_GAP = "largest gap"
    IMPROVED = "2-opt"
    EXACT = "exact"
    HEAVY_FIRST = "heavy first"


@dataclass(frozen=True, slots=True)
class Aisle:
    """A straight way between racks (or across them), from its first bay on in the direction of its heading.

    `zone_id` and `code` are those of the places along it; a cross aisle has no places and a code of its own. The
    middle of bay n stands `first_bay_mm + (n - 1) * bay_mm` from the start.
    """

    code: str
    x_mm: int
    y_mm: int
    heading: Heading
    length_mm: int
    zone_id: int = 0
    bay_mm: int = 0
    first_bay_mm: int = 0
    width_mm: int = 3_000
    is_cross: bool = False
    one_way: OneWay = OneWay.BOTH
    most_people: int = 0  # 0 = no limit


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a person stands to reach a place: a point of the floor, and how far along which aisle (-1 = in none)."""

    x_mm: int
    y_mm: int
    aisle: int = -1
    along_mm: int = 0


@dataclass(frozen=True)
class Layout:
    """The floor of a site: its aisles, where each place is, where walks begin and end.

    `is_measured` is false as long as the floor is drawn from the codes of the places and nobody entered measures.
    """

    site_id: int
    aisles: tuple[Aisle, ...]
    spots: Mapping[int, Spot]  # by location
    start: Spot
    end: Spot
    is_measured: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on a walk: what is taken there weighs so much; what is crushed easily comes after what is not."""

    location_id: int
    weight_g: int = 0
    is_fragile: bool = False


@dataclass(frozen=True, slots=True)
class Handling:
    """How weight and fragile goods bear on the order of a walk.

    A pick of `heavy_g` or more comes before all lighter ones, and fragile ones come last, unless that costs more than
    `most_detour_pct` of the shortest walk. 0 grams: weight does not matter.
    """

    heavy_g: int = 0
    fragile_last: bool = False
    most_detour_pct: int = 25


@dataclass(frozen=True, slots=True)
class Route:
    """A walk: positions of the stops in the order to visit them, its length, and what other methods would walk.

    `alternatives` maps the names of Method to millimetres and holds every method that applies to the floor, the chosen
    one too.
    """

    order: tuple[int, ...]
    mm: int
    method: Method
    alternatives: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An order to be picked: the points it visits (rows of the matrix), and what it fills of a cart."""

    points: tuple[int, ...]
    volume_ml: int = 0
    weight_g: int = 0
    totes: int = 0


@dataclass(frozen=True, slots=True)
class Cart:
    """What one trip takes. 0 means no limit, of orders too."""

    orders: int = 0
    volume_ml: int = 0
    weight_g: int = 0
    totes: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """One walk that picks several orders: positions of the jobs, the points in the order to visit them, its length."""

    jobs: tuple[int, ...]
    points: tuple[int, ...]
    mm: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place as the floor plan needs it: its codes, and a point where somebody measured one."""

    location_id: int
    zone_id: int
    zone: str
    kind: str
    role: str
    aisle: str
    bay: str
    code: str = ""
    pick_sequence: int = 0
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """Where walks begin and end."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class AisleOf:
    """An aisle as somebody enters it: the zone by its code; a cross aisle has none. 0 people is no limit."""

    code: str
    x_mm: int
    y_mm: int
    heading: Heading
    length_mm: int
    zone: str = ""
    bay_mm: int = 0
    first_bay_mm: int = 0
    width_mm: int = 3_000
    is_cross: bool = False
    one_way: OneWay = OneWay.BOTH
    most_people: int = 0


@dataclass(frozen=True, slots=True)
class PlaceOf:
    """The point of a place that lies in no aisle: a door, a staging place, a floor place."""

    location: str
    x_mm: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class SetFloor:
    """The measured floor of a site: all its aisles and places, and where walks begin and end.

    Without aisles the floor is drawn from the codes of the places again. `version` is that of the floor that was read,
    0 where nobody entered one yet.
    """

    site_id: int
    version: int
    aisles: list[AisleOf] = field(default_factory=list)
    places: list[PlaceOf] = field(default_factory=list)
    start: Point = (0, 0)
    end: Point = (0, 0)


@dataclass(frozen=True, slots=True)
class FloorSet:
    """The floor of a site was entered anew; later walks follow it."""

    site_id: int
    version: int
    aisles: int
    places: int
    kind: str = "walks.floor_set"


class LayoutRefused(Invalid):
    """Aisles, places or a start that cannot be walked."""

    code = "layout_refused"


class TripRefused(Invalid):
    """An order that no cart can take, or a place that is not on the floor."""

    code = "trip_refused"
