"""change_tote: a full tote leaves the cart, and its order goes on in another one."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import BO, CY, EVE, bearer, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import ConfirmPicks, Pick, WrongTote
from flowrack.fulfilment.types_lists import ChangeTote, ListIsTaken, TakeList
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n}")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    totes = [outbound.tote(at.site) for _ in range(2)]
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, totes[0])]))
    return wave, totes


def test_the_next_pick_goes_into_another_tote(case):
    wave, (one, two) = case
    with pytest.raises(WrongTote, match=r"T-\d+, not T-\d+\."):
        commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, two)]))
    path = f"/api/v1/pick-lists/{wave.list_ids[0]}/full"
    answer = signed_in(CY).post(path, {"tote_id": one}, content_type="application/json", headers=bearer(CY))
    assert answer.json() == {"list_id": wave.list_ids[0], "tote_id": one}
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[1], 0, two)]))
    assert sql.fetch_all("SELECT tote_id, is_full FROM fulfilment_picklisttote ORDER BY id") == [
        (one, True),
        (two, False),
    ]


def test_a_tote_of_no_cart_is_refused(case):
    wave, (one, two) = case
    with pytest.raises(WrongTote):
        commands.change_tote(ctx(CY), ChangeTote(wave.list_ids[0], two))
    with pytest.raises(NotPermitted):
        commands.change_tote(ctx(EVE), ChangeTote(wave.list_ids[0], one))
    assert sql.fetch_all("SELECT tote_id, is_full FROM fulfilment_picklisttote") == [(one, False)]


def test_nobody_fills_the_tote_of_a_colleague(case):
    wave, (one, _) = case
    commands.take_list(ctx(CY), TakeList(wave.list_ids[0]))
    with pytest.raises(ListIsTaken):
        commands.change_tote(ctx(BO), ChangeTote(wave.list_ids[0], one))
    assert sql.fetch_all("SELECT is_full FROM fulfilment_picklisttote") == [(False,)]
