"""Who gives way to an urgent line: the victim rule, what harms nobody, and what is judged anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.allocation.reasons_displacement import inputs_of, outcome, replayed
from flowrack.allocation.rules import Keeper, Pool
from flowrack.allocation.rules_displacement import (
    Ask,
    ClaimLine,
    Give,
    Promised,
    Scene,
    Slip,
    Spared,
    after,
    plan,
)
from flowrack.allocation.rules_foresight import Coming
from flowrack.allocation.rules_judged_anew import judged_anew

TODAY = date(2026, 3, 2)


def on(day: int) -> date:
    return TODAY + timedelta(days=day)


def pool(pool_id: int = 1, *, free: int = 0, lot: str = "", expires: date | None = None) -> Pool:
    return Pool(pool_id, 7, pool_id if lot else 0, lot, expires, pool_id, free)


def line(n: int, tier: str, day: int, waiting: int = 0, *, picked: int = 0, urgent: bool = False) -> ClaimLine:
    return ClaimLine(n, n, f"SO-{n}", tier, on(day), waiting, picked, urgent)


ASK = Ask(3, 3, "SO-3", "A", TODAY, 60, 0)
# The pilot: 120 units, SO-1 (C, in 5 days) has 80 of which 30 are picked, SO-2 (B, tomorrow) 40; 100 come in 2 days.
PILOT = Scene(
    7,
    TODAY,
    (pool(),),
    (line(3, "A", 0, 60), line(2, "B", 1), line(1, "C", 5, picked=30)),
    (Promised(1, 1, 50, 0), Promised(2, 1, 40, 0)),
    (Coming(0, "", date.min, 0), Coming(11, "PO-1", on(2), 100)),
)


def test_the_pilot_takes_fifty_at_once_and_asks_for_ten():
    made = plan(ASK, PILOT)
    assert (made.free, made.at_once, made.to_allow) == ([], [Give(1, 1, 50)], [Give(2, 1, 10)])
    assert (made.got, made.pending, made.missing) == (50, 10, 0)
    assert made.slips == [Slip(2, on(1), 10, on(3), 11)]
    assert made.slips[0].days == 2
    assert made.leaves == {1: on(3), 2: on(3)}
    assert made.spared == [Spared(1, 30, "picked"), Spared(2, 30, "not needed")]


def test_the_same_scene_in_any_order_gives_the_same_plan():
    turned = replace(PILOT, promises=PILOT.promises[::-1], pools=PILOT.pools[::-1])
    assert outcome(plan(ASK, turned)) == outcome(plan(ASK, PILOT))


def test_what_is_stored_gives_the_same_result_again():
    assert replayed(inputs_of(ASK, PILOT)) == outcome(plan(ASK, PILOT))
    now, said = judged_anew(ASK, PILOT, {2: 10}, {2: 2})
    assert said == "50 harm nobody by now."
    assert replayed(inputs_of(ASK, PILOT, allowed={2: 10}, seen={2: 2})) == outcome(now)


def test_the_lowest_class_loses_first_then_the_latest_date_then_the_highest_number():
    lines = (line(9, "A", 0, 60), line(1, "B", 9), line(2, "C", 3), line(3, "C", 5), line(4, "C", 5))
    scene = Scene(7, TODAY, (pool(),), lines, tuple(Promised(n, 1, 20, 0) for n in (1, 2, 3, 4)), ())
    made = plan(ASK._replace(line_id=9, order_id=9, units=70), scene)
    assert [(give.line_id, give.units) for give in made.to_allow] == [(4, 20), (3, 20), (2, 20), (1, 10)]


def test_nobody_of_a_better_class_nor_urgent_himself_nor_in_picking_gives_way():
    lines = (line(1, "A", 9), line(2, "B", 9, urgent=True), line(3, "B", 0, 30), line(4, "C", 9), line(5, "C", 9))
    scene = Scene(
        7, TODAY, (pool(),), lines,
        (Promised(1, 1, 5, 0), Promised(2, 1, 5, 0), Promised(4, 1, 5, 5), Promised(5, 1, 5, 2)), (),
    )  # fmt: skip
    made = plan(ASK._replace(tier="B", units=30), scene)
    assert [(give.line_id, give.units) for give in made.to_allow] == [(5, 3)]
    assert made.missing == 27
    assert {(s.line_id, s.units, s.rule) for s in made.spared} == {
        (1, 5, "class"), (2, 5, "urgent"), (4, 5, "picking"), (5, 2, "picking"),
    }  # fmt: skip


def test_free_stock_goes_first_and_stock_that_does_not_suit_is_left():
    short_lived = pool(1, free=9, lot="L1", expires=on(10))
    scene = Scene(
        7, TODAY, (short_lived, pool(2, free=15, lot="L2", expires=on(28))), (line(3, "A", 0, 60), line(1, "C", 5)),
        (Promised(1, 1, 20, 0),), (),
    )  # fmt: skip
    made = plan(ASK._replace(min_life_days=20), scene)
    assert (made.free, made.at_once, made.to_allow, made.missing) == ([(2, 15)], [], [], 45)
    assert made.spared == [Spared(1, 20, "life")]


def test_what_is_overdue_covers_nothing():
    late = replace(PILOT, coming=(Coming(11, "PO-1", on(-1), 100),))
    made = plan(ASK, late)
    assert (made.at_once, [give.units for give in made.to_allow]) == ([], [50, 10])
    assert [slip.days for slip in made.slips] == [None, None]


LAST = ASK._replace(tier="C", ship_on=on(9))  # urgent, but last in rank: what is on order goes to others first
BEHIND = Scene(
    7, TODAY, (pool(),), (line(1, "C", 5), line(3, "C", 9, 60)), (Promised(1, 1, 50, 0),),
    (Coming(11, "PO-1", on(2), 30),),
)  # fmt: skip


def test_a_part_that_harms_nobody_moves_at_once_and_the_rest_is_asked_for():
    made = plan(LAST, BEHIND)
    assert (made.at_once, made.to_allow, made.missing) == ([Give(1, 1, 30)], [Give(1, 1, 20)], 10)


def test_nobody_gives_way_at_once_to_the_harm_of_a_third_who_waits():
    waits = replace(BEHIND, lines=(line(1, "C", 5), line(8, "C", 6, 30), line(3, "C", 9, 60)))
    made = plan(LAST, waits)
    assert (made.at_once, [give.units for give in made.to_allow]) == ([], [50])
    assert {slip.line_id: slip.units for slip in made.slips} == {1: 20, 8: 30}


def test_judged_anew_nobody_loses_more_than_was_allowed_and_picked_goods_stay():
    fifty_moved = after(PILOT, plan(ASK, PILOT), is_allowed=False)
    ask = ASK._replace(units=10)
    made, said = judged_anew(ask, fifty_moved, {2: 10}, {2: 2})
    assert (made.to_allow, said) == ([Give(2, 1, 10)], "")
    picked = replace(fifty_moved, promises=(Promised(1, 1, 0, 0), Promised(2, 1, 40, 36)))
    made, said = judged_anew(ask, picked, {2: 10}, {2: 2})
    assert (made.to_allow, made.missing, said) == ([Give(2, 1, 4)], 6, "Only 4 of 10 can still be moved.")
    later = replace(fifty_moved, coming=(Coming(11, "PO-1", on(6), 100),))
    made, said = judged_anew(ask, later, {2: 10}, {2: 2})
    assert made.to_allow == []
    assert said.startswith("Somebody would wait longer than was allowed")
    free = replace(fifty_moved, pools=(pool(free=4),))
    made, said = judged_anew(ask, free, {2: 10}, {2: 2})
    assert (made.free, made.to_allow, said) == ([(1, 4)], [Give(2, 1, 6)], "4 are free by now.")


def foreseen(
    *lines: ClaimLine, free: int = 0, held: tuple[Promised, ...] = (), coming: tuple[Coming, ...] = ()
) -> Scene:
    there = (Coming(0, "", date.min, free), *coming)
    return Scene(7, TODAY, (pool(free=free),), lines, held, there, is_foreseen=True)


def test_stock_that_must_stay_for_a_promise_is_not_free_for_an_urgent_order():
    wish, promised = line(3, "A", 0, 60)._replace(is_promised=False), line(1, "C", 5, 20)
    made = plan(ASK, foreseen(wish, promised, free=50))
    assert (made.free, made.kept, made.missing) == ([(1, 30)], 20, 30)
    assert made.keeper == Keeper(0, "SO-1", 1, on(5))
    in_time = plan(ASK, foreseen(wish, promised, free=50, coming=(Coming(11, "PO-1", on(5), 20),)))
    assert (in_time.free, in_time.kept, in_time.missing) == ([(1, 50)], 0, 10)
    too_late = plan(ASK, foreseen(wish, promised, free=50, coming=(Coming(11, "PO-1", on(6), 20),)))
    assert (too_late.free, too_late.kept) == ([(1, 30)], 20)


def test_who_gives_way_is_foreseen_from_the_day_of_promises_and_a_wish_is_not_kept_against_them():
    wish = line(3, "A", 0, 60)._replace(is_promised=False)
    held = (Promised(1, 1, 50, 0),)
    scene = foreseen(wish, line(1, "C", 5), held=held, coming=(Coming(11, "PO-1", on(5), 30),))
    made = plan(ASK, scene)
    assert (made.at_once, made.to_allow) == ([Give(1, 1, 30)], [Give(1, 1, 20)])
    assert made.slips == [Slip(1, on(5), 20, None, 11)]
    assert replayed(inputs_of(ASK, scene)) == outcome(made)
    late = plan(ASK, foreseen(wish, line(1, "C", 5), held=held, coming=(Coming(11, "PO-1", on(6), 50),)))
    assert (late.at_once, late.to_allow, late.slips[0].days) == ([], [Give(1, 1, 50)], 1)


def test_what_a_quote_holds_of_goods_to_come_is_not_taken_at_once():
    wish, quote = line(3, "A", 0, 60)._replace(is_promised=False), line(-5, "D", 3, 20)._replace(number="Q-5")
    coming = (Coming(11, "PO-1", on(2), 50),)
    made = plan(ASK, foreseen(wish, line(1, "C", 5), quote, held=(Promised(1, 1, 50, 0),), coming=coming))
    assert (made.at_once, made.to_allow) == ([Give(1, 1, 30)], [Give(1, 1, 20)])
    assert (made.slips, made.quotes) == ([], [Slip(-5, on(3), 20, None, 0)])


units = st.integers(0, 40)


@st.composite
def scenes(draw):
    count = draw(st.integers(1, 6))
    lines = [line(3, draw(st.sampled_from("AB")), 0, 60)]
    promises = []
    for n in range(10, 10 + count):
        lines.append(line(n, draw(st.sampled_from("ABC")), draw(st.integers(-2, 9)), draw(units), picked=draw(units)))
        held = draw(units)
        if held:
            promises.append(Promised(n, 1, held, draw(st.integers(0, held))))
    lines.sort(key=lambda one: (one.tier, one.promised_on, one.order_id))
    coming = [Coming(n, f"PO-{n}", on(draw(st.integers(-1, 9))), draw(units)) for n in range(draw(st.integers(0, 3)))]
    return Scene(7, TODAY, (pool(free=draw(units)),), tuple(lines), tuple(promises), tuple(coming), draw(st.booleans()))


@settings(max_examples=150, deadline=None)
@given(scenes(), st.integers(1, 60))
def test_no_unit_comes_from_nowhere_and_what_moves_at_once_harms_nobody(scene, wanted):
    ask = ASK._replace(units=wanted, tier=next(one.tier for one in scene.lines if one.line_id == 3))
    made = plan(ask, scene)
    movable = {held.line_id: held.units - held.in_picking for held in scene.promises}
    lost: dict[int, int] = {}
    for give in [*made.at_once, *made.to_allow]:
        lost[give.line_id] = lost.get(give.line_id, 0) + give.units
    assert all(0 < units <= movable[line_id] for line_id, units in lost.items())
    assert made.got + made.pending + made.missing == wanted
    assert sum(units for _, units in made.free) <= scene.pools[0].free
    harmless, _ = judged_anew(ask, scene, {}, {})
    assert harmless.slips == [] and harmless.at_once == made.at_once
    assert replayed(inputs_of(ask, scene)) == outcome(made)
