"""A customer wants fewer than are picked: the order says so at once, and just these units go back into their bins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import CY, GUS, KIM, NOW, bearer, ctx, signed_in
from tests.scanner import Device

from flowrack.allocation.tests import modebook
from flowrack.fulfilment import commands, queries, queries_lists, queries_totes
from flowrack.fulfilment.types import ConfirmPicks, Pack, PackLine, PackOrders, Pick, PickClosed, UndoPick
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.platform.web.query import ListQuery
from flowrack.sales import commands_changes as sales
from flowrack.sales import steps_preview
from flowrack.sales.types import CancelLine, CancelLines, CancelOrder, ChangeLine, TooLate
from flowrack.shipping import queries_timeline
from flowrack.storage import commands as storage
from flowrack.storage.types import ItemMove, MoveStock

pytestmark = pytest.mark.django_db(transaction=True)
PICKS = "SELECT state, units FROM fulfilment_pickline ORDER BY id"
POOL = "SELECT committed FROM ledger_pool WHERE item_id = %s"
STOOD = """
    SELECT b.code, c.on_hand, c.reserved FROM ledger_cell c JOIN locations_location b ON b.id = c.location_id
    WHERE NOT c.is_virtual AND c.on_hand > 0 ORDER BY b.code
"""


@pytest.fixture
def at():
    """An order of 10, picked into T-1 out of a bin of 40."""
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 40, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 10))
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    tote = outbound.tote(at.site, "T-1")
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, tote)]))
    return at, order, tote, item


def test_the_line_is_cut_at_once_and_just_these_units_go_back_by_two_scans(at):
    house, order, _, item = at
    [line], moves = order.line_ids, sql.fetch_value("SELECT count(*) FROM ledger_move")
    told = steps_preview.preview(ctx(KIM), sales.change_line, ChangeLine(line, 6), order.order_id).consequences
    assert told[:2] == [
        "Line 1, 4711: 6 instead of 10 units.",
        "Line 1, 4711: 4 picked units go back into the bins: the floor gets the work, and they are free once they lie "
        "there.",
    ]
    assert sql.fetch_all(PICKS) == [("picked", 10)], "a preview writes nothing"
    done = sales.change_line(ctx(KIM), ChangeLine(line, 6))
    assert (done.units, done.unpromised_units, done.called_back_units) == (6, 0, 0)
    assert outbound.counts(line) == {"units": 6, "picked": 6}
    assert sql.fetch_all(PICKS) == [("picked", 6), ("going_back", 4)]
    assert sql.fetch_all(STOOD) == [("forward_pick-1", 30, 0), ("staged-1", 10, 6)]
    assert sql.fetch_all("SELECT units FROM ledger_reservation") == [(6,)]
    assert sql.fetch_value("SELECT count(*) FROM ledger_move") == moves, "nothing moves before somebody carries it"
    assert not verify()
    assert told_of(order) == ["Cy Picker: Picked, 10 units"]
    [shown] = queries.wave_list(ListQuery()).rows
    assert (shown.picks, shown.units, shown.units_done) == (1, 6, 6), "nobody picks or packs what goes back"

    device = Device(GUS, "/scan/put-back", house.site)
    assert "Take out" in device.page and "4 " in device.page and "T-1" in device.page
    assert f"of the 10 of {order.number}: the customer wants fewer; 6 stay" in device.page
    page = signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()
    assert "4 picked units go back into their bins." in page
    assert device.scan("4711") == "more" and device.scan("forward_pick-1") == "done"
    assert sql.fetch_all(PICKS) == [("picked", 6), ("cancelled", 4)]
    assert sql.fetch_all(STOOD) == [("forward_pick-1", 34, 0), ("staged-1", 6, 6)]
    assert sql.fetch_all(POOL, (item,)) == [(0,)]
    assert sql.fetch_all("SELECT kind, units, state FROM tasks_task") == [("put_back", 4, "done")]
    assert told_of(order) == ["Cy Picker: Picked, 10 units", "Gus Packer: Put back, 4 units"], "what was stays so"
    list_id = sql.fetch_value("SELECT id FROM fulfilment_picklist")
    assert queries_lists.called_back(list_id, since=NOW - timedelta(days=1)) == [], "nobody was called off it"
    outbox.drain()
    assert sql.fetch_all("SELECT outcome FROM fulfilment_putback") == [("All is back in its bins.",)]
    assert outbound.order_state(order) == "released", "what is still wanted goes on"
    assert "go back into their bins" not in signed_in(KIM).get(f"/orders/{order.order_id}").content.decode()
    outbound.pack(order)
    assert not verify()


def told_of(order) -> list[str]:
    """What pickers did, as the order's page tells it."""
    found = [one for one in queries_timeline.moments(order.order_id) if one.note.endswith(" units")]
    return [f"{one.who}: {one.what}, {one.note}" for one in found if one.what in ("Picked", "Put back", "Called back")]


