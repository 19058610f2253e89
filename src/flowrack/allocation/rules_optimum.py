"""The best that any allocation could reach under the same hard rules, to hold the ranked one against it. Pure.

What is hard: no pool gives more than it has; a lot with too little life, or another than asked for, is not given; a
`line` claim is served whole or not at all, a `complete` order in all of its lines or in none. What is not: the rank.
The worth of a promised unit says what one would rather have. As a program: units `x` of claim and pool, and a yes or
no for each claim or order that is not split; maximise the worth of all `x`. Solved by HiGHS (`scipy.optimize.milp`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from importlib import import_module
from typing import Any, NamedTuple

from flowrack.allocation.rules import Claim, Pool, Share, suits

MOST_CLAIMS = 1_500  # in one program: several small ones are solved faster together, large ones alone
SECONDS = 60  # for one program; where they do not suffice, the proven bound counts
GAP = 1e-6
TIER_WORTH = {"A": 4, "B": 2, "C": 1}


class Worth(NamedTuple):
    """What an allocation reached, and the best that is proven possible, in the unit of the worths given."""

    reached: int
    best: int

    @property
    def gap(self) -> Decimal:
        """The share of the best that was not reached, in percent with three decimals."""
        if self.best == 0:
            return Decimal(0)
        return (Decimal(self.best - self.reached) * 100 / self.best).quantize(Decimal("0.001"), ROUND_HALF_EVEN)


@dataclass(slots=True)
class Part:
    """Claims that compete for stock with each other, alone or because an order is not split, and what they may get."""

    claims: list[Claim]
    pools: list[Pool]


def worth_of(claim: Claim, unit_price: Decimal) -> int:
    """The worth of a unit: its price in cents, twice for tier B and four times for tier A."""
    return int((unit_price * 100).to_integral_value(ROUND_HALF_EVEN)) * TIER_WORTH.get(claim.tier, 1)


def against_best(shares: Sequence[Share], pools: Iterable[Pool], worth: Mapping[int, int]) -> Worth:
    """How near an allocation is to the best. `worth`: of a unit, by line; `pools` as they were before."""
    return Worth(
        reached=sum(share.units * worth[share.claim.line_id] for share in shares),
        best=best([share.claim for share in shares], pools, worth),
    )


def best(claims: Sequence[Claim], pools: Iterable[Pool], worth: Mapping[int, int]) -> int:
    """The highest total worth that the hard rules allow, or where it is not found in time a bound above it."""
    total, contested = uncontested(claims, list(pools), worth)
    return total + sum(_solve(part, worth) for part in programs(contested))


def planned(part: Part, worth: Mapping[int, int], seconds: int | Decimal) -> dict[int, int] | None:
    """Units by line of the best plan that is found in so many seconds; None when none is found. What is not split has
    all of its units or none."""
    program = _program(part, worth)
    if not any(program.gain):
        return {}
    found = _most(program, seconds).values
    if found is None:
        return None
    units: dict[int, Decimal] = {}
    for column, line_id in program.line_of.items():
        units[line_id] = units.get(line_id, Decimal(0)) + Decimal(found[column])
    plan = {line_id: int(of_line.to_integral_value(ROUND_HALF_EVEN)) for line_id, of_line in units.items()}
    for claim in part.claims:
        if claim.policy in ("line", "complete"):
            plan[claim.line_id] = claim.units if plan.get(claim.line_id, 0) * 2 > claim.units else 0
    return plan


def uncontested(claims: Sequence[Claim], pools: Sequence[Pool], worth: Mapping[int, int]) -> tuple[int, list[Part]]:
    """The worth of claims that nobody competes with, and the parts into which all others fall.

    An item with enough of what suits everybody needs no program: its claims are served. They drop out of orders that
    are not split, too.
    """
    of_item: dict[int, list[Claim]] = {}
    for claim in claims:
        of_item.setdefault(claim.item_id, []).append(claim)
    stock: dict[int, list[Pool]] = {}
    for pool in pools:
        if pool.item_id in of_item:
            stock.setdefault(pool.item_id, []).append(pool)
    easy = {item for item, wanting in of_item.items() if _is_enough(wanting, stock.get(item, []))}
    orders = {claim.order_id for claim in claims if claim.policy == "complete" and claim.item_id not in easy}
    total = sum(
        claim.units * worth[claim.line_id]
        for claim in claims
        if claim.item_id in easy and not (claim.policy == "complete" and claim.order_id in orders)
    )
    left = [c for c in claims if c.item_id not in easy or (c.policy == "complete" and c.order_id in orders)]
    return total, list(_parts(left, stock))


def _is_enough(claims: Sequence[Claim], pools: Sequence[Pool]) -> bool:
    wanted = sum(claim.units for claim in claims)
    return sum(pool.free for pool in pools if all(suits(claim, pool) for claim in claims)) >= wanted


def _parts(claims: Sequence[Claim], stock: Mapping[int, list[Pool]]) -> Iterator[Part]:
    """Claims that share an item, or an order that is not split, belong together (a union of sets, in order)."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def find(key: tuple[str, int]) -> tuple[str, int]:
        while (up := leader.setdefault(key, key)) != key:
            leader[key] = leader[up]
            key = leader[key]
        return key

    for claim in claims:
        item = find(("item", claim.item_id))
        if claim.policy == "complete":
            leader[item] = find(("order", claim.order_id))
    parts: dict[tuple[str, int], list[Claim]] = {}
    for claim in claims:
        parts.setdefault(find(("item", claim.item_id)), []).append(claim)
    for together in parts.values():
        items = sorted({claim.item_id for claim in together})
        yield Part(together, [pool for item in items for pool in stock.get(item, [])])


