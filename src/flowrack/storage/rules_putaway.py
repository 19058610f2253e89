"""The hard rules of putaway: each takes goods, a bin and its surroundings, and says why the bin may not be used.

A rule answers with the sentence why, or None. They are asked in the order of FILTERS; the first that answers counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from flowrack.shared import hazmat
from flowrack.storage.rules import ROLES_OF_QUALITY, Load
from flowrack.storage.types_putaway import BUILT_IN, PutawayRules

PICKABLE = ROLES_OF_QUALITY["available"]
NOTHING = Load()
Spot = tuple[str, int, int]  # aisle, stop, item
FaceAt = tuple[int, str, int]  # stop, code, place in the walk


@dataclass(frozen=True, slots=True)
class Goods:
    """What wants a bin: one LPN with all that is on it, or units of one loose item."""

    item_ids: frozenset[int]
    roles: tuple[str, ...]
    temperatures: frozenset[str]
    hazards: frozenset[str]
    load: Load
    storage_classes: frozenset[str] = frozenset()
    lot_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    units: int = 0
    height_mm: int = 0
    velocity: str = "C"

    @property
    def may_mix(self) -> bool:
        """Stock that nobody picks from may lie with other items."""
        return self.roles != PICKABLE

    @property
    def nature(self) -> tuple[object, ...]:
        """What a kind of bin is judged by before any number."""
        return (self.roles, self.temperatures, self.hazards, self.storage_classes, self.velocity)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin with its limits (None = unlimited), what fills it (moves under way included) and whose it is.

    `stop` counts the bays from the start of the walk.
    """

    location_id: int
    code: str
    role: str
    pick_sequence: int
    temperature: str = "ambient"
    hazard_classes: frozenset[str] = frozenset()
    max_volume_ml: int | None = None
    max_weight_g: int | None = None
    max_lpns: int | None = None
    is_blocked: bool = False
    load: Load = NOTHING
    under_way: Load = NOTHING
    item_ids: frozenset[int] = frozenset()
    face_of: int = 0
    max_height_mm: int | None = None
    max_beam_weight_g: int | None = None
    storage_classes: frozenset[str] = frozenset()
    zone_id: int = 0
    aisle: str = ""
    bay: str = ""
    level: str = ""
    stop: int = 0
    lot_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    units: int = 0
    face_max: int = 0
    shape_id: int = 0
    site_id: int = 0
    is_virtual: bool = False

    @property
    def has_limits(self) -> bool:
        """Whether the place can be full."""
        limits = (self.max_volume_ml, self.max_weight_g, self.max_lpns, self.max_height_mm, self.max_beam_weight_g)
        return any(limit is not None for limit in limits)

    @property
    def is_empty(self) -> bool:
        """Nothing lies there and nothing is on its way."""
        return not self.item_ids

    @property
    def beam(self) -> tuple[object, ...]:
        """The places that hang on the same beam have the same; a place without a bay has a beam of its own."""
        if not self.bay:
            return (self.location_id,)
        return (self.zone_id, self.aisle, self.bay, self.level)


@dataclass(slots=True)
class Around:
    """What a bin is judged by besides itself: the rules, its beam, hazardous neighbours, work in the aisle, faces."""

    rules: PutawayRules = BUILT_IN
    beams: dict[tuple[object, ...], int] = field(default_factory=dict)
    hazardous: dict[int, dict[str, dict[Spot, str]]] = field(default_factory=dict)
    busy: dict[tuple[int, str], int] = field(default_factory=dict)
    faces: dict[int, list[FaceAt]] = field(default_factory=dict)
    ranks: dict[tuple[str, int], int] = field(default_factory=dict)
    classes: dict[str, frozenset[int]] = field(default_factory=dict)

    def cell(self, one: str, other: str) -> str:
        """What the regulation and the site's storage matrix say of two hazards, the stricter."""
        found = hazmat.cell(one, other)
        for row in self.rules.apart:
            if (_is(row.one, one) and _is(row.other, other)) or (_is(row.one, other) and _is(row.other, one)):
                found = hazmat.stricter(found, row.cell)
        return found

    def add_hazards(self, place: Bin, item_id: int, hazards: Iterable[str]) -> None:
        """Hazardous goods lie in a place, or are on their way there."""
        for one in hazards:
            spots = self.hazardous.setdefault(place.zone_id, {}).setdefault(one, {})
            spots[(place.aisle, place.stop, item_id)] = place.code


