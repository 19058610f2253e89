"""Choosing bins for goods at the dock: read the house, decide, lock what was chosen, and look again under the lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from flowrack.ledger.types import OWN
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.storage import known, locks, queries_bins, queries_rules, queries_site, rules, steps_census
from flowrack.storage.queries import ItemNeeds
from flowrack.storage.queries_rules import RulesInUse
from flowrack.storage.queries_site import SiteNow
from flowrack.storage.rules import Load
from flowrack.storage.rules_house import BEST, Choice, House, choose_bins
from flowrack.storage.rules_putaway import Around, Bin, Goods, removed_by
from flowrack.storage.rules_why import putaway_sentence
from flowrack.storage.types import PutawayNeed

LOOK = (BEST, 60, 1_000_000)  # empty bins of a shape that are looked at in the first, second and last try
FEW_LOOKS = 1_000  # empty bins, beyond which all are read at once
FEW_GROUPS = 40  # for more goods than these, all empty bins are read at once
PORTION = 500  # goods that are chosen for between two statements
TRIES = 25  # as many others may be faster at the same moment


@dataclass(frozen=True, slots=True)
class Group:
    """Needs that go together: everything on one LPN at a place, or one loose need."""

    places: list[int]  # in the list of needs
    goods: Goods


def group_needs(needs: Sequence[PutawayNeed], facts: dict[int, ItemNeeds]) -> list[Group]:
    """Put what stands on the same LPN, in the same quality, together."""
    together: dict[tuple[int, int, str] | int, list[int]] = defaultdict(list)
    for i, need in enumerate(needs):
        together[(need.location_id, need.lpn_id, need.quality) if need.lpn_id else -1 - i].append(i)
    return [Group(places, goods_of([needs[i] for i in places], facts)) for places in together.values()]


def goods_of(needs: Sequence[PutawayNeed], facts: dict[int, ItemNeeds]) -> Goods:
    """What a bin must bear when these come together."""
    on_lpn = bool(needs[0].lpn_id)
    load = Load(lpns=1 if on_lpn else 0)
    for need in needs:
        size = facts[need.item_id].size
        load = load.plus(Load(size.volume_ml(need.units), size.grams(need.units)))
    items = [facts[n.item_id] for n in needs]
    return Goods(
        item_ids=frozenset(n.item_id for n in needs),
        roles=rules.ROLES_OF_QUALITY[needs[0].quality],
        temperatures=frozenset(item.temperature for item in items),
        hazards=frozenset(item.hazard for item in items if item.hazard),
        load=load,
        storage_classes=frozenset(item.storage_class for item in items),
        lot_ids=frozenset(n.lot_id for n in needs),
        owner_ids=frozenset({OWN}),
        units=sum(n.units for n in needs),
        height_mm=max(f.size.height_mm(n.units, on_lpn=on_lpn) for f, n in zip(items, needs, strict=True)),
        velocity=min(item.velocity for item in items),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice for each group in order, and by which version of the rules."""

    choices: list[Choice]
    in_use: RulesInUse


def choose(
    ctx: Context,
    site_id: int,
    groups: Sequence[Group],
    *,
    without_moves: Sequence[int] = (),
    state: steps_census.State | None = None,
) -> Chosen:
    """A bin for each group, in order. What was chosen stays locked until the command ends.

    Somebody else may have filled a chosen bin while we waited for its lock: then all look once more. A fixed number of
    statements a try, whatever the number of goods. `state` is that of the census, where it was read just before.
    """
    many = [group.goods for group in groups]
    asked = queries_site.ask_site_now(site_id, _items(many), without_moves)
    if state is None:
        state = steps_census.state_of(sql.fetch_all(*steps_census.ask_state(site_id)))
    are_counted, answers = steps_census.follow_and_read(ctx, site_id, state, [asked])
    now = queries_site.site_now_of(answers[0])
    in_use = known.rules_in_use(now)
    look = 0 if len(groups) <= FEW_GROUPS else len(LOOK) - 1
    choices: list[Choice] = []
    doubtful: set[int] = set()
    for n in range(TRIES):
        if n:
            now = queries_site.site_now_of(sql.fetch_all(*asked))
        wide = LOOK[look] + len(groups) - 1
        house = load_house(site_id, many, in_use, now, look=wide, without_moves=without_moves, doubtful=doubtful)
        choices = [_weighed(house, many[0], without_moves)] if len(many) == 1 else _choose_many(house, many)
        is_short = any(choice.chosen is None for choice in choices)
        if look < len(LOOK) - 1 and any(c.chosen is None and c.has_more for c in choices):
            look += 1
        elif is_short and not are_counted:
            steps_census.count_all(ctx, site_id)
            are_counted = True
        elif not (failed := _failed_under_lock(site_id, many, choices, house.around, without_moves)):
            return Chosen(choices, in_use)
        else:
            doubtful |= failed
            steps_census.mend(site_id, sorted(failed))
    return Chosen([replace(choice, chosen=None) for choice in choices], in_use)


