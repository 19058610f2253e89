"""The rules of waves: templates, hands and what fits, without a database."""

from __future__ import annotations

import random
import time as clock
from datetime import datetime, time
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.waves.rules_fit import Load, Unit, greedy
from flowrack.waves.rules_hands import Change, Crew, Shift, done_by, most_until, people_at, seconds_until
from flowrack.waves.rules_solver import improve
from flowrack.waves.rules_templates import Template, Traits, first_match, judge

TRAITS = Traits(
    7, "Overnight", "North", frozenset({"A"}), frozenset({"ambient"}), frozenset(), frozenset({"SSCC"}), "", "EDI", "B",
    3, 40, 1,
)  # fmt: skip


def test_the_first_template_that_takes_an_order_wins_and_the_others_say_why_not():
    cold = Template(1, "Cold", temperatures=frozenset({"chilled"}))
    north = Template(2, "North", regions=frozenset({"North"}))
    both = Template(3, "Too late", regions=frozenset({"North"}))
    template, looked = first_match([cold, north, both], TRAITS)
    assert template is north
    assert [one.why_not for one in looked] == ["not for temperature ambient", ""]
    assert first_match([cold], TRAITS)[0].name == "All other orders"


def test_each_condition_says_why_it_does_not_take_an_order():
    def why(**condition: object) -> str:
        return judge(Template(1, "T", **condition), TRAITS)  # type: ignore[arg-type]

    assert why(services=frozenset({8})) == "it is not for Overnight"
    assert why(zones=frozenset({"B"})) == "not for zone A"
    assert why(hazards=frozenset({"any"})) == "not for dangerous goods: none"
    assert why(hazards=frozenset({"none"})) == ""
    assert why(label_needs=frozenset({"LOT"})) == "its customer needs no label of LOT"
    assert why(channels=frozenset({"WEB"})) == "not for channel EDI"
    assert why(tiers=frozenset({"A"})) == "not for tier B"
    assert why(min_lines=4) == "3 lines, it begins at 4"
    assert why(max_units=39) == "40 units, it ends at 39"
    assert why(weekdays=frozenset({2})) == "it does not run on that weekday"


MONDAY = datetime(2026, 3, 2, 9)
CREW = Crew((Shift(0, 1, time(8), time(17), 6),))


def test_a_picker_who_leaves_takes_his_seconds_with_him():
    until = MONDAY.replace(hour=10, minute=30)
    assert seconds_until(CREW, MONDAY, [until]) == [{0: 6 * 90 * 60}]
    change = Change(0, MONDAY.replace(minute=30), MONDAY.replace(hour=12), -1, "ill")
    fewer = Crew(CREW.shifts, (change,))
    assert seconds_until(fewer, MONDAY, [until]) == [{0: 6 * 90 * 60 - 60 * 60}]
    assert people_at(fewer, MONDAY.replace(hour=10)) == {0: 5}
    assert done_by(CREW, MONDAY, 6 * 3600) == MONDAY.replace(hour=10)


def test_people_of_a_zone_do_not_help_in_another():
    units = [Unit(n, 0, ((1, 60),), 10) for n in range(3)]
    assert len(greedy(units, [{1: 120, 2: 600}]).waiting) == 1
    assert len(greedy(units, [{0: 60, 1: 120}]).waiting) == 0


def test_of_two_that_cost_the_same_the_newer_waits():
    units = [Unit(n, 0, ((0, 60),), 10) for n in (1, 2, 3)]
    assert greedy(units, [{0: 120}]).waiting == {3}


def test_a_big_order_makes_room_that_smaller_ones_take_back():
    units = [Unit(1, 0, ((0, 100),), 10), Unit(2, 0, ((0, 10),), 5)]
    fit = greedy(units, [{0: 100}])
    best = improve(units, [{0: 100}], fit)
    assert (fit.waiting, fit.points) == ({1}, 10)
    assert (best.waiting, best.points, best.gap, best.method) == ({2}, 5, 0, "solver")


units_of = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 9), st.integers(0, 20)), min_size=1, max_size=8
)
hands_of = st.lists(st.dictionaries(st.integers(0, 2), st.integers(0, 15)), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(units_of, hands_of)
def test_the_solver_finds_what_trying_everything_finds_and_greedy_fits(rows, raw):
    hands: list[dict[int, int]] = []
    for one in raw:
        before = hands[-1] if hands else {}
        hands.append({zone: before.get(zone, 0) + one.get(zone, 0) for zone in range(3)})
    units = [Unit(n, window, ((zone, work),), points) for n, (window, zone, work, points) in enumerate(rows)]

    def fits(waiting: frozenset[int]) -> bool:
        load = Load(hands)
        for unit in units:
            if unit.key not in waiting:
                load.add(unit)
        return all(load.over(window) <= 0 for window in range(3))

    least = min(
        sum(unit.points for unit in some)
        for count in range(len(units) + 1)
        for some in combinations(units, count)
        if fits(frozenset(unit.key for unit in some))
    )
    fit = greedy(units, hands)
    best = improve(units, hands, fit)
    assert fits(fit.waiting) and fits(best.waiting)
    assert fit.points >= best.points == least
    assert best.bound <= least


def test_greedy_answers_for_5000_lines_in_under_a_second():
    chance = random.Random(1)
    units = [
        Unit(n, chance.randrange(4), ((chance.randrange(4), 90 + chance.randrange(40)),), chance.randrange(460))
        for n in range(5000)
    ]
    hands = [{0: 30_000 * n, 1: 12_000 * n, 2: 20_000 * n} for n in range(1, 5)]
    start = clock.thread_time()
    fit = greedy(units, hands)
    assert clock.thread_time() - start < 1
    assert len(fit.waiting) > 1000


def test_whoever_comes_at_eight_may_be_missing_since_the_night():
    """CREW: six from eight to five on Mondays; 7 June 2027 is one."""
    night, evening = datetime(2027, 6, 7, 0, 30), datetime(2027, 6, 7, 20)
    assert [most_until(CREW, begins, datetime(2027, 6, 8)) for begins in (night, evening)] == [6, 0]
    assert most_until(CREW, evening, datetime(2027, 6, 30)) == 6, "the next Monday"
    assert most_until(CREW, night, datetime(2027, 6, 8), zone_id=4) == 0
