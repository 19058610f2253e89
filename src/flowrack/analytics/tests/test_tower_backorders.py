"""What is ordered and waits for stock on the control tower, and what is held and left out of it."""

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, ctx

from flowrack.analytics.pages.tower import _not_counted
from flowrack.analytics.queries.tower import Backorders, backorders
from flowrack.platform import sql
from flowrack.promise.tests import given
from flowrack.sales import commands_many
from flowrack.sales.types_many import HoldOrders


@pytest.mark.django_db
def test_what_is_held_is_told_apart_from_what_waits_for_stock():
    at = given.house(0)
    _, second = (outbound.order(at.site, "ACME", ("V-200", units)) for units in (10, 30))
    sql.execute("UPDATE sales_orderline SET unit_price = 2.50")
    assert backorders(at.site) == Backorders(2, Decimal(100), 0, Decimal(0))
    commands_many.hold_orders(ctx(KIM), HoldOrders([second.order_id], "He asked"))
    assert backorders(at.site) == backorders(0) == Backorders(1, Decimal(25), 1, Decimal(75))
    assert backorders(at.site + 1) == Backorders(0, Decimal(0), 0, Decimal(0))


def test_the_page_says_what_is_left_out():
    one = Backorders(2, Decimal(100), 1, Decimal("75.40"))
    assert _not_counted(one, sees_price=False) == "1 line on hold is not counted"
    assert _not_counted(Backorders(2, Decimal(100), 0, Decimal(0)), sees_price=False) == ""
    said = _not_counted(Backorders(2, Decimal(100), 3, Decimal(750)), sees_price=True)
    assert (
        said.startswith("open orders, at the price the customer pays; ")
        and "750 in 3 lines on hold are not counted" in said
    )