def _is(named: str, hazard: str) -> bool:
    """Whether a class or division of the matrix may mean this hazard: 5 means 5.1, and 5 may be 5.1."""
    return hazard.startswith(named) or named.startswith(hazard)


Filter = Callable[[Goods, Bin, Around], str | None]


def blocked(goods: Goods, place: Bin, around: Around) -> str | None:
    """The bin is out of use."""
    return f"{place.code} is blocked or out of use." if place.is_blocked else None


def storage_class(goods: Goods, place: Bin, around: Around) -> str | None:
    """The bin is made for other kinds of goods."""
    if not place.storage_classes or goods.storage_classes <= place.storage_classes:
        return None
    wrong = min(goods.storage_classes - place.storage_classes)
    return f"{place.code} takes {', '.join(sorted(place.storage_classes))}; this is {wrong}."


def class_zone(goods: Goods, place: Bin, around: Around) -> str | None:
    """The rules send goods of this storage class to other zones."""
    if goods.may_mix:
        return None
    for name in sorted(goods.storage_classes):
        if place.zone_id not in around.classes.get(name, {place.zone_id}):
            return f"The rules keep {name} goods in other zones than that of {place.code}."
    return None


def temperature(goods: Goods, place: Bin, around: Around) -> str | None:
    """The climate is another."""
    climates = goods.temperatures - {place.temperature}
    return f"{place.code} is {place.temperature}; this must stay {min(climates)}." if climates else None


def hazard(goods: Goods, place: Bin, around: Around) -> str | None:
    """The hazard class is not allowed there."""
    classes = {one[:1] for one in goods.hazards} - place.hazard_classes
    return f"Hazard class {min(classes)} is not allowed in {place.code}." if classes else None


def segregation(goods: Goods, place: Bin, around: Around) -> str | None:
    """Goods that lie near must be kept apart from these."""
    if not goods.hazards:
        return None
    among = [(a, b) for a in goods.hazards for b in goods.hazards if a < b and around.cell(a, b)]
    if among:
        one, other = min(among)
        return f"Hazards {one} and {other} may not stand on one pallet."
    for other, spots in around.hazardous.get(place.zone_id, {}).items():
        for one in sorted(goods.hazards):
            cell = around.cell(one, other)
            if not cell:
                continue
            for spot, code in spots.items():
                if spot[2] not in goods.item_ids and _is_near(cell, spot, place, around.rules):
                    word = "separated from" if cell == hazmat.SEPARATED else "away from"
                    return f"Hazard {one} must stay {word} {other}, which lies in {code}; {place.code} is too near."
    return None


def _is_near(cell: str, spot: Spot, place: Bin, rules: PutawayRules) -> bool:
    aisle, stop, _ = spot
    same_aisle = aisle == place.aisle or not aisle or not place.aisle
    if cell == hazmat.SEPARATED:
        return same_aisle and abs(stop - place.stop) <= rules.separated_bays
    return same_aisle or rules.never_within == "zone"


def reserved_face(goods: Goods, place: Bin, around: Around) -> str | None:
    """The bin is kept for another item."""
    if place.face_of and goods.item_ids != {place.face_of}:
        return f"{place.code} is the pick face of another item."
    return None


def face_full(goods: Goods, place: Bin, around: Around) -> str | None:
    """The pick face would hold more than its maximum."""
    if place.face_of and place.face_max and place.units + goods.units > place.face_max:
        return (
            f"{place.code} is a pick face for {place.face_max}: {place.units} lie there or are on the way,"
            f" {goods.units} more are {place.units + goods.units - place.face_max} too many."
        )
    return None