def test_what_is_back_is_given_to_who_waits_for_it(at):
    house, order, _, _ = at
    other = outbound.order(house.site, "ACME", ("4711", 33))
    outbound.allocate(house.site, other)
    assert outbound.counts(other.line_ids[0]) == {"units": 33, "allocated": 30, "waiting": 3}
    sales.change_line(ctx(KIM), ChangeLine(order.line_ids[0], 6))
    modebook.force(house.site, "automatic")
    [pick] = sql.fetch_all("SELECT id FROM fulfilment_pickline WHERE state = 'going_back'")
    outbox.drain()
    assert outbound.counts(other.line_ids[0]) == {"units": 33, "allocated": 30, "waiting": 3}, (
        "it still stands in the tote"
    )
    commands.undo_pick(ctx(CY), UndoPick(pick[0]))
    outbox.drain()
    assert outbound.counts(other.line_ids[0]) == {"units": 33, "allocated": 33}
    assert not verify()


def test_an_order_is_cancelled_while_picked_and_all_of_it_goes_back(at):
    house, order, tote, item = at
    sales.cancel_order(ctx(KIM), CancelOrder(order.order_id, "not wanted"))
    assert outbound.order_state(order) == "cancelled"
    assert outbound.counts(order.line_ids[0]) == {"units": 10, "cancelled": 10}
    assert sql.fetch_all(PICKS) == [("going_back", 10)]
    assert sql.fetch_all("SELECT count(*) FROM ledger_reservation WHERE units > 0") == [(0,)]
    kept = queries_totes.not_to_load([tote])[tote]
    assert kept.words == "10 units go back out of T-1 first: nobody wants them any more."
    assert f"of {order.number}, which is cancelled" in Device(CY, "/scan/put-back", house.site).page
    [pick] = sql.fetch_all("SELECT id FROM fulfilment_pickline")
    commands.undo_pick(ctx(CY), UndoPick(pick[0]))
    assert sql.fetch_all(STOOD) == [("forward_pick-1", 40, 0)] and sql.fetch_all(POOL, (item,)) == [(0,)]
    assert queries_totes.not_to_load([tote]) == {}
    with pytest.raises(PickClosed):
        commands.undo_pick(ctx(CY), UndoPick(pick[0]))
    assert not verify()


def test_what_is_open_is_called_back_before_anything_picked_goes_back():
    at = outbound.house()
    item = outbound.item("4711")
    for bin_, units in (("forward_pick1", 6), ("reserve1", 8)):
        outbound.receive(at, item, units, "1", bin_)
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 14))
    [line] = order.line_ids
    outbound.allocate(at.site, order)
    wave = outbound.release(at.site, order)
    picked = sql.fetch_value("SELECT units FROM fulfilment_pickline WHERE id = %s", (wave.pick_ids[0],))
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, outbound.tote(at.site))]))
    done = sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(line, 14 - picked + 1)], "fewer"))
    assert (done.called_back_units, done.unpromised_units, done.units) == (14 - picked, 14 - picked, [14 - picked + 1])
    assert outbound.counts(line) == {"units": 14, "picked": picked - 1, "cancelled": 14 - picked + 1}
    assert sql.fetch_all(PICKS) == [("picked", picked - 1), ("cancelled", 14 - picked), ("going_back", 1)]
    assert not verify()


def test_what_is_in_a_carton_has_to_come_out_of_it_first(at, client):
    _, order, _, _ = at
    [line] = order.line_ids
    rows = queries.staged_in_words(order.order_id)
    inside = [PackLine(r.line_id, 7, r.lot_id, r.lpn_id) for r in rows]
    commands.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id, inside)]))
    sscc = sql.fetch_value("SELECT sscc FROM fulfilment_carton")
    with pytest.raises(TooLate) as refused:
        sales.change_line(ctx(KIM), ChangeLine(line, 6))
    assert refused.value.message == f"1 unit is packed: carton {sscc}."
    assert refused.value.fix == "Open the carton, or repack it without them; then ask again."
    page = signed_in(KIM).get(f"/orders/{order.order_id}/cancel").content.decode()
    assert f"7 units are packed: carton {sscc}." in page and f"/cartons?q={order.number}" in page
    sent = client.post(
        f"/api/v1/orders/{order.order_id}/cancel", {"reason": "no"}, "application/json",
        headers=bearer(KIM) | {"Idempotency-Key": "k"},
    )  # fmt: skip
    assert (sent.status_code, sent.json()["details"]) == (409, {"cartons": [sscc]})
    assert sql.fetch_all(PICKS) == [("picked", 10)]
    sales.change_line(ctx(KIM), ChangeLine(line, 7))
    assert sql.fetch_all(PICKS) == [("picked", 7), ("going_back", 3)] and not verify()


def test_goods_that_somebody_moved_meanwhile_are_not_booked_back(at):
    house, order, tote, item = at
    sales.cancel_order(ctx(KIM), CancelOrder(order.order_id, "not wanted"))
    places = dict(sql.fetch_all("SELECT code, id FROM locations_location"))
    away = ItemMove(item, 10, places["staged-1"], places["reserve-1"], from_lpn_id=tote)
    storage.move_stock(ctx(CY), MoveStock(house.site, items=[away]))
    with pytest.raises(PickClosed, match="do not stand there"):
        commands.undo_pick(ctx(CY), UndoPick(sql.fetch_value("SELECT id FROM fulfilment_pickline")))
    assert not verify()
