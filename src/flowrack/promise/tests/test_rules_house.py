from datetime import date, datetime, time

from flowrack.promise.rules_house import (
    CutOff,
    Hands,
    Hours,
    House,
    Policy,
    Reason,
    Why,
    Work,
    after_weekdays,
    capacity_seconds,
    first_trip,
    last_trip,
    overload,
)

MON, TUE, FRI, SAT = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6), date(2026, 3, 7)
WEEK = tuple(Hours(day, time(8), time(17)) for day in range(1, 6))
THREE = tuple(CutOff(1, "Parcel", "", day, time(15), 1) for day in range(1, 6))
QUICK = Policy(line_seconds=300, hundred_seconds=0, prepare_minutes=5)


def hands(people: int) -> tuple[Hands, ...]:
    return tuple(Hands(day, time(8), time(17), people) for day in range(1, 6))


def at(hour: int, minute: int = 0, day: date = MON) -> datetime:
    return datetime.combine(day, time(hour, minute))


def house(people: int, *, queue: int = 0, load: dict[date, int] | None = None) -> House:
    return House(QUICK, WEEK, {}, THREE, hands(people), load or {}, queue)


ORDER = Work(300)


def test_pilot_15_forty_minutes_of_queue_at_14_50_miss_the_cut_off_and_promise_tomorrow():
    trip = first_trip(house(1, queue=2_400), ORDER, now=at(14, 50), not_before=MON)
    assert trip is not None
    assert (trip.ships_on, trip.arrives_on, trip.cut_off) == (TUE, date(2026, 3, 4), time(15))
    assert trip.reasons == (Reason(MON, Why.WORK, time(15), "Parcel"),)


def test_with_more_pickers_the_same_order_leaves_today():
    trip = first_trip(house(5, queue=2_400), ORDER, now=at(14, 50), not_before=MON)
    assert trip is not None
    assert (trip.ships_on, trip.ready_at) == (MON, at(14, 59))


def test_a_passed_cut_off_is_named_before_the_work():
    trip = first_trip(house(5, queue=2_400), ORDER, now=at(15, 1), not_before=MON)
    assert trip is not None
    assert trip.reasons == (Reason(MON, Why.CUT_OFF, time(15), "Parcel"),)


def test_closed_days_and_weekends_are_passed_over_and_named():
    closed = House(QUICK, WEEK, {TUE: "Stocktaking"}, THREE, hands(1))
    trip = first_trip(closed, ORDER, now=at(16), not_before=MON)
    assert trip is not None
    assert (trip.ships_on, trip.reasons[-1]) == (date(2026, 3, 4), Reason(TUE, Why.CLOSED, None, "Stocktaking"))
    weekend = first_trip(closed, ORDER, now=at(9, day=SAT), not_before=SAT)
    assert weekend is not None
    assert weekend.ships_on == date(2026, 3, 9)


def test_a_full_day_is_passed_over():
    full = house(1, load={TUE: 7 * 3600 - 299})
    trip = first_trip(full, ORDER, now=at(9), not_before=TUE)
    assert trip is not None
    assert (trip.ships_on, trip.reasons[-1].why) == (date(2026, 3, 4), Why.WORK)
    just = first_trip(house(1, load={TUE: 7 * 3600 - 300}), ORDER, now=at(9), not_before=TUE)
    assert just is not None
    assert just.ships_on == TUE


def test_the_refill_of_a_pick_face_can_cost_the_cut_off():
    trip = first_trip(house(1), Work(300, needs_refill=True), now=at(14, 40), not_before=MON)
    assert trip is not None
    assert (trip.ships_on, trip.reasons[0].why) == (TUE, Why.REFILL)


def test_hands_by_hour_count_each_hour_with_its_people():
    two = House(QUICK, WEEK, {}, THREE, (Hands(1, time(8), time(12), 1), Hands(1, time(10), time(17), 2)))
    assert capacity_seconds(two, MON) == (2 * 1 + 2 * 3 + 5 * 2) * 3600
    assert capacity_seconds(two, TUE) == 0


def test_the_service_that_arrives_first_is_chosen_and_a_region_of_its_own_counts():
    rows = (
        *THREE,
        *(CutOff(2, "Pallet", "", d, time(12), 3) for d in range(1, 6)),
        CutOff(1, "Parcel", "N", 1, time(11), 2),
    )
    many = House(QUICK, WEEK, {}, rows)
    trips = [first_trip(many, ORDER, now=at(h), not_before=MON, region=r) for h, r in ((9, ""), (9, "N"), (11, "N"))]
    assert [(t.service, t.ships_on, t.arrives_on) for t in trips if t] == [
        ("Parcel", MON, TUE), ("Parcel", MON, date(2026, 3, 4)), ("Pallet", MON, date(2026, 3, 5)),
    ]  # fmt: skip


def test_without_set_up_the_close_of_a_working_day_is_the_cut_off():
    trip = first_trip(House(), ORDER, now=at(16, 50), not_before=MON)
    assert trip is not None
    assert (trip.ships_on, trip.cut_off, trip.reasons[0].why) == (TUE, time(17), Why.CUT_OFF)


def test_a_far_wish_leaves_as_late_as_it_may():
    trip = last_trip(house(1), ORDER, now=at(9), not_before=MON, arrives_by=date(2026, 3, 9))
    assert trip is not None
    assert (trip.ships_on, trip.arrives_on) == (FRI, date(2026, 3, 9))
    assert last_trip(house(1), ORDER, now=at(16), not_before=MON, arrives_by=TUE) is None


def test_weekdays_on_the_way_skip_the_weekend():
    assert (after_weekdays(FRI, 1), after_weekdays(FRI, 0), after_weekdays(SAT, 2)) == (
        date(2026, 3, 9), FRI, date(2026, 3, 10),
    )  # fmt: skip


def test_an_overload_is_told_with_both_numbers():
    found = overload(house(1, load={TUE: 9 * 3600}), TUE, 300, today=MON)
    assert found is not None
    assert (found.work, found.hands) == (9 * 3600 + 300, 9 * 3600)
    assert overload(house(1), TUE, 300, today=MON) is None
    assert overload(House(), TUE, 10**9, today=MON) is None
