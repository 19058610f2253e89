"""A move from bin to bin is taken back whole, by whoever may move, as long as nobody touched the goods."""

import pytest
from tests.cast import CY, EVE, bearer, ctx
from tests.scanner import Device
from tests.supply import approved, counts_of, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import receive as stocked
from flowrack.ledger.types import LedgerRefusal
from flowrack.ledger.verify import verify
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_undo
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import BinMove, MoveStock
from flowrack.storage.types_moves import NoSuchMove, UndoMove

pytestmark = pytest.mark.django_db


def moved(here, source: str, target: str) -> int:
    """Cy moves all of a place to a bin; the posting."""
    req = MoveStock(here.site, bins=[BinMove(here.places[source], here.places[target])])
    return commands.move_stock(ctx(CY), req).posting_id


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    stocked(here, hose, 60, "1", "R-01")
    stocked(here, hose, 5, "1", "R-02")
    return here, hose


def test_the_goods_lie_where_they_lay_and_what_was_in_the_bin_stays(scene):
    here, hose = scene
    phone = Device(CY, "/scan/move", here.site)
    phone.scan("R-01")
    assert phone.scan("R-02") == "done"
    assert standing(hose) == {("R-02", "reserve"): 65}
    assert phone.tap("undo") == "ok" and "Undo" not in phone.page
    assert standing(hose) == {("R-01", "reserve"): 60, ("R-02", "reserve"): 5}
    assert phone.tap("undo") == "wrong"
    assert not verify()


def test_a_move_is_taken_back_once_and_only_by_who_may_move(scene):
    here, _ = scene
    posting_id = moved(here, "R-01", "R-02")
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands_undo.undo_move(ctx(EVE), UndoMove(posting_id))
    assert counts_of() == before
    assert commands_undo.undo_move(ctx(CY), UndoMove(posting_id)).units == 60
    with pytest.raises(LedgerRefusal):
        commands_undo.undo_move(ctx(CY), UndoMove(posting_id))


def test_goods_that_waited_for_their_putaway_are_not_sent_back_to_the_dock(scene):
    here, hose = scene
    po = approved(here.site, supplier(), (hose, 60, "4"))
    receive(po, here, CountedLine(units=Units(60), item_id=hose))
    posting_id = moved(here, "receiving1", "R-02")
    for unknown in (posting_id, 999_999):
        with pytest.raises(NoSuchMove):
            commands_undo.undo_move(ctx(CY), UndoMove(unknown))


def test_other_systems_take_a_move_back_by_its_posting(scene, client):
    here, hose = scene
    url = f"/api/v1/stock/moves/{moved(here, 'R-01', 'R-02')}/undo"
    assert client.post(url, headers=bearer(EVE)).status_code == 403
    undone = client.post(url, headers=bearer(CY))
    assert undone.status_code == 200, undone.content
    assert undone.json()["units"] == 60
    assert standing(hose) == {("R-01", "reserve"): 60, ("R-02", "reserve"): 5}
    assert client.post(url, headers=bearer(CY)).status_code == 409
    assert client.post("/api/v1/stock/moves/999999999/undo", headers=bearer(CY)).json()["code"] == "no_such_move"