def _choose_many(house: House, many: Sequence[Goods]) -> list[Choice]:
    """Choices for many goods in order. Between portions the server hears of us: it ends a transaction that idles."""
    choices: list[Choice] = []
    for first in range(0, len(many), PORTION):
        if first:
            sql.fetch_value("SELECT 1")
        choices += choose_bins(many[first : first + PORTION], house)
    return choices


def _items(many: Sequence[Goods]) -> list[int]:
    return sorted({item for goods in many for item in goods.item_ids})


def load_house(
    site_id: int,
    many: Sequence[Goods],
    in_use: RulesInUse,
    now: SiteNow,
    *,
    look: int,
    without_moves: Sequence[int] = (),
    doubtful: Collection[int] = (),
) -> House:
    """The part of a site's bins that matters for these goods. Five statements at most.

    Doubtful bins are read from the ledger, whatever is known of them.
    """
    around = in_use.around
    around.busy, around.faces = now.busy, now.faces
    kinds = known.kinds(site_id, now)
    shapes, judged = kinds.shapes, kinds.judgements(in_use)
    house = House(around, shapes, under_way=now.under_way, has_all=look >= LOOK[-1], judged=judged)
    if any(goods.hazards for goods in many):
        know_hazards(around, site_id, without_moves)
    fitting = {shape.shape_id for goods in many for shape, gone in house.shapes_for(goods) if gone is None}
    walks = {0} if house.has_all else {0, *(walk for faces in around.faces.values() for _, _, walk in faces)}
    free = sorted(s for s in fitting if house.has_all or shapes[s].empty > now.under_way.get(s, 0))
    wanted = [(shape_id, walk) for shape_id in free for walk in sorted(walks)]
    looks = len(wanted) * look
    is_all_read = looks > FEW_LOOKS or looks > sum(shapes[s].empty for s in free)
    ids = {*now.places, *doubtful}
    if any(goods.may_mix for goods in many):
        roles = sorted({role for goods in many for role in goods.roles})
        ids |= set(queries_bins.filled_bins(site_id, roles, many=200))
    if is_all_read or not wanted or not ids:
        empties = queries_bins.empty_bins(wanted, many=look, is_all_read=is_all_read, without_moves=without_moves)
        house.add_empties(row for row in empties if row[0] not in doubtful)
        found = queries_bins.bins(sorted(ids - house.rows.keys()), without_moves=without_moves)
    else:
        empties, filled = sql.fetch_together(
            [
                queries_bins.ask_empty_bins(wanted, look, without_moves),
                queries_bins.ask_bins(sorted(ids), without_moves),
            ]
        )
        house.add_empties(row for row in empties if row[0] not in doubtful)
        found = [place for place in queries_bins.bins_of(filled) if place.location_id not in house.rows]
    house.add_all([(place, place.shape_id) for place in found if place.shape_id])
    hung = [place.location_id for place in house.bins.values() if place.max_beam_weight_g is not None]
    if len(many) > 1:
        hung += [p for p, (shape_id, _) in house.rows.items() if shapes[shape_id].first.max_beam_weight_g is not None]
    around.beams = queries_bins.beam_loads(hung, without_moves) if hung else {}
    return house


def _weighed(house: House, goods: Goods, without_moves: Sequence[int]) -> Choice:
    """The choice, once it is read what hangs on the beams of the best three bins."""
    known: set[int] = set()
    while True:
        choice = house.choose(goods)
        hung = {p.location_id for p, _ in choice.candidates if p.max_beam_weight_g is not None} - known
        if not hung or len(known) > LOOK[1]:
            return choice
        known |= hung
        house.around.beams.update(queries_bins.beam_loads(sorted(hung), without_moves))


