"""ask_put_back and its scan flow: picked goods of an order that is not to leave go back, then it is cancelled."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import CY, GUS, KIM, MAY, NOW, bearer, ctx, signed_in
from tests.scanner import Device

from flowrack.fulfilment import commands, queries
from flowrack.fulfilment.types import AskPutBack, ConfirmPicks, NotStaged, Pack, PackLine, PackOrders, Pick, UndoPick
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelOrder
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    """Of an order of 6 and 2 the 6 stand picked in T-1; the 2 are on a list."""
    at = outbound.house()
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 40, "1", f"forward_pick{n}")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 6), ("6024", 2))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, outbound.tote(at.site, "T-1"))]))
    return at, order, wave


def tasks() -> list[tuple[object, ...]]:
    return sql.fetch_all("SELECT kind, units, state FROM tasks_task ORDER BY id")


def test_goods_are_asked_back_put_back_by_two_scans_and_the_order_is_cancelled(at):
    house, order, _ = at
    assert "Put back" in signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()
    page = signed_in(KIM).get(f"/orders/{order.order_id}/put-back").content.decode()
    assert "Cancel the order when all is back" in page
    answer = signed_in(KIM).post(f"/orders/{order.order_id}/put-back", {"idempotency_key": "k"})
    assert answer.status_code == 303
    assert tasks() == [("put_back", 6, "open")]
    states = sql.fetch_all("SELECT state FROM fulfilment_pickline ORDER BY id")
    assert states == [("picked",), ("cancelled",)], "what is not picked is not picked any more"
    commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id))
    assert tasks() == [("put_back", 6, "open")], "asked again: no second task"
    device = Device(CY, "/scan/put-back", house.site)
    assert "Take out" in device.page and "6 " in device.page and "T-1" in device.page
    assert device.scan("6024") == "wrong" and "Scan 4711 out of T-1." in device.page
    assert device.scan("4711") == "more" and "Go to" in device.page
    before = device.state
    assert device.scan("forward_pick-2") == "wrong" and "That is not forward_pick-1." in device.page
    assert device.scan("forward_pick-1") == "done" and "Nothing to put back" in device.page
    device.state = before
    assert device.scan("forward_pick-1") == "done", "sent again: nothing is booked twice"
    assert tasks() == [("put_back", 6, "done")]
    assert outbound.counts(order.line_ids[0]) == {"units": 6, "allocated": 6}
    sales.cancel_order(ctx(KIM), CancelOrder(order.order_id, "not wanted"))
    assert outbound.order_state(order) == "cancelled"
    assert not verify()


def test_the_order_is_cancelled_by_itself_when_the_last_of_it_is_back(at):
    _, order, wave = at
    with pytest.raises(Invalid):
        commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id, then_cancel=True))
    assert tasks() == []
    commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id, then_cancel=True, reason="He bought elsewhere"))
    outbox.drain(now=NOW)
    assert outbound.order_state(order) == "released", "its goods are on their way"
    commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    outbox.drain(now=NOW)
    assert outbound.order_state(order) == "cancelled"
    assert sql.fetch_all("SELECT outcome FROM fulfilment_putback") == [("All is back, and the order is cancelled.",)]
    page = signed_in(KIM).get("/put-backs").content.decode()
    assert order.number in page and "All is back, and the order is cancelled." in page and "Kim Service" in page
    assert not verify()


def test_an_order_that_cannot_be_cancelled_then_says_why_to_who_asked(at):
    _, order, wave = at
    commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id, then_cancel=True, reason="He bought elsewhere"))
    commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    outbound.pick_all(outbound.release(at[0].site, order))
    outbox.drain(now=NOW)
    [(outcome,)] = sql.fetch_all("SELECT outcome FROM fulfilment_putback")
    assert outcome == "All is back, but the order is not cancelled: 8 units of it went to the floor again."
    assert outbound.order_state(order) == "released"


def test_who_may_not_cancel_may_not_have_it_cancelled(at):
    _, order, _ = at
    with pytest.raises(NotPermitted):
        commands.ask_put_back(ctx(MAY), AskPutBack(order.order_id, then_cancel=True, reason="x"))
    assert tasks() == []


def test_skipped_goods_come_last_and_an_undo_at_the_desk_ends_the_task(at):
    house, order, wave = at
    commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id))
    device = Device(CY, "/scan/put-back", house.site)
    assert device.tap("skip") == "ok" and "Take out" in device.page
    pick_id = wave.pick_ids[0]
    assert signed_in(CY).post(f"/orders/{order.order_id}/picks/{pick_id}/undo", {}).status_code == 303
    assert tasks() == [("put_back", 6, "done")]
    assert sql.fetch_all("SELECT DISTINCT state FROM fulfilment_pickline") == [("cancelled",)]


def test_refusals_change_nothing(at, client):
    _, order, wave = at
    with pytest.raises(NotPermitted):
        commands.ask_put_back(ctx(CY), AskPutBack(order.order_id))
    with pytest.raises(NotStaged):
        commands.ask_put_back(ctx(KIM), AskPutBack(999_999))
    inside = [PackLine(r.line_id, r.units, r.lot_id, r.lpn_id) for r in queries.staged_in_words(order.order_id)]
    commands.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id, inside)]))
    with pytest.raises(NotStaged):
        commands.ask_put_back(ctx(KIM), AskPutBack(order.order_id))
    assert sql.fetch_value("SELECT state FROM fulfilment_pickline WHERE id = %s", (wave.pick_ids[1],)) == "open"
    assert tasks() == []
    sent = client.post(f"/api/v1/orders/{order.order_id}/put-back", {}, "application/json", headers=bearer(KIM))
    assert (sent.status_code, sent.json()["code"]) == (409, "not_staged")
