"""The three answers, on the numbers of the promise picture in the design."""

from dataclasses import replace
from datetime import date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules_free import Change
from flowrack.promise.reasons import earlier, headline, not_possible
from flowrack.promise.rules import answer, answers, leavings
from flowrack.promise.rules_case import Ask, Case, LotStock, Site, Stock, Substitute, Supply, SupplyKind
from flowrack.promise.rules_house import CutOff, House, Policy, Why
from flowrack.promise.rules_lateness import Record, Scope
from flowrack.promise.rules_options import Binding, OptionKind

THU, FRI, SAT, MON, TUE = (date(2026, 5, d) for d in (14, 15, 16, 18, 19))
NOW = datetime(2026, 5, 14, 10, 42)
SHIPS = tuple(CutOff(1, "Parcel", "", d, time(15), 1) for d in range(1, 6))
HOUSE = House(Policy(), cut_offs=SHIPS)
# Three of four deliveries are there on the day, all by two days later.
RECORD = Record(Scope.SUPPLIER, ((0, 9), (2, 3)))


def case(*stocks: Stock, house: House = HOUSE, percent: int = 75) -> Case:
    sited = replace(house, policy=replace(house.policy, counts_at_percent=percent))
    sites = (Site(1, "HAR", "Harbour", NOW, sited), Site(2, "NOR", "Northfield", NOW, sited))
    return Case((), sites, stocks, (RECORD,))


def ask(units: int = 40, **more: object) -> Ask:
    return replace(Ask(7, "4711", units, (1, 2), wanted_on=FRI), **more)


def po(units: int, on: date, key: int = 1, name: str = "PO-1187") -> Supply:
    return Supply(SupplyKind.PO, key, name, units, on, 0)


def lot(units: int, expires_on: date | None = None, key: int = 0) -> LotStock:
    return LotStock(key, f"D-{key}" if key else "", units, units, expires_on)


HARBOUR = Stock(7, 1, supplies=(po(100, SAT),), claims=(Change(SAT, -50),))
NORTHFIELD = Stock(7, 2, lots=(lot(18),))


def test_all_on_one_day_waits_for_the_po_and_says_so():
    one = answer(case(HARBOUR, NORTHFIELD), ask()).options[0]
    [part] = one.parts
    assert (part.site, part.ships_on, part.arrives_on, one.days_late) == ("Harbour", MON, TUE, 4)
    assert (part.bound.kind, part.bound.name, part.bound.on) == (Binding.SUPPLY, "PO-1187", SAT)
    assert (part.chance.there, part.chance.of, part.chance.percent) == (9, 12, 75)
    assert (one.p50, one.p90) == (TUE, date(2026, 5, 20))


def test_half_by_is_never_before_half_of_what_the_promise_hangs_on():
    """An overdue PO of which half had come at once is others', until the PO behind the promise is there for them."""
    late = Record(Scope.SUPPLIER, ((0, 6), (5, 4)))
    slow = Record(Scope.SUPPLIER, ((0, 2), (4, 4), (9, 4)))
    first, second = po(162, THU, 1, "PO-1307"), po(1194, TUE, 2, "PO-1224")._replace(record=1)
    claims = (Change(date(2026, 5, 21), -80), Change(date(2026, 5, 25), -72))
    here = replace(case(Stock(7, 1, supplies=(first, second), claims=claims), percent=80), records=(late, slow))
    one = answer(here, ask(wanted_on=None)).options[0]
    [part] = one.parts
    assert [supply.name for supply in part.supplies] == ["PO-1224"]
    # Nine of ten by Thu 28 May; half by Sat 23 May, on the shelf on Sunday: it leaves Mon 25 May.
    assert (part.ships_on, part.arrives_on) == (date(2026, 5, 29), date(2026, 6, 1))
    assert (one.p50, one.p90) == (date(2026, 5, 26), date(2026, 6, 1))


def test_the_earliest_split_sends_what_is_there_and_the_rest_later():
    split = answer(case(HARBOUR, NORTHFIELD), ask()).options[1]
    assert [(p.units, p.site, p.on_hand, p.ships_on, p.arrives_on) for p in split.parts] == [
        (18, "Northfield", 18, THU, FRI), (22, "Harbour", 0, MON, TUE),
    ]  # fmt: skip


