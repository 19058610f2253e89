"""choose_carriers: at the release by planned cartons, and again by what was packed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import ADA, CY, GUS, KIM, OZ, bearer, ctx, signed_in

from flowrack.carriers import commands as carriers
from flowrack.carriers import queries_choices
from flowrack.carriers.tests.house import AIR, CARD, GROUND, in_force
from flowrack.carriers.types import SetLateCosts
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.platform.outbox import drain
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case, address, options, promised
from flowrack.shipping.types import Departure, PrepareShipment, ShipConfirm
from flowrack.shipping.types_carriers import ChooseCarriers, OverrideCarrier

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def case() -> Case:
    return Case()


def choose(*orders: outbound.EnteredOrder, **more: bool):
    return commands.choose_carriers(ctx(ADA), ChooseCarriers([one.order_id for one in orders], **more)).choices


def test_the_cheapest_takes_planned_cartons_and_the_reason_stands_with_the_order(case):
    bolts = case.released(("BOLT", 2))
    [done] = choose(bolts)
    assert (done.service, done.cost, done.arrives_on) == ("Air service", D("6.49"), date(2026, 3, 3))
    assert queries_choices.parcels_of(done.choice_id) == [(1, 1_200, 308, 208, 158, [], False)]
    assert options(done.choice_id) == {"AIR": ("", D("6.49")), "GROUND": ("", D("7.04"))}
    [decision] = why(ref("sales.order", bolts.order_id))
    assert decision.sentence == (
        "North Freight Air service for 6.49 freight, arrives Tue 03 Mar; next North Freight Ground service for 7.04"
        " freight."
    )


def test_air_refuses_aerosols_and_ground_takes_them_as_limited_quantity(case):
    sprays = case.released(("BOLT", 2), ("SPRAY", 3))
    [done] = choose(sprays)
    assert (done.service, done.cost) == ("Ground service", D("14.08"))
    parcels = queries_choices.parcels_of(done.choice_id)
    assert [parcel.hazards for parcel in parcels] == [[], ["2.1 LQ"]]
    assert options(done.choice_id)["AIR"] == ("hazard", None)
    [decision] = why(ref("sales.order", sprays.order_id))
    assert "Air service does not take class 2.1 LQ by air (parcel 2)" in decision.sentence
    assert queries_choices.differences(done.choice_id) == []


def test_orders_for_one_place_go_together_and_others_apart(case):
    first, second = case.released(("BOLT", 2)), case.released(("BOLT", 4))
    york = address("YORK", "YO1 9TL", is_default=False)
    third = case.order(("BOLT", 2))
    sql.execute("UPDATE sales_order SET ship_to_id = %s WHERE id = %s", (york, third.order_id))
    outbound.release(case.site, third)
    made = choose(first, second, third)
    assert [one.order_ids for one in made] == [[first.order_id, second.order_id], [third.order_id]]
    assert [len(queries_choices.parcels_of(one.choice_id)) for one in made] == [2, 1]


def test_packed_cartons_count_with_their_weights_once_all_of_the_place_is_packed(case):
    first, second = case.order(("BOLT", 2)), case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, first, second))
    assert choose(first, second)[0].cost == D("12.98")
    outbound.pack(first, weight_g=5_600, carton_type="S")
    assert choose(first, only_packed=True) == []
    outbound.pack(second, weight_g=1_150, carton_type="L")
    [done] = choose(second, only_packed=True)
    assert done.order_ids == [first.order_id, second.order_id]
    assert [parcel[1:5] for parcel in queries_choices.parcels_of(done.choice_id)] == [
        (5_600, 308, 208, 158),
        (1_150, 608, 408, 408),  # its room counts as 20.3 kg
    ]
    assert queries_choices.latest_of([first.order_id])[first.order_id].stage == "packed"


def test_the_worker_chooses_when_a_wave_is_released_and_when_it_is_packed(case):
    order = case.order(("BOLT", 2))
    wave = outbound.release(case.site, order)
    drain(strict=True)
    assert queries_choices.latest_of([order.order_id])[order.order_id].stage == "planned"
    [kept] = sql.fetch_all("SELECT wave_id, lines, stage FROM carriers_choice")
    assert kept == (wave.wave_id, 1, "planned")
    outbound.pick_all(wave)
    outbound.pack(order, weight_g=1_200)
    drain(strict=True)
    assert queries_choices.latest_of([order.order_id])[order.order_id].stage == "packed"


def test_the_cartons_of_one_command_cost_the_choice_as_many_statements_as_one(case):
    def asked(*orders) -> int:
        outbound.pick_all(outbound.release(case.site, *orders))
        drain(strict=True)
        outbound.pack(*orders, weight_g=1_200)
        with CaptureQueriesContext(connection) as seen:
            assert drain(strict=True) == 2, "cartons packed, and carriers chosen"
        packed = {latest.stage for latest in queries_choices.latest_of([one.order_id for one in orders]).values()}
        assert packed == {"packed"}
        return len(seen)

    places = [address(f"YORK-{n}", f"YO1 {n}TL", is_default=False) for n in range(1, 7)]
    orders = [case.order(("BOLT", 1)) for _ in places]
    for one, place in zip(orders, places, strict=True):
        sql.execute("UPDATE sales_order SET ship_to_id = %s WHERE id = %s", (place, one.order_id))
    asked(orders[0])
    assert asked(*orders[1:5]) == asked(orders[5])


def test_cartons_packed_by_the_version_before_get_their_carrier_after_an_upgrade(case):
    order = case.order(("BOLT", 1))
    outbound.pick_all(outbound.release(case.site, order))
    drain(strict=True)
    outbound.pack(order, weight_g=1_200)
    body = f'{{"site_id": {case.site}, "order_id": {order.order_id}, "carton_id": 1, "lpn_id": 1, "sscc": "", '
    old = ("fulfilment.carton_packed", body + '"kind": "fulfilment.carton_packed"}')
    sql.execute("UPDATE platform_outboxevent SET kind = %s, body = %s WHERE kind = 'fulfilment.cartons_packed'", old)
    drain(strict=True)
    assert queries_choices.latest_of([order.order_id])[order.order_id].stage == "packed"


def test_what_a_person_took_stays_through_packing_unless_it_takes_the_goods_no_more(case):
    order = case.order(("BOLT", 2))
    wave = outbound.release(case.site, order)
    [planned] = choose(order)
    taken = OverrideCarrier(planned.choice_id, case.services["GROUND"], "No one there by day")
    commands.override_carrier(ctx(KIM), taken)
    outbound.pick_all(wave)
    outbound.pack(order, weight_g=5_600, carton_type="S")
    [kept] = choose(order, only_packed=True)
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert (latest.choice_id, latest.stage, latest.service, latest.reason) == (
        kept.choice_id, "person", "Ground service", "No one there by day",
    )  # fmt: skip
    assert [parcel.weight_g for parcel in queries_choices.parcels_of(kept.choice_id)] == [5_600]

    sql.execute("UPDATE fulfilment_carton SET weight_g = 31000 WHERE order_id = %s", (order.order_id,))
    choose(order, only_packed=True)
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert latest.stage == "packed"
    assert latest.reason.startswith("What a person took does not go any more: North Freight Ground service ")


def test_a_missed_cut_off_puts_the_promise_at_risk(case):
    case.cut_offs(GROUND=time(9, 20), AIR=time(9, 10))
    order = case.released(("BOLT", 2))
    promised(order, date(2026, 3, 2), date(2026, 3, 3))
    [done] = choose(order)
    assert (done.service, done.arrives_on, done.days_late) == ("Air service", date(2026, 3, 4), 1)
    ground = next(one for one in queries_choices.options_of(done.choice_id) if one.service == "Ground service")
    assert (ground.is_last_resort, ground.words) == (
        True,
        "nothing is in time: misses its cut-off 09:20 on Mon 02 Mar: would arrive 1 day late",
    )
    assert queries_choices.differences(done.choice_id) == []
    [raised] = sql.fetch_all("SELECT order_line_id, covered_on, reason FROM allocation_promiseexception")
    assert raised == (
        order.line_ids[0],
        date(2026, 3, 3),  # promised to leave on the 2nd
        "No carrier arrives in time: North Freight Air service arrives Wed 4 Mar, 1 day late",
    )


def test_who_would_be_in_time_and_was_passed_over_for_its_cost_is_named(case):
    slow = replace(GROUND, transits=[replace(GROUND.transits[0], days=2), GROUND.transits[1]])
    in_force(replace(CARD, services=[slow, replace(AIR, rates=[replace(one, price=D(999)) for one in AIR.rates])]))
    order = case.released(("BOLT", 2))
    promised(order, date(2026, 3, 2), date(2026, 3, 3))
    [done] = choose(order)
    assert (done.service, done.days_late) == ("Ground service", 1)
    raised = sql.fetch_all("SELECT covered_on, arrives_on, days_late, reason FROM allocation_promiseexception")
    assert raised == [
        (
            date(2026, 3, 2),  # it leaves on its day, and is longer on the way
            date(2026, 3, 4),
            1,
            "North Freight Air service would be in time and costs more: North Freight Ground service arrives Wed 4 Mar,"
            " 1 day late",
        )
    ]


def test_freight_lateness_and_landed_total_are_told_apart(case, client):
    carriers.set_late_costs(ctx(ADA), SetLateCosts(D(5), D(5), D(5)))
    slow = replace(GROUND, transits=[replace(GROUND.transits[0], days=2), GROUND.transits[1]])
    in_force(replace(CARD, services=[slow, AIR]))
    order = case.released(("BOLT", 2))
    promised(order, date(2026, 3, 2), date(2026, 3, 3))
    [done] = choose(order)
    assert (done.service, done.cost, done.lateness, done.landed) == ("Air service", D("6.49"), 0, D("6.49"))
    said = sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'carrier' ORDER BY id DESC LIMIT 1")
    assert said == (
        "North Freight Air service for 6.49 freight, arrives Tue 03 Mar; next North Freight Ground service for 7.04"
        " freight and 5.00 for lateness, 12.04 landed."
    )
    ground = next(one for one in queries_choices.options_of(done.choice_id) if one.service == "Ground service")
    assert (ground.freight, ground.penalty, ground.landed) == (D("7.04"), D("5.00"), D("12.04"))
    seen = client.get(f"/api/v1/carrier-choices/{done.choice_id}", headers=bearer(ADA)).json()
    figures = [tuple(D(one[name]) for name in ("freight", "penalty", "landed")) for one in seen["options"]]
    assert figures == [(D("6.49"), 0, D("6.49")), (D("7.04"), 5, D("12.04"))]
    assert (D(seen["cost"]), D(seen["lateness"]), D(seen["landed"])) == (D("6.49"), 0, D("6.49"))
    page = signed_in(ADA).get(f"/carrier-choices/{done.choice_id}").content.decode()
    assert "Landed total" in page and "12.04" in page and "Counts as" not in page


def test_the_first_promise_of_an_order_counts_and_a_line_is_late_by_its_own(case):
    """What waits for a week makes nothing late that leaves today, nor does it make lateness free."""
    case.cut_offs(GROUND=time(9, 20), AIR=time(9, 10))
    order = case.released(("BOLT", 2), ("BOLT", 3))
    promised(order, date(2026, 3, 2), date(2026, 3, 3))
    later = (date(2026, 3, 9), date(2026, 3, 10), order.line_ids[1])
    sql.execute("UPDATE promise_linepromise SET ships_on = %s, arrives_on = %s WHERE line_id = %s", later)
    [done] = choose(order)
    assert (done.arrives_on, done.days_late) == (date(2026, 3, 4), 1)
    raised = sql.fetch_all("SELECT order_line_id, covered_on FROM allocation_promiseexception")
    assert raised == [(order.line_ids[0], date(2026, 3, 3))]


def test_what_is_too_large_for_a_card_is_out_with_what_counts_and_comes_out_the_same_again(case):
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    outbound.pack(order, weight_g=1_200, carton_type="L")
    sql.execute("UPDATE carriers_cardrate SET upto_g = 15000 WHERE upto_g = 30000")
    [done] = choose(order)
    assert options(done.choice_id) == {"AIR": ("weight", None), "GROUND": ("weight", None)}
    assert {one.service: one.words for one in queries_choices.options_of(done.choice_id)} == {
        "Air service": "parcel 1 counts 20.5 kg by its room, its card ends at 15 kg",
        "Ground service": "parcel 1 counts 21 kg by its room, its card ends at 15 kg",
    }
    assert queries_choices.differences(done.choice_id) == []


def test_without_a_rate_card_nothing_is_chosen_and_denied_means_nothing_changed(case):
    order = case.released(("BOLT", 2))
    with pytest.raises(NotPermitted):
        commands.choose_carriers(ctx(CY), ChooseCarriers([order.order_id]))
    sql.execute("UPDATE carriers_ratecard SET state = 'withdrawn'")
    assert choose(order) == []
    assert sql.fetch_value("SELECT count(*) FROM carriers_choice") == 0


def test_a_choice_replays_by_the_version_that_it_used_and_a_change_behind_its_back_is_found(case):
    order = case.released(("BOLT", 2))
    [done] = choose(order)
    dear = replace(AIR, rates=[replace(AIR.rates[0], price=D(99)), AIR.rates[1]])
    in_force(replace(CARD, services=[GROUND, dear]))
    assert queries_choices.differences(done.choice_id) == []
    [again] = choose(order)
    assert (again.service, queries_choices.differences(again.choice_id)) == ("Ground service", [])
    sql.execute("UPDATE carriers_choiceparcel SET weight_g = 9000 WHERE choice_id = %s", (done.choice_id,))
    assert len(queries_choices.differences(done.choice_id)) == 1


def test_a_shipment_without_a_carrier_takes_the_chosen_one(case):
    first, second = case.order(("BOLT", 2)), case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, first, second))
    choose(first, second)
    prepared = commands.prepare_shipment(ctx(GUS), PrepareShipment(case.site, [first.order_id]))
    left = commands.ship_confirm(ctx(GUS), ShipConfirm(case.site, [Departure(order_ids=(second.order_id,))]))
    rows = sql.fetch_all("SELECT id, carrier FROM shipping_shipment ORDER BY id")
    assert rows == [
        (prepared.shipment_id, "North Freight Air service"),
        (left.shipments[0].shipment_id, "North Freight Air service"),
    ]
    page = signed_in(ADA).get(f"/shipments/{prepared.shipment_id}").content.decode()
    assert "Goes with" in page and "6.49" not in page and "12.98" in page


def test_goods_that_left_with_another_carrier_say_so(case, client):
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    choose(order)
    gone = [Departure(order_ids=(order.order_id,), carrier="Northway Haulage")]
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(case.site, gone)).shipments
    page = signed_in(ADA).get(f"/shipments/{left.shipment_id}").content.decode()
    assert "Chosen was" in page and "left with Northway Haulage instead" in page and "Goes with" not in page
    at = sql.fetch_value("SELECT shipped_at::date FROM shipping_shipment")
    url = f"/api/v1/floor-measures?start={at}&end={at}&site_id={case.site}"
    assert Decimal(client.get(url, headers=bearer(OZ)).json()["freight"]) == 0
    sql.execute("UPDATE shipping_shipment SET carrier = 'North Freight Air service'")
    assert Decimal(client.get(url, headers=bearer(OZ)).json()["freight"]) == D("6.49")


def test_the_freight_of_one_choice_counts_once_when_its_goods_leave_on_two_days(case, client):
    first, second = case.order(("BOLT", 2)), case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, first, second))
    choose(first, second)
    for order in (first, second):
        commands.ship_confirm(ctx(GUS), ShipConfirm(case.site, [Departure(order_ids=(order.order_id,))]))
    sql.execute(
        "UPDATE shipping_shipment SET shipped_at = shipped_at + interval '2 days' "
        "WHERE id = (SELECT max(id) FROM shipping_shipment)"
    )
    days = sql.fetch_value("SELECT array_agg(shipped_at::date ORDER BY id) FROM shipping_shipment")
    freight = []
    for day in days:
        url = f"/api/v1/floor-measures?start={day}&end={day}&site_id={case.site}"
        freight.append(Decimal(client.get(url, headers=bearer(OZ)).json()["freight"]))
    assert freight == [D("12.98"), 0]
