"""return_list: a list goes back with what is not picked yet."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, BO, CY, EVE, bearer, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.fulfilment.types_lists import ListClosed, ListIsTaken, ReturnList, TakeList
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def taken():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 100, "1", "forward_pick1")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", units)) for units in (12, 5)]
    outbound.allocate(at.site, *orders)
    wave = outbound.release(at.site, *orders)
    commands.take_list(ctx(CY), TakeList(wave.list_ids[0]))
    return wave


def who_has(list_id: int):
    return sql.fetch_one("SELECT state, taken_by_id, lease_until FROM fulfilment_picklist WHERE id = %s", (list_id,))


def test_a_list_is_free_again_with_what_is_left(taken):
    [list_id] = taken.list_ids
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(taken.pick_ids[0])]))
    done = commands.return_list(ctx(CY), ReturnList(list_id))
    assert (done.state, done.open_picks) == ("open", 1)
    assert who_has(list_id) == ("open", None, None)
    commands.take_list(ctx(BO), TakeList(list_id))


def test_a_parked_list_waits_for_somebody_to_look(taken):
    [list_id] = taken.list_ids
    path = f"/api/v1/pick-lists/{list_id}/return"
    answer = signed_in(CY).post(path, {"park": True}, content_type="application/json", headers=bearer(CY))
    assert answer.json() == {"list_id": list_id, "state": "parked", "open_picks": 2}
    with pytest.raises(ListClosed):
        commands.return_list(ctx(CY), ReturnList(list_id))


def test_a_list_of_another_is_not_given_back(taken):
    [list_id] = taken.list_ids
    before = who_has(list_id)
    with pytest.raises(ListIsTaken):
        commands.return_list(ctx(BO), ReturnList(list_id))
    with pytest.raises(NotPermitted):
        commands.return_list(ctx(EVE), ReturnList(list_id))
    assert who_has(list_id) == before


def test_a_lead_frees_the_list_of_a_dead_device(taken):
    [list_id] = taken.list_ids
    page = signed_in(ADA).get(f"/pick-lists/{list_id}").content.decode()
    assert "Cy Picker on test" in page and "Give to anybody" in page
    assert signed_in(ADA).post(f"/pick-lists/{list_id}/free", {"key": "k"}).status_code == 303
    assert who_has(list_id) == ("open", None, None)
