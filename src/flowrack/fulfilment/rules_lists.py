"""Which picks one person makes in one walk: pure and deterministic.

Whole pallets go apart, each a list of its own, and so do whole cases; units are picked by the method of their zone's
policy. Orders that share a cart are chosen by `group`, which may know the way round the racks; without it they are
taken in the order of their first bin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.states import AtShort, Method, UnitKind

WHOLE_SITE = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site (zone 0) or a zone is picked."""

    zone_id: int = WHOLE_SITE
    method: str = Method.CLUSTER
    positions: int = 8
    max_lines: int = 60
    max_volume_ml: int | None = None
    max_weight_g: int | None = None
    scan_bin: bool = False
    scan_item: bool = True
    scan_lot: bool = False
    scan_qty: bool = False
    scan_tote: bool = True
    aisle_limit: int = 0
    lease_minutes: int = 60
    consolidation_id: int | None = None
    at_short: str = AtShort.BINS


class Measure(NamedTuple):
    """Units of a full case (0: none is known), what one unit weighs and takes up as far as it was measured; fragile
    goods bear nothing."""

    case_units: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    is_fragile: bool = False


class Job(NamedTuple):
    """The picks of one order that are to be made by one method in one part of the house, in walking order."""

    order_id: int
    picks: tuple[int, ...]  # places in the plans
    lines: int
    weight_g: int
    volume_ml: int


