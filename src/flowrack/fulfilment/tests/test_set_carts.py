"""set_carts: the carts of a site, each with a code and places for totes."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, bearer, ctx, signed_in

from flowrack.fulfilment import commands
from flowrack.fulfilment.types_lists import BadPickRule, CartOf, SetCarts
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def in_use():
    return sql.fetch_all("SELECT code, positions FROM fulfilment_cart WHERE is_active ORDER BY code")


def test_carts_take_the_place_of_those_before():
    at = outbound.house()
    commands.set_carts(ctx(ADA), SetCarts(at.site, [CartOf("CART-1", 8), CartOf("CART-2", 8)]))
    path = f"/api/v1/sites/{at.site}/carts"
    body = {"carts": [{"code": "CART-2", "positions": 6}, {"code": "CART-3", "positions": 12}]}
    answer = signed_in(ADA).put(path, body, content_type="application/json", headers=bearer(ADA))
    assert answer.json() == {"in_use": 2, "ended": ["CART-1"]}
    assert in_use() == [("CART-2", 6), ("CART-3", 12)]
    assert signed_in(ADA).get(path, headers=bearer(ADA)).json() == body["carts"]


def test_bad_carts_are_named_line_by_line_and_change_nothing():
    at, other = outbound.house(), outbound.house("W2")
    commands.set_carts(ctx(ADA), SetCarts(other.site, [CartOf("CART-9", 8)]))
    before = in_use()
    asked = [CartOf("cart 1", 8), CartOf("CART-1", 0), CartOf("CART-1", 27), CartOf("CART-9", 8)]
    with pytest.raises(BadPickRule) as refused:
        commands.set_carts(ctx(ADA), SetCarts(at.site, asked))
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [
        (1, "code"), (2, "positions"), (3, "code"), (3, "positions"), (4, "code")
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_carts(ctx(CY), SetCarts(at.site, [CartOf("CART-1", 8)]))
    assert in_use() == before