def test_what_no_site_has_alone_comes_from_two_on_one_day():
    found = answer(case(Stock(7, 1, lots=(lot(25),)), NORTHFIELD), ask())
    one, split, _ = found.options
    assert [(p.units, p.site, p.arrives_on) for p in one.parts] == [(25, "Harbour", FRI), (15, "Northfield", FRI)]
    assert (one.days_late, split.same_as, one.parts == split.parts) == (0, OptionKind.ONE_DAY, True)
    assert headline(found) == ("Yes, on Fri 15 May.", "40 of 4711 arrive together Fri 15 May from 2 sites.")


def test_what_is_there_sooner_waits_for_the_rest_from_the_other_site():
    one, split, _ = answer(case(Stock(7, 1, supplies=(po(25, SAT),)), NORTHFIELD), ask()).options
    assert [(p.units, p.site, p.arrives_on) for p in one.parts] == [(22, "Harbour", TUE), (18, "Northfield", TUE)]
    assert (one.days_late, one.bound.name, split.same_as) == (4, "PO-1187", None)
    assert [p.arrives_on for p in split.parts] == [FRI, TUE]


def test_several_sites_that_are_there_sooner_go_before_one_that_waits_for_a_purchase():
    """Harbour has all of it on Tuesday, with a PO; both sites together have it from stock by the day wanted."""
    stocks = (Stock(7, 1, lots=(lot(25),), supplies=(po(100, SAT),)), NORTHFIELD)
    found = answer(case(*stocks), ask())
    one, split, _ = found.options
    assert [(p.units, p.site, p.arrives_on) for p in one.parts] == [(25, "Harbour", FRI), (15, "Northfield", FRI)]
    assert (one.days_late, one.alone.site, one.alone.arrives_on, one.p90) == (0, "Harbour", TUE, FRI)
    assert split.same_as == OptionKind.ONE_DAY
    whole = "40 of 4711 arrive together Fri 15 May from 2 sites; from Harbour alone Tue 19 May."
    assert headline(found) == ("Yes, on Fri 15 May.", whole)
    # What was decided before by the other rule is worked out by that again, and who waits anyway gets one delivery.
    then = answer(replace(case(*stocks), rule="promise/2"), ask())
    assert [(p.units, p.site, p.arrives_on) for p in then.options[0].parts] == [(40, "Harbour", TUE)]
    assert headline(then)[0] == "Yes, on Fri 15 May."
    assert headline(then)[1].endswith("In 2 parts all of it is there by Fri 15 May.")
    whole = answer(case(*stocks), ask(wanted_on=TUE)).options[0]
    assert ([p.site for p in whole.parts], whole.alone) == (["Harbour"], None)


def test_of_several_purchases_that_would_each_do_the_first_is_named():
    stock = Stock(7, 1, supplies=(po(100, SAT), po(100, MON, 2, "PO-1190")))
    [part] = answer(case(stock), ask(wanted_on=date(2026, 6, 5), site_ids=(1,))).options[0].parts
    assert (part.on_hand, [supply.name for supply in part.supplies]) == (0, ["PO-1187"])


def test_who_takes_no_parts_gets_nothing_from_two_sites():
    found = answer(case(Stock(7, 1, lots=(lot(25),)), NORTHFIELD), ask(takes_parts=False))
    assert [o.parts for o in found.options] == [(), (), ()]


def test_an_option_with_a_substitute_holds_some_of_it():
    stocks = (Stock(7, 1, lots=(lot(25),)), NORTHFIELD, Stock(9, 1, lots=(lot(100),)))
    sub = (Substitute(9, "4712", 1, 1, False),)
    for takes_parts in (True, False):
        instead = answer(case(*stocks), ask(substitutes=sub, takes_parts=takes_parts)).options[2]
        assert instead.parts == ()


def test_a_substitute_meets_the_day_in_full():
    other = Stock(9, 1, lots=(lot(100),))
    sub = (Substitute(9, "4712", 1, 1, False),)
    found = answer(case(HARBOUR, NORTHFIELD, other), ask(substitutes=sub)).options[2]
    assert [(p.sku, p.units, p.site, p.arrives_on) for p in found.parts] == [
        ("4711", 18, "Northfield", FRI), ("4712", 22, "Harbour", FRI),
    ]  # fmt: skip
    assert (found.days_late, found.needs_consent) == (0, False)
    assert found.parts[1].bound.kind == Binding.AHEAD


