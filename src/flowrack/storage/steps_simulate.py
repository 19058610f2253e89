"""Trying a rule set on the past: the house as it was, what came put away by the new rules, what left taken out again.

What left is taken from the bins in the order in which they were filled, whichever bin it really came from. Goods that
found no bin are counted as refused and leave no gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flowrack.ledger.types import OWN
from flowrack.platform import sql
from flowrack.platform.importing.stage import tell
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.storage import queries, queries_bins, queries_simulate, rules
from flowrack.storage.queries import ItemNeeds
from flowrack.storage.queries_rules import RuleSetRow
from flowrack.storage.queries_simulate import PastPutaway
from flowrack.storage.rules import Load
from flowrack.storage.rules_house import House
from flowrack.storage.rules_putaway import Bin
from flowrack.storage.rules_why import closest, putaway_sentence
from flowrack.storage.steps_choose import goods_of
from flowrack.storage.types import PutawayNeed
from flowrack.storage.types_putaway import Simulated

TELL_EVERY = 500
Line = tuple[int, int, int, int | None, int | None, int, int, str, str]


@dataclass(slots=True)
class Replay:
    """A house on its way through the past: who lies where in which order."""

    house: House
    facts: dict[int, ItemNeeds]
    bay_mm: int
    lying: dict[int, deque[tuple[int, int]]] = field(default_factory=dict)  # item -> (place, units) as filled
    units_in: dict[int, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def lie(self, item_id: int, place: int, units: int) -> None:
        """Units lie in a place from now on."""
        self.lying.setdefault(item_id, deque()).append((place, units))
        self.units_in[place] = self.units_in.get(place, 0) + units

    def put_away(self, together: Sequence[PastPutaway]) -> None:
        """Choose a bin for what stood on one LPN."""
        needs = [PutawayNeed("", 0, p.item_id, Units(p.units), p.lot_id, p.lpn_id, p.quality) for p in together]
        goods = goods_of(needs, self.facts)
        choice = self.house.choose(goods)
        place, rule, sentence = choice.chosen, "", ""
        if place is None:
            rule = closest(choice) or "no_bins"
            sentence = putaway_sentence(choice)
        else:
            self.house.put(goods, place.location_id)
        for past in together:
            if place is not None:
                self.lie(past.item_id, place.location_id, past.units)
            self.lines.append(
                (
                    past.id,
                    past.item_id,
                    past.units,
                    past.went_to or None,
                    place.location_id if place else None,
                    past.stop * self.bay_mm // 1_000,
                    place.stop * self.bay_mm // 1_000 if place else 0,
                    rule,
                    sentence[:300],
                )
            )

    def take(self, item_id: int, units: int) -> None:
        """Units of an item leave, from the bin filled first; a bin from which all left is empty."""
        lying = self.lying.get(item_id)
        while lying and units > 0:
            place, there = lying.popleft()
            taken = min(there, units)
            units -= taken
            self.units_in[place] -= taken
            if taken < there:
                lying.appendleft((place, there - taken))
            if not self.units_in[place]:
                self.house.empty(place)


def simulate(ctx: Context, row: RuleSetRow, from_on: date, to_on: date) -> Simulated:
    """Replay these days under the rules and write what came of each putaway."""
    sql.execute("SET LOCAL enable_nestloop = off")  # these reads are long, and must not depend on statistics
    past = queries_simulate.putaways_between(row.site_id, from_on, to_on)
    stock = queries_simulate.stock_on(row.site_id, from_on)
    facts = queries.item_needs(sorted({p.item_id for p in past} | {s.item_id for s in stock}))
    replay = Replay(_house(row, stock, facts), facts, row.rules.bay_mm)
    for one in stock:
        replay.lie(one.item_id, one.location_id, one.units)
    left = queries_simulate.left_between(row.site_id, from_on, to_on)
    sql.execute("SET LOCAL enable_nestloop = on")
    days: dict[date, dict[int, list[PastPutaway]]] = {}
    for p in past:
        days.setdefault(p.on, {}).setdefault(p.task_id if p.lpn_id and p.task_id else -p.id, []).append(p)
    for on in sorted({*days, *left}):
        for together in days.get(on, {}).values():
            replay.put_away(together)
            if len(replay.lines) % TELL_EVERY < len(together):
                tell(len(replay.lines), "Putting away")
        for item_id, units in left.get(on, ()):
            replay.take(item_id, units)
    return _write(ctx, row, from_on, to_on, replay.lines)


def _house(row: RuleSetRow, stock: Sequence[queries_simulate.PastStock], facts: dict[int, ItemNeeds]) -> House:
    """All bins of the site as they were filled on the first morning."""
    all_roles = sorted({role for roles in rules.ROLES_OF_QUALITY.values() for role in roles})
    shapes = {
        shape.shape_id: replace(shape, empty=shape.empty + shape.filled, filled=0, filled_code="")
        for shape in queries_bins.shapes(row.site_id, all_roles)
    }
    around = row.in_use.around
    faces = queries_simulate.all_faces(row.site_id)
    house = House(around, shapes, has_all=True)
    by_place: dict[int, list[queries_simulate.PastStock]] = {}
    for one in stock:
        by_place.setdefault(one.location_id, []).append(one)
    places: list[tuple[Bin, int]] = []
    empties = []
    for found in queries_simulate.all_bins(row.site_id):
        face_of, face_max = faces.get(found[0], (0, 0))
        if not face_of and found[0] not in by_place:
            empties.append(found)
            continue
        house.rows[found[0]] = (found[1], found)
        place = house.bin(found[0])
        if face_of:
            around.faces.setdefault(face_of, []).append((place.stop, place.code, place.pick_sequence))
            place = replace(place, face_of=face_of, face_max=face_max)
        if there := by_place.get(place.location_id):
            place = _filled(place, there, facts)
            house.under_way[found[1]] = house.under_way.get(found[1], 0) + (0 if face_of else 1)
            for one in there:
                around.add_hazards(place, one.item_id, [h] if (h := facts[one.item_id].hazard) else [])
        places.append((place, found[1]))
    house.add_empties(empties)
    house.add_all(places)
    for place, _ in places:
        if place.max_beam_weight_g is not None and not place.is_empty:
            house.hang(place, place.load.weight_g)
    return house


def _filled(place: Bin, there: Sequence[queries_simulate.PastStock], facts: dict[int, ItemNeeds]) -> Bin:
    load = Load(lpns=len({one.lpn_id for one in there} - {0}))
    for one in there:
        size = facts[one.item_id].size
        load = load.plus(Load(size.volume_ml(one.units), size.grams(one.units)))
    return replace(
        place,
        load=load,
        item_ids=frozenset(one.item_id for one in there),
        lot_ids=frozenset(one.lot_id for one in there),
        owner_ids=frozenset(one.owner_id for one in there) or frozenset({OWN}),
        units=sum(one.units for one in there),
    )


def _write(ctx: Context, row: RuleSetRow, from_on: date, to_on: date, lines: Sequence[Line]) -> Simulated:
    """The simulation and its lines; older simulations of the version go. Three statements and a COPY."""
    tell(len(lines), "Writing")
    refused = sum(1 for line in lines if line[4] is None)
    both = [line for line in lines if line[3] is not None and line[4] is not None]
    metres_then, metres = sum(line[5] for line in both), sum(line[6] for line in both)
    sql.execute(
        """
        DELETE FROM storage_simulatedputaway WHERE simulation_id IN
               (SELECT id FROM storage_putawaysimulation WHERE rule_set_id = %s)
        """,
        (row.id,),
    )
    simulation_id = sql.fetch_value(
        """
        INSERT INTO storage_putawaysimulation (rule_set_id, from_on, to_on, receipts, placed, refused, metres,
                                               metres_then, ran_by_id, ran_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (row.id, from_on, to_on, len(lines), len(lines) - refused, refused, metres, metres_then, ctx.actor_id, ctx.now),
    )
    with sql.cursor() as cursor, cursor.copy(_COPY) as copy:
        for line in lines:
            copy.write_row((simulation_id, *line))
    return Simulated(simulation_id, row.id, len(lines), len(lines) - refused, refused, metres, metres_then)


_COPY = (
    "COPY storage_simulatedputaway (simulation_id, planned_move_id, item_id, units, went_to_id, would_go_to_id,"
    " metres_then, metres, rule, sentence) FROM STDIN"
)
