"""How a wave stands and what holds it up, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flowrack.waves.rules_board import Due, OnFloor, standing, stuck, stuck_planned

AT = datetime(2026, 3, 2, 15)
WAVE = OnFloor(
    now=AT, released_at=AT.replace(hour=14, minute=50), pick_until=AT.replace(minute=30),
    cut_off_at=AT.replace(hour=16), picks=10, open_picks=4, short=0, last_pick_at=AT.replace(hour=14, minute=55),
    picked_units=6, packed_units=0, gone_units=0, orders_to_pack=3, picked_by=AT.replace(minute=20), people=2,
)  # fmt: skip


def test_a_wave_stands_where_its_goods_are():
    assert standing(replace(WAVE, open_picks=10)) == "released"
    assert standing(WAVE) == "picking"
    assert standing(replace(WAVE, open_picks=0)) == "packing"
    assert standing(replace(WAVE, open_picks=0, packed_units=6)) == "loading"
    assert standing(replace(WAVE, open_picks=0, picked_units=0, gone_units=6)) == "gone"


def test_a_truck_that_leaves_before_the_cut_off_holds_it_up():
    truck = replace(WAVE, truck="LD-1003", truck_at=AT.replace(hour=15, minute=50), truck_orders=3)
    assert stuck(truck) == ("LD-1003 leaves at 15:50, before its cut-off; 3 orders on it still to pick", "warn")
    assert stuck(replace(truck, truck_at=AT.replace(hour=16))) == ("", "")
    by_hand = replace(truck, cut_off_at=None, pick_until=None)
    assert stuck(by_hand) == ("LD-1003 leaves at 15:50; 3 orders on it still to pick", "warn")
    gone = replace(truck, truck_at=AT.replace(hour=14, minute=59), truck_orders=1)
    assert stuck(gone) == ("LD-1003 was to leave at 14:59; 1 order on it not picked", "bad")


def test_what_holds_it_up_is_said_in_words():
    assert stuck(WAVE) == ("", "")
    assert stuck(replace(WAVE, short=1)) == ("1 pick was short", "")
    assert stuck(replace(WAVE, now=AT.replace(minute=40))) == (
        "not picked at 15:30, 10 min ago: it misses the cut-off at 16:00",
        "bad",
    )
    assert stuck(replace(WAVE, picked_by=AT.replace(minute=45))) == ("at this pace picked 15 min after 15:30", "warn")
    assert stuck(replace(WAVE, people=0, picked_by=None)) == ("nobody picks now", "warn")
    assert stuck(replace(WAVE, last_pick_at=AT.replace(hour=14, minute=25))) == ("no pick for 35 min", "warn")
    waits = replace(WAVE, last_pick_at=None, released_at=AT.replace(hour=12))
    assert stuck(waits) == ("waits for a picker for 3 h", "warn")
    assert stuck(replace(WAVE, open_picks=0))[0] == "3 orders wait for a packer, the last pick was 5 min ago"
    assert stuck(replace(WAVE, open_picks=0, packed_units=6))[0] == "packed, waits for its truck"


def test_a_planned_wave_says_that_its_time_to_pick_or_its_truck_is_over():
    due = Due(now=AT, pick_until=AT.replace(minute=30), cut_off_at=AT.replace(hour=16))
    assert stuck_planned(due) == ("", "")
    lost = "not picked at 15:30, 15 min ago: it misses the cut-off at 16:00"
    assert stuck_planned(replace(due, now=AT.replace(minute=45))) == (lost, "bad")
    gone = replace(due, truck="LD-1003", truck_at=AT.replace(hour=11, minute=54), truck_orders=2)
    assert stuck_planned(gone) == ("LD-1003 was to leave at 11:54; 2 orders on it not picked", "bad")
    early = replace(gone, truck_at=AT.replace(minute=50))
    assert stuck_planned(early) == ("LD-1003 leaves at 15:50, before its cut-off; 2 orders on it still to pick", "warn")
