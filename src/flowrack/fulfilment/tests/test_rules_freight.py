"""Cartons and freight are chosen together: what is cheapest to buy is not always cheapest to send."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowrack.carriers.rules_rates import Break, Destination, Extra, Hazard, Lane, Surcharge, Tariff
from flowrack.fulfilment.rules_cartons import CartonKind, Wish, plan
from flowrack.fulfilment.rules_freight import NOBODY, Way, freight_of

D = Decimal
LOW = CartonKind(1, "LOW", (600, 400, 100), 20_000, 300, D("0.90"))
CUBE = CartonKind(2, "CUBE", (400, 400, 400), 20_000, 300, D("0.60"))
HALF = CartonKind(3, "HALF", (400, 400, 200), 20_000, 200, D("0.50"))
LEEDS = Way(1, "GB", Destination("GB", "LS1"), date(2026, 3, 2))
BREAKS = (Break(5_000, D("5")), Break(10_000, D("9")), Break(20_000, D("24")))


def tariff(service_id: int = 1, **more: object) -> Tariff:
    usual = {"divisor": 5_000, "lanes": (Lane("1", country="GB"),), "breaks": {"1": BREAKS}}
    return Tariff(service_id, service_id, 1, "C", "S", "Service", **(usual | more))  # type: ignore[arg-type]


def codes(wishes: list[Wish], kinds: list[CartonKind], *tariffs: Tariff) -> list[str]:
    name = {kind.type_id: kind.code for kind in kinds}
    of = freight_of(tariffs, LEEDS, kinds) if tariffs else None
    return [name[one.type_id] for one in plan(wishes, kinds, of).cartons]


def test_a_dearer_carton_that_is_cheaper_to_send_is_taken():
    plates = [Wish(1, 2, (380, 380, 40), 500)]
    assert codes(plates, [LOW, CUBE]) == ["CUBE"]
    assert codes(plates, [LOW, CUBE], tariff()) == ["LOW"]  # 5.3 kg of room against 13.6 kg
    assert codes(plates, [LOW, CUBE], tariff(divisor=0)) == ["CUBE"]


def test_two_cartons_are_taken_where_they_are_cheaper_to_send_than_one():
    blocks = [Wish(1, 2, (390, 390, 190), 1_000)]
    assert codes(blocks, [CUBE, HALF]) == ["CUBE"]
    assert codes(blocks, [CUBE, HALF], tariff()) == ["HALF", "HALF"]  # twice 9 against 24
    flat = tariff(breaks={"1": (Break(20_000, D("9")),)})
    assert codes(blocks, [CUBE, HALF], flat) == ["CUBE"]


def test_the_freight_is_that_of_the_cheapest_service_that_takes_the_cartons():
    dear = tariff(2, breaks={"1": (Break(20_000, D("40")),)}, takes=frozenset({Hazard("2.1", True)}))
    of = freight_of([tariff(max_parcel_g=3_000), dear], LEEDS, [HALF])
    assert of is not None
    assert of([])([(3, 2_000)]) == D("9")
    assert of([])([(3, 3_001)]) == D("40")
    assert of(["2.1 LQ"])([(3, 2_000)]) == D("40")
    assert of(["3"])([(3, 2_000), (3, 2_000)]) == 2 * NOBODY


def test_surcharges_count_by_the_outer_sides():
    long = CartonKind(4, "LONG", (1_195, 100, 100), 20_000, 300, D("1"))
    extra = Surcharge(Extra.OVERSIZE, D("9.50"), True, over_length_mm=1_200)
    of = freight_of([tariff(surcharges=(extra,))], LEEDS, [long])
    assert of is not None and of([])([(4, 500)]) == D("14.50")


def test_where_nobody_goes_there_is_no_freight():
    assert freight_of([tariff()], LEEDS._replace(to=Destination("FR")), [HALF]) is None
    assert freight_of([tariff(min_pallets=1)], LEEDS, [HALF]) is None


def test_each_carton_keeps_what_it_costs_to_send_alone():
    of = freight_of([tariff()], LEEDS, [CUBE, HALF])
    found = plan([Wish(1, 2, (390, 390, 190), 1_000)], [CUBE, HALF], of)
    assert [one.freight for one in found.cartons] == [D("9"), D("9")]
