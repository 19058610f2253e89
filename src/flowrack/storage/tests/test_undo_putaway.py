import pytest
from tests.cast import CY, EVE, RAY, bearer, ctx, signed_in
from tests.supply import approved, counts_of, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.ledger.types import LedgerRefusal
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_undo
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import BinMove, Carried, ConfirmPutaway, MoveStock, NoSuchPlan, UndoPutaway

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored():
    """A pallet of 60 that was put away, and its posting."""
    here, hose = shelves(max_lpns=1), item("V-200")
    po = approved(here.site, supplier(), (hose, 60, "4"))
    receive(po, here, CountedLine(units=Units(60), item_id=hose, lpn="LP-1"))
    outbox.drain()
    planned = sql.fetch_value("SELECT id FROM storage_plannedmove")
    done = commands.confirm_putaway(ctx(CY), ConfirmPutaway([Carried(planned)]))
    return here, hose, done.posting_id


def test_the_goods_stand_where_they_came_from_and_wait_again(stored):
    _, hose, posting_id = stored
    assert standing(hose) == {("R-01", "reserve"): 60}
    undone = commands_undo.undo_putaway(ctx(CY, "k"), UndoPutaway(posting_id))
    assert commands_undo.undo_putaway(ctx(CY, "k"), UndoPutaway(posting_id)) == undone
    assert undone.units == 60
    assert standing(hose) == {("receiving-1", "receiving"): 60}
    assert [(row[0], row[3]) for row in plans()] == [("done", "R-01"), ("open", "R-01")]
    again = commands.confirm_putaway(ctx(CY), ConfirmPutaway([Carried(undone.planned_move_ids[0])]))
    assert again.units == 60 and standing(hose) == {("R-01", "reserve"): 60}
    assert not verify()


def test_another_system_takes_it_back_by_the_posting(stored):
    _, hose, posting_id = stored
    url, key = f"/api/v1/putaways/{posting_id}/undo", {"Idempotency-Key": "k"}
    undone = signed_in(CY).post(url, headers={**bearer(CY), **key})
    assert undone.status_code == 200, undone.content
    assert (undone.json()["units"], len(undone.json()["planned_move_ids"])) == (60, 1)
    assert standing(hose) == {("receiving-1", "receiving"): 60}
    assert signed_in(EVE).post(url, headers={**bearer(EVE), **key}).status_code == 403


def test_the_putaways_page_takes_it_back_once_and_shows_the_next(stored):
    _, hose, posting_id = stored
    [(move_id,)] = sql.fetch_all("SELECT id FROM storage_plannedmove")
    url, browser = f"/putaways/{move_id}", signed_in(CY)
    shown = browser.get(url).content.decode()
    assert "Take back 60 units? They stand in receiving-1 again" in shown
    assert f'name="posting" value="{posting_id}"' in shown
    assert "Take back" not in signed_in(RAY).get(url).content.decode()
    done = browser.post(f"{url}/take-back", {"posting": posting_id, "idempotency_key": "k"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/putaways/{move_id + 1}")
    assert standing(hose) == {("receiving-1", "receiving"): 60}
    assert "Take back" not in browser.get(url).content.decode()
    stale = browser.post(f"{url}/take-back", {"posting": posting_id, "idempotency_key": "another"})
    assert stale.status_code == 409 and standing(hose) == {("receiving-1", "receiving"): 60}


def test_what_was_not_put_away_or_was_touched_since_is_refused_and_leaves_no_trace(stored):
    here, hose, posting_id = stored
    receipt = sql.fetch_value("SELECT min(id) FROM ledger_posting")
    before = counts_of()
    with pytest.raises(NoSuchPlan):
        commands_undo.undo_putaway(ctx(CY), UndoPutaway(receipt))
    with pytest.raises(NotPermitted):
        commands_undo.undo_putaway(ctx(EVE), UndoPutaway(posting_id))
    assert counts_of() == before
    commands.move_stock(ctx(CY), MoveStock(here.site, bins=[BinMove(here.places["R-01"], here.places["R-02"])]))
    before = counts_of()
    with pytest.raises(LedgerRefusal):
        commands_undo.undo_putaway(ctx(CY), UndoPutaway(posting_id))
    assert counts_of() == before
    assert standing(hose) == {("R-02", "reserve"): 60}
