"""The best possible allocation: checked against trying everything, and against instances worked out by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from flowrack.allocation import rules
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_best import best_aims
from flowrack.allocation.rules_decide import Inputs, decide
from flowrack.allocation.rules_optimum import Worth, against_best, best, worth_of
from flowrack.allocation.types_rules import RuleSet

TODAY = date(2026, 11, 30)


def claim(line_id: int, units: int, *, order: int = 0, item: int = 1, policy: str = "partial", life: int = 0) -> Claim:
    return Claim(line_id, order or line_id, f"SO-{order or line_id}", item, units, "A", TODAY, policy, life)


def pool(pool_id: int, free: int, *, item: int = 1, days: int | None = None) -> Pool:
    expires_on = None if days is None else TODAY + timedelta(days=days)
    return Pool(pool_id, item, pool_id, f"L-{pool_id}", expires_on, pool_id, free)


def test_a_unit_is_worth_its_price_by_tier():
    assert worth_of(claim(1, 1), Decimal("2.50")) == 1000
    assert worth_of(claim(1, 1)._replace(tier="B"), Decimal("2.50")) == 500
    assert worth_of(claim(1, 1)._replace(tier="C"), Decimal("2.50")) == 250


def test_the_line_that_goes_whole_is_worth_more_than_the_first_in_rank():
    """7 units; the first takes 4 and the second, who takes 6 or nothing, gets none: 4 of 7."""
    claims = [claim(1, 4), claim(2, 6, policy="line")]
    worth = {1: 100, 2: 100}
    shares = rules.share_out(claims, [pool(1, 7)])
    assert [share.units for share in shares] == [4, 0]
    found = against_best(shares, [pool(1, 7)], worth)
    assert found == Worth(reached=400, best=700)
    assert found.gap == Decimal("42.857")


def test_an_order_that_is_not_split_is_served_in_all_its_lines_or_in_none():
    claims = [claim(1, 3, order=1, policy="complete"), claim(2, 5, order=1, item=2, policy="complete"), claim(3, 2)]
    pools = [pool(1, 3), pool(2, 4, item=2)]
    assert best(claims, pools, {1: 10, 2: 10, 3: 10}) == 20
    assert best(claims, [pool(1, 3), pool(2, 5, item=2)], {1: 10, 2: 10, 3: 10}) == 80


def test_a_lot_with_too_little_life_is_no_stock():
    claims = [claim(1, 5, life=60), claim(2, 5)]
    assert best(claims, [pool(1, 4, days=30), pool(2, 3, days=90)], {1: 7, 2: 1}) == 3 * 7 + 4 * 1


def test_where_all_are_served_nothing_is_missed():
    claims = [claim(1, 5), claim(2, 5, order=2, policy="complete"), claim(3, 1, order=2, item=2, policy="complete")]
    pools = [pool(1, 12), pool(2, 1, item=2)]
    worth = {1: 3, 2: 5, 3: 7}
    assert against_best(rules.share_out(claims, pools), pools, worth) == Worth(15 + 25 + 7, 15 + 25 + 7)


def everything(claims: Sequence[Claim], pools: Sequence[Pool], worth: dict[int, int]) -> int:
    """The best worth by trying every number of units for every claim and pool."""
    pairs = [(c, p) for c in claims for p in pools if rules_suit(c, p)]

    @cache
    def search(at: int, free: tuple[int, ...], got: tuple[int, ...]) -> int:
        if at == len(pairs):
            return sum(u * worth[c.line_id] for c, u in zip(claims, got, strict=True)) if allowed(got) else -1
        one, place = pairs[at]
        i, j = claims.index(one), pools.index(place)
        return max(
            search(at + 1, (*free[:j], free[j] - n, *free[j + 1 :]), (*got[:i], got[i] + n, *got[i + 1 :]))
            for n in range(min(free[j], one.units - got[i]) + 1)
        )

    def allowed(got: tuple[int, ...]) -> bool:
        whole = {c.order_id: True for c in claims}
        for c, units in zip(claims, got, strict=True):
            if c.policy == "line" and units not in (0, c.units):
                return False
            whole[c.order_id] &= units == c.units
        return all(c.policy != "complete" or u == 0 or whole[c.order_id] for c, u in zip(claims, got, strict=True))

    return search(0, tuple(p.free for p in pools), (0,) * len(claims))


def rules_suit(one: Claim, place: Pool) -> bool:
    return one.item_id == place.item_id and rules.keeps_long_enough(
        place, ship_on=one.ship_on, min_life_days=one.min_life_days
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_best_is_the_best_of_all(seed):
    chance = random.Random(seed)
    pools = [pool(n, chance.randint(0, 4), item=1 + n % 2, days=chance.choice([None, 30, 90])) for n in range(3)]
    claims, line = [], 0
    for order in range(1, 4):
        policy = chance.choice(["partial", "line", "complete"])
        for item in chance.sample([1, 2], chance.randint(1, 2)):
            line += 1
            life = chance.choice([0, 60])
            claims.append(claim(line, chance.randint(1, 3), order=order, item=item, policy=policy, life=life))
    worth = {c.line_id: chance.randint(1, 9) for c in claims}
    assert best(claims, pools, worth) == everything(claims, pools, worth)


@pytest.mark.parametrize("seed", range(6))
def test_a_run_by_the_best_total_value_reaches_the_best_and_gives_nobody_more_than_the_rules_do(seed):
    chance = random.Random(seed)
    claims = [
        claim(
            n,
            chance.randint(1, 6),
            order=1 + n // 3,
            item=1 + n % 4,
            policy=("partial", "line", "complete")[n // 3 % 3],
        )
        for n in range(1, 31)
    ]
    pools = [pool(n, chance.randint(3, 14), item=n) for n in range(1, 5)]
    worth = {one.line_id: chance.randint(1, 9) for one in claims}
    inputs = Inputs(TODAY, claims, pools)
    found = best_aims(RuleSet(), inputs, worth, 60, lambda: Decimal(0))
    assert found.reached == best(claims, pools, worth) > found.by_rank
    shares = decide(RuleSet(), replace(inputs, aims=found.aims)).shares
    assert sum(share.units * worth[share.claim.line_id] for share in shares) == found.reached
    assert all(share.units in (0, share.claim.units) for share in shares if share.claim.policy != "partial")


def test_without_time_for_a_plan_the_rank_decides():
    claims = [claim(1, 4), claim(2, 6, policy="line")]
    found = best_aims(RuleSet(), Inputs(TODAY, claims, [pool(1, 7)]), {1: 1, 2: 1}, 5, lambda: Decimal(6))
    assert (found.aims, found.programs, found.unsolved, found.by_rank, found.reached) == ({}, 1, 1, 4, 4)
