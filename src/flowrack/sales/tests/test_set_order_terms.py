"""set_order_terms: shipments, backorders, substitutes, life and lots of one order, with what they do told first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import EVE, KIM, bearer, ctx, signed_in

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import commands_changes, commands_terms, steps_preview
from flowrack.sales.types import CancelOrder
from flowrack.sales.types_changes import ChangeRefused, OrderTerms, SetOrderTerms
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import queries_timeline

pytestmark = pytest.mark.django_db(transaction=True)
AS_IS = OrderTerms(None, "waits", Decimal(0), None, "no", 0, "any")


def house():
    at = outbound.house()
    milk = outbound.item("MILK", tracking="lot")
    for code, expires_on in (("L1", date(2026, 3, 20)), ("L2", date(2026, 9, 1))):
        lot = outbound.lot(milk, code)
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (expires_on, lot))
        outbound.receive(at, milk, 10, "1.00", "reserve1", lot_id=lot)
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("MILK", 25))
    outbound.allocate(at.site, order)
    return order


def give(order, terms: OrderTerms, who: str = KIM):
    return commands_terms.set_order_terms(ctx(who), SetOrderTerms(order.order_id, terms, "he rang"))


def standing() -> tuple[object, ...]:
    row = sql.fetch_one(
        "SELECT max_shipments, last_shipment, min_shipment_value, cancel_after_days, substitutes,"
        " min_life_days - transit_days, lot_rule FROM sales_order"
    )
    assert row is not None
    return row


def test_the_terms_of_one_order_change_and_lots_that_are_too_old_then_are_given_back():
    order = house()
    done = give(order, OrderTerms(2, "cancels", Decimal(50), 5, "consent", 30, "same"))
    assert [(one.field, one.before, one.after) for one in done.changed] == [
        ("max_shipments", "any number", "2"),
        ("last_shipment", "waits for the rest", "leaves, and the rest is cancelled"),
        ("min_shipment_value", "0.00", "50.00"),
        ("cancel_after_days", "never", "5"),
        ("substitutes", "none", "with his consent"),
        ("life_days", "0", "30"),
        ("lot_rule", "any", "the one he got last first"),
    ]
    assert done.unpromised_units == 10
    assert standing() == (2, "cancels", Decimal(50), 5, "consent", 30, "same")
    assert outbound.counts(order.line_ids[0]) == {"units": 25, "allocated": 10, "waiting": 15}
    assert sql.fetch_value("SELECT count(*) FROM parties_customerterms WHERE max_shipments IS NOT NULL") == 0
    told = {one.what: one.note for one in queries_timeline.moments(order.order_id)}
    assert told["Terms changed"].startswith("max shipments any number → 2, last shipment waits for the rest → leaves")
    assert not verify()


def test_every_bad_term_is_named_and_nothing_changes():
    order = house()
    sql.execute("UPDATE sales_order SET shipments = 2")
    with pytest.raises(ChangeRefused) as refused:
        give(order, OrderTerms(2, "flies", Decimal(-1), -1, "maybe", -2, "old"))
    assert [bad.field for bad in refused.value.lines] == [
        *("max_shipments", "cancel_after_days", "life_days", "min_shipment_value"),
        *("last_shipment", "substitutes", "lot_rule"),
    ]
    assert refused.value.message == "2 shipments at most are not possible. 2 have left already."
    with pytest.raises(ChangeRefused, match="Nothing is different"):
        give(order, AS_IS)
    with pytest.raises(NotPermitted):
        give(order, replace(AS_IS, lot_rule="new"), who=EVE)
    assert standing() == (None, "waits", Decimal(0), None, "no", 0, "any")
    sql.execute("UPDATE sales_order SET policy = 'complete', shipments = 0")
    with pytest.raises(ChangeRefused, match="One complete delivery and 2 shipments at most contradict each other"):
        give(order, replace(AS_IS, max_shipments=2))
    commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "x"))
    with pytest.raises(WrongState):
        give(order, replace(AS_IS, lot_rule="new"))


def test_a_preview_tells_what_the_next_shipment_and_the_backorders_will_do():
    order = house()
    wish = SetOrderTerms(order.order_id, replace(AS_IS, max_shipments=1, cancel_after_days=5, substitutes="yes"))
    told = steps_preview.preview(ctx(KIM), commands_terms.set_order_terms, wish, order.order_id).consequences
    assert told == [
        "Shipments at most: 1 instead of any number.",
        "What waits for stock after 09 Mar 2026 is cancelled.",
        "Substitutes: by our list (was: none), from the next look for stock on.",
        "What is reserved will not leave yet: the customer takes one shipment, and 5 units are missing.",
    ]
    assert standing() == (None, "waits", Decimal(0), None, "no", 0, "any")


def test_the_page_and_the_api_change_the_terms():
    order, kim = house(), signed_in(KIM)
    url = f"/orders/{order.order_id}/terms"
    fields = {"max_shipments": "3", "last_shipment": "waits", "min_shipment_value": "0", "cancel_after_days": ""}
    fields |= {"substitutes": "no", "life_days": "0", "lot_rule": "any"}
    told = kim.post(url, {**fields, "preview": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "Shipments at most: 3 instead of any number." in told and standing()[0] is None
    done = kim.post(url, {**fields, "idempotency_key": uuid4().hex})
    assert done.status_code == 303, done.content.decode()
    assert standing()[0] == 3
    assert f"{url}?max_shipments=&amp;last_shipment=waits" in kim.get(done.headers["Location"]).content.decode()
    body = {**fields, "max_shipments": None, "cancel_after_days": 4, "min_shipment_value": "0", "life_days": 0}
    api, headers = f"/api/v1/orders/{order.order_id}/terms", bearer(KIM)
    made = kim.put(api, body, "application/json", headers={**headers, "Idempotency-Key": uuid4().hex})
    assert made.status_code == 200, made.content
    assert standing()[:4] == (None, "waits", Decimal(0), 4)
