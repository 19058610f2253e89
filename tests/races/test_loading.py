"""Goods are loaded while somebody packs them: they end on the truck or in a carton, never in both."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.types import ConfirmPicks, NotStaged, Pack, Packed, PackOrders, Pick
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import house as other_house
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import steps as sales
from flowrack.shared.quantity import Units
from flowrack.shipping import commands, locks_loads
from flowrack.shipping.commands import loading
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_along import TakeBackLoad, TakeLoadsAlong
from flowrack.shipping.types_loads import (
    CloseLoad,
    LoadClosed,
    LoadPlate,
    PlanLoad,
    PlateLoaded,
    StartLoad,
    TransferStop,
    Truck,
)
from flowrack.storage import commands_staging as staging
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import StageTransfer
from tests import outbound
from tests.cast import ADA, BO, CY, GUS, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("way", "packer_gets"), [("naive", Packed), ("guarded", NotStaged)])
@pytest.mark.parametrize("what", ["loose", "tote"])
def test_goods_are_loaded_or_packed_never_both(monkeypatch, what, way, packer_gets):
    """The naive loader only looks: the goods are in a carton before it has written that they are on the truck."""
    yard = trucks.yard()
    yard.rule(takes_totes=True)
    order = outbound.order(yard.site, "NORTH", ("4711", 3))
    outbound.allocate(yard.site, order)
    wave = outbound.release(yard.site, order)
    tote = outbound.tote(yard.site, "T-1") if what == "tote" else 0
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, tote)]))
    plan = yard.started(order)
    looked, finished, loaders = threading.Event(), threading.Event(), set()
    prove, claim = loading.steps_unproved.prove_by_scan, sales.claim_orders

    def pause(*args):
        looked.set()
        deadline = time.monotonic() + 10
        while not finished.is_set() and not waiting():
            assert time.monotonic() < deadline, "neither waited nor finished"
            time.sleep(0.01)
        return prove(*args)

    monkeypatch.setattr(loading.steps_unproved, "prove_by_scan", pause)
    if way == "naive":
        looks = lambda ids: [] if threading.get_ident() in loaders else claim(ids)  # noqa: E731
        monkeypatch.setattr(sales, "claim_orders", looks)
        monkeypatch.setattr(locks_loads, "plate", lambda lpn_id: None)
    loader, packer = ctx(GUS), ctx(GUS)
    request = PackOrders([Pack(order.order_id, queries_packing.to_check([order.order_id])[order.order_id])])

    def load():
        loaders.add(threading.get_ident())
        return commands.load_plate(loader, LoadPlate(plan.load_id, "T-1" if tote else order.number))

    def pack():
        looked.wait(10)
        try:
            return fulfilment.pack_orders(packer, request)
        finally:
            finished.set()
            connection.close()

    loaded, packed = at_the_same_time([load, pack])
    assert isinstance(loaded, PlateLoaded) and isinstance(packed, packer_gets), (loaded, packed)


@pytest.mark.parametrize(("way", "has_waited"), [("naive", False), ("guarded", True)])
def test_a_truck_is_not_taken_back_between_the_look_and_the_scan_of_its_device(monkeypatch, way, has_waited):
    """The naive scan only looks: the lead has taken the truck back, and the plate goes on after that."""
    yard = trucks.yard()
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.take_loads_along(ctx(GUS, device="LT-3"), TakeLoadsAlong(yard.site, [plan.load_id]))
    looked, finished, loaders, waited = threading.Event(), threading.Event(), set(), []
    prove, lock = loading.steps_unproved.prove_by_scan, locks_loads.load

    def pause(*args):
        looked.set()
        deadline = time.monotonic() + 10
        while not finished.is_set() and not waiting():
            assert time.monotonic() < deadline, "neither waited nor finished"
            time.sleep(0.01)
        waited.append(not finished.is_set())
        return prove(*args)

    def look(load_id):
        if threading.get_ident() not in loaders:
            return lock(load_id)
        with transaction.atomic():
            found = lock(load_id)
            transaction.set_rollback(True)  # what was locked is let go
        return found

    monkeypatch.setattr(loading.steps_unproved, "prove_by_scan", pause)
    if way == "naive":
        monkeypatch.setattr(locks_loads, "load", look)
    loader, lead = ctx(GUS, device="LT-3"), ctx(ADA)

    def load():
        loaders.add(threading.get_ident())
        return commands.load_plate(loader, LoadPlate(plan.load_id, yard.plate(order), along=True))

    def take_back():
        looked.wait(10)
        try:
            return commands.take_back_load(lead, TakeBackLoad(plan.load_id, "LT-3"))
        finally:
            finished.set()
            connection.close()

    loaded, _ = at_the_same_time([load, take_back])
    assert isinstance(loaded, PlateLoaded) and waited == [has_waited]


@pytest.mark.parametrize(
    ("way", "waits_for", "is_held"),
    [
        ("naive", "ledger_pool", True),
        ("guarded", "storage_transfer", False),
        ("guarded", "ledger_pool", False),
        ("guarded", "ledger_cell", False),
        ("guarded", "ledger_book", False),
    ],
)
def test_a_truck_with_orders_and_transfers_waits_for_the_stock_of_both_before_it_has_any(
    monkeypatch, way, waits_for, is_held
):
    """It ships ACID and transfers 4711, of which the rows are older: who has those and goes for ACID would wait for
    it, and it for them. The naive truck has ACID while it waits for 4711."""
    yard, there = trucks.yard(), other_house("W2")
    staged = sql.fetch_value("SELECT id FROM locations_location WHERE site_id = %s AND code = 'staged-1'", (yard.site,))
    hose, acid = (sql.fetch_value("SELECT id FROM catalog_item WHERE sku = %s", (sku,)) for sku in ("4711", "ACID"))
    lines = [StockAt(yard.house.places["forward_pick1"], hose, Units(4))]
    sent = staging.stage_transfer(ctx(BO), StageTransfer(yard.site, there.site, staged, lines, "PAL-1"))
    order = yard.packed("NORTH", ("ACID", 10))
    stops = [TransferStop(sent.transfer_id, -1)]
    truck = Truck(yard.doors["D1"], yard.carrier)
    plan = commands.plan_load(ctx(ADA), PlanLoad(yard.site, [order.order_id], truck, stops))
    commands.start_load(ctx(GUS), StartLoad(plan.load_id))
    for plate in ("PAL-1", yard.plate(order)):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, plate))
    if way == "naive":
        monkeypatch.setattr(ledger.locks, "stock", lambda moves: None)
    started, gus = threading.Event(), ctx(GUS)

    def other() -> bool:
        with transaction.atomic():
            of_item = f"SELECT id FROM {waits_for} WHERE item_id = {hose} ORDER BY id FOR NO KEY UPDATE"
            sql.fetch_all(
                "SELECT id FROM storage_transfer FOR NO KEY UPDATE" if waits_for == "storage_transfer" else of_item
            )
            started.set()
            deadline = time.monotonic() + 10
            while not waiting():
                assert time.monotonic() < deadline, "nobody came for the stock"
                time.sleep(0.01)
            table = "ledger_pool" if waits_for == "storage_transfer" else waits_for
            try:
                with transaction.atomic():
                    sql.fetch_all(f"SELECT id FROM {table} WHERE item_id = {acid} FOR NO KEY UPDATE NOWAIT")
            except OperationalError:
                return True
        return False

    def close() -> object:
        started.wait(10)
        return commands.close_load(gus, CloseLoad(plan.load_id, "SEAL-7"))

    was_held, closed = at_the_same_time([other, close])
    assert (was_held, isinstance(closed, LoadClosed)) == (is_held, True), (was_held, closed)
    assert not verify()