def test_a_substitute_in_packs_never_exceeds_what_was_ordered():
    packs = (Substitute(9, "P12", 12, 12, True),)
    stock = Stock(9, 1, lots=(lot(96),))
    assert answer(case(NORTHFIELD, stock), ask(substitutes=packs)).options[2].parts == ()
    whole = answer(case(NORTHFIELD, stock), ask(42, substitutes=packs)).options[2]
    assert [(p.units, p.stands_for) for p in whole.parts] == [(18, 18), (24, 24)]
    assert whole.needs_consent


def test_what_is_in_stock_arrives_on_the_day_wanted_and_leaves_as_late_as_it_may():
    plenty = Stock(7, 1, lots=(lot(500),))
    one = answer(case(plenty), ask(wanted_on=TUE)).options[0]
    assert (one.parts[0].ships_on, one.arrives_on, one.days_late) == (MON, TUE, 0)
    assert (one.parts[0].bound.kind, one.parts[0].bound.on) == (Binding.WISH, THU)
    soon = answer(case(plenty), ask(wanted_on=None)).options[0]
    assert (soon.ships_on, soon.arrives_on, soon.bound.kind) == (THU, FRI, Binding.AHEAD)


def test_a_customer_of_whole_deliveries_gets_no_split():
    split = answer(case(HARBOUR, NORTHFIELD), ask(takes_parts=False)).options[1]
    assert split.parts == ()


def test_safety_stock_and_short_life_are_not_promised():
    stock = Stock(7, 1, lots=(lot(30, date(2026, 6, 1), 5), lot(30)), safety=20)
    assert answer(case(stock), ask(11, min_life_days=60)).options[0].parts == ()
    assert answer(case(stock), ask(10, min_life_days=60)).options[0].arrives_on == FRI
    assert answer(case(stock), ask(40, min_life_days=10)).options[0].arrives_on == FRI


def test_without_supply_nobody_can_say_and_the_missing_units_are_told():
    found = answer(case(NORTHFIELD), ask(50))
    assert [(o.kind, o.parts, o.misses) for o in found.options] == [
        (OptionKind.ONE_DAY, (), 32), (OptionKind.SPLIT, (), 32), (OptionKind.SUBSTITUTE, (), 0),
    ]  # fmt: skip


def test_what_is_coming_of_too_much_is_told_with_its_day():
    one, split, _ = (found := answer(case(HARBOUR, NORTHFIELD), ask(1_920))).options
    assert [(o.misses, o.most, o.most_on) for o in (one, split)] == [(1_870, 50, TUE), (1_852, 68, TUE)]
    assert headline(found) == (
        "Nobody can say.", "68 of 1,920 can be there by Tue 19 May. 1,852 units of 4711 have no supply that counts.",
    )  # fmt: skip
    none = "have no supply within the next half year."
    assert not_possible(found.ask, one) == f"50 of 1,920 can be there from one site by Tue 19 May; 1,870 units {none}"
    assert not_possible(found.ask, split) == f"68 of 1,920 can be there by Tue 19 May; 1,852 units {none}"


def test_an_overdue_po_beyond_all_record_is_not_counted():
    late = Stock(7, 1, supplies=(po(100, date(2026, 5, 4)),))
    assert answer(case(late), ask()).options[0].parts == ()


def test_a_closed_house_binds_when_the_supply_is_there():
    closed = replace(HOUSE, closed={THU: "Stocktaking", FRI: "Stocktaking"})
    one = answer(case(Stock(7, 1, lots=(lot(99),)), house=closed), ask()).options[0]
    assert (one.ships_on, one.bound.kind, one.bound.why, one.bound.name) == (MON, Binding.HOUSE, Why.CLOSED, "")


def test_one_answer_after_the_other_never_promises_a_unit_twice():
    stock = Stock(7, 1, lots=(lot(30),), supplies=(po(30, MON),))
    asks = tuple(ask(20, site_ids=(1,), wanted_on=FRI, line_id=n) for n in (1, 2, 3))
    found = answers(replace(case(stock), asks=asks))
    assert [one.options[0].ships_on for one in found] == [THU, TUE, TUE]
    found = answers(replace(case(stock), asks=(*asks, ask(1, site_ids=(1,)))))
    assert found[3].options[0].parts == ()


