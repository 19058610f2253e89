"""The engine of a run: the shipped rules give what they always gave, and each rule does what it says. No database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation import rules
from flowrack.allocation.rules import Claim, Pool, Share
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide
from flowrack.allocation.rules_quotas import ALL, quota_units
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet, SupplyRule, Weights

TODAY = date(2026, 5, 14)


def pool(pool_id: int, free: int, *, item: int = 1, days: int | None = None, arrival: int = 0, face: int = 0) -> Pool:
    expires = None if days is None else TODAY + timedelta(days=days)
    return Pool(pool_id, item, pool_id, f"L{pool_id}", expires, arrival or pool_id, free, face)


def claim(
    line: int,
    units: int,
    *,
    tier: str = "B",
    days: int = 0,
    customer: int = 0,
    policy: str = "partial",
    item: int = 1,
    order: int = 0,
    age: int = 0,
    life: int = 0,
) -> Claim:
    return Claim(
        line, order or line, f"SO-{order or line}", item, units, tier, TODAY + timedelta(days=days), policy, life,
        customer=customer or line, ordered_at=line, line_no=line, age=age,
    )  # fmt: skip


def got(rule_set: RuleSet, claims: list[Claim], pools: list[Pool], **more: object) -> dict[int, int]:
    return {s.claim.line_id: s.units for s in run(rule_set, claims, pools, **more).shares}


def run(rule_set: RuleSet, claims: list[Claim], pools: list[Pool], **more: object) -> Decision:
    return decide(rule_set, Inputs(TODAY, claims, pools, **more))  # type: ignore[arg-type]


def why(decision: Decision) -> dict[int, str]:
    return {s.claim.line_id: s.held_back for s in decision.shares}


POLICIES = ("partial", "line", "complete")
some_claims = st.lists(
    st.tuples(
        st.integers(1, 5), st.integers(1, 3), st.integers(1, 40), st.integers(0, 9), st.sampled_from("ABC"),
        st.integers(0, 60), st.integers(1, 3),
    ),
    max_size=14,
).map(
    lambda rows: [
        claim(
            n, units, order=order, item=item, days=3 * order % 7, tier="ABC"[order % 3],
            policy=POLICIES[order % 3], life=life, customer=order,
        )
        for n, (order, item, units, _, _, life, _) in enumerate(rows, start=1)
    ]
)  # fmt: skip
some_pools = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 40), st.one_of(st.none(), st.integers(-5, 90))), max_size=8
).map(lambda rows: [pool(n, free, item=item, days=days) for n, (item, free, days) in enumerate(rows, start=1)])
some_rules = st.builds(
    RuleSet,
    classes=st.lists(
        st.builds(
            ClassRule,
            name=st.just("x"),
            semantics=st.sampled_from(("guarantee", "keep", "share", "improve", "hold", "release")),
            tiers=st.sampled_from(((), ("A",), ("B", "C"))),
            weights=st.builds(Weights, tier=st.integers(0, 9), date=st.integers(0, 9), age=st.integers(0, 9)),
            horizon_days=st.one_of(st.none(), st.integers(0, 9)),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    quotas=st.lists(
        st.builds(
            Quota,
            name=st.just("q"),
            kind=st.sampled_from(("protect", "limit")),
            percent=st.integers(1, 100),
            tiers=st.sampled_from((("A",), ("B",))),
        ),
        max_size=2,
    ).map(tuple),
    supply=st.builds(
        SupplyRule, order=st.sampled_from(("fefo", "fifo")), full_packs=st.booleans(), one_lot=st.booleans()
    ),
    fairness_percent=st.sampled_from((100, 30)),
)


def served_before(shares: list[Share]) -> list[tuple[int, int, list[tuple[int, int]], str]]:
    return [(s.claim.line_id, s.units, [(t.pool.pool_id, t.units) for t in s.takes], s.held_back) for s in shares]


@given(claims=some_claims, pools=some_pools)
def test_the_shipped_rules_give_what_share_out_gives(claims, pools):
    in_rank = sorted(
        claims,
        key=lambda c: (
            c.tier,
            c.ship_on,
            min(o.ordered_at for o in claims if o.order_id == c.order_id),
            c.order_id,
            c.line_no,
        ),
    )
    claims = [c._replace(ordered_at=min(o.ordered_at for o in claims if o.order_id == c.order_id)) for c in claims]
    expected = served_before(
        rules.share_out([next(c for c in claims if c.line_id == r.line_id) for r in in_rank], pools)
    )
    assert served_before(run(RuleSet(), claims, pools).shares) == expected


@given(claims=some_claims, pools=some_pools, rule_set=some_rules, data=st.data())
def test_no_rule_set_promises_what_is_not_there_or_splits_what_must_stay_whole(claims, pools, rule_set, data):
    stock = {p.pool_id: p for p in pools}
    holdings = [
        Holding(c.line_id, p.pool_id, data.draw(st.integers(1, 9)))
        for c in claims
        for p in pools
        if p.item_id == c.item_id and data.draw(st.booleans())
    ]
    found = run(rule_set, claims, pools, holdings=holdings, packs={1: (6,), 2: (4, 12)})
    spare = {p.pool_id: p.free for p in pools}
    for holding in found.moved:
        spare[holding.pool_id] += holding.units
    held: dict[tuple[int, int], int] = {}
    for h in holdings:
        held[h.line_id, h.pool_id] = held.get((h.line_id, h.pool_id), 0) + h.units
    for h in found.moved:
        held[h.line_id, h.pool_id] -= h.units
        assert held[h.line_id, h.pool_id] >= 0
    for share in found.shares:
        assert 0 <= share.units == sum(t.units for t in share.takes) <= share.claim.units
        for take in share.takes:
            assert take.units > 0 and stock[take.pool.pool_id].item_id == share.claim.item_id
            assert rules.suits(share.claim, take.pool)
            spare[take.pool.pool_id] -= take.units
        if share.claim.policy == "line":
            assert share.units in (0, share.claim.units)
        if share.claim.policy == "complete":
            of_order = [s for s in found.shares if s.claim.order_id == share.claim.order_id]
            assert all(s.missing == 0 for s in of_order) or all(s.units == 0 for s in of_order)
    assert min(spare.values(), default=0) >= 0
    assert run(rule_set, claims, pools, holdings=holdings, packs={1: (6,), 2: (4, 12)}) == found


def test_classes_come_before_scores_and_scores_before_dates():
    rule_set = RuleSet(
        classes=(
            ClassRule("Contract", customers=(9,)),
            ClassRule("Others", weights=Weights(age=5, date=1)),
        )
    )
    claims = [claim(1, 5, tier="A"), claim(2, 5, tier="C", age=90), claim(3, 5, tier="C", customer=9, days=20)]
    assert [s.claim.line_id for s in run(rule_set, claims, [pool(1, 8)]).shares] == [3, 2, 1]
    assert got(rule_set, claims, [pool(1, 8)]) == {3: 5, 2: 3, 1: 0}


def test_what_is_not_split_can_go_before_what_is_in_its_class():
    """Of 10 line 1 takes 6, and line 2, which is not split, gets none of its 7; whole first, 2 and 3 have all."""
    claims = [claim(1, 6), claim(2, 7, policy="line"), claim(3, 3, policy="complete")]
    assert got(RuleSet(), claims, [pool(1, 10)]) == {1: 6, 2: 0, 3: 3}
    whole_first = RuleSet(classes=(ClassRule("All", weights=Weights(whole=10)),))
    assert got(whole_first, claims, [pool(1, 10)]) == {1: 0, 2: 7, 3: 3}


def test_the_six_things_a_class_can_do():
    pools = [pool(1, 4)]
    holdings = [Holding(line, 1, 6) for line in (1, 2)]

    def after(first: str, second: str) -> tuple[dict[int, int], list[tuple[int, int]]]:
        rule_set = RuleSet(classes=(ClassRule("A", first, tiers=("A",)), ClassRule("B", second, tiers=("B",))))
        found = run(rule_set, [claim(1, 10, tier="A"), claim(2, 10, tier="B")], pools, holdings=holdings)
        return {s.claim.line_id: s.units for s in found.shares}, [(h.line_id, h.units) for h in found.moved]

    assert after("keep", "keep") == ({1: 4, 2: 0}, [])
    assert after("keep", "share") == ({1: 10, 2: 0}, [(2, 6)])  # the 6 of line 2 are shared out anew, by rank
    assert after("share", "share") == ({1: 16, 2: 0}, [(1, 6), (2, 6)])
    assert after("improve", "keep") == ({2: 4, 1: 0}, [])  # keeps, but gets more only after all others
    assert after("keep", "hold") == ({1: 4, 2: 0}, [])
    assert after("guarantee", "hold") == ({1: 10, 2: 0}, [(2, 6)])  # takes from what is on hold
    assert after("keep", "release") == ({1: 10, 2: 0}, [(2, 6)])
    assert after("release", "keep") == ({1: 0, 2: 10}, [(1, 6)])


def test_far_orders_do_not_eat_todays_stock():
    found = run(
        RuleSet(horizon_days=10), [claim(1, 5, tier="A", days=11), claim(2, 5, tier="C", days=10)], [pool(1, 5)]
    )
    assert {s.claim.line_id: s.units for s in found.shares} == {1: 0, 2: 5}
    assert why(found) == {1: "early", 2: ""}
    its_own = RuleSet(classes=(ClassRule("A", tiers=("A",), horizon_days=20), ClassRule("B")), horizon_days=10)
    assert got(its_own, [claim(1, 5, tier="A", days=11)], [pool(1, 5)]) == {1: 5}


def test_one_customer_gets_no_more_than_the_cap_while_others_wait_and_then_the_rest():
    rule_set = RuleSet(fairness_percent=40)
    big, small = claim(1, 80, tier="A", customer=7), claim(2, 30, customer=8)
    assert got(rule_set, [big, small], [pool(1, 100)]) == {1: 70, 2: 30}
    assert got(rule_set, [big, small._replace(units=90)], [pool(1, 100)]) == {1: 60, 2: 40}
    assert got(rule_set, [big], [pool(1, 100)]) == {1: 80}
    found = run(rule_set, [big, claim(3, 50, tier="A", customer=7, days=1), claim(2, 60, customer=8)], [pool(1, 100)])
    assert {s.claim.line_id: s.units for s in found.shares} == {1: 60, 3: 0, 2: 40}


def test_a_protection_keeps_stock_for_its_orders_and_a_limit_lets_them_have_no_more():
    protect = RuleSet(quotas=(Quota("Clinics", "protect", 30, tiers=("C",)),))
    found = run(protect, [claim(1, 90, tier="A"), claim(2, 20, tier="C")], [pool(1, 100)])
    assert {s.claim.line_id: s.units for s in found.shares} == {1: 70, 2: 20}
    assert why(found) == {1: "quota:Clinics", 2: ""}
    used = {(ALL, 1): 100, (0, 1): 50}  # 200 in all, 60 kept, 50 of them used already
    assert got(protect, [claim(1, 99, tier="A")], [pool(1, 100)], used=used) == {1: 90}
    limit = RuleSet(quotas=(Quota("Web", "limit", 25, tiers=("C",)),))
    found = run(limit, [claim(1, 90, tier="C"), claim(2, 90, tier="C")], [pool(1, 100)])
    assert [(s.units, s.held_back) for s in found.shares] == [(25, "limit:Web"), (0, "limit:Web")]


def test_a_protection_decays_to_nothing_and_what_was_not_used_is_free():
    quota = Quota("x", "protect", 40, starts_on=TODAY, ends_on=TODAY + timedelta(days=10))
    assert [quota_units(quota, 100, TODAY + timedelta(days=n)) for n in (-1, 0, 5, 9, 10)] == [None, 40, 20, 4, None]
    limit = Quota("x", "limit", 40, ends_on=TODAY)
    assert quota_units(limit, 100, TODAY) is None


def test_supply_by_arrival_by_whole_packs_from_one_lot_or_the_pick_face():
    def taken(supply: SupplyRule, pools: list[Pool], units: int) -> list[tuple[int, int]]:
        found = run(RuleSet(supply=supply), [claim(1, units)], pools, packs={1: (6,)})
        return [(t.pool.pool_id, t.units) for t in found.shares[0].takes]

    old_late, young_soon = pool(1, 10, days=90, arrival=1), pool(2, 10, days=30, arrival=2)
    assert taken(SupplyRule(), [old_late, young_soon], 12) == [(2, 10), (1, 2)]
    assert taken(SupplyRule(order="fifo"), [old_late, young_soon], 12) == [(1, 10), (2, 2)]
    assert taken(SupplyRule(full_packs=True), [old_late, young_soon], 13) == [(2, 6), (1, 6), (2, 1)]
    assert taken(SupplyRule(one_lot=True), [pool(1, 4, days=5), pool(2, 20, days=9)], 12) == [(2, 12)]
    assert taken(SupplyRule(pick_face_only=True), [pool(1, 10, face=3)], 12) == [(1, 3)]
    assert taken(SupplyRule(min_life_days=40), [old_late, young_soon], 12) == [(1, 10)]


def test_a_class_gets_only_goods_of_the_life_that_it_asks_for():
    fresh = RuleSet(classes=(ClassRule("Key", tiers=("A",), life_days=60), ClassRule("Rest")))
    claims = [claim(1, 10, tier="A"), claim(2, 10, tier="A", life=90), claim(3, 10)]
    pools = [pool(1, 20, days=45), pool(2, 12, days=70)]
    decided = run(fresh, claims, pools)
    assert [(s.claim.line_id, [(t.pool.pool_id, t.units) for t in s.takes]) for s in decided.shares] == [
        (1, [(2, 10)]), (2, []), (3, [(1, 10)]),
    ]  # fmt: skip
    assert [(r.pool.pool_id, r.rule) for r in decided.shares[0].rejects] == [(1, "life")]
