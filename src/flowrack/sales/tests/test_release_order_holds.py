"""release_order_holds: of many orders every hold ends that the person may release; the others say whose they are."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, LOU, ctx

from flowrack.platform import sql
from flowrack.sales import commands_many
from flowrack.sales.tests import desk
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_many import HoldOrders, ReleaseOrderHolds
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_holds_of_many_orders_end_and_each_is_told():
    at = desk.house()
    orders = [outbound.order(at.site, "ACME", (desk.ITEM, 12)) for _ in range(3)]
    commands_many.hold_orders(ctx(KIM), HoldOrders([one.order_id for one in orders[:2]], "Ask"))
    sql.execute("UPDATE sales_hold SET kind = 'credit' WHERE order_id = %s", (orders[1].order_id,))
    ids = [one.order_id for one in orders]
    done = commands_many.release_order_holds(ctx(LOU, "k"), ReleaseOrderHolds(ids, "All is well"))
    assert [(one.is_done, one.said) for one in done.outcomes] == [
        (True, "Released: manual."),
        (False, "Its credit hold is for the finance clerk or finance controller."),
        (False, "It is not on hold."),
    ]
    assert [kind for kind, _, _ in desk.standing()] == ["credit"]
    assert sql.fetch_value("SELECT reason FROM sales_hold WHERE ended_at IS NOT NULL") == "All is well"


def test_nobody_releases_holds_of_what_he_entered_or_without_a_reason():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 12))
    commands_many.hold_orders(ctx(KIM), HoldOrders([order.order_id], "Ask"))
    sql.execute("UPDATE sales_order SET entered_by_id = %s", (LOU.id,))
    done = commands_many.release_order_holds(ctx(LOU), ReleaseOrderHolds([order.order_id], "Mine"))
    assert [(one.is_done, one.said) for one in done.outcomes] == [
        (False, "You entered it, or brought its hold about: a colleague releases it.")
    ]
    with pytest.raises(ChangeRefused):
        commands_many.release_order_holds(ctx(LOU), ReleaseOrderHolds([order.order_id], " "))
    with pytest.raises(NotPermitted):
        commands_many.release_order_holds(ctx(KIM), ReleaseOrderHolds([order.order_id], "x"))
    assert len(desk.standing()) == 1
