"""The walk of each list, and which orders share a cart, by the way round the racks. Pure.

A release holds orders and stock while it looks, so there is an end to the looking: the lists of a very large wave are
walked in the order of the bins until somebody takes them, and carts of many orders are filled by the aisles that the
orders share instead of by their walks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.rules_lists import Group, Job, ListDraft, Measure, Policy, by_first_bin
from flowrack.fulfilment.states import Method
from flowrack.walks import rules_batches, rules_routes, rules_seeds
from flowrack.walks.rules_floor import Floor
from flowrack.walks.types import Cart, Handling, Route, Stop, TripRefused
from flowrack.walks.types import Job as Load
from flowrack.walks.types import Method as Way

HEAVY_G = 10_000  # a pick of this weight goes to the bottom of the cart
MOST_DETOUR_PCT = 15
MOST_ORDERS = 40  # that are put on carts by the way round the racks
MOST_STOPS = 12_000  # of a wave whose walks are found at the release


@dataclass(frozen=True, slots=True)
class Walk:
    """How a list is walked: the method, its millimetres, and those of every other way; why that one."""

    method: str
    mm: int
    why: str
    alternatives: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goods:
    """What is taken at a stop: where, how heavy, whether it is crushed easily."""

    location_id: int
    weight_g: int = 0
    is_fragile: bool = False


def walk(goods: Sequence[Goods], floor: Floor) -> tuple[list[int], Walk] | None:
    """Positions of the goods in the order to take them, and the walk; None where the floor does not know a place."""
    handling = Handling(HEAVY_G, fragile_last=True, most_detour_pct=MOST_DETOUR_PCT)
    try:
        found: Route = rules_routes.route(
            [Stop(one.location_id, one.weight_g, one.is_fragile) for one in goods], floor, handling
        )
    except TripRefused:
        return None
    order, method = list(found.order), str(found.method)
    if found.alternatives.get(str(Way.AS_GIVEN)) == found.mm:  # no way is shorter: people know the order of the bins
        order, method = list(range(len(goods))), str(Way.AS_GIVEN)
    return order, Walk(method, found.mm, found.why, dict(found.alternatives))


def walks(
    drafts: Sequence[ListDraft], plans: Sequence[PickPlan], measures: Mapping[int, Measure], floor: Floor
) -> list[tuple[tuple[int, ...], Walk | None]]:
    """The picks of each list in the order to make them, and its walk (None: not looked for yet)."""
    found: list[tuple[tuple[int, ...], Walk | None]] = []
    stops = 0
    for draft in drafts:
        stops += len(draft.picks)
        answer = walk([goods_of(plans[n], measures) for n in draft.picks], floor) if stops <= MOST_STOPS else None
        if answer is None:
            found.append((draft.picks, None))
        else:
            found.append((tuple(draft.picks[n] for n in answer[0]), answer[1]))
    return found


def goods_of(plan: PickPlan, measures: Mapping[int, Measure]) -> Goods:
    measure = measures.get(plan.demand.item_id, Measure())
    return Goods(plan.cell.location_id, plan.units * measure.weight_g, measure.is_fragile)


def group_by(plans: Sequence[PickPlan], floor: Floor) -> Group:
    """Orders on carts so that little is walked; by their first bin where a place is not known."""

    def group(jobs: Sequence[Job], policy: Policy) -> list[list[Job]]:
        places = sorted({plans[n].cell.location_id for job in jobs for n in job.picks})
        is_known = all(place in floor.layout.spots for place in places)
        if policy.method == Method.DISCRETE or len(jobs) < 2 or not is_known:
            return by_first_bin(jobs, policy)
        cart = Cart(policy.positions, policy.max_volume_ml or 0, policy.max_weight_g or 0, policy.max_lines)
        if len(jobs) > MOST_ORDERS:
            at = [_load(job, tuple(dict.fromkeys(plans[n].cell.location_id for n in job.picks))) for job in jobs]
            return [[jobs[n] for n in trip] for trip in rules_seeds.quick_batches(at, cart, floor)]
        row = {place: n for n, place in enumerate(places)}
        matrix = floor.matrix([*(floor.at(place) for place in places), floor.start, floor.end])
        loads = [_load(job, tuple(dict.fromkeys(row[plans[n].cell.location_id] for n in job.picks))) for job in jobs]
        trips = rules_batches.batches(loads, cart, matrix, start=len(places), end=len(places) + 1, effort=0)
        return [[jobs[n] for n in trip.jobs] for trip in trips]

    return group


def _load(job: Job, points: tuple[int, ...]) -> Load:
    return Load(points, job.volume_ml, job.weight_g, job.lines)
