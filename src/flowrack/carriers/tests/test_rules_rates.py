"""What parcels cost: billable weight, breaks, minimum, surcharges, fuel; to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.carriers.rules_rates import (
    Basis,
    Break,
    ChargeKind,
    Destination,
    Extra,
    Hazard,
    Lane,
    Parcel,
    Remote,
    Surcharge,
    Tariff,
    billable_g,
    price,
    zone_of,
)

ON = date(2026, 3, 2)
LEEDS, WICK = Destination("GB", "LS1 4AP"), Destination("GB", "KW1 5AA")
D = Decimal
BREAKS = (Break(1_000, D("4.10")), Break(5_000, D("6.40")), Break(30_000, D("6.40"), D("0.55"), 5_000))
PARCELS = Tariff(1, 1, 1, "North", "GROUND", "Ground", divisor=5_000, step_g=500, breaks={"1": BREAKS})


def total(tariff: Tariff, *parcels: Parcel, to: Destination = LEEDS) -> Decimal | None:
    found = price(tariff, "1", parcels, to, ON)
    return None if found is None else found.total


def test_billable_weight_is_the_greater_of_scale_and_room_rounded_up_to_the_step():
    assert billable_g(PARCELS, 2_100, (100, 100, 100)) == 2_500
    assert billable_g(PARCELS, 2_100, (400, 300, 250)) == 6_000  # 30,000 cm3 at 5,000 cm3 for a kg
    assert billable_g(PARCELS, 2_100, None) == 2_500
    assert billable_g(replace(PARCELS, divisor=0), 2_100, (400, 300, 250)) == 2_500


def test_a_weight_is_in_the_first_break_that_reaches_it():
    assert total(PARCELS, Parcel(1_000)) == D("4.10")
    assert total(PARCELS, Parcel(1_001)) == D("6.40")
    assert total(PARCELS, Parcel(7_200)) == D("7.78")  # 6.40 + 2.5 kg at 0.55 = 7.775, half up
    assert total(PARCELS, Parcel(30_001)) is None


def test_rates_are_for_each_parcel_or_for_the_whole_shipment():
    two = [Parcel(4_000), Parcel(4_000)]
    assert total(PARCELS, *two) == D("12.80")
    assert total(replace(PARCELS, basis=Basis.SHIPMENT), *two) == D("8.05")  # 8 kg in one


def test_the_minimum_is_made_up_and_fuel_is_on_top_of_it():
    dear = replace(PARCELS, minimum=D("10"), fuels=((date(2026, 1, 1), D("9")), (ON, D("12.5"))))
    found = price(dear, "1", [Parcel(900)], LEEDS, ON)
    assert found is not None
    assert [(c.kind, c.amount) for c in found.charges] == [
        (ChargeKind.FREIGHT, D("4.10")),
        (ChargeKind.MINIMUM, D("5.90")),
        (ChargeKind.FUEL, D("1.25")),
    ]
    assert price(dear, "1", [Parcel(900)], LEEDS, date(2026, 3, 1)).total == D("10.90")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("extra", "parcel", "to", "due"),
    [
        (Surcharge(Extra.RESIDENTIAL, D("3")), Parcel(500), LEEDS._replace(is_residential=True), "3"),
        (Surcharge(Extra.RESIDENTIAL, D("3")), Parcel(500), LEEDS, "0"),
        (Surcharge(Extra.REMOTE, D("12")), Parcel(500), WICK, "12"),
        (Surcharge(Extra.REMOTE, D("12")), Parcel(500), LEEDS, "0"),
        (Surcharge(Extra.OVERSIZE, D("9"), over_length_mm=1_200), Parcel(500, (1_201, 50, 50)), LEEDS, "9"),
        (Surcharge(Extra.OVERSIZE, D("9"), over_length_mm=1_200), Parcel(500, (1_200, 50, 50)), LEEDS, "0"),
        (Surcharge(Extra.OVERSIZE, D("9"), over_girth_mm=1_400), Parcel(500, (1_200, 51, 50)), LEEDS, "9"),
        (Surcharge(Extra.OVERSIZE, D("9"), over_weight_g=499), Parcel(500), LEEDS, "9"),
        (Surcharge(Extra.HAZARD, D("7")), Parcel(500, None, (Hazard("2.1", True),)), LEEDS, "7"),
        (Surcharge(Extra.HAZARD, D("7")), Parcel(500), LEEDS, "0"),
        (Surcharge(Extra.ALWAYS, D("0.30")), Parcel(500), LEEDS, "0.30"),
    ],
)
def test_a_surcharge_is_due_when_its_cause_is_there(extra, parcel, to, due):
    far = (Remote("GB", "IV", "KW"),)
    plain = replace(PARCELS, divisor=0)
    with_extra = replace(plain, surcharges=(extra,), remotes=far)
    bare, more = total(plain, parcel, to=to), total(with_extra, parcel, to=to)
    assert bare is not None and more is not None
    assert more - bare == D(due)


def test_a_surcharge_for_each_parcel_counts_those_that_cause_it_and_carries_fuel_if_it_says_so():
    extra = Surcharge(Extra.HAZARD, D("7"), is_per_parcel=True, has_fuel=True)
    tariff = replace(PARCELS, surcharges=(extra,), fuels=((ON, D("10")),))
    lq = (Hazard("3", True),)
    assert total(tariff, Parcel(500, None, lq), Parcel(500, None, lq), Parcel(500)) == D("28.93")  # (12.30 + 14) * 1.1
    assert total(replace(tariff, surcharges=(extra._replace(has_fuel=False),)), Parcel(500, None, lq)) == D("11.51")


def test_the_lane_that_says_most_of_a_place_gives_its_zone():
    lanes = [
        Lane("EU"),
        Lane("GB", country="GB"),
        Lane("SCOT", country="GB", region="Scotland"),
        Lane("FAR", country="GB", postcode_from="IV", postcode_to="KW"),
        Lane("HERE", origin_site_id=7, country="GB"),
    ]
    assert zone_of(lanes, 1, "GB", LEEDS) == "GB"
    assert zone_of(lanes, 7, "GB", LEEDS) == "HERE"
    assert zone_of(lanes, 1, "GB", WICK) == "FAR"
    assert zone_of(lanes, 1, "GB", Destination("GB", "EH1", "Scotland")) == "SCOT"
    assert zone_of(lanes, 1, "GB", Destination("FR", "75001")) == "EU"
    assert zone_of(lanes[1:], 1, "GB", Destination("FR", "75001")) == ""
    assert zone_of(lanes[3:4], 1, "GB", Destination("GB", "")) == ""


@given(
    weights=st.lists(st.integers(1, 30_000), min_size=1, max_size=6),
    minimum=st.decimals(0, 50, places=2),
    fuel=st.decimals(0, 40, places=3),
)
def test_charges_add_up_in_whole_cents_and_never_fall_below_the_minimum(weights, minimum, fuel):
    tariff = replace(PARCELS, minimum=minimum, fuels=((date(2026, 1, 1), fuel),))
    found = price(tariff, "1", [Parcel(weight) for weight in weights], LEEDS, ON)
    assert found is not None
    assert all(charge.amount == charge.amount.quantize(D("0.01")) for charge in found.charges)
    assert found.total >= minimum
    heavier = price(tariff, "1", [Parcel(30_000) for _ in weights], LEEDS, ON)
    assert heavier is not None and heavier.total >= found.total