def programs(parts: Sequence[Part]) -> Iterator[Part]:
    """Small parts in one program: they do not touch each other, and a program has its price."""
    claims: list[Claim] = []
    pools: list[Pool] = []
    for part in parts:
        if claims and len(claims) + len(part.claims) > MOST_CLAIMS:
            yield Part(claims, pools)
            claims, pools = [], []
        claims, pools = claims + part.claims, pools + part.pools
    if claims:
        yield Part(claims, pools)


@dataclass(slots=True)
class _Program:
    """A part as columns (units of a claim from a pool; yes or no for what is not split) and rows with a ceiling."""

    gain: list[int]
    most: list[int]
    is_switch: list[int]
    entries: list[tuple[int, int, int]]  # row, column, factor
    ceiling: list[int]
    line_of: dict[int, int]  # column of units -> line


class _Found(NamedTuple):
    """What the solver proved: no plan is worth more than `bound`; and the best that it found, by column, if any."""

    bound: int
    values: Sequence[Any] | None


def _solve(part: Part, worth: Mapping[int, int]) -> int:
    """The best total worth of a part, or the bound that is proven. Float inside the solver alone."""
    program = _program(part, worth)
    return _most(program, SECONDS).bound if any(program.gain) else 0


def _program(part: Part, worth: Mapping[int, int]) -> _Program:
    by_item: dict[int, list[tuple[int, Pool]]] = {}
    for row, pool in enumerate(part.pools):
        by_item.setdefault(pool.item_id, []).append((row, pool))
    found = _Program([], [], [], [], [pool.free for pool in part.pools], {})
    switches: dict[tuple[str, int], int] = {}
    for claim in part.claims:
        is_split = claim.policy not in ("line", "complete")
        row_of_claim = len(found.ceiling)
        found.ceiling.append(claim.units if is_split else 0)
        for row, pool in by_item.get(claim.item_id, []):
            if suits(claim, pool):
                found.entries += [(row, len(found.gain), 1), (row_of_claim, len(found.gain), 1)]
                found.line_of[len(found.gain)] = claim.line_id
                found.gain.append(-worth[claim.line_id])
                found.most.append(min(claim.units, pool.free))
                found.is_switch.append(0)
        if not is_split:
            key = ("line", claim.line_id) if claim.policy == "line" else ("order", claim.order_id)
            if key not in switches:
                switches[key] = len(found.gain)
                found.gain.append(0)
                found.most.append(1)
                found.is_switch.append(1)
            found.entries.append((row_of_claim, switches[key], -claim.units))
    return found


def _most(program: _Program, seconds: int | Decimal) -> _Found:
    """Hand the program to the solver. Half a second to load it: only for whoever asks."""
    optimize, sparse = import_module("scipy.optimize"), import_module("scipy.sparse")
    rows, columns, factors = zip(*program.entries, strict=True)
    shape = (len(program.ceiling), len(program.gain))
    found = optimize.milp(
        c=program.gain,
        integrality=program.is_switch,
        bounds=optimize.Bounds([0] * len(program.gain), program.most),
        constraints=optimize.LinearConstraint(
            sparse.csr_array((factors, (rows, columns)), shape=shape), [0] * len(program.ceiling), program.ceiling
        ),
        options={"time_limit": seconds, "mip_rel_gap": GAP},
    )
    bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
    if bound is None:
        return _Found(-sum(gain * most for gain, most in zip(program.gain, program.most, strict=True)), found.x)
    return _Found(-int(Decimal(bound).to_integral_value(ROUND_HALF_EVEN)), found.x)
