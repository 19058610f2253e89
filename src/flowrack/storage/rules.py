"""Decisions of storage, free of the database: which bin, which refill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

PUTAWAY_RULE = "putaway.nearest v1"
REFILL_RULE = "refill.min_max v1"
ROLES_OF_QUALITY = {
    "available": ("reserve", "forward_pick"),
    "inspection": ("inspection", "quarantine"),
    "quarantine": ("quarantine",),
    "damaged": ("damaged", "quarantine"),
    "hold": ("hold", "quarantine"),
    "expired": ("expired", "quarantine"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """Volume and weight of one measured pack of an item: `factor` base units fill `volume_mm3` and weigh `weight_g`."""

    volume_mm3: int = 0
    volume_factor: int = 1
    weight_g: int = 0
    weight_factor: int = 1

    def volume_ml(self, units: int) -> int:
        """Millilitres of so many units, rounded up; 0 when nobody measured it."""
        return -(-units * self.volume_mm3 // (self.volume_factor * 1_000))

    def grams(self, units: int) -> int:
        """Weight of so many units, rounded up; 0 when nobody weighed it."""
        return -(-units * self.weight_g // self.weight_factor)


@dataclass(frozen=True, slots=True)
class Load:
    """What fills a bin."""

    volume_ml: int = 0
    weight_g: int = 0
    lpns: int = 0

    def plus(self, other: Load) -> Load:
        """Both together."""
        return Load(self.volume_ml + other.volume_ml, self.weight_g + other.weight_g, self.lpns + other.lpns)


@dataclass(frozen=True, slots=True)
class Goods:
    """What wants a bin: one LPN with all that is on it, or units of one loose item."""

    item_ids: frozenset[int]
    roles: tuple[str, ...]
    temperatures: frozenset[str]
    hazard_classes: frozenset[str]
    load: Load

    @property
    def may_mix(self) -> bool:
        """Stock that nobody picks from may lie with other items."""
        return self.roles != ROLES_OF_QUALITY["available"]


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin with its limits (None = unlimited), what fills it (moves under way included) and whose it is."""

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
    load: Load = Load()
    under_way: Load = Load()
    item_ids: frozenset[int] = frozenset()
    face_of: int = 0
    site_id: int = 0
    is_virtual: bool = False

    @property
    def has_limits(self) -> bool:
        """Whether the place can be full."""
        return not (self.max_volume_ml is None and self.max_weight_g is None and self.max_lpns is None)

    @property
    def is_empty(self) -> bool:
        """Nothing lies there and nothing is on its way."""
        return not self.item_ids


