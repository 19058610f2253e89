"""add_lines: more lines on an order that has not left, checked as at entry, with their consequences first."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import EVE, KIM, NED, bearer, ctx, signed_in

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.sales import (
    commands_changes,
    commands_codes,
    commands_credit,
    commands_holds,
    commands_lines,
    steps_preview,
)
from flowrack.sales.tests import desk
from flowrack.sales.types import CancelOrder, NewLine, OrderRefused
from flowrack.sales.types_changes import AddLines
from flowrack.sales.types_codes import SetCustomerItem
from flowrack.sales.types_holds import CustomerCredit, PlaceHolds, SetCredits
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import queries_timeline

pytestmark = pytest.mark.django_db(transaction=True)


def house(policy: str = "partial"):
    at = outbound.house()
    first, more = outbound.item("4711"), outbound.item("4712")
    sql.execute("UPDATE catalog_item SET list_price = 3 WHERE id = %s", (more,))
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 6)", (more,))
    outbound.receive(at, first, 30, "1.00", "forward_pick1")
    outbound.receive(at, more, 10, "2.00", "forward_pick1")
    outbound.customer(policy=policy)
    order = outbound.order(at.site, "ACME", ("4711", 20))
    outbound.allocate(at.site, order)
    return at, order


def add(order, *lines: NewLine, who: str = KIM, why: str = "forgotten"):
    return commands_lines.add_lines(ctx(who), AddLines(order.order_id, list(lines), why))


def line(item: str, quantity: int, **more) -> NewLine:
    return NewLine(item, Decimal(quantity), **more)


def standing(order) -> list[tuple[object, ...]]:
    return sql.fetch_all(
        "SELECT line_no, item_id, units, unit_price, held_at_units FROM sales_orderline WHERE order_id = %s ORDER BY 1",
        (order.order_id,),
    )


def test_lines_come_behind_the_others_by_the_words_packs_prices_and_costs_of_entry():
    at, order = house()
    commands_codes.set_customer_item(ctx(KIM), SetCustomerItem("ACME", "THEIRS", "4712", "case"))
    done = add(order, line("THEIRS", 2), line("4711", 5, unit_price=Decimal("7.5"), lot="L9"))
    assert [(one.line_no, one.sku, one.units, one.unit_price) for one in done.lines] == [
        (2, "4712", 12, Decimal(3)),
        (3, "4711", 5, Decimal("7.5")),
    ]
    found = sql.fetch_all("SELECT unit_cost, lot_code, open_units FROM sales_orderline WHERE line_no > 1 ORDER BY id")
    assert found == [(Decimal(2), "", 12), (Decimal(1), "L9", 5)]
    assert outbound.allocate(at.site, order).units == 10
    assert outbound.counts(order.line_ids[0]) == {"units": 20, "allocated": 20}
    told = {one.what: one.note for one in queries_timeline.moments(order.order_id)}
    assert told["Lines added"] == "line 2: 12 × 4712, line 3: 5 × 4711; forgotten"
    assert told["Entered"] == "1 line"
    assert not verify()


def test_every_bad_line_is_named_and_nothing_changes():
    _, order = house()
    before, books = standing(order), outbound.books()
    with pytest.raises(OrderRefused) as refused:
        add(order, line("NOPE", 1), line("4712", 1, pack="pallet"), line("4712", 0), line("4711", 1))
    assert [(bad.line, bad.field, bad.message) for bad in refused.value.lines] == [
        (1, "item", "There is no item “NOPE”."),
        (2, "pack", "4712 has no pack “pallet”."),
        (3, "quantity", "0 is not a quantity to ship."),
    ]
    with pytest.raises(OrderRefused, match="1 to mend"):
        add(order)
    with pytest.raises(NotPermitted):
        add(order, line("4711", 1), who=EVE)
    assert (standing(order), outbound.books()) == (before, books)
    commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "x"))
    with pytest.raises(WrongState, match="cancelled"):
        add(order, line("4711", 1))


def test_nothing_is_added_that_would_be_cancelled_at_once():
    _, order = house()
    sql.execute("UPDATE sales_order SET requested_on = '2026-02-20', cancel_after_days = 3")
    with pytest.raises(OrderRefused) as refused:
        add(order, line("4711", 1))
    assert [bad.message for bad in refused.value.lines] == [
        "Backorders of this customer end 3 days after the wanted day, 23 Feb 2026."
        " What is added would be cancelled at once."
    ]
    assert len(standing(order)) == 1


def test_quantity_and_credit_are_judged_and_a_held_order_holds_what_is_added():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 12))
    done = add(order, line(desk.ITEM, desk.SLIP), line(desk.ITEM, 5))
    [(kind, held, _)] = desk.standing()
    assert (kind, held) == ("quantity", done.lines[0].line_id)
    assert [row[4] for row in standing(order)] == [None, 0, None]
    other = outbound.order(at.site, "BETA", (desk.ITEM, 12))
    commands_holds.place_holds(ctx(KIM), PlaceHolds("they called", [other.order_id], []))
    add(other, line(desk.ITEM, 5))
    assert [row[4] for row in standing(other)] == [0, 0]
    credit = CustomerCredit("ACME", Decimal(100), Decimal(0))
    commands_credit.set_credits(ctx(NED), SetCredits([credit], "the month's review"))
    order = outbound.order(at.site, "ACME", (desk.ITEM, 12))
    add(order, line(desk.ITEM, 30, unit_price=Decimal(5)))
    assert desk.standing()[-1][:2] == ("credit", 0)
    assert [row[4] for row in standing(order)] == [0, 0]
    assert not verify()


def test_a_preview_of_an_order_in_one_delivery_that_is_in_picking_tells_that_it_stands_and_leaves_no_trace():
    at, order = house("complete")
    outbound.release(at.site, order)
    before, books = standing(order), outbound.books()
    wish = AddLines(order.order_id, [line("4712", 12)])
    told = steps_preview.preview(ctx(KIM), commands_lines.add_lines, wish, order.order_id).consequences
    assert told == [
        "Line 2, 4712: 12 units are added at 3.00 each.",
        "Line 2, 4712: 12 units wait for stock.",
        "What is reserved will not leave yet: the customer takes one delivery, and 12 units wait.",
        "The order is worth 36.00 instead of 0.00.",
        "Line 2, 4712: 10 of the 12 that wait are free now; nothing is on order.",
        "What is in picking or picked, 20 units, goes on and then stands ready until the new lines are there.",
        "Line 2, 4712: nobody can say yet when it leaves.",
    ]
    assert (standing(order), outbound.books()) == (before, books)


def test_the_promise_follows_by_itself():
    _, order = house()
    desk.tell()
    done = add(order, line("4712", 4))
    desk.tell()
    assert sql.fetch_value("SELECT promised_on FROM sales_orderline WHERE id = %s", (done.lines[0].line_id,))


def test_the_page_tells_first_then_adds_and_offers_the_way_back_and_the_api_does_the_same():
    _, order = house()
    url, kim = f"/orders/{order.order_id}/add-lines", signed_in(KIM)
    rows = {f"grid-{name}": ["", ""] for name in ("pack", "unit_price", "lot")}
    rows |= {"grid-item": ["", "4712"], "grid-quantity": ["", "4"]}
    told = kim.post(url, {**rows, "preview": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "Line 2, 4712: 4 units are added at 3.00 each." in told and "10 units are free now" in told
    wrong = kim.post(url, {**rows, "grid-item": ["", "NOPE"], "idempotency_key": uuid4().hex})
    assert wrong.status_code == 422 and "There is no item “NOPE”." in wrong.content.decode()
    assert len(standing(order)) == 1
    done = kim.post(url, {**rows, "idempotency_key": uuid4().hex})
    assert done.status_code == 303, done.content.decode()
    new = sql.fetch_value("SELECT id FROM sales_orderline WHERE line_no = 2")
    back = kim.get(done.headers["Location"]).content.decode()
    assert "1 line added" in back and f"change?units-{new}=0" in back and url in back
    api, headers = f"/api/v1/orders/{order.order_id}/lines", bearer(KIM)
    body = {"lines": [{"item": "4711", "quantity": "3"}]}
    seen = kim.post(f"{api}/preview", body, "application/json", headers=headers).json()
    assert seen["consequences"][0] == "Line 3, 4711: 3 units are added at 0.00 each."
    made = kim.post(api, body, "application/json", headers={**headers, "Idempotency-Key": uuid4().hex})
    assert (made.status_code, made.json()["lines"][0]["line_no"]) == (201, 3)
