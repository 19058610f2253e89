"""What may be sent instead: life, packs, consent, class, price and rank, in exact units."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_substitutes import Edge, Need, Rejected, fill, offers

TODAY = date(2026, 3, 2)
NEED = Need(1, 1, "P", 100, 0, 100, Decimal(10), Decimal(6), TODAY, 60, 0, "C", "yes")


def pool(pool_id: int, item_id: int, free: int, lot: str = "", days: int | None = None) -> Pool:
    expires = None if days is None else TODAY + timedelta(days=days)
    return Pool(pool_id, item_id, pool_id if lot else 0, lot, expires, pool_id, free)


def edge(item_id: int, sku: str, **other: object) -> Edge:
    base = Edge(item_id, sku, 1, 1, 1, False, False, (), 100, None, None, "", Decimal(10), Decimal(7))
    return base._replace(**other)


S1 = edge(2, "S1", needs_consent=True, is_price_protected=True, consent="yes", list_price=Decimal(13))
S2 = edge(3, "S2", multiple=12, needs_consent=True, excluded_tiers=("C",), list_price=Decimal(12),
          unit_cost=Decimal("6.5"))  # fmt: skip
POOLS = {
    1: [pool(1, 1, 35)],
    2: [pool(2, 2, 30, "L1", 45), pool(3, 2, 20, "L2", 200)],
    3: [pool(4, 3, 96)],
}


def test_the_pilot_offers_twenty_unasked_and_three_packs_with_approval():
    found = offers(NEED, [S2, S1], POOLS, TODAY)
    a, b = found.a, found.b
    assert b is not None
    assert (found.own, a.original, a.backorder, b.backorder) == ([(1, 35)], 35, 45, 9)
    assert [(p.edge.sku, p.units, p.takes, p.unit_price) for p in a.portions] == [("S1", 20, ((3, 20),), Decimal(10))]
    assert [(p.edge.sku, p.units, p.replaces) for p in b.portions] == [("S1", 20, 20), ("S2", 36, 36)]
    assert b.portions[1].asks == "not for class C without approval"
    assert found.rejected == [Rejected("S1", "L1", 30, "remaining life 45 < 60")]
    assert (a.margin_delta, b.margin_delta) == (Decimal(-20), Decimal(34))
    assert fill(100, 35, a.replaced) == (Decimal("35.0"), Decimal("55.0"))
    assert fill(100, 35, b.replaced) == (Decimal("35.0"), Decimal("91.0"))


def test_what_was_agreed_is_all_that_is_offered_and_never_more_of_it():
    found = offers(NEED, [S1, S2], POOLS, TODAY, agreed={3: 24})
    assert [(p.edge.sku, p.units, p.asks) for p in found.a.portions] == [("S2", 24, "")]
    assert found.b is None


def test_a_customer_who_never_takes_it_and_days_on_which_it_is_not_valid():
    never, later, over = (
        S1._replace(consent="no"),
        S1._replace(sku="S3", valid_from=TODAY + timedelta(days=1)),
        S1._replace(sku="S4", valid_until=TODAY - timedelta(days=1)),
    )
    found = offers(NEED, [never, later, over], POOLS, TODAY)
    assert (found.a.portions, found.b) == ([], None)
    assert [r.why for r in found.rejected] == [
        "the customer does not take it", "valid from 2026-03-03", "valid until 2026-03-01",
    ]  # fmt: skip


def test_unasked_only_who_takes_substitutes_or_agreed():
    plain = edge(3, "S2")
    assert offers(NEED, [plain], POOLS, TODAY).a.portions[0].units == 65
    shy = NEED._replace(takes="consent")
    found = offers(shy, [plain], POOLS, TODAY)
    assert (found.a.portions, found.b.portions[0].asks if found.b else "") == (
        [], "this customer is asked first",
    )  # fmt: skip
    assert offers(shy, [plain._replace(consent="yes")], POOLS, TODAY).a.portions[0].units == 65


def test_a_customer_who_takes_none_but_those_he_agreed_to_and_days_on_the_way():
    none = NEED._replace(takes="no")
    found = offers(none, [edge(3, "S2"), S1], POOLS, TODAY)
    assert [p.edge.sku for p in found.a.portions] == ["S1"]
    assert ("S2", "the customer takes no substitutes") in [(r.sku, r.why) for r in found.rejected]
    far = NEED._replace(min_life_days=62, transit_days=2)
    assert offers(far, [S1], POOLS, TODAY).rejected[0].why == "remaining life 43 < 60"
    assert offers(NEED._replace(unit_cost=None), [S1], POOLS, TODAY).a.margin_delta is None


def test_rank_is_priority_then_margin_then_expiry():
    pools = {n: [pool(n, n, 5)] for n in (2, 3, 4, 5)} | {5: [pool(5, 5, 5, "L", 90)]}
    ways = [
        edge(2, "LOW"),
        edge(3, "RICH", unit_cost=Decimal(1)),
        edge(4, "FIRST", priority=1, unit_cost=Decimal(9)),
        edge(5, "SOON"),
    ]
    found = offers(NEED._replace(missing=100), ways, pools, TODAY)
    assert [p.edge.sku for p in found.a.portions] == ["FIRST", "RICH", "SOON", "LOW"]


@given(
    st.integers(1, 200),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 13),
    st.lists(st.integers(0, 80), max_size=3),
)
def test_never_more_than_ordered_in_whole_packs_and_whole_units_of_the_original(missing, num, den, multiple, stock):
    way = edge(2, "S", num=num, den=den, multiple=multiple)
    pools = {2: [pool(n, 2, units) for n, units in enumerate(stock, 1)]}
    found = offers(NEED._replace(missing=missing, ordered=missing), [way], pools, TODAY)
    for portion in found.a.portions:
        assert portion.units % multiple == 0 and portion.units * den == portion.replaces * num
        assert sum(units for _, units in portion.takes) == portion.units <= sum(stock)
    assert found.a.replaced + found.a.backorder == missing
