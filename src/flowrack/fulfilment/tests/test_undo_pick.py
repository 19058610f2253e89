"""undo_pick: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import (
    AlreadyPacked,
    UndoPick,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.storage import commands as storage
from flowrack.storage.types import LpnMove, MoveStock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    return at, item, order, outbound.release(at.site, order)


def test_an_undone_pick_lies_in_its_bin_again_promised_and_open(case):
    _, item, order, wave = case
    outbound.pick_all(wave)
    commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    assert outbound.where(item) == {"forward_pick-1": 12}
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 12, "released": 12}
    assert not verify()
    outbound.pick_all(wave)
    assert outbound.where(item) == {"staged-1": 12}


def test_a_packed_pick_cannot_be_put_back(case):
    _, _, order, wave = case
    outbound.pick_all(wave)
    outbound.pack(order)
    before = outbound.books()
    with pytest.raises(AlreadyPacked):
        commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    assert outbound.books() == before


def test_an_undone_pick_does_not_tear_its_pallet_in_two():
    """The pallet was moved since: the units lie loose where they were taken, and can be picked from there."""
    at, item = outbound.house(), outbound.item("4711")
    outbound.receive(at, item, 20, "1")
    lpn = outbound.value(
        "INSERT INTO locations_lpn (code, kind, site_id) VALUES ('P-1', 'pallet', %s) RETURNING id", at.site
    )
    here = at.places["reserve1"]
    ledger.post(context(), [Move(item, 20, Place(here), Place(here, lpn), "pack")])
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    outbound.pick_all(wave)
    storage.move_stock(ctx(ADA), MoveStock(site_id=at.site, lpns=[LpnMove(lpn, at.places["reserve2"])]))
    commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    assert outbound.where(item) == {"reserve-1": 5, "reserve-2": 15}
    assert sql.fetch_all("SELECT location_id, lpn_id FROM fulfilment_pickline") == [(here, 0)]
    assert not verify()
    outbound.pick_all(wave)
    assert outbound.where(item) == {"reserve-2": 15, "staged-1": 5}
    assert not verify()
