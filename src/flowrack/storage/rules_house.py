"""Choosing bins for many goods in a house that fills up on the way: the same for one pallet and for a year's receipts.

Bins that are alike (zone, climate, limits, what they take) have one shape. What a shape cannot take is judged once for
all its bins; of the empty bins of the others only the nearest are looked at, since nothing else tells them apart.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from flowrack.storage.rules import Load
from flowrack.storage.rules_putaway import FILTERS, LIMITING, Around, Bin, Goods, beam, removed_by
from flowrack.storage.rules_score import congestion, score, standing_score, terms, way_rates
from flowrack.storage.rules_shapes import Judgements, Shape
from flowrack.storage.types_putaway import PutawayRules

BEST = 3
LOOKED_AT = 2_000
Ranked = tuple[int, int, int, Bin]  # score, place in the walk, id, bin
EmptyBin = tuple[int, int, str, int, int, str, str, str]  # id, shape, code, walk, stop, aisle, bay, level
SHAPELESS = tuple(f for f in FILTERS if f[0] not in ("segregation", "beam"))


@dataclass(slots=True)
class Removed:
    """What a rule removed: how many bins, the nearest of them as an example, and its sentence."""

    bins: int
    sentence: str
    pick_sequence: int

    def add(self, bins: int, sentence: str, pick_sequence: int) -> None:
        """More bins of the same rule; the nearest stays the example."""
        self.bins += bins
        if pick_sequence < self.pick_sequence:
            self.sentence, self.pick_sequence = sentence, pick_sequence


@dataclass(frozen=True, slots=True)
class Choice:
    """The bin chosen (None = none fits), the best candidates with the terms of their score, and what was removed."""

    chosen: Bin | None
    candidates: list[tuple[Bin, dict[str, int]]] = field(default_factory=list)
    removed: dict[str, Removed] = field(default_factory=dict)
    is_nearest: bool = False
    has_more: bool = False


@dataclass(slots=True)
class House:
    """The bins of a site as far as they matter. `many` empty bins to each side of a face are looked at, of each shape.

    `empties` holds (walk, bin) of the empty bins by shape, in walking order, `mixed` the others; `has_all` says that no
    empty bin was left out. `under_way` counts the empty bins of a shape to which something is on its way.
    """

    around: Around
    shapes: dict[int, Shape]
    shape_of: dict[int, int] = field(default_factory=dict)
    bins: dict[int, Bin] = field(default_factory=dict)
    empties: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    by_item: dict[int, set[int]] = field(default_factory=dict)
    rows: dict[int, tuple[int, EmptyBin]] = field(default_factory=dict)
    mixed: dict[int, dict[int, None]] = field(default_factory=dict)
    under_way: dict[int, int] = field(default_factory=dict)
    many: int = BEST
    has_all: bool = False
    judged: Judgements = field(default_factory=Judgements)

    def add_empties(self, rows: Iterable[EmptyBin]) -> None:
        """Empty bins of known shapes; each becomes a bin when somebody looks at it."""
        for row in rows:
            self.rows[row[0]] = (row[1], row)
            self.shape_of[row[0]] = row[1]
            self.empties.setdefault(row[1], []).append((row[3], row[0]))
        for free in self.empties.values():
            free.sort()

    def bin(self, location_id: int) -> Bin:
        """The bin, as it is now."""
        place = self.bins.get(location_id)
        if place is None:
            shape_id, (_, _, code, walk, stop, aisle, bay, level) = self.rows[location_id]
            place = self.bins[location_id] = replace(
                self.shapes[shape_id].first, location_id=location_id, code=code, pick_sequence=walk, stop=stop,
                aisle=aisle, bay=bay, level=level,
            )  # fmt: skip
        return place

    def add_all(self, places: Iterable[tuple[Bin, int]]) -> None:
        """Bins as they are now, each with its shape."""
        for place, shape_id in places:
            self.bins[place.location_id] = place
            self.shape_of[place.location_id] = shape_id
            if place.is_empty and not place.face_of:
                self.empties.setdefault(shape_id, []).append((place.pick_sequence, place.location_id))
                continue
            for item in place.item_ids | ({place.face_of} if place.face_of else set()):
                self.by_item.setdefault(item, set()).add(place.location_id)
            self.mixed.setdefault(shape_id, {})[place.location_id] = None
        for free in self.empties.values():
            free.sort()

    def put(self, goods: Goods, location_id: int) -> None:
        """Goods are on their way to a bin: it counts as filled from now on."""
        place = self.bin(location_id)
        shape_id = self.shape_of[location_id]
        if place.is_empty and not place.face_of:
            free = self.empties[shape_id]
            del free[bisect_left(free, (place.pick_sequence, location_id))]
            self.mixed.setdefault(shape_id, {})[location_id] = None
            self.under_way[shape_id] = self.under_way.get(shape_id, 0) + 1
        self.bins[location_id] = replace(
            place,
            under_way=place.under_way.plus(goods.load),
            item_ids=place.item_ids | goods.item_ids,
            lot_ids=place.lot_ids | goods.lot_ids,
            owner_ids=place.owner_ids | goods.owner_ids,
            units=place.units + goods.units,
        )
        for item in goods.item_ids:
            self.by_item.setdefault(item, set()).add(location_id)
            self.around.add_hazards(place, item, goods.hazards)
        if place.max_beam_weight_g is not None:
            self.hang(place, goods.load.weight_g)

    def empty(self, location_id: int) -> None:
        """Everything left a bin."""
        place = self.bins[location_id]
        shape_id = self.shape_of[location_id]
        if place.is_empty:
            return
        for item in place.item_ids:
            self.by_item[item].discard(location_id)
        if place.max_beam_weight_g is not None:
            self.hang(place, -place.load.weight_g - place.under_way.weight_g)
        spots = self.around.hazardous.get(place.zone_id, {})
        for one in spots.values():
            for item in place.item_ids:
                one.pop((place.aisle, place.stop, item), None)
        none: frozenset[int] = frozenset()
        self.bins[location_id] = replace(
            place, load=Load(), under_way=Load(), item_ids=none, lot_ids=none, owner_ids=none, units=0
        )
        if not place.face_of:
            del self.mixed[shape_id][location_id]
            insort(self.empties.setdefault(shape_id, []), (place.pick_sequence, location_id))
            self.under_way[shape_id] = self.under_way.get(shape_id, 0) - 1

    def hang(self, place: Bin, grams: int) -> None:
        """So many grams more hang on the beam of a place."""
        self.around.beams[place.beam] = self.around.beams.get(place.beam, 0) + grams

    def choose(self, goods: Goods) -> Choice:
        """The bin for the goods. Ties go to the nearer bin, then to the lower id: the same house, the same answer."""
        removed: dict[str, Removed] = {}
        best: list[Ranked] = []
        walks: list[int] = []
        known: dict[int, list[Bin]] = {}
        for location_id in sorted({p for item in goods.item_ids for p in self.by_item.get(item, ())}):
            place = self.bins[location_id]
            if place.role in goods.roles:
                known.setdefault(self.shape_of[location_id], []).append(place)
                self._judge(goods, place, best, walks, removed)
        has_more = False
        for shape, gone in self.shapes_for(goods):
            own = known.get(shape.shape_id, NO_BINS)
            if gone is not None:
                _count(removed, gone, shape.bins - len(own), shape.first.pick_sequence)
                continue
            self._offer(goods, shape, own, best, walks, removed)
            free = shape.empty - self.under_way.get(shape.shape_id, 0)
            has_more = has_more or (not self.has_all and free > len(self.empties.get(shape.shape_id, ())))
            self._count_others(goods, shape, own, removed)
        first = best[0][3] if best else None
        return Choice(
            first,
            [(place, terms(goods, place, self.around)) for _, _, _, place in best],
            dict(sorted(removed.items(), key=lambda one: (one[1].pick_sequence, one[0]))),
            first is not None and first.pick_sequence <= min(walks),
            has_more,
        )

    def _judge(
        self, goods: Goods, place: Bin, best: list[Ranked], walks: list[int], removed: dict[str, Removed]
    ) -> None:
        gone = removed_by(goods, place, self.around)
        if gone is None:
            self._rank(goods, place, best, walks)
        else:
            _count(removed, gone, 1, place.pick_sequence)

    def _rank(self, goods: Goods, place: Bin, best: list[Ranked], walks: list[int]) -> None:
        """Put a bin that fits among the best, if it is."""
        walks.append(place.pick_sequence)
        insort(
            best, (score(goods, place, self.around), place.pick_sequence, place.location_id, place), key=_first_three
        )
        del best[BEST:]

    def _offer(
        self,
        goods: Goods,
        shape: Shape,
        own: Sequence[Bin],
        best: list[Ranked],
        walks: list[int],
        removed: dict[str, Removed],
    ) -> None:
        """Offer the empty bins of a shape that may be among the best. They fit, unless neighbours or beams count."""
        if goods.may_mix or goods.hazards:
            own_ids = {place.location_id for place in own}
            for place in self._near(goods, shape):
                if place.location_id not in own_ids:
                    self._judge(goods, place, best, walks, removed)
            return
        around = self.around
        if around.busy or any(around.faces.get(item) for item in goods.item_ids):
            self._offer_some(goods, self._near(goods, shape), best, walks, removed)
        else:
            self._offer_sorted(goods, shape, best, walks, removed)

    def _offer_some(
        self, goods: Goods, places: Iterable[Bin], best: list[Ranked], walks: list[int], removed: dict[str, Removed]
    ) -> None:
        """Offer bins of which only the beam is in doubt."""
        for place in places:
            key = (score(goods, place, self.around), place.pick_sequence, place.location_id)
            if len(best) == BEST and key >= best[-1][:3]:
                walks.append(place.pick_sequence)
            elif not self._is_beam_full(goods, place, removed):
                walks.append(place.pick_sequence)
                insort(best, (*key, place), key=_first_three)
                del best[BEST:]

    def _offer_sorted(
        self, goods: Goods, shape: Shape, best: list[Ranked], walks: list[int], removed: dict[str, Removed]
    ) -> None:
        """The same for the empty bins of a shape where only the walk tells them apart: the farther, the dearer, so the
        first that is not among the best ends it. Bins that are not offered are not made."""
        free = self.empties.get(shape.shape_id)
        if not free:
            return
        kind = (shape.shape_id, goods.velocity, goods.roles)
        fixed = self.judged.standing.get(kind)
        if fixed is None:
            fixed = self.judged.standing[kind] = standing_score(goods, shape.first, self.around)
        carry_rate, pick_rate = way_rates(goods, self.around)
        found = 0
        for walk, location_id in free[:LOOKED_AT]:
            known = self.bins.get(location_id)
            stop = self.rows[location_id][1][4] if known is None else known.stop
            key = (fixed + stop * carry_rate // 100 + stop * pick_rate // 100, walk, location_id)
            if len(best) == BEST and key >= best[-1][:3]:
                walks.append(walk)
                return
            place = self.bin(location_id)
            if self._is_beam_full(goods, place, removed):
                continue
            walks.append(walk)
            insort(best, (*key, place), key=_first_three)
            del best[BEST:]
            found += 1
            if found == self.many:
                return

    def _is_beam_full(self, goods: Goods, place: Bin, removed: dict[str, Removed]) -> bool:
        gone = beam(goods, place, self.around) if place.max_beam_weight_g is not None else None
        if gone is not None:
            _count(removed, ("beam", gone), 1, place.pick_sequence)
        return gone is not None

    def shapes_for(self, goods: Goods) -> Iterator[tuple[Shape, tuple[str, str] | None]]:
        """The shapes with the right role, each with what removes all its bins: by nature once, by numbers each time."""
        known = self.judged.shapes.get(goods.nature)
        if known is None:
            self.judged.make_room()
            bare = replace(goods, load=Load(), units=0, height_mm=0)
            known = self.judged.shapes[goods.nature] = [
                (shape, removed_by(bare, shape.first, self.around, SHAPELESS))
                for shape in self.shapes.values()
                if shape.first.role in goods.roles
            ]
        for shape, gone in known:
            if gone is not None or _has_room(goods, shape.first, self.around.rules):
                yield shape, gone
            else:
                yield shape, removed_by(goods, shape.first, Around(self.around.rules), LIMITING)

    def _near(self, goods: Goods, shape: Shape) -> Iterable[Bin]:
        """The empty bins of a shape worth looking at: nearest to the start and to the faces; hazards look further."""
        if goods.may_mix:
            yield from (self.bins[p] for p in self.mixed.get(shape.shape_id, ()))
        free = self.empties.get(shape.shape_id, [])
        if goods.hazards:
            yield from self._fitting_first(goods, free)
            return
        wanted = set(range(min(self.many, len(free))))
        for item in goods.item_ids:
            for _, _, walk in self.around.faces.get(item, ()):
                at = bisect_left(free, (walk, 0))
                wanted.update(range(max(at - self.many, 0), min(at + self.many, len(free))))
        if self.around.busy:
            wanted.update(self._calm(goods, free))
        yield from (self.bin(free[n][1]) for n in sorted(wanted))

    def _calm(self, goods: Goods, free: Sequence[tuple[int, int]]) -> list[int]:
        """The nearest bins in aisles where nobody works."""
        found: list[int] = []
        for n, (_, location_id) in enumerate(free[:LOOKED_AT]):
            if not congestion(goods, self.bin(location_id), self.around):
                found.append(n)
                if len(found) == self.many:
                    break
        return found

    def _fitting_first(self, goods: Goods, free: Sequence[tuple[int, int]]) -> Iterable[Bin]:
        """Bins in walking order until enough of them fit: neighbours and beams tell these apart."""
        found = 0
        for _, location_id in free:
            place = self.bin(location_id)
            yield place
            found += removed_by(goods, place, self.around) is None
            if found == self.many:
                return

    def _count_others(self, goods: Goods, shape: Shape, known: Sequence[Bin], removed: dict[str, Removed]) -> None:
        """Bins of a shape that hold other items, or are faces of others, without looking at each."""
        if goods.may_mix:
            return
        own_faces = sum(1 for place in known if place.face_of) if known else 0
        filled = shape.filled + self.under_way.get(shape.shape_id, 0) - (len(known) - own_faces)
        if filled > 0:
            walk = shape.filled_walk if shape.filled_code else LAST
            gone = removed.get("other_items")
            if gone is not None and gone.pick_sequence <= walk:
                gone.bins += filled
            else:
                code = shape.filled_code
                sentence = f"{code} holds other items." if code else "Other items are on their way."
                _count(removed, ("other_items", sentence), filled, walk)
        if shape.faces > own_faces:
            _count(removed, ("reserved_face", "They are pick faces of other items."), shape.faces - own_faces, LAST)


def _first_three(ranked: Ranked) -> tuple[int, int, int]:
    return ranked[:3]


LAST = 2**62  # behind every place of the walk
NO_BINS: list[Bin] = []


def _has_room(goods: Goods, place: Bin, rules: PutawayRules) -> bool:
    """Whether an empty bin of the shape takes that much, by its numbers alone."""
    load, heavy, large = goods.load, goods.load.weight_g * 100, goods.load.volume_ml * 100
    return (
        (place.max_height_mm is None or goods.height_mm <= place.max_height_mm)
        and (place.max_weight_g is None or heavy <= place.max_weight_g * rules.weight_percent)
        and (place.max_beam_weight_g is None or heavy <= place.max_beam_weight_g * rules.weight_percent)
        and (place.max_volume_ml is None or large <= place.max_volume_ml * rules.volume_percent)
        and (place.max_lpns is None or load.lpns <= place.max_lpns)
    )


def _count(removed: dict[str, Removed], gone: tuple[str, str], bins: int, pick_sequence: int) -> None:
    if bins <= 0:
        return
    name, sentence = gone
    if name in removed:
        removed[name].add(bins, sentence, pick_sequence)
    else:
        removed[name] = Removed(bins, sentence, pick_sequence)


def choose_bins(many: Sequence[Goods], house: House) -> list[Choice]:
    """Choices for many goods in order; each chosen bin counts as filled for those that follow."""
    choices = []
    for goods in many:
        choice = house.choose(goods)
        if choice.chosen is not None:
            house.put(goods, choice.chosen.location_id)
        choices.append(choice)
    return choices
