"""use_cart: a list is picked with a cart that is free and large enough."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, BO, CY, EVE, bearer, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.fulfilment.types_lists import (
    CartOf,
    CartTaken,
    ListClosed,
    ReturnList,
    SetCarts,
    TakeList,
    UseCart,
)
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waves():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 100, "1", "forward_pick1")
    outbound.customer()
    commands.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 2), CartOf("CART-2", 1)]))
    found = []
    for _ in range(2):
        orders = [outbound.order(at.site, "ACME", ("4711", units)) for units in (3, 5)]
        outbound.allocate(at.site, *orders)
        found.append(outbound.release(at.site, *orders).list_ids[0])
    return found


def carts() -> list[int | None]:
    return [row[0] for row in sql.fetch_all("SELECT cart_id FROM fulfilment_picklist ORDER BY id")]


def test_a_cart_goes_with_one_list_at_a_time(waves):
    first, second = waves
    commands.take_list(ctx(CY), TakeList(first))
    path = f"/api/v1/pick-lists/{first}/cart"
    commands.take_list(ctx(CY, device=""), TakeList(first, take_over=True))
    got = signed_in(CY).post(path, {"cart": "cart-1"}, content_type="application/json", headers=bearer(CY))
    assert got.json()["cart"] == "CART-1"
    commands.take_list(ctx(BO), TakeList(second))
    with pytest.raises(CartTaken, match=r"CART-1 is at work with PL-"):
        commands.use_cart(ctx(BO), UseCart(second, "CART-1"))
    assert carts()[1] is None


def test_a_cart_that_is_too_small_or_unknown_or_of_nobodys_list_is_refused(waves):
    first, _ = waves
    with pytest.raises(ListClosed):
        commands.use_cart(ctx(CY), UseCart(first, "CART-1"))
    commands.take_list(ctx(CY), TakeList(first))
    with pytest.raises(CartTaken, match=r"CART-2 has 1 place, PL-\d+ needs 2\."):
        commands.use_cart(ctx(CY), UseCart(first, "CART-2"))
    with pytest.raises(CartTaken, match=r"This site has no cart T-03\."):
        commands.use_cart(ctx(CY), UseCart(first, "T-03"))
    with pytest.raises(NotPermitted):
        commands.use_cart(ctx(EVE), UseCart(first, "CART-1"))
    assert carts() == [None, None]


def test_a_cart_on_which_totes_of_a_list_stand_is_not_free(waves):
    first, second = waves
    commands.take_list(ctx(CY), TakeList(first))
    commands.use_cart(ctx(CY), UseCart(first, "CART-1"))
    site = sql.fetch_value("SELECT site_id FROM fulfilment_picklist LIMIT 1")
    pick = sql.fetch_value("SELECT min(id) FROM fulfilment_pickline WHERE pick_list_id = %s", (first,))
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick, 0, outbound.tote(site, "T-1"))]))
    commands.return_list(ctx(CY), ReturnList(first, park=True))
    commands.take_list(ctx(BO), TakeList(second))
    with pytest.raises(CartTaken, match=r"CART-1 is at work with PL-"):
        commands.use_cart(ctx(BO), UseCart(second, "CART-1"))
    assert carts()[1] is None
