"""Which service takes goods: filters, cost, lateness, routing guide; and the same answer again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from flowrack.carriers.rules_choice import Case, Choice, Departure, Guide, GuideRule, Option, Why, choose
from flowrack.carriers.rules_rates import Break, Destination, Hazard, Lane, Mode, Parcel, Tariff

D = Decimal
MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
UPTO = 30_000


def tariff(service_id: int, cost: str, **more: object) -> Tariff:
    made = Tariff(service_id, service_id, service_id, f"C{service_id}", f"S{service_id}", f"Service {service_id}")
    usual = {"lanes": (Lane("1", country="GB"),), "days": {"1": 1}, "breaks": {"1": (Break(UPTO, D(cost)),)}}
    return replace(made, **(usual | more))


CHEAP = tariff(1, "5.00", mode=Mode.AIR)
DEAR = tariff(2, "8.00", takes=frozenset({Hazard("2.1", True)}), dock_minutes=30)
DAYS = {0: (Departure(MON, time(15)), Departure(TUE, time(15)), Departure(WED, time(15)))}
CASE = Case(
    1, "GB", Destination("GB", "LS1"), (Parcel(2_000, (300, 200, 100)),), datetime(2026, 3, 2, 9), MON, TUE, D(20),
    departures=DAYS,
)  # fmt: skip


def of(choice: Choice, service_id: int) -> Option:
    return next(one for one in choice.options if one.service_id == service_id)


def test_the_cheapest_goes_and_every_other_is_kept():
    found = choose(CASE, [DEAR, CHEAP])
    assert [(one.service_id, one.cost) for one in found.options] == [(1, D("5.00")), (2, D("8.00"))]
    assert found.chosen is not None and found.chosen.arrives_on == TUE


def test_air_that_takes_no_aerosols_gives_way_to_ground_that_takes_limited_quantity():
    aerosol = Parcel(900, (200, 200, 300), (Hazard("2.1", True),))
    found = choose(replace(CASE, parcels=(*CASE.parcels, aerosol)), [CHEAP, DEAR])
    assert found.chosen is not None and found.chosen.service_id == 2
    assert (of(found, 1).why, of(found, 1).words) == (Why.HAZARD, "does not take class 2.1 LQ by air (parcel 2)")
    full = aerosol._replace(hazards=(Hazard("2.1"),))
    found = choose(replace(CASE, parcels=(full,)), [CHEAP, DEAR])
    assert found.chosen is None and of(found, 2).why == Why.HAZARD


def test_a_class_covers_its_divisions():
    takes = replace(DEAR, takes=frozenset({Hazard("2")}))
    found = choose(replace(CASE, parcels=(Parcel(1, None, (Hazard("2.1"),)),)), [takes])
    assert found.chosen is not None


@pytest.mark.parametrize(
    ("limits", "parcel", "why"),
    [
        ({"max_length_mm": 1_000}, Parcel(500, (1_001, 10, 10)), Why.SIZE),
        ({"max_girth_mm": 1_100}, Parcel(500, (1_000, 30, 21)), Why.SIZE),
        ({"max_parcel_g": 499}, Parcel(500), Why.WEIGHT),
        ({}, Parcel(UPTO + 1), Why.WEIGHT),
        ({"min_pallets": 1}, Parcel(500), Why.PALLETS),
        ({"lanes": (Lane("1", country="FR"),)}, Parcel(500), Why.ZONE),
        ({"goes_on": (6, 7)}, Parcel(500), Why.SERVICE_DAY),
    ],
)
def test_what_a_service_does_not_take_is_a_reason(limits, parcel, why):
    case = replace(CASE, parcels=(parcel,))
    found = choose(case, [replace(CHEAP, **limits), tariff(9, "20", breaks={"1": (Break(10**7, D(20)),)})])
    assert of(found, 1).why == why
    assert found.chosen is not None and found.chosen.service_id == 9


def test_the_dock_minutes_count_before_the_cut_off():
    at = replace(CASE, ready_at=datetime(2026, 3, 2, 14, 30))
    assert of(choose(at, [DEAR]), 2).leaves == Departure(MON, time(15))
    late = replace(CASE, ready_at=datetime(2026, 3, 2, 14, 31))
    found = choose(late, [CHEAP, DEAR])
    assert found.chosen is not None and found.chosen.service_id == 1
    missed = of(found, 2)
    assert (missed.why, missed.missed, missed.leaves) == (
        Why.CUT_OFF, Departure(MON, time(15)), Departure(TUE, time(15))
    )  # fmt: skip
    assert missed.words == "misses its cut-off 15:00 on Mon 02 Mar: would arrive 1 day late"


def test_a_missed_cut_off_that_still_arrives_in_time_is_no_reason():
    found = choose(replace(CASE, ready_at=datetime(2026, 3, 2, 16), arrives_by=WED), [CHEAP])
    assert found.chosen is not None and found.chosen.leaves == Departure(TUE, time(15))


def test_late_is_better_than_not_at_all_and_is_told():
    found = choose(replace(CASE, ready_at=datetime(2026, 3, 2, 16)), [CHEAP, DEAR])
    assert found.chosen is not None
    assert (found.chosen.service_id, found.chosen.is_last_resort, found.chosen.days_late) == (1, True, 1)
    assert found.chosen.cost == D("25.00")


def test_a_slow_service_must_save_more_than_its_lateness_costs():
    slow = tariff(3, "1.00", days={"1": 3})
    assert choose(CASE, [CHEAP, slow]).options[0].service_id == 1  # 1 + 2 days of 20
    assert choose(replace(CASE, late_day_cost=D(1)), [CHEAP, slow]).options[0].service_id == 3
    assert of(choose(CASE, [CHEAP, slow]), 3).penalty == D(40)


def test_days_of_delivery_leave_out_the_week_end():
    friday = {0: (Departure(date(2026, 3, 6), time(15)),)}
    found = choose(replace(CASE, departures=friday, arrives_by=None), [CHEAP, replace(DEAR, delivers_on=(1, 6))])
    assert [one.arrives_on for one in found.options] == [date(2026, 3, 9), date(2026, 3, 7)]


def test_a_carrier_neither_goes_nor_delivers_on_its_holidays_and_keeps_those_that_counted():
    off = replace(CHEAP, closed=(date(2026, 2, 28), TUE, date(2026, 4, 3)))
    late = choose(replace(CASE, arrives_by=None, late_day_cost=D(0)), [off]).chosen
    assert late is not None and (late.arrives_on, late.closed) == (WED, (TUE,))
    assert choose(CASE, [off, DEAR]).options[0].service_id == 2, "what is there a day later loses"
    monday = choose(replace(CASE, arrives_by=None), [replace(CHEAP, closed=(MON,))]).chosen
    assert monday is not None and monday.leaves == Departure(TUE, time(15)) and monday.arrives_on == WED
    again = choose(replace(CASE, arrives_by=None), [replace(off, closed=late.closed)]).chosen
    assert again is not None and again.arrives_on == late.arrives_on


@pytest.mark.parametrize(
    ("guides", "chosen", "words"),
    [
        ([Guide(1, GuideRule.BARRED)], 2, "the customer bars it"),
        ([Guide(2, GuideRule.REQUIRED)], 2, "the customer requires another service"),
        ([Guide(2, GuideRule.ALLOWED)], 2, "not among the services that the customer allows"),
        ([Guide(2, GuideRule.ALLOWED), Guide(1, GuideRule.ALLOWED)], 1, "arrives Tue 03 Mar"),
        ([Guide(2, GuideRule.ALLOWED, "ACC-7"), Guide(1, GuideRule.ALLOWED)], 2, "arrives Tue 03 Mar"),
    ],
)
def test_the_routing_guide_comes_first_and_the_customers_account_costs_us_nothing(guides, chosen, words):
    found = choose(replace(CASE, guides=tuple(guides)), [CHEAP, DEAR])
    assert found.chosen is not None and found.chosen.service_id == chosen
    assert of(found, 1).words == words


def test_ties_go_to_the_earlier_arrival_then_to_the_older_service():
    same, slow = tariff(4, "5.00"), tariff(1, "5.00", days={"1": 2})
    case = replace(CASE, arrives_by=None)
    assert [one.service_id for one in choose(case, [same, tariff(5, "5.00"), slow]).options] == [4, 5, 1]


def test_the_same_case_has_the_same_answer_in_any_order_of_the_services():
    services = [CHEAP, DEAR, tariff(3, "5.00"), tariff(4, "5.00", goes_on=(7,))]
    assert choose(CASE, services) == choose(CASE, services[::-1])
