"""Goods are loaded while somebody packs them: they end on the truck or in a carton, never in both."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, NotStaged, Pack, Packed, PackOrders, Pick
from flowrack.sales import steps as sales
from flowrack.shipping import commands, locks_loads
from flowrack.shipping.commands import loading
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_along import TakeBackLoad, TakeLoadsAlong
from flowrack.shipping.types_loads import LoadPlate, PlateLoaded
from tests import outbound
from tests.cast import ADA, CY, GUS, ctx
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

    def load():
        loaders.add(threading.get_ident())
        return commands.load_plate(loader, LoadPlate(plan.load_id, "T-1" if tote else order.number))

    def pack():
        looked.wait(10)
        try:
            return fulfilment.pack_orders(packer, PackOrders([Pack(order.order_id)]))
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
