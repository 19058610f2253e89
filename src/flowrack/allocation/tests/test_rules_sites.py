"""The site of an order by the rules: first choice, splits, lateness against money, and the sentence. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.reasons_sites import Words, line_sentence, sentence
from flowrack.allocation.rules_sites import (
    Portion,
    Quoted,
    Reach,
    SiteOffer,
    SitesCase,
    Want,
    asked_of,
    choose,
    freight_of,
    goods_of,
)
from flowrack.allocation.types_rules import SitePreference, SiteRule

WED = date(2026, 12, 2)
THU, FRI = WED + timedelta(1), WED + timedelta(2)
MAIN, NORTH, SOUTH = 1, 2, 3
CODES = {MAIN: "MAIN", NORTH: "NORTH", SOUTH: "SOUTH"}
WORDS = Words("£", CODES)


def site(site_id: int, *reach: tuple[object, ...], days: int = 1, freight: int | None = 0) -> SiteOffer:
    return SiteOffer(site_id, CODES[site_id], days, freight, tuple(Reach(*one) for one in reach))  # type: ignore[arg-type]


def case(*sites: SiteOffer, units: tuple[int, ...] = (40,), home: int = 0, **rule: object) -> SitesCase:
    wants = tuple(Want(n + 1, f"V-{n}", of, of * 1_000, True) for n, of in enumerate(units))
    return SitesCase(WED, home, True, wants, sites, (), SiteRule(**rule))  # type: ignore[arg-type]


def said(one: SitesCase) -> str:
    choice = choose(one)
    assert choice is not None
    return sentence(one, choice, WORDS)


def test_the_nearest_site_sends_all_of_it_where_nothing_is_late():
    one = case(site(MAIN, (WED, 40), days=2), site(NORTH, (WED, 40), days=1))
    assert said(one) == "From NORTH: all 40 on 2 Dec: the fewest days on the way, and nothing is late."
    by_money = replace(one, rule=SiteRule("cheapest"), sites=(one.sites[0], replace(one.sites[1], freight=500)))
    assert said(by_money) == "From MAIN: all 40 on 2 Dec: the least freight, and nothing is late."
    assert said(replace(one, rule=SiteRule("ordered"), home=MAIN)) == (
        "From MAIN: all 40 on 2 Dec: it stays there, for nothing is late."
    )


def test_what_is_in_time_where_it_is_stays_there_though_another_site_is_nearer():
    assert choose(case(site(MAIN, (WED, 40), days=2), site(NORTH, (WED, 40)), home=MAIN)).plan.sites == (MAIN,)  # type: ignore[union-attr]
    late = case(site(MAIN, (FRI, 0), days=2), site(NORTH, (WED, 40)), home=MAIN)
    assert choose(late).plan.sites == (NORTH,)  # type: ignore[union-attr]
    # Two days late are borne where the rules say so.
    assert choose(replace(late, rule=SiteRule(late_days=2))).plan.sites == (MAIN,)  # type: ignore[union-attr]


def test_a_preference_goes_before_the_order_and_only_shuts_out_the_others():
    sites = site(MAIN, (WED, 40), days=2), site(NORTH, (None, 0))
    coast = SitePreference("Coast", (MAIN,), regions=("COAST",))
    one = replace(case(*sites, preferences=(coast,)), region="COAST")
    assert said(one) == "From MAIN: all 40 on 2 Dec: the first of “Coast”, and nothing is late."
    shut = replace(coast, sites=(NORTH,), is_only=True)
    assert said(replace(one, rule=SiteRule(preferences=(shut,)))) == (
        "From NORTH: all 40 when nobody can say: no other site may send it."
    )
    assert choose(replace(one, region="HILLS")).plan.sites == (MAIN,)  # type: ignore[union-attr]
    assert choose(replace(one, sites=(), rule=SiteRule())) is None


def test_one_delivery_that_costs_less_than_a_split_goes_before_it():
    # 20 lie at MAIN, 20 at NORTH; MAIN has all on Friday: two days late are 2 % of 400.00.
    sites = site(MAIN, (FRI, 20), freight=900), site(NORTH, (None, 20), freight=950)
    split = (Quoted(MAIN, ((0, 20),), 700), Quoted(NORTH, ((0, 20),), 750))
    one = replace(case(*sites, split_cost=Decimal("12.50")), quoted=split)
    assert said(one) == (
        "From MAIN: all 40 on 4 Dec, 2 days late; MAIN and NORTH would need two shipments, £18.00 more."
    )
    dear = replace(one, rule=replace(one.rule, late_percent=4))
    choice = choose(dear)
    assert choice is not None
    assert choice.plan.portions == (Portion(0, MAIN, 20, WED, 0), Portion(0, NORTH, 20, WED, 0))
    assert (choice.plan.freight, choice.plan.split, choice.plan.lateness) == (1_450, 1_250, 0)
    assert (
        sentence(dear, choice, WORDS)
        == "From MAIN: 20 on 2 Dec; NORTH: 20 on 2 Dec; MAIN alone would be 2 days late, £18.00 less."
    )
    assert line_sentence(dear, choice, 0, WORDS) == (
        "20 from MAIN on 2 Dec and 20 from NORTH on 2 Dec; "
        "MAIN alone would have it 2 days later, the whole order £18.00 less."
    )


def test_late_stands_behind_what_is_late_and_each_line_is_told_what_the_next_best_would_be_for_it():
    # Line 1 is in time from NORTH alone, line 2 from both; MAIN has line 1 on Friday. A third is late from everywhere.
    main, north = site(MAIN, (FRI, 0), (WED, 10), (THU, 0)), site(NORTH, (WED, 40), (WED, 0), (FRI, 0))
    one = case(main, north, units=(40, 10, 5), late_percent=90)
    one = replace(one, sites=(replace(main, freight=900), replace(north, freight=950)))
    choice = choose(one)
    assert choice is not None and len(choice.plan.sites) == 2
    words = WORDS._replace(names=CODES | {MAIN: "Main Street"})
    assert sentence(one, choice, words).startswith(
        "From NORTH: 40 × V-0 on 2 Dec; Main Street: 10 × V-1 on 2 Dec and 5 × V-2 on 3 Dec, 1 day late; "
    )
    assert [line_sentence(one, choice, line, words) for line in range(3)] == [
        "40 from NORTH on 2 Dec; NORTH alone would have it as early, the whole order £9.50 less.",
        "10 from Main Street on 2 Dec; NORTH alone would have it as early, the whole order £9.50 less.",
        "5 from Main Street on 3 Dec, 1 day late; NORTH alone would have it 1 day later, the whole order £9.50 less.",
    ]


def test_a_customer_who_takes_one_delivery_gets_one():
    sites = site(MAIN, (WED, 40), (None, 0)), site(NORTH, (FRI, 0), (WED, 10))
    one = case(*sites, units=(40, 10))
    assert choose(one).plan.sites == (MAIN, NORTH)  # type: ignore[union-attr]
    whole = choose(replace(one, may_split=False))
    assert whole is not None and whole.plan.sites == (NORTH,)
    assert sentence(replace(one, may_split=False), whole, WORDS) == (
        "From NORTH: all 2 lines by 4 Dec, V-0 2 days late; MAIN could not say when, for the same money."
    )


def test_freight_that_nobody_says_counts_as_the_dearest_and_splits_are_quoted_for():
    sites = site(MAIN, (WED, 40), (None, 0), freight=None), site(NORTH, (None, 0), (WED, 10), freight=800)
    one = case(*sites, units=(40, 10))
    assert freight_of(one, MAIN, ((0, 40), (1, 10))) == freight_of(one, MAIN, ((0, 40),)) == 800
    assert asked_of(one) == [(MAIN, ((0, 40),)), (NORTH, ((1, 10),))]


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(-1, 9), st.integers(0, 60), st.integers(0, 2_000)), min_size=9, max_size=9),
    st.integers(0, 2), st.integers(0, 4_000), st.sampled_from(["nearest", "cheapest", "ordered"]), st.booleans(),
)  # fmt: skip
def test_every_unit_is_sent_once_and_nothing_cheaper_was_passed_over(units, found, late, split, order, may_split):  # type: ignore[no-untyped-def]
    wants = tuple(Want(n, f"V-{n}", of, of * 300, n != 1) for n, of in enumerate(units))
    sites = []
    for s in range(3):
        reach = []
        for n, of in enumerate(units):
            day, in_time, _ = found[3 * s + n]
            on = None if day < 0 else WED + timedelta(day)
            reach.append(Reach(on, of if 0 <= day <= late else min(in_time, of - 1)))
        sites.append(SiteOffer(s + 1, CODES[s + 1], s, found[s][2], tuple(reach)))
    rule = SiteRule(order, Decimal(split) / 100, late)
    one = SitesCase(WED, 1, may_split, wants, tuple(sites), (), rule)
    choice = choose(one)
    assert choice is not None and choose(one) == choice
    for n, of in enumerate(units):
        mine = [p for p in choice.plan.portions if p.line == n]
        assert sum(p.units for p in mine) == of and all(p.units > 0 for p in mine)
        assert len(mine) == 1 or (may_split and wants[n].may_split)
    assert may_split or len(choice.plan.sites) == 1
    assert all((choice.plan.without_day, choice.plan.cost) <= (o.without_day, o.cost) for o in choice.others)
    assert all(len(goods_of(choice.plan.portions, site_id)) for site_id in choice.plan.sites)
    assert sentence(one, choice, WORDS)


def test_goods_that_cost_nothing_are_sent_from_where_they_are_all_the_same():
    one = case(site(MAIN, (None, 10)), site(NORTH, (FRI, 0), days=2, freight=2_000), units=(40,))
    free = replace(one, wants=(one.wants[0]._replace(cents=0),))
    assert choose(free).plan.sites == (NORTH,)  # type: ignore[union-attr]


def test_late_from_two_sites_is_better_than_never_from_one():
    first, second = site(MAIN, (None, 30, 30, WED)), site(NORTH, (None, 0, 20, FRI), days=2)
    choice = choose(case(first, second))
    assert choice is not None
    assert choice.plan.portions == (Portion(0, MAIN, 30, WED, 0), Portion(0, NORTH, 10, FRI, 2))
    assert said(case(first, second)) == (
        "From MAIN: 30 on 2 Dec; NORTH: 10 on 4 Dec, 2 days late; MAIN alone could not say when, for the same money."
    )
    never = case(site(MAIN, (None, 0)), site(NORTH, (None, 0), days=2))
    assert said(never) == "From MAIN: all 40 when nobody can say; NORTH could not say either, for the same money."
