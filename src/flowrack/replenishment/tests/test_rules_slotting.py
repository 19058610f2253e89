"""Slotting by numbers: ways in millimetres, a second for each metre."""

from __future__ import annotations

from dataclasses import replace

from flowrack.replenishment.rules_slotting import Goods, Slot, Terms, bounded, levels_of, suggest
from flowrack.storage.rules import Size

PLAIN = frozenset({"t:ambient"})
TERMS = Terms(days=10, mm_a_second=1_000, carry_seconds=120, most_days=30, most=50)
NEAR, FAR, RACK = 1, 2, 9
WAYS = {NEAR: 5_000, FAR: 45_000, RACK: 60_000}


def at(place: int, item: int = 0, volume: int = 0) -> Slot:
    return Slot(place, item, volume, PLAIN)


def looked(goods, slots, rejected=None, terms=TERMS):
    found = suggest(
        goods, slots, way=WAYS.__getitem__, between=lambda a, b: abs(WAYS[a] - WAYS[b]), rejected=rejected or {},
        terms=terms,
    )  # fmt: skip
    return [(s.goods.item_id, s.to_location_id, s.saved_seconds_a_day, s.move_seconds, s.tenths_of_days) for s in found]


HOSE = Goods(7, lines=100, units=400, stands_at=FAR, face_id=70, min_units=10, max_units=90, needs=PLAIN)
TAP = Goods(8, lines=10, units=10, stands_at=NEAR, face_id=80, min_units=5, max_units=50, needs=PLAIN)


def test_a_busy_item_moves_to_an_empty_face_that_is_nearer():
    # 100 lines, 40 m less each, over 10 days: 400 s a day; 120 s and 40 m of carrying have paid after 0.4 days.
    assert looked([HOSE], [at(NEAR), at(FAR, 7)]) == [(7, NEAR, 400, 160, 4)]


def test_a_swap_takes_off_what_the_other_loses_and_costs_twice():
    assert looked([HOSE, TAP], [at(NEAR, 8), at(FAR, 7)]) == [(7, NEAR, 360, 320, 9)]


def test_an_item_without_a_face_gets_one_but_pushes_nobody_out():
    rack = replace(HOSE, stands_at=RACK, face_id=0, min_units=0, max_units=0)
    assert looked([rack, TAP], [at(NEAR, 8), at(FAR)]) == [(7, FAR, 150, 135, 9)]


def test_what_does_not_pay_in_time_was_rejected_or_may_not_stand_there_is_left_out():
    slow = replace(HOSE, lines=2)
    assert looked([slow], [at(NEAR)]) == [(7, NEAR, 8, 160, 200)]
    assert looked([slow], [at(NEAR)], terms=replace(TERMS, most_days=19)) == []
    assert looked([HOSE], [at(NEAR)], {(7, NEAR): "too heavy to lift there"}) == []
    assert looked([replace(HOSE, needs=frozenset({"t:frozen"}))], [at(NEAR)]) == []


def test_lines_that_share_an_order_are_walked_to_from_their_companion():
    # All 100 lines come with the tap, which stands near: from far 40 m to the tap, from near none.
    together = replace(HOSE, partner_id=8, together=100)
    rack = replace(TAP, stands_at=FAR, face_id=0)
    assert looked([together, rack], [at(NEAR), at(FAR, 7)])[0][:2] != (7, NEAR)


def test_levels_hold_a_days_units_and_what_the_place_takes():
    assert levels_of(HOSE, at(NEAR), 10) == (10, 90)
    assert levels_of(replace(HOSE, size=Size(500_000)), at(NEAR, 0, 30_000), 10) == (10, 60)
    assert levels_of(replace(HOSE, size=Size(1_000_000)), at(NEAR, 0, 30_000), 10) is None
    assert levels_of(replace(HOSE, min_units=0, max_units=0), at(NEAR), 10) == (40, 160)


def test_levels_stay_what_they_were_however_large_the_place_and_fit_it_by_weight_too():
    assert levels_of(replace(HOSE, size=Size(200_000)), at(NEAR, 0, 1_200_000), 10) == (10, 90)
    heavy = replace(HOSE, size=Size(200_000, 1, 1_000))
    assert levels_of(heavy, replace(at(NEAR, 0, 1_200_000), weight_g=60_000), 10) == (10, 60)


def test_the_minimum_is_always_under_the_maximum():
    assert bounded(96, 264, 96) == (48, 96)
    assert bounded(96, 96, None) == (48, 96)
    assert bounded(96, 264, 200) == (96, 200)
    assert bounded(1, 2, None) == (1, 2)
    assert bounded(5, 50, 1) is None and bounded(5, 50, 0) is None


def test_no_swap_puts_an_item_where_a_days_units_do_not_fit():
    big = replace(TAP, units=400, size=Size(1_000_000))
    assert looked([HOSE, big], [at(NEAR, 8), at(FAR, 7, 40_000)]) != []
    assert looked([HOSE, big], [at(NEAR, 8), at(FAR, 7, 39_000)]) == []