def know_hazards(around: Around, site_id: int, without_moves: Sequence[int]) -> None:
    """Hazardous goods of the site, which goods that are hazardous must keep away from. One statement."""
    for zone_id, aisle, stop, item_id, hazard, code in queries_bins.hazards(site_id, without_moves):
        around.hazardous.setdefault(zone_id, {}).setdefault(hazard, {})[(aisle, stop, item_id)] = code


def _failed_under_lock(
    site_id: int, many: Sequence[Goods], choices: Sequence[Choice], seen: Around, without_moves: Sequence[int]
) -> set[int]:
    """The chosen bins that are not right any more, now that they are locked. Five statements at most, of which what
    locks the bins and what reads them afterwards are one message."""
    ids = [choice.chosen.location_id for choice in choices if choice.chosen is not None]
    if not ids:
        return set()
    pairs = list(zip(many, choices, strict=True))
    zones = [choice.chosen.zone_id for goods, choice in pairs if choice.chosen is not None and goods.hazards]
    hung = [c.chosen.location_id for c in choices if c.chosen is not None and c.chosen.max_beam_weight_g is not None]
    around = Around(rules=seen.rules, classes=seen.classes)
    locks.zones(zones)
    asked = [locks.ask_bins(ids, hung), queries_bins.ask_bins(sorted(set(ids)), without_moves)]
    asked += [queries_bins.ask_beam_loads(hung, without_moves)] if hung else []
    _, read, *loads = sql.fetch_together(asked)
    around.beams = queries_bins.loads_of(loads[0]) if loads else {}
    if zones:
        know_hazards(around, site_id, without_moves)
    places = queries_bins.bins_of(read)
    limited = [p.location_id for p in places if p.max_beam_weight_g is not None and p.location_id not in hung]
    if limited:
        around.beams |= queries_bins.beam_loads(limited, without_moves)
    house = House(around, {})
    house.add_all([(place, 0) for place in places])
    failed: set[int] = set()
    for goods, choice in pairs:
        if choice.chosen is None:
            continue
        place = house.bins[choice.chosen.location_id]
        if removed_by(goods, place, around) is not None:
            failed.add(place.location_id)
        else:
            house.put(goods, place.location_id)
    return failed


def around_places(places: Sequence[Bin], risky: Collection[int], *, without_moves: Sequence[int] = ()) -> Around:
    """What places are judged by to which goods are brought by hand: beams, and hazards near those in `risky`.

    What hangs on the same beams and the zones of hazardous goods are locked. Nothing is read where neither counts.
    """
    around = Around()
    hung = [place.location_id for place in places if place.max_beam_weight_g is not None]
    zones = sorted({place.zone_id for place in places if place.location_id in risky})
    if hung or zones:
        locks.bins(hung, zone_ids=zones)
        around.beams = queries_bins.beam_loads(hung, without_moves)
    if zones:
        site_id = queries_bins.site_of_zone(zones[0])
        around.rules = replace(queries_rules.in_use(site_id).rules, volume_percent=100, weight_percent=100)
        know_hazards(around, site_id, without_moves)
    return around


def decision(
    planned_move_id: int, group: Group, choice: Choice, needs: Sequence[PutawayNeed], facts: dict[int, ItemNeeds],
    in_use: RulesInUse,
) -> DecisionRow:  # fmt: skip
    """Why this bin: the best three with their scores, and for each rule how many bins it removed, with an example."""
    return DecisionRow(
        kind="putaway",
        subject=ref("storage.planned_move", planned_move_id),
        sentence=putaway_sentence(choice),
        rule=in_use.title,
        detail={
            "goods": [
                {"sku": facts[needs[i].item_id].sku, "units": needs[i].units, "quality": needs[i].quality}
                for i in group.places
            ],
            "chosen": choice.chosen.code if choice.chosen else None,
            "candidates": [
                {"bin": place.code, "role": place.role, "score_mm": sum(ways.values()), "ways_mm": ways}
                for place, ways in choice.candidates
            ],
            "removed": {rule: {"bins": gone.bins, "nearest": gone.sentence} for rule, gone in choice.removed.items()},
        },
    )
