import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import counts_of, item

from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import Move, Place
from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands
from flowrack.storage.tests.house import lpn, shelves
from flowrack.storage.types import NothingThere, UnpackLpns

pytestmark = pytest.mark.django_db


def test_what_was_on_a_pallet_stands_loose_where_it_was():
    here, hose = shelves(), item("V-200")
    pallet, bare = lpn(here, "LP-1"), lpn(here, "LP-2")
    place = Place(here.places["R-01"], pallet)
    ledger.post(context(), [Move(hose, 30, here.virtual("SUPPLIER"), place, "receipt", value=120)])
    by, eve = ctx(BO), ctx(EVE)
    before = counts_of()
    with pytest.raises(NothingThere) as refused:
        commands.unpack_lpn(by, UnpackLpns(here.site, [pallet, bare]))
    assert [b.line for b in refused.value.lines] == [2]
    with pytest.raises(NotPermitted):
        commands.unpack_lpn(eve, UnpackLpns(here.site, [pallet]))
    assert counts_of() == before

    first = commands.unpack_lpn(ctx(BO, "k"), UnpackLpns(here.site, [pallet]))

    assert commands.unpack_lpn(ctx(BO, "k"), UnpackLpns(here.site, [pallet])) == first
    assert [(c.lpn_id, c.location_code, c.on_hand) for c in stock.cells([hose], here.site)] == [(0, "R-01", 30)]
