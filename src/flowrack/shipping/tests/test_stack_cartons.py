"""stack_cartons: cartons of one address on one pallet, which one scan carries onto the truck."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx
from tests.scanner import Device

from flowrack.platform import sql
from flowrack.shared.check_digits import sscc
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries_notices
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CannotClose, CloseLoad, LoadPlate, WrongTruck
from flowrack.shipping.types_pallets import CannotStack, StackCartons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def stacked() -> int:
    return int(sql.fetch_value("SELECT count(*) FROM shipping_stackedcarton WHERE is_on"))


def test_a_pallet_of_cartons_is_one_scan_and_the_customer_is_told_what_stands_on_it(yard):
    orders = [yard.packed("NORTH", kind="carton") for _ in range(3)]
    codes = [yard.plate(order) for order in orders]
    req = StackCartons(yard.site, codes)
    done = commands.stack_cartons(ctx(GUS, "k"), req)
    assert (done.cartons, stacked()) == (3, 3)
    assert commands.stack_cartons(ctx(GUS, "k"), req) == done
    plan = yard.started(*orders)
    put = commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, done.pallet))
    assert (put.units, put.loaded, put.total) == (30, 1, 1)
    [shipment] = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1")).shipment_ids
    lines = queries_notices.departure_lines(shipment)
    assert {(line.pallet_sscc, line.carton_sscc) for line in lines} == {(done.pallet, code) for code in codes}
    assert stacked() == 0
    assert sql.fetch_value("SELECT closed_at IS NOT NULL FROM locations_lpn WHERE id = %s", (done.pallet_id,)) is True


def test_a_carton_scanned_at_the_truck_takes_its_whole_pallet_along(yard):
    orders = [yard.packed("NORTH", kind="carton") for _ in range(2)]
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(o) for o in orders])).pallet
    plan = yard.started(*orders)
    assert commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(orders[1]))).plate == pallet


def test_what_cannot_stand_on_the_pallet_is_named_and_nothing_is_stacked(yard):
    north, south = yard.packed("NORTH", kind="carton"), yard.packed("SOUTH", kind="carton")
    fuel, oxid = yard.packed("NORTH", ("FUEL", 1), kind="carton"), yard.packed("NORTH", ("OXID", 1), kind="carton")
    label = sscc("9520000", 0, 987654)
    commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(north)], label))
    with pytest.raises(CannotStack) as refused:
        commands.stack_cartons(
            ctx(GUS),
            StackCartons(yard.site, [yard.plate(o) for o in (south, fuel, oxid)] + [yard.plate(north), "12"], label),
        )
    said = [(bad.line, bad.message.partition(": ")[2]) for bad in refused.value.lines]
    assert said == [
        (1, "It is for SOUTH Ltd, the pallet for NORTH Ltd."),
        (3, f"Class 5.1 ({yard.plate(oxid)}) and class 3 ({yard.plate(fuel)}) may travel together only if separated so"
            " that, should packages leak, they cannot mix: 49 CFR 177.848(d), cell O."),
        (4, f"It stands on {label}."),
        (5, "It is no packed carton of this site."),
    ]  # fmt: skip
    for cartons, pallet in (([], ""), ([yard.plate(fuel)] * 2, ""), ([yard.plate(fuel)], "D1")):
        with pytest.raises(CannotStack):
            commands.stack_cartons(ctx(GUS), StackCartons(yard.site, cartons, pallet))
    with pytest.raises(NotPermitted):
        commands.stack_cartons(ctx(BO), StackCartons(yard.site, [yard.plate(fuel)]))
    assert stacked() == 1


def test_a_pallet_is_built_with_a_scan_a_carton(yard):
    orders = [yard.packed("NORTH", kind="carton") for _ in range(2)]
    label = sscc("9520000", 0, 987655)
    device = Device(GUS, "/scan/pallet", yard.site)
    assert [device.scan(code) for code in (label, *(yard.plate(order) for order in orders))] == ["ok", "ok", "ok"]
    assert device.scan(yard.plate(orders[0])) == "more" and "Take it off?" in device.page
    device.tap("off")
    assert stacked() == 1
    assert device.scan(yard.plate(orders[0])) == "ok"
    device.tap("done")
    assert f"{label} 2 cartons" in device.page and device.scans == 5
    assert device.scan(yard.plate(orders[0])) == "wrong", "a carton is no pallet"
    device.tap("new")
    assert device.scan(yard.plate(orders[0])) == "wrong" and f"It stands on {label}." in device.page


def test_a_carton_does_not_take_another_orders_carton_on_its_pallet_along(yard):
    mine, other = yard.packed("NORTH", kind="carton"), yard.packed("NORTH", kind="carton")
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(mine), yard.plate(other)])).pallet
    plan = yard.started(mine)
    before = trucks.books()
    for code in (yard.plate(mine), pallet):
        with pytest.raises(WrongTruck) as refused:
            commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, code))
        assert refused.value.message == f"{pallet} also holds other goods."
        assert refused.value.fix == f"{other.number} for NORTH Ltd is on no truck: leave it in staging."
    assert trucks.books() == before


def test_a_truck_with_a_carton_of_an_order_that_is_not_on_it_is_not_closed(yard):
    mine, other = yard.packed("NORTH", kind="carton"), yard.packed("NORTH", kind="carton")
    done = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(mine)]))
    plan = yard.started(mine)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, done.pallet))
    late = sql.fetch_value("SELECT id FROM locations_lpn WHERE code = %s", (yard.plate(other),))
    sql.execute("UPDATE shipping_loadedplate SET state = 'off', off_at = now()")
    commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(other)], done.pallet))
    sql.execute("UPDATE shipping_loadedplate SET state = 'on', off_at = NULL")
    before = trucks.books()
    with pytest.raises(CannotClose) as refused:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert refused.value.message == f"{done.pallet} also holds goods of {other.number}."
    assert trucks.books() == before
    assert sql.fetch_value("SELECT is_on FROM shipping_stackedcarton WHERE carton_id = %s", (late,)) is True
