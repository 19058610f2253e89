"""set_any_site: an order that stands is left to the rules, or stays where it is."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, KIM, bearer, ctx, signed_in

from flowrack.promise.tests.elsewhere import two_sites, where
from flowrack.promise.tests.given import drain, item_id
from flowrack.sales import commands_changes
from flowrack.sales import commands_sites as commands
from flowrack.sales.types import CancelOrder
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_sites import SetAnySite
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_that_is_left_to_the_rules_goes_where_it_is_in_time(client):
    at, north = two_sites(10, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    drain()
    url = f"/api/v1/orders/{order.order_id}/any-site"
    body = {"any_site": True, "reason": "he needs it soon"}
    done = client.post(url, body, content_type="application/json", headers=bearer(KIM)).json()
    assert [(one["field"], one["before"], one["after"]) for one in done["changed"]] == [
        ("ship from", "W1", "chosen by the rules")
    ]
    drain()
    assert where() == [(order.number, "NORTH", 40, 0)]
    # Now it stays there, though the other has it, too.
    outbound.receive(at, item_id(), 100, "1", "reserve1")
    page = f"/orders/{order.order_id}/ship-from"
    assert "NORTH, whatever the rules say" in signed_in(KIM).get(page).content.decode()
    assert signed_in(KIM).post(page, {"site": "stay", "reason": "as agreed"}).status_code == 303
    drain()
    assert where() == [(order.number, "NORTH", 40, 0)] and north.site != at.site
    with pytest.raises(ChangeRefused):
        commands.set_any_site(ctx(KIM), SetAnySite(order.order_id, any_site=False))


def test_an_order_that_is_over_and_an_outsider_change_nothing():
    at, _ = two_sites(10, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 40))
    with pytest.raises(NotPermitted):
        commands.set_any_site(ctx(EVE), SetAnySite(order.order_id, any_site=True))
    commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "off"))
    with pytest.raises(WrongState):
        commands.set_any_site(ctx(KIM), SetAnySite(order.order_id, any_site=True))
