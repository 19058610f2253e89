from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from flowrack.dock import rules_slots
from flowrack.dock.rules_slots import Content, Detention
from flowrack.dock.types_appointments import OpenHours, Policy, Terms

POLICY = Policy()


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "policy", "labour", "slot"),
    [
        (Content(), POLICY, 10, 15),
        (Content(pallets=22), POLICY, 54, 60),
        (Content(pallets=22), Policy(people_per_door=2), 54, 30),
        (Content(loose_cases=610), POLICY, 254, 255),
        (Content(pallets=10, lots=4), POLICY, 34, 45),
        (Content(pallets=10, lots=4), Policy(inspected_pct=25), 64, 75),
        (Content(pallets=1), Policy(slot_minutes=60), 12, 60),
    ],
)
def test_the_slot_follows_from_the_content_and_is_rounded_up_to_the_grid(content, policy, labour, slot):
    found = rules_slots.labour(content, policy)
    assert (found.labour_minutes, found.slot_minutes) == (labour, slot)


def test_the_length_says_why():
    assert rules_slots.labour(Content(18, 50, 2), POLICY).sentence == (
        "75 min at the door for 68 min of labour: set-up 10 min, 18 pallets 36 min, 50 loose cases 20 min, "
        "2 lots 2 min."
    )


def test_a_door_lacks_what_the_truck_needs():
    assert rules_slots.missing_capabilities(["live"], ["reefer", "hazmat"], is_drop=True) == [
        "hazmat", "reefer", "drop",
    ]  # fmt: skip
    assert rules_slots.missing_capabilities(["live", "reefer"], ["reefer"], is_drop=False) == []


def spans(*hours: OpenHours, first: date = date(2026, 3, 2), last: date = date(2026, 3, 2), zone: str = "UTC"):
    return rules_slots.open_spans(hours, first, last, zone)


def test_a_door_without_hours_is_open_through_midnight():
    assert spans(last=date(2026, 3, 3)) == [(at(0), at(0, day=4))]


def test_hours_count_by_the_clock_of_the_site_on_both_sides_of_summer_time():
    every = [OpenHours(weekday, time(7), time(16)) for weekday in (6, 7, 1)]
    london = spans(*every, first=date(2026, 3, 28), last=date(2026, 3, 30), zone="Europe/London")
    assert [(s.hour, e.hour) for s, e in london] == [(7, 16), (6, 15), (6, 15)]
    assert spans(OpenHours(2, time(7), time(16))) == []


def test_free_starts_lie_on_the_grid_within_hours_between_what_is_booked():
    open_ = spans(OpenHours(1, time(7), time(9)))
    busy = [(at(7, 30), at(8))]
    found = rules_slots.free_starts(open_, busy, minutes=30, policy=POLICY, not_before=at(6, 50))
    assert [f"{s:%H:%M}" for s in found] == ["07:00", "08:00", "08:15", "08:30"]
    later = rules_slots.free_starts(open_, busy, minutes=30, policy=POLICY, not_before=at(8, 1))
    assert [f"{s:%H:%M}" for s in later] == ["08:15", "08:30"]


@pytest.mark.parametrize(
    ("checked_in", "until", "is_drop", "expected"),
    [
        (at(8, 20), at(9, 35), False, Detention()),
        (at(8, 20), at(10, 20), False, Detention()),
        (at(8, 20), at(10, 21), False, Detention(1, Decimal(45))),
        (at(8, 20), at(11, 20), False, Detention(60, Decimal(45))),
        (at(8, 20), at(11, 21), False, Detention(61, Decimal(90))),
        (at(7), at(10), False, Detention()),  # too early: the clock starts with the slot
        (at(8, 20), at(20), True, Detention()),
    ],
)
def test_each_started_interval_beyond_the_free_time_costs(checked_in, until, is_drop, expected):
    terms = Terms(free_minutes=120, interval_minutes=60, amount=Decimal(45))
    assert expected == rules_slots.detention(
        checked_in_at=checked_in, slot_starts_at=at(8), until=until, terms=terms, is_drop=is_drop
    )


def test_the_grid_is_the_sites():
    assert rules_slots.on_grid(at(8, 44) + timedelta(seconds=59), POLICY) == at(8, 30)
