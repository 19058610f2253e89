"""Goods are loaded while somebody packs them: they end on the truck or in a carton, never in both."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, NotStaged, Pack, Packed, PackOrders, Pick
from flowrack.sales import steps as sales
from flowrack.shipping import commands, locks_loads
from flowrack.shipping.commands import loading
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LoadPlate, PlateLoaded
from tests import outbound
from tests.cast import CY, GUS, ctx
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