def other_items(goods: Goods, place: Bin, around: Around) -> str | None:
    """Another item lies there."""
    return None if goods.may_mix or place.item_ids <= goods.item_ids else f"{place.code} holds other items."


def lots(goods: Goods, place: Bin, around: Around) -> str | None:
    """Another lot lies there, and lots are kept apart."""
    if around.rules.mixes_lots or goods.may_mix or place.lot_ids <= goods.lot_ids:
        return None
    return f"{place.code} holds another lot."


def owners(goods: Goods, place: Bin, around: Around) -> str | None:
    """Another owner's goods lie there, and owners are kept apart."""
    if around.rules.mixes_owners or place.owner_ids <= goods.owner_ids:
        return None
    return f"{place.code} holds another owner's goods."


def lpns(goods: Goods, place: Bin, around: Around) -> str | None:
    """No room for another LPN."""
    return _limit(place, "LPNs", place.max_lpns, place.load.lpns, place.under_way.lpns, goods.load.lpns)


def height(goods: Goods, place: Bin, around: Around) -> str | None:
    """The goods are higher than the bin."""
    if place.max_height_mm is None or goods.height_mm <= place.max_height_mm:
        return None
    return f"{place.code} is {place.max_height_mm} mm high; this is {goods.height_mm} mm."


def weight(goods: Goods, place: Bin, around: Around) -> str | None:
    """Too heavy for the bin."""
    limit = _share(place.max_weight_g, around.rules.weight_percent)
    return _limit(place, "g", limit, place.load.weight_g, place.under_way.weight_g, goods.load.weight_g)


def beam(goods: Goods, place: Bin, around: Around) -> str | None:
    """Too heavy for the beam, which carries its neighbours too."""
    if place.max_beam_weight_g is None or not goods.load.weight_g:
        return None
    there = around.beams.get(place.beam, place.load.weight_g + place.under_way.weight_g)
    limit = place.max_beam_weight_g * around.rules.weight_percent // 100
    over = there + goods.load.weight_g - limit
    if over <= 0:
        return None
    return (
        f"The beam of {place.code} carries {limit} g: {there} hang on it or are on the way,"
        f" {goods.load.weight_g} more are {over} too many."
    )


def volume(goods: Goods, place: Bin, around: Around) -> str | None:
    """Too large for the bin."""
    limit = _share(place.max_volume_ml, around.rules.volume_percent)
    return _limit(place, "ml", limit, place.load.volume_ml, place.under_way.volume_ml, goods.load.volume_ml)


def _share(limit: int | None, percent: int) -> int | None:
    return None if limit is None else limit * percent // 100


def _limit(place: Bin, unit: str, limit: int | None, there: int, coming: int, wanted: int) -> str | None:
    if limit is None or not wanted or there + coming + wanted <= limit:
        return None
    return (
        f"{place.code} takes {limit} {unit}: {there} lie there, {coming} are on the way, {wanted} more are"
        f" {there + coming + wanted - limit} too many."
    )


FILTERS: tuple[tuple[str, Filter], ...] = (
    ("blocked", blocked),
    ("storage_class", storage_class),
    ("class_zone", class_zone),
    ("temperature", temperature),
    ("hazard", hazard),
    ("segregation", segregation),
    ("reserved_face", reserved_face),
    ("face_full", face_full),
    ("other_items", other_items),
    ("lots", lots),
    ("owners", owners),
    ("lpns", lpns),
    ("height", height),
    ("weight", weight),
    ("beam", beam),
    ("volume", volume),
)
# What a hand may not do either: rules of the place, and its limits.
FORBIDDING = tuple(f for f in FILTERS[:7] if f[0] != "class_zone")
LIMITING = tuple(f for f in FILTERS if f[0] in ("lpns", "height", "weight", "beam", "volume"))


def removed_by(
    goods: Goods, place: Bin, around: Around, filters: Sequence[tuple[str, Filter]] = FILTERS
) -> tuple[str, str] | None:
    """The first rule that removes the bin, and its sentence; None when it may be used."""
    for name, rule in filters:
        sentence = rule(goods, place, around)
        if sentence is not None:
            return name, sentence
    return None
