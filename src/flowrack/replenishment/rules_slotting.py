"""Which items belong in which pick faces: what a move costs once and what it saves every day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flowrack.storage.rules import Size

UNMEASURED = Size()
RULE = "slotting.pay_back v1"
NEAREST = 200  # places nearest to the start that are looked at
BUSIEST = 300  # items that are looked at


@dataclass(frozen=True, slots=True)
class Goods:
    """An item, the order lines that wanted it in the days looked at, and from where it is picked now."""

    item_id: int
    lines: int
    units: int
    stands_at: int
    face_id: int = 0
    min_units: int = 0
    max_units: int = 0
    there: int = 0
    size: Size = UNMEASURED
    needs: frozenset[str] = frozenset()
    partner_id: int = 0  # the item that is most often in the same order, and in how many of them
    together: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a face: whose it is (0: nobody's, and empty), how much it takes (0: nobody said), what it allows."""

    location_id: int
    item_id: int
    volume_ml: int
    allows: frozenset[str]
    weight_g: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A move that pays: seconds saved every day against seconds of the move."""

    goods: Goods
    to_location_id: int
    swaps: Goods | None
    min_units: int
    max_units: int
    saved_seconds_a_day: int
    move_seconds: int
    from_mm: int
    to_mm: int

    @property
    def tenths_of_days(self) -> int:
        """After how many tenths of a day it has paid."""
        return -(-self.move_seconds * 10 // self.saved_seconds_a_day)


@dataclass(frozen=True, slots=True)
class Terms:
    """What walking and carrying take, and how soon a move must pay."""

    days: int
    mm_a_second: int
    carry_seconds: int
    most_days: int
    most: int


Way = Callable[[int], int]
Between = Callable[[int, int], int]


def suggest(
    goods: Sequence[Goods],
    slots: Sequence[Slot],
    *,
    way: Way,
    between: Between,
    rejected: Mapping[tuple[int, int], object],
    terms: Terms,
) -> list[Suggestion]:
    """The moves that save most, each item and place once, the greatest saving first.

    An order line is walked to from the item that most often shares its order, where that is in it, else from the start;
    so each line counts once. A swap takes off what the other item loses. What was rejected is not suggested again.
    """
    by_item = {one.item_id: one for one in goods}
    by_place = {slot.location_id: slot for slot in slots}
    busy = sorted((g for g in goods if g.lines), key=lambda g: (-g.lines, g.item_id))[:BUSIEST]
    near = sorted(slots, key=lambda s: (way(s.location_id), s.location_id))[:NEAREST]
    found: list[Suggestion] = []
    for one in busy:
        for slot in near:
            if (one.item_id, slot.location_id) in rejected:
                continue
            home = by_place.get(one.stands_at)
            option = _option(one, slot, home, by_item, way, between, terms)
            if option is not None:
                found.append(option)
    chosen: list[Suggestion] = []
    used: set[tuple[str, int]] = set()
    for option in sorted(found, key=_best_first):
        mine = {("item", option.goods.item_id), ("place", option.to_location_id)}
        mine |= {("item", option.swaps.item_id), ("place", option.goods.stands_at)} if option.swaps else set()
        if mine & used:
            continue
        used |= mine
        chosen.append(option)
        if len(chosen) == terms.most:
            break
    return chosen


def _best_first(one: Suggestion) -> tuple[int, int, int, int]:
    return (-one.saved_seconds_a_day, one.move_seconds, one.goods.item_id, one.to_location_id)


def _option(
    one: Goods,
    slot: Slot,
    home: Slot | None,
    by_item: Mapping[int, Goods],
    way: Way,
    between: Between,
    terms: Terms,
) -> Suggestion | None:
    """What it brings to pick the item from this place; None when it does not pay. `home`: its own face."""
    if slot.item_id == one.item_id or slot.location_id == one.stands_at or not one.needs <= slot.allows:
        return None
    other = by_item.get(slot.item_id) if slot.item_id else None
    if slot.item_id and (other is None or not one.face_id or other.lines >= one.lines):
        return None
    if other is not None and (home is None or not other.needs <= home.allows or not levels_of(other, home, terms.days)):
        return None
    saved = _walked(one, one.stands_at, by_item, way, between) - _walked(one, slot.location_id, by_item, way, between)
    carries = 1
    if other is not None:
        saved += _walked(other, slot.location_id, by_item, way, between)
        saved -= _walked(other, one.stands_at, by_item, way, between)
        carries = 2
    a_day = saved // (terms.mm_a_second * terms.days)
    cost = carries * terms.carry_seconds + carries * between(one.stands_at, slot.location_id) // terms.mm_a_second
    if a_day <= 0 or cost > a_day * terms.most_days:
        return None
    levels = levels_of(one, slot, terms.days)
    if levels is None:
        return None
    return Suggestion(one, slot.location_id, other, *levels, a_day, cost, way(one.stands_at), way(slot.location_id))


def _walked(one: Goods, place: int, by_item: Mapping[int, Goods], way: Way, between: Between) -> int:
    """Millimetres to an item's order lines if it were picked from a place."""
    partner = by_item.get(one.partner_id)
    shared = min(one.together, one.lines) if partner is not None else 0
    alone = (one.lines - shared) * way(place)
    return alone + (shared * between(partner.stands_at, place) if partner is not None else 0)


def levels_of(one: Goods, slot: Slot, days: int) -> tuple[int, int] | None:
    """Least and most units of the item in that place. An item keeps the levels that its face has, and one without gets
    those of a day and of four, but at least a day's units, at most what the place takes; None where a day's do not fit.
    """
    a_day = max(-(-one.units // days), 1)
    fits = one.size.most_in(slot.volume_ml, slot.weight_g)
    if fits is not None and fits < a_day:
        return None
    return bounded(one.min_units or a_day, max(one.max_units, a_day) if one.max_units else 4 * a_day, fits)


def bounded(low: int, high: int, fits: int | None) -> tuple[int, int] | None:
    """Levels that a place takes, the minimum under the maximum: else a face is under its minimum after every pick.
    None where the place takes no two units."""
    most = high if fits is None else min(high, fits)
    if most < 2:
        return None
    return (low if low < most else max(most // 2, 1)), most
