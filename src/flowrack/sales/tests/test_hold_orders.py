"""hold_orders: many orders wait for a person from one moment on; what is finished or held stays as it is."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, KIM, ctx

from flowrack.sales import commands_many
from flowrack.sales.tests import desk
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_many import HoldOrders
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_all_that_can_be_held_are_for_one_reason():
    at = desk.house()
    first, second = (outbound.order(at.site, "ACME", (desk.ITEM, 12)) for _ in range(2))
    outbound.allocate(at.site, first)
    done = commands_many.hold_orders(ctx(KIM, "k"), HoldOrders([first.order_id, second.order_id], "Ask the customer"))
    assert [(one.number, one.is_done, one.said) for one in done.outcomes] == [
        (first.number, True, "On hold. 12 reserved units stay with it."),
        (second.number, True, "On hold."),
    ]
    assert desk.standing() == [("manual", 0, "Ask the customer."), ("manual", 0, "Ask the customer.")]
    again = commands_many.hold_orders(ctx(KIM), HoldOrders([second.order_id], "Again"))
    assert [(one.is_done, one.said) for one in again.outcomes] == [(False, "It is held by hand already.")]
    assert len(desk.standing()) == 2


def test_without_a_reason_or_the_right_nothing_is_held():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 12))
    with pytest.raises(ChangeRefused):
        commands_many.hold_orders(ctx(KIM), HoldOrders([order.order_id], ""))
    with pytest.raises(NotPermitted):
        commands_many.hold_orders(ctx(EVE), HoldOrders([order.order_id], "x"))
    assert desk.standing() == []