ASKS = st.builds(
    ask,
    units=st.integers(1, 60),
    site_ids=st.sampled_from([(1,), (2,), (1, 2), (2, 1)]),
    wanted_on=st.sampled_from([None, THU, FRI, TUE]),
    min_life_days=st.sampled_from([0, 3]),
    takes_parts=st.booleans(),
    allocated=st.integers(0, 10),
    told_on=st.sampled_from([None, FRI, MON, TUE]),
)
STOCKS = st.builds(
    lambda site_id, units, expires_on, coming, claimed: Stock(
        7, site_id, lots=(lot(units), lot(15, expires_on, 1)), supplies=(po(coming, SAT),),
        claims=(Change(MON, -claimed),),
    ),
    st.sampled_from([1, 2]), st.integers(0, 60), st.sampled_from([SAT, TUE]), st.integers(1, 90), st.integers(0, 40),
)  # fmt: skip


@given(st.lists(ASKS, min_size=1, max_size=5), st.lists(STOCKS, max_size=2, unique_by=lambda one: one.site_id))
def test_the_days_alone_are_those_of_the_answers(asks, stocks):
    here = replace(case(*stocks), asks=tuple(replace(one, line_id=n) for n, one in enumerate(asks, 1)))
    assert leavings(here) == [one.leaving for one in answers(here)]


def test_the_days_alone_are_in_turn_too():
    stock = Stock(7, 1, lots=(lot(30),), supplies=(po(30, MON),))
    asks = tuple(ask(20, site_ids=(1,), wanted_on=FRI, line_id=n) for n in (1, 2, 3, 4))
    found = leavings(replace(case(stock), asks=asks))
    assert [(one.ships_on, one.claims) for one in found] == [
        (THU, ((7, 1, 20, THU),)), (TUE, ((7, 1, 20, TUE),)), (TUE, ((7, 1, 20, TUE),)), (None, ()),
    ]  # fmt: skip


def test_units_that_a_line_holds_already_stand_beside_what_is_free():
    stock = Stock(7, 1, lots=(lot(5),))
    assert answer(case(stock), ask(20, allocated=15)).options[0].ships_on == THU
    assert answer(case(stock), ask(21, allocated=15)).options[0].parts == ()


def test_a_purchase_that_comes_after_the_day_is_no_source_of_it_and_its_chance_is_not_theirs():
    """40 in stock are wanted by somebody else on Tuesday, and the PO that comes on Saturday is for him."""
    stock = Stock(7, 1, lots=(lot(40),), supplies=(po(40, SAT),), claims=(Change(TUE, -40),))
    [part] = answer(case(stock), ask(site_ids=(1,))).options[0].parts
    assert (part.ships_on, part.arrives_on, part.supplies, part.chance) == (THU, FRI, (), None)
    late = Stock(7, 1, lots=(lot(10),), supplies=(po(40, SAT),))
    [part] = answer(case(late), ask(site_ids=(1,))).options[0].parts
    assert (part.ships_on, part.supplies, part.chance.percent) == (MON, (po(40, SAT),), 75)


def test_what_arrives_before_the_day_wanted_is_said_to():
    stock, wish = Stock(7, 1, lots=(lot(100),)), ask(5, site_ids=(1,), wanted_on=TUE)
    found = answer(case(stock), wish)
    assert headline(found) == ("Yes, on Tue 19 May.", "5 of 4711 arrive together Tue 19 May.")
    assert earlier(wish, found.options[0]) == ""
    found = answer(case(stock, house=replace(HOUSE, closed={MON: "Stocktaking"})), wish)
    assert headline(found) == (
        "Yes, by Tue 19 May.", "5 of 4711 arrive together Mon 18 May, 1 day before the day wanted.",
    )  # fmt: skip
    assert earlier(wish, found.options[0]) == "1 day before the day wanted"


def test_units_that_a_line_holds_are_its_own_whatever_others_were_promised():
    stock = Stock(7, 1, claims=(Change(FRI, -150),), safety=10)
    mine = ask(150, site_ids=(1,), wanted_on=None, allocated=150)
    now = case(stock)
    assert answer(now, mine).options[0].ships_on == THU
    assert answer(now, replace(mine, units=151)).options[0].parts == ()
    assert answer(replace(now, rule="promise/1"), mine).options[0].parts == ()  # as it was decided then
