"""Properties of the allocation rules; no database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation import reasons, rules
from flowrack.allocation.rules import Claim, Pool, spread

SHIP_ON = date(2026, 5, 14)


def pool(pool_id: int, *, item: int = 1, free: int = 10, days: int | None = None, arrival: int | None = None) -> Pool:
    expires = None if days is None else SHIP_ON + timedelta(days=days)
    return Pool(pool_id, item, pool_id, f"L{pool_id}", expires, pool_id if arrival is None else arrival, free)


def claim(
    line: int,
    units: int,
    *,
    order: int | None = None,
    item: int = 1,
    policy: str = "partial",
    life: int = 0,
    tier: str = "B",
) -> Claim:
    order = line if order is None else order
    return Claim(line, order, f"SO-{order}", item, units, tier, SHIP_ON, policy, life)


some_pools = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 40), st.one_of(st.none(), st.integers(-10, 90))), max_size=8
).map(lambda rows: [pool(i + 1, item=a, free=f, days=d) for i, (a, f, d) in enumerate(rows)])
some_claims = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(1, 60),
        st.sampled_from(["partial", "line", "complete"]),
        st.integers(0, 60),
    ),
    max_size=12,
).map(
    lambda rows: [
        claim(i + 1, units, order=order, item=item, policy=sorted(r[3] for r in rows if r[0] == order)[0], life=life)
        for i, (order, item, units, _, life) in enumerate(sorted(rows, key=lambda r: r[0]))
    ]
)


@given(claims=some_claims, pools=some_pools)
def test_never_promises_more_than_is_free_nor_stock_without_the_life(claims, pools):
    shares = rules.share_out(claims, pools)
    assert [s.claim for s in shares] == claims
    taken: dict[int, int] = {}
    for share in shares:
        assert 0 <= share.units <= share.claim.units
        for take in share.takes:
            assert take.units > 0
            assert take.pool.item_id == share.claim.item_id
            assert rules.keeps_long_enough(take.pool, ship_on=SHIP_ON, min_life_days=share.claim.min_life_days)
            taken[take.pool.pool_id] = taken.get(take.pool.pool_id, 0) + take.units
    assert all(units <= next(p.free for p in pools if p.pool_id == key) for key, units in taken.items())


@given(claims=some_claims, pools=some_pools)
def test_policies_are_kept(claims, pools):
    shares = rules.share_out(claims, pools)
    for share in shares:
        if share.claim.policy == "line":
            assert share.units in (0, share.claim.units)
        if share.claim.policy == "complete":
            of_order = [s for s in shares if s.claim.order_id == share.claim.order_id]
            assert all(s.missing == 0 for s in of_order) or all(s.units == 0 for s in of_order)


@given(claims=some_claims, pools=some_pools)
def test_a_partial_claim_is_short_only_when_nothing_usable_is_left(claims, pools):
    shares = rules.share_out(claims, pools)
    left = {p.pool_id: p.free for p in pools}
    for share in shares:
        for take in share.takes:
            left[take.pool.pool_id] -= take.units
    # The last claim of an item looked at what nobody after it took.
    for share in shares:
        later = [s for s in shares if s.claim.line_id > share.claim.line_id]
        held = any(s.held_back for s in shares)
        if share.claim.policy == "partial" and share.missing and not later and not held:
            assert not [
                p
                for p in pools
                if p.item_id == share.claim.item_id
                and left[p.pool_id]
                and rules.keeps_long_enough(p, ship_on=SHIP_ON, min_life_days=share.claim.min_life_days)
            ]


def test_the_soonest_expiry_goes_first_then_undated_stock_by_arrival():
    pools = [pool(1, free=5), pool(2, free=5, days=90), pool(3, free=5, days=30), pool(4, free=5, arrival=0)]
    [share] = rules.share_out([claim(1, 18)], pools)
    assert [(t.pool.pool_id, t.units) for t in share.takes] == [(3, 5), (2, 5), (4, 5), (1, 3)]


def test_a_lot_below_the_customers_life_is_passed_over_and_said_so():
    [share] = rules.share_out([claim(1, 10, life=60)], [pool(1, days=45)])
    assert share.units == 0
    ground = reasons.Ground(share)
    assert reasons.sentence(ground) == "All 10 wait: lot L1 has 45 days left, this customer needs 60."
    assert reasons.detail(ground)["passed"] == [[1, 10, "life", 45]]


def test_the_higher_rank_is_served_first_and_named():
    first, second = rules.share_out([claim(1, 30, tier="A"), claim(2, 40)], [pool(1, free=40)])
    assert (first.units, second.units) == (30, 10)
    assert (
        reasons.sentence(reasons.Ground(second, [reasons.Rival("SO-1", "A", 30)]))
        == "10 of 40 reserved, 30 wait: SO-1 (tier A) ranks higher and got 30."
    )


def test_a_complete_order_leaves_the_stock_to_the_next():
    shares = rules.share_out(
        [
            claim(1, 10, order=1, policy="complete"),
            claim(2, 5, order=1, item=2, policy="complete"),
            claim(3, 8, order=2),
        ],
        [pool(1, free=10)],
    )
    assert [s.units for s in shares] == [0, 0, 8]
    assert shares[0].held_back == "order"


@given(
    shortfall=st.integers(0, 100),
    promises=st.lists(st.tuples(st.integers(1, 99), st.integers(1, 30)), max_size=8, unique_by=lambda p: p[0]),
)
def test_victims_lose_exactly_the_shortfall_from_the_lowest_rank(shortfall, promises):
    lost = rules.victims(shortfall, promises)
    assert sum(units for _, units in lost) == min(shortfall, sum(units for _, units in promises))
    assert [line for line, _ in lost] == [line for line, _ in reversed(promises)][: len(lost)]
    assert all(units == dict(promises)[line] for line, units in lost[:-1])


def test_what_comes_first_is_expected_by_the_best_rank():
    assert spread([(1, 30), (2, 0), (3, 50)], [(10, 40), (20, 60)]) == [(10, 1, 30), (10, 3, 10), (20, 3, 40)]
    assert spread([], [(10, 40)]) == [] and spread([(1, 5)], []) == []
