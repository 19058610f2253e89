"""load_plate: one scan a pallet, in turn, on the right truck, with nothing beside it that may not be."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import NotStaged, Pack, PackLine, PackOrders, UnpackCarton
from flowrack.fulfilment.types_packing import NotProved, PrintCartonLabels, RepackLine, RepackUnits
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import (
    AlreadyLoaded,
    CloseLoad,
    LoadPlate,
    NotTogether,
    OutOfTurn,
    TakeOff,
)
from flowrack.shipping.types_loads import WrongTruck as Wrong
from flowrack.shipping.types_pallets import StackCartons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def put(plan, code: str, key: str | None = None, **more: str):
    return commands.load_plate(ctx(GUS, key), LoadPlate(plan.load_id, code, **more))


def test_the_last_stop_goes_on_first_and_the_counter_tells_how_far_the_truck_is(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(north, south)
    done = put(plan, yard.plate(south), "k")
    assert (done.stop_no, done.customer, done.units, done.loaded, done.total) == (2, "SOUTH Ltd", 10, 1, 2)
    assert done.warning == ""
    assert put(plan, yard.plate(south), "k") == done
    assert trucks.on_truck(plan.load_id) == 1
    with pytest.raises(AlreadyLoaded):
        put(plan, yard.plate(south))
    assert put(plan, f"]C100{yard.plate(north)}").loaded == 2, "the label's GS1 form is the same plate"


def test_a_stop_out_of_turn_warns_asks_for_a_reason_or_is_refused_as_the_site_says(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(north, south)
    words = f"Stop 2 goes on before stop 1: 1 still to load, {yard.plate(south)}."
    yard.rule(stop_order="refuse")
    before = trucks.books()
    with pytest.raises(OutOfTurn) as refused:
        put(plan, yard.plate(north), reason="it is raining")
    assert (refused.value.message, refused.value.fix[:18]) == (words, "Load stop 2 first;")
    assert trucks.books() == before
    yard.rule(stop_order="reason")
    with pytest.raises(OutOfTurn):
        put(plan, yard.plate(north))
    assert put(plan, yard.plate(north), reason="side doors").warning == words
    assert sql.fetch_value("SELECT reason FROM shipping_loadedplate") == "side doors"
    assert sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'loading'") == (
        f"{yard.plate(north)}: {words}"
    )


def test_goods_of_another_truck_are_refused_with_the_right_door(yard):
    north, south, none = yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")
    plan, other = yard.started(north), yard.started(south, door="D2")
    before = trucks.books()
    for code, was, fix in (
        (yard.plate(south), f"{yard.plate(south)} does not go on {plan.number}.",
         f"{south.number} goes on {other.number} at door D2."),
        (yard.plate(none), f"{yard.plate(none)} does not go on {plan.number}.",
         f"{none.number} for SOUTH Ltd is on no truck: leave it in staging."),
        ("12", "12 is no plate and no order.", "Scan the label of a pallet or carton."),
        (north.number, f"Nothing of {north.number} stands loose for this truck.",
         "Its other goods go on this truck: pack them apart first."),
    ):  # fmt: skip
        with pytest.raises(Wrong) as refused:
            put(plan, code)
        assert (refused.value.message, refused.value.fix) == (was, fix)
    assert trucks.books() == before


def test_loose_goods_go_on_by_the_number_of_their_order(yard):
    order = yard.picked("NORTH", ("4711", 7))
    plan = yard.started(order)
    assert put(plan, order.number.lower()).units == 7


def test_the_scan_that_loads_a_carton_proves_its_label_and_one_without_a_label_stays(yard):
    packing.asks_for_scans("NORTH")
    order = yard.packed("NORTH", kind="carton")
    plan = yard.started(order)
    before = trucks.books()
    with pytest.raises(NotProved, match=f"No label of {yard.plate(order)} was printed"):
        put(plan, yard.plate(order))
    assert trucks.books() == before
    carton = sql.fetch_value("SELECT id FROM fulfilment_carton")
    fulfilment.print_carton_labels(ctx(GUS), PrintCartonLabels([carton]))
    put(plan, f"]C100{yard.plate(order)}")
    assert sql.fetch_value("SELECT scanned_at IS NOT NULL FROM labels_labelprint")
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert trucks.load_state(plan.load_id) == "closed"


def test_a_carton_of_a_wrong_weight_is_refused_when_it_is_loaded_not_at_the_seal(yard):
    order = yard.packed("NORTH", kind="carton")
    plan = yard.started(order)
    packing.rule(must_weigh=True)
    with pytest.raises(NotProved) as refused:
        put(plan, yard.plate(order))
    assert refused.value.message == f"{yard.plate(order)} was not weighed ({order.number})."
    assert trucks.on_truck(plan.load_id) == 0


def test_hazardous_goods_are_kept_apart_or_stay_off(yard):
    oxid, fuel = yard.packed("SOUTH", ("OXID", 4)), yard.packed("NORTH", ("FUEL", 4))
    plan = yard.started(fuel, oxid)
    put(plan, yard.plate(oxid))
    with pytest.raises(NotTogether) as refused:
        put(plan, yard.plate(fuel))
    assert refused.value.fix == "Say how they are kept apart, or put it on another truck."
    assert put(plan, yard.plate(fuel), separation="Steel barrier").warning.endswith("Kept apart: Steel barrier.")
    assert sql.fetch_value("SELECT separation FROM shipping_loadedplate ORDER BY id DESC LIMIT 1") == "Steel barrier"
    commands.take_off(ctx(GUS), TakeOff(plan.load_id, yard.plate(fuel)))
    sql.execute("UPDATE catalog_item SET is_limited_quantity = true WHERE sku = 'FUEL'")
    assert put(plan, yard.plate(fuel)).warning == "", "a limited quantity is left out of the table"
    # What an order holds can change after the truck was planned: the door looks at what is carried.
    acid = yard.packed("NORTH", ("4711", 4))
    plan = yard.started(acid, yard.packed("NORTH", ("BANG", 2)), door="D2")
    sql.execute("UPDATE catalog_item SET hazard_class = '8' WHERE sku = '4711'")
    put(plan, yard.plate(acid))
    with pytest.raises(NotTogether) as refused:
        put(plan, list(yard.plates.values())[-1])
    assert refused.value.lines[0].fix == "Put it on another truck."


def test_a_plate_on_the_truck_is_not_opened(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    put(plan, yard.plate(order))
    carton = sql.fetch_value("SELECT id FROM fulfilment_carton")
    before = trucks.books()
    with pytest.raises(NotStaged) as refused:
        fulfilment.unpack_carton(ctx(GUS), UnpackCarton(carton))
    assert (refused.value.message, refused.value.fix) == (
        f"{yard.plate(order)} is on {plan.number}.",
        f"Take it off {plan.number} first.",
    )
    assert trucks.books() == before
    commands.take_off(ctx(GUS), TakeOff(plan.load_id, yard.plate(order)))
    assert fulfilment.unpack_carton(ctx(GUS), UnpackCarton(carton)).units == 10


def test_cartons_on_a_truck_or_a_pallet_are_not_repacked(yard):
    order = yard.picked("NORTH", ("4711", 4), ("ACID", 4))
    rows = queries.staged_in_words(order.order_id)
    packs = [Pack(order.order_id, [PackLine(r.line_id, r.units, r.lot_id, r.lpn_id)]) for r in rows]
    one, two = fulfilment.pack_orders(ctx(GUS), PackOrders(packs)).cartons
    swap = RepackUnits(one.carton_id, [RepackLine(rows[0].line_id, 2, rows[0].lot_id)], two.carton_id)
    plan = yard.started(order)
    put(plan, two.sscc)
    with pytest.raises(NotStaged) as refused:
        fulfilment.repack_units(ctx(GUS), swap)
    assert refused.value.message == f"{two.sscc} is on {plan.number}."
    commands.take_off(ctx(GUS), TakeOff(plan.load_id, two.sscc))
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [one.sscc])).pallet
    with pytest.raises(NotStaged) as refused:
        fulfilment.repack_units(ctx(GUS), swap)
    assert refused.value.message == f"{one.sscc} stands on {pallet}."
    assert sql.fetch_all("SELECT units FROM fulfilment_cartonline ORDER BY id") == [(4,), (4,)]


def test_who_may_not_load_and_a_truck_that_is_not_there_change_nothing(yard):
    order = yard.packed("NORTH")
    plan = yard.planned(order)
    before = trucks.books()
    with pytest.raises(WrongState):
        put(plan, yard.plate(order))
    with pytest.raises(NotPermitted):
        commands.load_plate(ctx(BO), LoadPlate(plan.load_id, yard.plate(order)))
    assert trucks.books() == before
