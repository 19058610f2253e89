"""The preview of an order's change says which promised days would move, and moves none."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest
from django.db import connection
from tests import outbound
from tests.cast import KIM, NOW, bearer, ctx

from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.promise.commands_lines import promise_lines
from flowrack.promise.types import PromiseLines
from flowrack.sales import commands_changes, steps_preview
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_changes import ChangeOrder

pytestmark = pytest.mark.django_db(transaction=True)
PROMISED = "SELECT promised_on FROM sales_orderline"


def test_days_that_move_are_told():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 30, "1.00", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 20))
    promise_lines(context_for_system(NOW, "promise"), PromiseLines(order.line_ids))
    assert sql.fetch_value(PROMISED) == date(2026, 3, 3)

    def told(**wish) -> list[str]:
        asked = ChangeOrder(order.order_id, **wish)
        return steps_preview.preview(ctx(KIM), commands_changes.change_order, asked, order.order_id).consequences

    pair = f"promise {sql.fetch_value('SELECT item_id FROM sales_orderline')} {at.site}"
    with closing(connection.copy()) as somebody_else, somebody_else.cursor() as cursor:
        # Promises of the item are made at this moment: a preview waits for nobody.
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (pair,))
        assert told(requested_on=date(2026, 3, 10)) == [
            "Wanted on 10 Mar 2026 instead of 04 Mar 2026.",
            "Line 1, 4711: leaves on 09 Mar 2026, not on 03 Mar 2026.",
        ]
        assert told(lines=[ChangeLine(order.line_ids[0], 45)])[-1] == (
            "Line 1, 4711: promised for 03 Mar 2026; nobody can say when it leaves."
        )
    assert told(lines=[ChangeLine(order.line_ids[0], 10)]) == ["Line 1, 4711: 10 instead of 20 units."]
    assert sql.fetch_value(PROMISED) == date(2026, 3, 3)


def test_who_moves_many_wanted_days_over_the_api_is_answered_which_promises_move(client):
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 30, "1.00", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 20))
    promise_lines(context_for_system(NOW, "promise"), PromiseLines(order.line_ids))
    sql.execute("UPDATE sales_orderline SET promised_on = '2099-03-03', first_promised_on = '2099-03-03'")
    body = {"order_ids": [order.order_id], "requested_on": "2099-03-11", "reason": "The fair moved"}
    headers = bearer(KIM) | {"Idempotency-Key": "k"}
    done = client.post("/api/v1/orders/many/wanted-day", body, "application/json", headers=headers).json()
    [outcome] = done["outcomes"]
    assert outcome["is_done"] and "Line 1, 4711: leaves on 10 Mar 2099, not on 03 Mar 2099." in outcome["said"]
