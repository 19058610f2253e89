"""plan_load: orders in the order of delivery, checked before anybody carries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, EVE, GUS, NOW, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries_loads
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import CancelShipment, PrepareShipment
from flowrack.shipping.types_loads import LoadRefused, NotTogether, OnOtherLoad, PlanLoad, Truck

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_orders_of_one_address_are_one_stop_in_the_order_of_delivery(yard):
    north, south, again = yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("NORTH")
    req = PlanLoad(yard.site, [north.order_id, south.order_id, again.order_id], Truck(yard.doors["D1"], yard.carrier))
    plan = commands.plan_load(ctx(ADA, "k"), req)
    assert (plan.stops, plan.warnings) == (2, [])
    first, second = queries_loads.stops(plan.load_id)
    assert (first.stop_no, first.customer, first.order_ids) == (1, "NORTH Ltd", [north.order_id, again.order_id])
    assert (second.stop_no, second.customer, second.order_ids) == (2, "SOUTH Ltd", [south.order_id])
    assert commands.plan_load(ctx(ADA, "k"), req) == plan


def test_an_order_goes_on_one_truck(yard):
    order = yard.packed("NORTH")
    first = yard.planned(order)
    before = trucks.books()
    with pytest.raises(OnOtherLoad) as refused:
        yard.planned(order)
    assert refused.value.lines[0].message == f"{order.number} is on {first.number}."
    assert trucks.books() == before


def test_goods_that_may_not_travel_together_are_refused_with_the_rule_and_the_order_that_gives_way(yard):
    acid, bang = yard.packed("NORTH", ("ACID", 5)), yard.packed("SOUTH", ("BANG", 5))
    before = trucks.books()
    with pytest.raises(NotTogether) as refused:
        yard.planned(acid, bang)
    assert refused.value.message == (
        "Class 1.1 (BANG) and class 8 (ACID) may not be loaded or transported together: 49 CFR 177.848(d), cell X."
    )
    assert refused.value.lines[0].fix == f"Put {bang.number} on another truck."
    assert trucks.books() == before


def test_goods_that_must_be_separated_and_too_much_weight_are_warnings(yard):
    oxid, fuel = yard.packed("NORTH", ("OXID", 40)), yard.packed("SOUTH", ("FUEL", 40))
    plan = yard.planned(oxid, fuel, max_weight_g=30_000)
    assert plan.warnings == [
        "Class 3 (FUEL) and class 5.1 (OXID) may travel together only if separated so that, should packages leak,"
        " they cannot mix: 49 CFR 177.848(d), cell O.",
        "Too much for the truck: 40 kg of 30 kg.",
    ]


def test_bad_orders_doors_and_carriers_are_named(yard):
    order, other, gone = yard.packed("NORTH"), yard.packed("NORTH"), outbound.order(yard.site, "SOUTH", ("4711", 1))
    commands.prepare_shipment(ctx(GUS), PrepareShipment(yard.site, [order.order_id, other.order_id]))
    before = trucks.books()
    with pytest.raises(LoadRefused) as refused:
        commands.plan_load(ctx(ADA), PlanLoad(yard.site, [order.order_id, 0, gone.order_id]))
    assert [(bad.line, bad.message) for bad in refused.value.lines] == [
        (1, f"{order.number} waits on one shipment with 1 orders that are not on this load."),
        (2, "There is no such order at this site."),
    ]
    with pytest.raises(LoadRefused) as refused:
        truck = Truck(yard.house.places["reserve1"], 1, max_weight_g=-1)
        commands.plan_load(ctx(ADA), PlanLoad(yard.site, [gone.order_id], truck))
    assert [bad.field for bad in refused.value.lines] == ["door_id", "carrier_id", "max_weight_g"]
    with pytest.raises(NotPermitted):
        commands.plan_load(ctx(EVE), PlanLoad(yard.site, [gone.order_id]))
    assert trucks.books() == before


def test_a_shipment_that_was_prepared_for_two_addresses_is_called_off_first(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    prepared = commands.prepare_shipment(ctx(GUS), PrepareShipment(yard.site, [north.order_id]))
    trucks.also_on(prepared.shipment_id, south)
    before = trucks.books()
    with pytest.raises(LoadRefused) as refused:
        yard.planned(north, south)
    assert [(bad.line, bad.message) for bad in refused.value.lines] == [
        (1, f"{north.number} waits on one shipment with orders for another address."),
        (2, f"{south.number} waits on one shipment with orders for another address."),
    ]
    assert trucks.books() == before
    commands.cancel_shipment(ctx(GUS), CancelShipment(prepared.shipment_id, "two addresses"))
    assert yard.planned(north, south).stops == 2


def test_a_cut_off_that_is_over_is_warned_of_and_a_slip_of_days_refused(yard):
    order = yard.packed("NORTH")
    before = trucks.books()
    with pytest.raises(LoadRefused) as refused:
        yard.planned(order, cut_off_at=NOW - timedelta(days=2))
    assert [(bad.field, bad.message) for bad in refused.value.lines] == [
        ("cut_off_at", "The cut-off is over since 48 h 0 min.")
    ]
    assert trucks.books() == before
    assert yard.planned(order, cut_off_at=NOW - timedelta(minutes=90)).warnings == [
        "The cut-off is over since 1 h 30 min."
    ]


def test_what_packers_weighed_counts_where_items_have_no_weight(yard):
    order = yard.packed("NORTH", ("4711", 4))
    sql.execute("UPDATE catalog_packlevel SET weight_g = NULL")
    sql.execute("UPDATE fulfilment_carton SET weight_g = 18300 WHERE order_id = %s", (order.order_id,))
    assert yard.planned(order, max_weight_g=1_000).warnings == ["Too much for the truck: 18 kg of 1 kg."]
