"""Promised days in a run: what can be kept is kept, best rank first, and rank decides all the rest. No database."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation import reasons
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_certificates import NO_CONTEXT, in_groups, pack, replay, unpack, unpack_group
from flowrack.allocation.rules_decide import Decision, Inputs, decide
from flowrack.allocation.rules_pegs import Beside, Demand, Pegs, Supply, summed
from flowrack.allocation.rules_told import with_rivals
from flowrack.allocation.tests.test_rules_decide import TODAY, claim, pool
from flowrack.allocation.types_rules import ClassRule, RuleSet

SHIPPED = RuleSet()


def day(n: int) -> date:
    return TODAY + timedelta(days=n)


def promised(one: Claim, n: int) -> Claim:
    """A claim that was promised to leave in so many days."""
    return one._replace(promised_on=day(n))


def po(n: int, units: int, *, item: int = 1) -> Supply:
    """Units of PO line n that can leave in n days."""
    return Supply(item, day(n), units, n, f"PO-{n}")


def run(claims: list[Claim], stock: int, *coming: Supply, rules: RuleSet = SHIPPED, **more: object) -> Decision:
    return decide(rules, Inputs(TODAY, claims, [pool(1, stock)], coming=list(coming), **more))  # type: ignore[arg-type]


def got(decision: Decision) -> dict[int, int]:
    return {share.claim.line_id: share.units for share in decision.shares}


def said(decision: Decision, line_id: int, rules: RuleSet = SHIPPED) -> str:
    grounds = with_rivals(decision, NO_CONTEXT, rules, TODAY)
    return reasons.sentence(next(one for one in grounds if one.share.claim.line_id == line_id))


def test_a_better_tier_that_came_later_does_not_take_what_a_lower_one_was_promised():
    earlier, later = promised(claim(1, 12, tier="C"), 0), claim(2, 20, tier="A")
    found = run([earlier, later], 20)
    assert got(found) == {2: 8, 1: 12}
    assert said(found, 2) == ("8 of 20 reserved, 12 wait: 12 in stock are kept for SO-1, promised for 14 May.")
    assert got(run([earlier, later], 20, rules=RuleSet(promises="rank"))) == {2: 20, 1: 0}


def test_what_comes_in_time_for_the_promise_frees_the_stock():
    earlier, later = promised(claim(1, 12, tier="C"), 5), claim(2, 20, tier="A")
    assert got(run([earlier, later], 20, po(5, 12))) == {2: 20, 1: 0}
    assert got(run([earlier, later], 20, po(5, 7))) == {2: 15, 1: 5}
    assert got(run([earlier, later], 20, po(6, 12))) == {2: 8, 1: 12}


def test_of_two_that_can_both_be_kept_the_better_rank_has_its_units_first():
    best, worst = promised(claim(1, 10, tier="A"), 5), promised(claim(2, 10, tier="C"), 5)
    assert got(run([worst, best], 10, po(5, 10))) == {1: 10, 2: 0}
    early = promised(claim(2, 10, tier="C"), 4)
    assert got(run([early, best], 10, po(5, 10))) == {1: 0, 2: 10}


def test_when_supply_slips_the_rank_decides_who_loses():
    best, worst = promised(claim(1, 10, tier="A"), 4), promised(claim(2, 10, tier="C"), 3)
    assert got(run([worst, best], 10, po(4, 10))) == {1: 0, 2: 10}
    assert got(run([worst, best], 10, po(9, 10))) == {1: 10, 2: 0}


def test_a_promise_whose_day_is_past_needs_stock_now():
    assert got(run([promised(claim(1, 6, tier="C"), -9), claim(2, 9, tier="A")], 10, po(1, 50))) == {2: 4, 1: 6}


def test_a_class_that_guarantees_goes_before_promises():
    rules = RuleSet(classes=(ClassRule("Clinics", "guarantee", tiers=("A",)), ClassRule("Rest")))
    found = run([promised(claim(1, 12, tier="C"), 0), claim(2, 15, tier="A"), claim(3, 9, tier="B")], 20, rules=rules)
    assert got(found) == {2: 15, 3: 0, 1: 5}
    assert said(found, 3, rules) == "All 9 wait: 5 in stock are kept for SO-1, promised for 14 May."


def test_nested_days_keep_all_that_can_be_kept():
    three = promised(claim(1, 4, tier="C", order=1), 3)
    nine = promised(claim(2, 6, tier="C", order=1), 9)
    a, b = claim(3, 30, tier="A"), claim(4, 30, tier="B")
    found = run([three, nine, a, b], 10, po(2, 3), po(8, 5))
    assert got(found) == {3: 8, 4: 0, 1: 2, 2: 0}  # 2 more by the 2nd day would do for the 3rd, and for the 9th
    assert said(found, 4) == "All 30 wait: 2 in stock are kept for SO-1 and 1 other, promised by 23 May."


def test_a_quote_on_goods_to_come_keeps_them_when_they_are_there():
    quote = Beside(promised(claim(-5, 10, tier="C"), 6)._replace(number="QT-1001"))
    found = run([claim(2, 25, tier="A")], 25, beside=[quote])
    assert got(found) == {2: 15}
    assert said(found, 2) == "15 of 25 reserved, 10 wait: 10 in stock are kept for QT-1001, promised for 20 May."
    assert got(run([claim(2, 25, tier="A")], 25, po(6, 4), beside=[quote])) == {2: 19}


def test_lines_that_are_not_in_the_run_are_kept_summed_up():
    others = [promised(claim(n, 2, tier="C"), n % 3) for n in range(10, 16)]
    kept = summed(others, "ahead")
    assert [(one.claim.units, one.claim.promised_on, one.lines) for one in kept] == [
        (4, day(1), 2), (4, day(2), 2), (4, day(0), 2),
    ]  # fmt: skip
    found = run([claim(1, 50, tier="A")], 20, po(2, 3), beside=kept)
    assert got(found) == {1: 11}
    assert said(found, 1).endswith("9 in stock are kept for SO-10 and 5 others, promised by 16 May.")
    behind = run([promised(claim(1, 50, tier="A"), 0)], 20, po(2, 3), beside=summed(others, "behind"))
    assert got(behind) == {1: 20}


def test_lots_that_will_not_do_for_a_promise_are_not_kept_for_it():
    old, new = pool(1, 10, days=5), pool(2, 10, days=90)
    fussy = promised(claim(1, 8, tier="C", life=30), 0)
    found = decide(SHIPPED, Inputs(TODAY, [fussy, claim(2, 20, tier="A")], [old, new]))
    assert {s.claim.line_id: [(t.pool.pool_id, t.units) for t in s.takes] for s in found.shares} == {
        2: [(1, 10), (2, 2)],
        1: [(2, 8)],
    }


def test_a_line_that_goes_only_whole_is_kept_whole_or_not_at_all():
    whole = promised(claim(1, 12, tier="C", policy="line"), 0)
    assert got(run([whole, claim(2, 20, tier="A")], 20)) == {2: 8, 1: 12}
    assert got(run([whole, claim(2, 5, tier="A")], 10)) == {2: 5, 1: 0}
    complete = [promised(claim(n, 6, tier="C", order=1, policy="complete", item=n), 0) for n in (1, 2)]
    pools = [pool(1, 10, item=1), pool(2, 3, item=2)]
    found = decide(SHIPPED, Inputs(TODAY, [*complete, claim(3, 10, tier="A")], pools))
    assert got(found) == {3: 4, 1: 0, 2: 0}  # item 2 may still come, and then the order goes


def test_a_claim_behind_its_horizon_keeps_its_stock_all_the_same():
    rules = RuleSet(horizon_days=3)
    found = run([promised(claim(1, 6, tier="C", days=9), 9), claim(2, 9, tier="A")], 10, rules=rules)
    assert (got(found), {s.claim.line_id: s.held_back for s in found.shares}) == ({2: 4, 1: 0}, {2: "kept", 1: "early"})


def test_a_certificate_holds_what_was_promised_and_gives_the_same_again():
    claims = [promised(claim(1, 12, tier="C"), 5), claim(2, 20, tier="A"), claim(3, 5, item=2)]
    quote = Beside(promised(claim(-5, 4, tier="C"), 6)._replace(number="QT-1001"))
    pools = [pool(1, 20), pool(2, 3, item=2)]
    inputs = in_groups(Inputs(TODAY, claims, pools, coming=[po(5, 7), po(6, 1, item=3)], beside=[quote]))
    decision = decide(SHIPPED, inputs)
    packed = pack(inputs, decision, "rule")
    again, _ = unpack(packed.inputs, {1: "SO-1", 2: "SO-2", 3: "SO-3"})
    assert (again.claims, again.beside) == (
        inputs.claims,
        [quote._replace(claim=quote.claim._replace(number="QT-1001"))],
    )
    assert [(s.item_id, s.on, s.units, s.po_line_id) for s in again.coming] == [(1, day(5), 7, 5)]
    assert replay(packed.inputs, SHIPPED) == packed.result_hash
    alone = unpack_group(packed.inputs, 3)
    assert alone is not None and (alone[0].beside, alone[0].coming) == ([], [])
    mine = unpack_group(packed.inputs, 2)
    assert mine is not None and got(decide(SHIPPED, mine[0])) == {2: 11, 1: 9}


some_demands = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 5), st.sampled_from(((1,), (2,), (1, 2)))), min_size=1, max_size=5
)
some_coming = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=3)


def most_that_fits(stock: dict[int, int], coming: list[tuple[date, int]], demands: list[Demand]) -> int:
    """The most units that can be served at once, by Hall: found by looking at every set of demands."""
    wanted = sum(demand.units for demand in demands)
    worst = 0
    for count in range(1, len(demands) + 1):
        for some in combinations(demands, count):
            there = sum(stock[p] for p in frozenset.union(*(d.pools for d in some)))
            there += sum(units for on, units in coming if on <= max(d.on for d in some))
            worst = max(worst, sum(d.units for d in some) - there)
    return wanted - worst


@given(some_demands, some_coming, st.integers(0, 6), st.integers(0, 6))
def test_each_promise_is_kept_as_far_as_those_of_better_rank_let_it(rows, comes, one, two):
    stock, coming = {1: one, 2: two}, [(day(on), units) for on, units in comes]
    demands = [
        Demand(claim(n, units), units, day(on), frozenset(pools)) for n, (units, on, pools) in enumerate(rows, start=1)
    ]
    pegs = Pegs(stock, coming, demands)
    for n in range(1, len(demands) + 1):
        assert sum(pegs.accepted[d.claim.line_id] for d in demands[:n]) == most_that_fits(stock, coming, demands[:n])


def test_what_must_stay_is_counted_of_all_pools_when_some_suit_only_some():
    """Nothing comes: 4 of the one lot and 5 of either must stay, of 10 and 20."""
    only_one = Demand(claim(1, 4), 4, day(2), frozenset({1}))
    either = Demand(claim(2, 5), 5, day(2), frozenset({1, 2}))
    assert Pegs({1: 10, 2: 20}, [], [only_one, either]).kept == 9
    assert Pegs({1: 10, 2: 20}, [(day(1), 3)], [only_one, either]).kept == 6


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 6), st.sampled_from("ABC"), st.booleans()), max_size=7),
    some_coming,
    st.integers(0, 12),
    st.randoms(use_true_random=False),
)
def test_when_all_can_be_kept_all_are_kept_as_supply_comes_on_its_days(rows, comes, stock, chance):
    """Day by day: what comes is put to stock, a run shares it out, and newcomers of the best tier want everything."""
    lines = {
        n: claim(n, units, tier=tier)._replace(promised_on=day(on) if is_promised else None)
        for n, (units, on, tier, is_promised) in enumerate(rows, start=1)
    }
    coming = [po(on, units) for on, units in comes]
    asked = [Demand(c, c.units, c.promised_on, frozenset({1})) for c in lines.values() if c.promised_on is not None]
    if not Pegs({1: stock}, [(supply.on, supply.units) for supply in coming], asked).are_all_kept:
        return
    for today in range(8):
        arrived = [supply for supply in coming if supply.on <= day(today)]
        coming = [supply for supply in coming if supply.on > day(today)]
        chance.shuffle(arrived)
        for n, units in enumerate([0, *(supply.units for supply in arrived)]):
            stock += units
            left = [*arrived[n:], *coming]
            newcomer = claim(100 + today, 9, tier="A")
            found = decide(SHIPPED, Inputs(day(today), [*lines.values(), newcomer], [pool(1, stock)], coming=left))
            for share in found.shares:
                stock -= share.units
                if share.claim.line_id in lines:
                    lines[share.claim.line_id] = share.claim._replace(units=share.missing)
            lines = {line_id: one for line_id, one in lines.items() if one.units}
        assert not [one for one in lines.values() if one.promised_on is not None and one.promised_on <= day(today)]
