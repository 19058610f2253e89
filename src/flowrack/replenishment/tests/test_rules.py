"""The run-out rule by the numbers of the pilot, and what must hold whatever comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.replenishment.rules import Cause, Face, Lead, Source, Standing, Trigger, levels, plan_face, priority_of
from flowrack.replenishment.rules_level import Draw, Told, drawn, draws_ahead, reached


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 3, 2, int(hour), int(minute), tzinfo=UTC)


NOW = at("13:00")
FACE = Face(1, 11, 7, 24, 96, 30)
WAVE = [Draw(150, at("13:40"), at("14:40"))]
LEAD = Lead(25 * 60)


def pallets(*sizes: int) -> list[Source]:
    return [Source(n, 20 + n, 7, 0, 100 + n, 1, size, size, n) for n, size in enumerate(sizes, 1)]


def test_the_pilot_two_pallets_start_and_land_in_time():
    plan = plan_face(FACE, WAVE, [], pallets(60, 60, 60), lead=LEAD, now=NOW)

    assert plan.runs_out_at == at("13:52")
    assert [(p.units, p.source.lpn_id, p.cause) for p in plan.new] == [(60, 101, "run_out"), (60, 102, "run_out")]
    first, second = (p.window for p in plan.new)
    assert (first.not_before, first.land_by, first.start_by) == (NOW, at("13:52"), at("13:27"))
    assert (second.not_before, second.land_by, second.start_by) == (at("14:02"), at("14:16"), at("13:51"))
    assert (second.level_then, plan.missing) == (35, 0)


def test_cancelling_sixty_drops_the_second_and_sends_a_lifted_one_back():
    less = [Draw(90, at("13:40"), at("14:40"))]
    first, second = Standing(1, 60, Cause.RUN_OUT), Standing(2, 60, Cause.RUN_OUT)

    plan = plan_face(FACE, less, [first, second], pallets(60), lead=LEAD, now=NOW)
    assert ([k.standing for k in plan.kept], plan.dropped, plan.sent_back, plan.new) == ([first], [second], [], [])

    lifted = [replace(first, is_lifted=True), replace(second, is_lifted=True)]
    plan = plan_face(FACE, less, lifted, pallets(60), lead=LEAD, now=NOW)
    assert ([k.standing for k in plan.kept], plan.dropped, plan.sent_back) == ([lifted[0]], [], [lifted[1]])

    back = [replace(first, is_lifted=True), replace(second, is_lifted=True, is_going_back=True)]
    again = plan_face(FACE, WAVE, back, [], lead=LEAD, now=NOW)
    assert [(k.standing.refill_id, k.is_wanted_again) for k in again.kept] == [(1, False), (2, True)]


def test_what_comes_from_one_bin_and_has_room_at_the_same_moment_is_one_carry():
    face = Face(1, 11, 7, 60, 96, 20)  # 36 at a time, so that the face is never below its minimum for nothing
    loose = [Source(1, 21, 7, 0, 0, 1, 500)]
    plan = plan_face(face, [Draw(96, at("13:40"), at("14:40"))], [], loose, lead=LEAD, now=NOW)
    assert [(p.units, p.window.not_before) for p in plan.new] == [(76, NOW)]
    more = plan_face(face, [Draw(150, at("13:40"), at("14:40"))], [], [replace(loose[0], free=500)], lead=LEAD, now=NOW)
    assert sum(p.units for p in more.new) == 130 and more.new[0].units == 72
    assert len({p.window.not_before for p in more.new}) == len(more.new)


def test_the_same_again_changes_nothing():
    standing = [Standing(1, 60, Cause.RUN_OUT), Standing(2, 60, Cause.RUN_OUT)]
    plan = plan_face(FACE, WAVE, standing, pallets(60), lead=LEAD, now=NOW)
    assert ([k.standing for k in plan.kept], plan.new, plan.dropped) == (standing, [], [])


def test_queue_and_legs_come_off_the_time_to_start():
    queue = [(at("13:30"), 600), (at("14:00"), 600), (None, 600)]
    lead = Lead(300, spare_seconds=60, people=2, queue=queue)
    [first, _] = plan_face(FACE, WAVE, [], pallets(60, 60), lead=lead, now=NOW).new
    assert first.window.start_by == at("13:52") - timedelta(seconds=300 + 300 + 60)
    high = [replace(s, hand_over_id=9) for s in pallets(60, 60)]
    [first, _] = plan_face(FACE, WAVE, [], high, lead=lead, now=NOW).new
    assert first.window.start_by == at("13:52") - timedelta(seconds=600 + 300 + 60)


def test_older_stock_comes_first_even_in_part():
    old = [Source(1, 21, 7, 1, 101, 1, 200, 200), Source(2, 22, 7, 2, 102, 1, 60, 60)]
    plan = plan_face(replace(FACE, case_units=10), WAVE, [], old, lead=LEAD, now=NOW)
    assert [(p.source.lot_id, p.units) for p in plan.new] == [(1, 70), (1, 50)]


def test_the_minimum_is_the_way_out_when_nothing_is_known():
    assert plan_face(FACE, [], [], pallets(60), lead=LEAD, now=NOW).new == []
    low = replace(FACE, there=20)
    bulk = [Source(1, 21, 7, 0, 0, 1, 180)]
    [one] = plan_face(low, [], [], list(bulk), lead=LEAD, now=NOW).new
    assert (one.units, one.cause, one.window.land_by, priority_of(one.window, one.cause, NOW)) == (
        76,
        "minimum",
        None,
        5,
    )
    assert plan_face(replace(low, trigger=Trigger.BY_HAND), [], [], list(bulk), lead=LEAD, now=NOW).new == []
    by_min = plan_face(replace(low, trigger=Trigger.MIN_MAX), WAVE, [], list(bulk), lead=LEAD, now=NOW)
    assert [(p.units, p.cause) for p in by_min.new] == [(76, "minimum")]


def test_into_an_empty_face_the_work_starts_at_once():
    bulk = [Source(1, 21, 7, 0, 0, 1, 180)]
    [one] = plan_face(replace(FACE, there=0), [], [], bulk, lead=LEAD, now=NOW).new
    window = one.window
    assert (one.cause, window.start_by, window.land_by) == ("minimum", at("13:00"), at("13:25"))
    assert priority_of(window, one.cause, NOW) == 1


def kept(draws: list[Draw], missing: int, now: str, **more: object) -> tuple[str, str]:
    """By when a refill starts and lands that was to land by 13:52."""
    was = Standing(1, 60, Cause.RUN_OUT, land_by=at("13:52"), missing=missing)
    face = replace(FACE, **more)
    [one] = plan_face(face, draws, [was], [], lead=LEAD, now=at(now)).kept
    assert one.window.land_by and one.window.start_by
    return f"{one.window.start_by:%H:%M}", f"{one.window.land_by:%H:%M}"


def test_what_nobody_did_in_time_is_late_and_stays_late():
    due = draws_ahead([], of_orders=60, now=at("16:00"), until=at("15:00"))
    assert kept(due, 30, "16:00") == ("13:27", "13:52")  # not 16:30, not a minute later each minute
    assert kept([], 0, "16:00", there=0) == ("13:27", "13:52")
    behind = draws_ahead([Told(60, at("13:00"), at("17:00"), True)], of_orders=60, now=at("15:00"), until=at("17:00"))
    assert kept(behind, 30, "15:00") == ("13:27", "13:52")


def test_times_move_when_less_is_missing_or_a_wave_says_another_time_or_there_is_no_room():
    fewer = draws_ahead([], of_orders=50, now=at("16:00"), until=at("15:00"))
    assert kept(fewer, 30, "16:00") == ("16:11", "16:36")
    wave = draws_ahead([Told(60, at("17:00"), at("19:00"), True)], of_orders=60, now=at("16:00"), until=at("15:00"))
    assert kept(wave, 30, "16:00") == ("17:35", "18:00")
    full = draws_ahead([], of_orders=120, now=at("16:00"), until=at("15:00"))
    assert kept(full, 24, "16:00", there=96) == ("16:05", "16:30")


def test_quiet_hours_top_off_what_has_no_draws():
    [one] = plan_face(FACE, [], [], pallets(60), lead=LEAD, now=NOW, top_off_under=72).new
    assert (one.units, one.cause, priority_of(one.window, one.cause, NOW)) == (60, "top_off", 8)
    assert plan_face(replace(FACE, there=80), [], [], pallets(60), lead=LEAD, now=NOW, top_off_under=72).new == []


def test_what_no_reserve_covers_is_named():
    plan = plan_face(FACE, WAVE, [], pallets(60), lead=LEAD, now=NOW)
    assert ([p.units for p in plan.new], plan.missing) == ([60], 60)


def test_stock_that_was_given_away_is_replaced():
    standing = [Standing(1, 60, Cause.RUN_OUT, is_sound=False), Standing(2, 60, Cause.RUN_OUT)]
    plan = plan_face(FACE, WAVE, standing, pallets(60), lead=LEAD, now=NOW)
    assert ([s.refill_id for s in plan.dropped], [k.standing.refill_id for k in plan.kept]) == ([1], [2])
    assert [p.units for p in plan.new] == [60]


def test_waves_time_what_orders_draw_and_told_draws_fade():
    told = [Told(100, at("12:00"), at("14:00"), True), Told(60, at("12:30"), at("13:30"), False)]
    ahead = draws_ahead(told, of_orders=130, now=NOW, until=at("17:00"))
    assert ahead == [
        Draw(100, NOW, at("14:00")), Draw(30, NOW, at("13:30")), Draw(30, NOW, at("17:00")),
    ]  # fmt: skip
    assert draws_ahead(told, of_orders=0, now=at("15:00"), until=at("17:00")) == []


def test_the_level_is_drawn_with_its_jumps():
    points = levels(30, WAVE, [(at("13:52"), 60), (at("14:16"), 60)], now=NOW)
    assert [(p.strftime("%H:%M"), level) for p, level in points] == [
        ("13:00", 30), ("13:40", 30), ("13:52", 0), ("13:52", 60), ("14:16", 0), ("14:16", 60), ("14:40", 0),
    ]  # fmt: skip


def minutes_on(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


some_draws = st.lists(
    st.builds(
        lambda units, start, length: Draw(
            units, NOW + timedelta(minutes=start), NOW + timedelta(minutes=start + length)
        ),
        st.integers(1, 200),
        st.integers(0, 300),
        st.integers(0, 120),
    ),
    max_size=6,
)


@given(some_draws, st.integers(0, 96), st.lists(st.integers(1, 120), max_size=12), st.integers(1, 24))
def test_no_refill_lands_on_a_full_face_or_after_it_is_empty(draws, there, sizes, case):
    face = replace(FACE, there=there, case_units=case)
    plan = plan_face(face, draws, [], pallets(*sizes), lead=LEAD, now=NOW)
    supply = there
    for one in plan.new:
        when = one.window.not_before
        assert supply - drawn(draws, when) + one.units <= face.max_units
        if one.window.land_by is not None:
            assert when <= one.window.land_by
        supply += one.units
    wanted = sum(draw.units for draw in draws)
    assert plan.missing or supply >= wanted or len(plan.new) == 20
    assert sum(p.units for p in plan.new) <= sum(sizes)


@given(some_draws, st.integers(1, 400))
def test_the_moment_that_units_are_reached_is_exact(draws, units):
    moment = reached(draws, units)
    if moment is None:
        assert sum(draw.units for draw in draws) < units
        return
    second = datetime.fromtimestamp(int(-(-moment // 1)), UTC)
    assert drawn(draws, second) >= units
    if moment > NOW.timestamp():
        assert drawn(draws, datetime.fromtimestamp(int(-(-moment // 1)) - 1, UTC)) < units


def test_what_lies_in_the_face_of_before_follows_before_reserve_needed_or_not():
    behind = Source(9, 12, 7, 0, 0, 1, 168, is_left_behind=True)
    held = replace(FACE, there=90)
    plan = plan_face(held, [], [], [behind, *pallets(60)], lead=LEAD, now=NOW)
    assert [(p.units, p.cause) for p in plan.new] == [(6, "slotting")]  # the rest when there is room

    plan = plan_face(replace(FACE, there=0), WAVE, [], [behind, *pallets(60)], lead=LEAD, now=NOW)
    assert [(p.units, p.cause) for p in plan.new] == [(96, "slotting"), (72, "slotting")]
    second = plan.new[1].window  # 72 leave of 96 before there is room
    assert (second.not_before, second.land_by) == (at("14:09"), at("14:18"))


def test_a_carry_from_the_face_of_before_stays_until_there_can_be_no_room():
    carry = Standing(1, 60, Cause.SLOTTING)
    plan = plan_face(replace(FACE, there=30), [], [carry], pallets(60), lead=LEAD, now=NOW)
    assert ([k.standing for k in plan.kept], plan.new) == ([carry], [])
    fresh = Standing(2, 60, Cause.MINIMUM)
    plan = plan_face(replace(FACE, there=30), [], [fresh, carry], [], lead=LEAD, now=NOW)
    assert ([k.standing for k in plan.kept], plan.dropped) == ([carry], [fresh])
    plan = plan_face(replace(FACE, there=40), [], [carry], [], lead=LEAD, now=NOW)
    assert plan.dropped == [carry]