@dataclass(frozen=True, slots=True)
class Removed:
    """A bin that a rule removed, and the sentence why."""

    bin: Bin
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The bin chosen (None = none fits), the best candidates in order, and what was removed."""

    chosen: Bin | None
    candidates: list[Bin] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)


def forbidden(goods: Goods, place: Bin) -> Removed | None:
    """The first rule of the place that forbids the goods, capacity aside."""
    if place.is_blocked:
        return Removed(place, "blocked", f"{place.code} is blocked or out of use.")
    climates = goods.temperatures - {place.temperature}
    if climates:
        return Removed(place, "temperature", f"{place.code} is {place.temperature}; this must stay {min(climates)}.")
    hazards = goods.hazard_classes - place.hazard_classes
    if hazards:
        return Removed(place, "hazard", f"Hazard class {min(hazards)} is not allowed in {place.code}.")
    if place.face_of and goods.item_ids != {place.face_of}:
        return Removed(place, "reserved_face", f"{place.code} is the pick face of another item.")
    if not goods.may_mix and not place.item_ids <= goods.item_ids:
        return Removed(place, "other_items", f"{place.code} holds other items.")
    return None


def overfull(load: Load, place: Bin) -> Removed | None:
    """The first limit of the place that the load would break, with all its numbers."""
    for rule, unit, limit, there, coming, wanted in (
        ("lpns", "LPNs", place.max_lpns, place.load.lpns, place.under_way.lpns, load.lpns),
        ("weight", "g", place.max_weight_g, place.load.weight_g, place.under_way.weight_g, load.weight_g),
        ("volume", "ml", place.max_volume_ml, place.load.volume_ml, place.under_way.volume_ml, load.volume_ml),
    ):
        if limit is not None and wanted and there + coming + wanted > limit:
            return Removed(
                place,
                rule,
                f"{place.code} takes {limit} {unit}: {there} lie there, {coming} are on the way, {wanted} more are"
                f" {there + coming + wanted - limit} too many.",
            )
    return None


def choose_bin(goods: Goods, bins: Sequence[Bin]) -> Choice:
    """The bin for the goods: same item first, then empty by order of role, each in walking order.

    Ties go to the lower id, so that the same bins always give the same answer.
    """
    candidates: list[Bin] = []
    removed: list[Removed] = []
    for place in bins:
        if place.role not in goods.roles:
            continue
        reason = forbidden(goods, place) or overfull(goods.load, place)
        if reason is None:
            candidates.append(place)
        else:
            removed.append(reason)
    candidates.sort(key=lambda place: _preference(goods, place))
    removed.sort(key=lambda gone: (gone.bin.pick_sequence, gone.bin.location_id))
    return Choice(candidates[0] if candidates else None, candidates[:3], removed)


def _preference(goods: Goods, place: Bin) -> tuple[int, int, int, int]:
    same = bool(place.item_ids & goods.item_ids) or place.face_of in goods.item_ids
    return (0 if same else 1, 0 if same else goods.roles.index(place.role), place.pick_sequence, place.location_id)


def choose_bins(many: Sequence[Goods], bins: Sequence[Bin]) -> list[Choice]:
    """Choices for many goods in order; each chosen bin counts as filled for those that follow."""
    state = {place.location_id: place for place in bins}
    choices = []
    for goods in many:
        choice = choose_bin(goods, list(state.values()))
        if choice.chosen is not None:
            place = choice.chosen
            state[place.location_id] = replace(
                place, under_way=place.under_way.plus(goods.load), item_ids=place.item_ids | goods.item_ids
            )
        choices.append(choice)
    return choices


def putaway_sentence(choice: Choice) -> str:
    """The answer to Why? in one sentence."""
    if choice.chosen is None:
        if not choice.removed:
            return "No bin: the site has none for this kind of stock."
        return f"No bin fits. The nearest, for example: {choice.removed[0].sentence}"
    place = choice.chosen
    nearer = [r for r in choice.removed if r.bin.pick_sequence < place.pick_sequence]
    why = "it already holds this item" if place.item_ids else "it is the nearest empty bin that fits"
    more = f" {len(nearer)} nearer bins were passed over; {nearer[0].sentence}" if nearer else ""
    return f"{place.code}, because {why}.{more}"


@dataclass(frozen=True, slots=True)
class Face:
    """A pick face: its levels, what lies there and what is on its way."""

    face_id: int
    location_id: int
    item_id: int
    min_units: int
    max_units: int
    there: int
    under_way: int


@dataclass(frozen=True, slots=True)
class Source:
    """Free units of an item in reserve, in the order in which they should leave."""

    cell_id: int
    location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    owner_id: int
    free: int


@dataclass(frozen=True, slots=True)
class Refill:
    """Units of one source cell to carry to a face."""

    face: Face
    source: Source
    units: int


def refills(faces: Sequence[Face], sources: Sequence[Source]) -> tuple[list[Refill], list[Face]]:
    """Fill every face under its minimum up to its maximum from the sources in order; and faces that get nothing.

    A face that waits for a refill already counts it. Emptier faces (by share of the maximum) are served first.
    """
    left = {source.cell_id: source.free for source in sources}
    by_item: dict[int, list[Source]] = {}
    for source in sources:
        by_item.setdefault(source.item_id, []).append(source)
    found: list[Refill] = []
    empty_handed: list[Face] = []
    low = [face for face in faces if face.there + face.under_way < face.min_units]
    for face in sorted(low, key=lambda f: ((f.there + f.under_way) * 1_000 // f.max_units, f.face_id)):
        wanted = face.max_units - face.there - face.under_way
        got = 0
        for source in by_item.get(face.item_id, []):
            take = min(wanted - got, left[source.cell_id])
            if take > 0:
                found.append(Refill(face, source, take))
                left[source.cell_id] -= take
                got += take
        if got == 0:
            empty_handed.append(face)
    return found, empty_handed
