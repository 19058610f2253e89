"""Which cartons an order goes into, and what lies where in each. Pure and deterministic.

Goods that may not share a carton (`Wish.apart`: hazard class, temperature) are planned apart; a full case travels in
its own box; what fits into no carton goes as it is. For the rest the fewest cartons are sought, then the least cost,
then the least air. Where freight is known, the least of cartons and freight together is sought, then the fewest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from flowrack.fulfilment.rules_loading import ANY_WAY_UP, UPRIGHT, Block, Goods, Load, Sides, load, ways

AS_IT_IS = 0  # the carton type of goods that travel in their own box
FIRST_TRIES, LAST_TRIES = 2, 6
EFFORT = 12_000  # tries times work of an order: the more there is to look at, the fewer tries
MOST_UNITS = 2_000  # of one item in one plan; what is more travels by the pallet, as one
MOST_WORK = 100_000  # of an order that is planned, see `work`: a second or two at most
MOST_IN_ALL = 1_000_000  # of a wave: while it is planned its orders and stock are locked
PERMILLE = 1_000


class CartonKind(NamedTuple):
    """A carton of the house: inner sides in mm, what it bears and weighs itself in g, what one costs."""

    type_id: int
    code: str
    inside: Sides
    max_weight_g: int
    tare_g: int
    cost: Decimal

    @property
    def volume(self) -> int:
        return self.inside[0] * self.inside[1] * self.inside[2]


Boxes = Sequence[tuple[int, int]]  # (carton type, weight in g) of each
Freight = Callable[[Boxes], Decimal]  # what it costs to send some cartons together
FreightOf = Callable[[Sequence[str]], Freight]  # the same for cartons with these hazards


class Wish(NamedTuple):
    """Units of an item that are to be packed. No sides: nobody measured it. `case`: units and sides of a full case."""

    item_id: int
    units: int
    sides: Sides | None
    weight_g: int = 0
    keep_upright: bool = False
    bears_g: int | None = None
    apart: str = ""
    case_units: int = 0
    case_sides: Sides | None = None
    case_weight_g: int = 0
    hazard: str = ""  # "2.1", or "2.1 LQ" as limited quantity


@dataclass(frozen=True, slots=True)
class Carton:
    """A carton as planned: type (AS_IT_IS: the good's own box), what lies where, weight with the carton in g."""

    type_id: int
    blocks: tuple[Block, ...]
    units: tuple[tuple[int, int], ...]  # (item, units)
    weight_g: int
    filled: int  # permille of the carton's room
    freight: Decimal | None = None  # what it costs to send it alone; None = not known


@dataclass(slots=True)
class Plan:
    """Cartons in the order in which they are to be packed; items that were left out because nobody measured them."""

    cartons: list[Carton] = field(default_factory=list)
    unmeasured: list[int] = field(default_factory=list)
    is_too_large: bool = False  # there is too much to look at: it was not planned


def work(wishes: Sequence[Wish], kinds: Sequence[CartonKind]) -> int:
    """How much there is to look at for a plan: for each carton that the goods need at least, each item beside each."""
    loose = [wish._replace(units=_loose(wish)) for wish in wishes if wish.sides is not None]
    return _work([_goods(wish, wish.sides) for wish in loose if wish.sides and 0 < wish.units <= MOST_UNITS], kinds)


def _work(goods: Sequence[Goods], kinds: Sequence[CartonKind]) -> int:
    room, bears = max(kind.volume for kind in kinds), max(kind.max_weight_g for kind in kinds)
    return len(goods) ** 2 * max(-(-_volume(goods) // room), -(-_weight(goods) // bears), 1)


def _loose(wish: Wish) -> int:
    """Units that do not travel in a full case."""
    return wish.units % wish.case_units if wish.case_units > 1 and wish.case_sides else wish.units


def _goods(wish: Wish, sides: Sides) -> Goods:
    may_stand = UPRIGHT if wish.keep_upright else ANY_WAY_UP
    return Goods(wish.item_id, sides, wish.units, wish.weight_g, may_stand, wish.bears_g)


def plan(wishes: Sequence[Wish], kinds: Sequence[CartonKind], freight_of: FreightOf | None = None) -> Plan:
    """The cartons of one order, chosen jointly with their freight where it is known."""
    if work(wishes, kinds) > MOST_WORK:
        return Plan(unmeasured=[wish.item_id for wish in wishes if wish.sides is None], is_too_large=True)
    found = Plan()
    groups: dict[str, list[Goods]] = {}
    hazards: dict[str, set[str]] = {}
    own: list[Carton] = []
    for wish in wishes:
        if wish.sides is None:
            found.unmeasured.append(wish.item_id)
            continue
        units = _loose(wish)
        if wish.case_sides and units < wish.units:
            cases = wish.units // wish.case_units
            weight = wish.case_weight_g or wish.weight_g * wish.case_units
            box = Block(wish.item_id, (0, 0, 0), wish.case_sides, (1, 1, 1))
            own += [_as_it_is(box, wish.case_units, weight)] * cases
        if units:
            hazards.setdefault(wish.apart, set()).update({wish.hazard} - {""})
            groups.setdefault(wish.apart, []).append(_goods(wish._replace(units=units), wish.sides))
    for apart in sorted(groups):
        fitting = []
        for goods in groups[apart]:
            box = Block(goods.key, (0, 0, 0), goods.sides, (1, 1, 1))
            if goods.units > MOST_UNITS:
                own.append(_as_it_is(box, goods.units, goods.units * goods.weight_g))
            elif any(_may_hold(kind, goods) for kind in kinds):
                fitting.append(goods)
            else:
                own += [_as_it_is(box, 1, goods.weight_g)] * goods.units
        if fitting and freight_of is not None:
            freight = freight_of(sorted(hazards[apart]))
            chosen = _least_cost(fitting, kinds, freight)
            found.cartons += [replace(one, freight=freight([(one.type_id, one.weight_g)])) for one in chosen]
        elif fitting:
            found.cartons += _cheapest(fitting, kinds)
    found.cartons += own
    return found


def _as_it_is(box: Block, units: int, weight_g: int) -> Carton:
    return Carton(AS_IT_IS, (box,), ((box.key, units),), weight_g, PERMILLE)


def _cheapest(goods: Sequence[Goods], kinds: Sequence[CartonKind]) -> list[Carton]:
    """One carton where one will do, the cheapest; else the best of the plans that fill one type after another."""
    ranked = sorted(kinds, key=lambda kind: (kind.cost, kind.volume, kind.type_id))
    tries = min(max(EFFORT // _work(goods, ranked), 1), LAST_TRIES)
    single = _single(goods, ranked, tries)
    if single is not None:
        return [single]
    best: list[Carton] = []
    rank: tuple[int, Decimal, int] | None = None
    cost = {kind.type_id: (kind.cost, kind.volume) for kind in kinds}
    for bulk in reversed(ranked):
        if not any(_may_hold(bulk, one) for one in goods):
            continue
        cartons = _filled(goods, bulk, ranked, tries, len(best) or None)
        if cartons is None:
            continue
        price = sum((cost[one.type_id][0] for one in cartons), Decimal(0))
        found_rank = (len(cartons), price, sum(cost[one.type_id][1] for one in cartons))
        if rank is None or found_rank < rank:
            best, rank = cartons, found_rank
    return best


def _least_cost(goods: Sequence[Goods], kinds: Sequence[CartonKind], freight: Freight) -> list[Carton]:
    """The cartons that cost least with their freight: of each single one that holds all, and of several.

    A type that is larger and no cheaper than one that holds all is not tried: its freight cannot be less. Several are
    tried only where they could cost less than the best single one: two of the lightest set the least for that.
    """
    ranked = sorted(kinds, key=lambda kind: (kind.cost, kind.volume, kind.type_id))
    tries = min(max(EFFORT // _work(goods, ranked), 1), LAST_TRIES)
    of = {kind.type_id: kind for kind in kinds}

    def rank(cartons: Sequence[Carton]) -> tuple[Decimal, int, int]:
        boxes = sum((of[one.type_id].cost for one in cartons), Decimal(0))
        sent = freight([(one.type_id, one.weight_g) for one in cartons])
        return boxes + sent, len(cartons), sum(of[one.type_id].volume for one in cartons)

    best: list[Carton] = []
    holding: list[CartonKind] = []
    for kind in ranked:
        if any(_is_within(smaller, kind) for smaller in holding):
            continue
        single = _single(goods, [kind], tries)
        if single is not None:
            holding.append(kind)
            best = [single] if not best or rank([single]) < rank(best) else best
    # What an empty carton costs at least: a plan of many cartons costs as much for each.
    empty = {kind.type_id: kind.cost + freight([(kind.type_id, kind.tare_g)]) for kind in kinds}
    least = min(empty.values())
    if best and (least <= 0 or rank(best)[0] <= 2 * least):
        return best
    most = int(rank(best)[0] / least) if best else None
    for bulk in reversed(ranked):
        if bulk in holding or not any(_may_hold(bulk, one) for one in goods):
            continue
        cartons = max(-(-_volume(goods) // bulk.volume), 2)
        if best and empty[bulk.type_id] + least * (cartons - 1) >= rank(best)[0]:
            continue
        found = _filled(goods, bulk, ranked, 1 if best else tries, most)
        if found is not None and (not best or rank(found) < rank(best)):
            best = found
            most = int(rank(best)[0] / least) if least > 0 else most
    return best


def _is_within(smaller: CartonKind, larger: CartonKind) -> bool:
    """Whether a carton type has no side, weight or cost above those of another."""
    sides = zip(sorted(smaller.inside), sorted(larger.inside), strict=True)
    return all(a <= b for a, b in sides) and smaller.tare_g <= larger.tare_g and smaller.cost <= larger.cost


def _filled(
    goods: Sequence[Goods], bulk: CartonKind, ranked: Sequence[CartonKind], tries: int, most: int | None
) -> list[Carton] | None:
    """Cartons of one type until the rest fits into one carton; what the type cannot hold goes into larger ones.

    None as soon as it cannot be done in `most` cartons: another plan needs no more.
    """
    rest = list(goods)
    cartons: list[Carton] = []
    each = [bulk] if all(_may_hold(bulk, one) for one in goods) else ranked
    while rest:
        if most is not None and len(cartons) + _least(rest, each, ranked) > most:
            return None
        single = _single(rest, ranked, tries) if cartons else None  # that one does not do is known
        if single is not None:
            return [*cartons, single]
        kind = bulk
        found = load(kind.inside, rest, kind.max_weight_g, tries)
        if not found.blocks:
            kind = max((k for k in ranked if any(_may_hold(k, one) for one in rest)), key=lambda k: k.volume)
            found = load(kind.inside, rest, kind.max_weight_g, tries)
        cartons.append(_carton(kind, found))
        rest = [one._replace(units=units) for one, units in zip(rest, found.left, strict=True) if units]
    return cartons


def _single(goods: Sequence[Goods], ranked: Sequence[CartonKind], tries: int) -> Carton | None:
    """The first type of which one carton holds all."""
    volume, weight = _volume(goods), _weight(goods)
    for kind in ranked:
        if volume > kind.volume or weight > kind.max_weight_g or not all(_may_hold(kind, one) for one in goods):
            continue
        found = load(kind.inside, goods, kind.max_weight_g, min(tries, FIRST_TRIES))
        if found.is_whole:
            return _carton(kind, found)
    return None


def _least(goods: Sequence[Goods], each: Sequence[CartonKind], last: Sequence[CartonKind]) -> int:
    """How many cartons of `each` and one of `last` goods need by volume and weight, however well they are packed."""
    room, bears = max(kind.volume for kind in each), max(kind.max_weight_g for kind in each)
    more_room = _volume(goods) - max(kind.volume for kind in last)
    more_g = _weight(goods) - max(kind.max_weight_g for kind in last)
    return 1 + max(-(-more_room // room), -(-more_g // bears), 0)


def _carton(kind: CartonKind, found: Load) -> Carton:
    units: dict[int, int] = {}
    for block in found.blocks:
        units[block.key] = units.get(block.key, 0) + block.units
    filled = found.volume * PERMILLE // kind.volume
    return Carton(kind.type_id, tuple(found.blocks), tuple(units.items()), found.weight_g + kind.tare_g, filled)


def _may_hold(kind: CartonKind, goods: Goods) -> bool:
    """Whether one unit goes into an empty carton of the type."""
    if goods.weight_g > kind.max_weight_g:
        return False
    long, wide, high = kind.inside
    return any(a <= long and b <= wide and c <= high for a, b, c in ways(goods))


def _volume(goods: Iterable[Goods]) -> int:
    return sum(one.units * one.sides[0] * one.sides[1] * one.sides[2] for one in goods)


def _weight(goods: Iterable[Goods]) -> int:
    return sum(one.units * one.weight_g for one in goods)
