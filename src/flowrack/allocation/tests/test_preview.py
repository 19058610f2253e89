"""The preview of an order's change says who would get what is given back, and keeps nobody waiting for it."""

from __future__ import annotations

from contextlib import closing

import pytest
from django.db import connection
from tests import outbound
from tests.cast import KIM, ctx

from flowrack.platform import sql
from flowrack.sales import commands_changes, steps_preview
from flowrack.sales.types import CancelOrder

pytestmark = pytest.mark.django_db(transaction=True)


def test_lines_of_others_are_read_and_not_locked():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 30, "1.00", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 30))
    outbound.allocate(at.site, order)
    other = outbound.order(at.site, "ACME", ("4711", 12))
    before = outbound.books()
    with closing(connection.copy()) as somebody_else, somebody_else.cursor() as cursor:
        # Somebody changes the order that waits at this moment.
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM sales_orderline WHERE id = %s FOR UPDATE", [other.line_ids[0]])
        told = steps_preview.preview(
            ctx(KIM), commands_changes.cancel_order, CancelOrder(order.order_id, "x"), order.order_id
        )
    assert told.consequences[-1] == f"May go to {other.number} (tier B) 12 of 4711, who wait for it."
    assert outbound.books() == before
    assert sql.fetch_value("SELECT sum(committed)::int FROM ledger_pool") == 30