@dataclass(frozen=True, slots=True)
class House:
    """What the rule must know beside the picks. `pallets` are license plates of pallets."""

    zone_of: Mapping[int, int]
    pallets: frozenset[int]
    measures: Mapping[int, Measure]
    policies: Mapping[int, Policy]
    due_on: Mapping[int, date]
    method: str = ""  # by which a wave is picked, whatever the policies say


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A list as it is to be made: picks (places in the plans) in walking order; the orders on the cart, A first."""

    method: str
    unit_kind: str
    zone_id: int
    picks: tuple[int, ...]
    orders: tuple[int, ...]
    weight_g: int
    volume_ml: int
    due_on: date
    consolidation_id: int | None
    why: str


Group = Callable[[Sequence[Job], Policy], list[list[Job]]]


@dataclass(slots=True)
class _Part:
    """Picks of one kind and policy, by order."""

    kind: str
    policy: Policy
    of_order: dict[int, list[int]] = field(default_factory=dict)


def kind_of(plan: PickPlan, measure: Measure, *, is_pallet: bool) -> str:
    """What the picker handles: the whole pallet, whole cases, or units."""
    if is_pallet and plan.units == plan.cell.on_hand:
        return UnitKind.PALLET
    if measure.case_units > 1 and plan.units % measure.case_units == 0:
        return UnitKind.CASE
    return UnitKind.EACH


def fits(jobs: Sequence[Job], policy: Policy) -> bool:
    """Whether the orders go on one cart: positions, lines, weight and volume."""
    return (
        len(jobs) <= _positions(policy)
        and sum(job.lines for job in jobs) <= policy.max_lines
        and (policy.max_weight_g is None or sum(job.weight_g for job in jobs) <= policy.max_weight_g)
        and (policy.max_volume_ml is None or sum(job.volume_ml for job in jobs) <= policy.max_volume_ml)
    )


def _positions(policy: Policy) -> int:
    return 1 if policy.method == Method.DISCRETE else policy.positions


def by_first_bin(jobs: Sequence[Job], policy: Policy) -> list[list[Job]]:
    """Orders on carts in the order of their first bin, each cart until the next order does not fit."""
    found: list[list[Job]] = []
    for job in sorted(jobs, key=lambda job: (job.picks[0], job.picks[-1], job.order_id)):
        if found and fits([*found[-1], job], policy):
            found[-1].append(job)
        else:
            found.append([job])
    return found


def make_lists(plans: Sequence[PickPlan], house: House, group: Group = by_first_bin) -> list[ListDraft]:
    """The lists of a wave whose picks are in walking order; each pick is on one list."""
    site = house.policies.get(WHOLE_SITE, Policy())
    parts: dict[tuple[int, str], _Part] = {}
    for n, plan in enumerate(plans):
        policy = house.policies.get(house.zone_of.get(plan.cell.location_id, WHOLE_SITE), site)
        if house.method:
            policy = replace(policy, method=house.method)
        measure = house.measures.get(plan.demand.item_id, Measure())
        kind = kind_of(plan, measure, is_pallet=plan.cell.lpn_id in house.pallets)
        part = parts.setdefault((policy.zone_id, kind), _Part(kind, policy))
        part.of_order.setdefault(plan.demand.order_id, []).append(n)
    drafts: list[ListDraft] = []
    for _, part in sorted(parts.items()):
        if part.kind == UnitKind.PALLET:
            drafts += [
                _draft(plans, house, part, [_job(plans, house, order_id, [n])], "a full pallet is one trip")
                for order_id, picks in part.of_order.items()
                for n in picks
            ]
        else:
            drafts += _of_part(plans, house, part, group)
    return sorted(drafts, key=lambda draft: draft.picks[0])


def _of_part(plans: Sequence[PickPlan], house: House, part: _Part, group: Group) -> list[ListDraft]:
    """Lists of one kind and policy. An order that is too much for one cart has lists of its own."""
    together: list[Job] = []
    drafts: list[ListDraft] = []
    for order_id, picks in part.of_order.items():
        job = _job(plans, house, order_id, picks)
        if fits([job], part.policy):
            together.append(job)
            continue
        loads = _loads(plans, house, job, part.policy)
        for n, load in enumerate(loads, 1):
            drafts.append(_draft(plans, house, part, [load], f"load {n} of {len(loads)} of an order beyond one cart"))
    for jobs in group(together, part.policy) if together else []:
        drafts.append(_draft(plans, house, part, jobs, _why(jobs, part, house.method)))
    return drafts


def _loads(plans: Sequence[PickPlan], house: House, job: Job, policy: Policy) -> list[Job]:
    """One order in several trips, in walking order; a single pick is never split."""
    loads: list[list[int]] = []
    for n in job.picks:
        if loads and fits([_job(plans, house, job.order_id, [*loads[-1], n])], policy):
            loads[-1].append(n)
        else:
            loads.append([n])
    return [_job(plans, house, job.order_id, picks) for picks in loads]


def _job(plans: Sequence[PickPlan], house: House, order_id: int, picks: Sequence[int]) -> Job:
    weight = volume = 0
    for n in picks:
        measure = house.measures.get(plans[n].demand.item_id)
        if measure is not None:
            weight += plans[n].units * measure.weight_g
            volume += plans[n].units * measure.volume_ml
    return Job(order_id, tuple(picks), len(picks), weight, volume)


def _why(jobs: Sequence[Job], part: _Part, asked: str) -> str:
    policy = part.policy
    where = "of its zone" if policy.zone_id else "of the site"
    who = f"the wave's template asks for {asked}" if asked else f"the rule {where} is {policy.method}"
    if len(jobs) == 1:
        return f"one order; {who}"
    lines = sum(job.lines for job in jobs)
    most = f"at most {policy.positions} orders and {policy.max_lines} lines go on a cart"
    return f"{len(jobs)} orders, {lines} lines; {most}; {who}"


def _draft(plans: Sequence[PickPlan], house: House, part: _Part, jobs: Sequence[Job], why: str) -> ListDraft:
    is_one = len(jobs) == 1 and part.policy.method == Method.CLUSTER
    is_pallet = part.kind == UnitKind.PALLET
    return ListDraft(
        method=Method.DISCRETE if is_one or is_pallet else part.policy.method,
        unit_kind=part.kind,
        zone_id=part.policy.zone_id,
        picks=tuple(sorted(n for job in jobs for n in job.picks)),
        orders=tuple(job.order_id for job in sorted(jobs, key=lambda job: (job.picks[0], job.order_id))),
        weight_g=sum(job.weight_g for job in jobs),
        volume_ml=sum(job.volume_ml for job in jobs),
        due_on=min(house.due_on[job.order_id] for job in jobs),
        consolidation_id=part.policy.consolidation_id,
        why=why,
    )


def waits_elsewhere(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Which orders wait for which other lists, as a picker reads it: orders that wait for the same lists together."""
    orders: dict[tuple[str, ...], list[str]] = {}
    for order, lists in parts:
        orders.setdefault(tuple(lists), []).append(order)
    return " ".join(
        f"{_and(found)} {'waits' if len(found) == 1 else 'wait'} for {_and(lists)} more."
        for lists, found in orders.items()
    )


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
