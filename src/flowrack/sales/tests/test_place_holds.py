"""place_holds: an order or a line waits for a person; nothing new is promised, nothing of it leaves."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, EVE, GUS, KIM, MAY, ctx

from flowrack.fulfilment.types import NothingToRelease
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import commands_changes, commands_holds
from flowrack.sales.tests import desk
from flowrack.sales.types import CancelOrder, ChangeLine
from flowrack.sales.types_holds import BadHold, OnHold, PlaceHolds
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import Departure, ShipConfirm, ShipFromStock

pytestmark = pytest.mark.django_db(transaction=True)


def hold(*order_ids: int, lines: tuple[int, ...] = (), why: str = "the customer called"):
    return commands_holds.place_holds(ctx(KIM), PlaceHolds(why, list(order_ids), list(lines)))


def test_an_absurd_line_is_held_at_entry_and_gets_no_stock_while_its_order_goes_on():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP), (desk.ITEM, 24))
    slip, plain = order.line_ids
    said = "19,152 is 1,596 times the usual 12 of this item, and this customer has ordered nothing before."
    assert desk.standing() == [("quantity", slip, said)]
    assert outbound.allocate(at.site, order).units == 24
    assert outbound.allocate(at.site).units == 20 * 12  # a run over the whole site leaves it out too
    assert outbound.counts(slip) == {"units": desk.SLIP, "waiting": desk.SLIP}
    assert outbound.counts(plain) == {"units": 24, "allocated": 24}
    [why] = decisions.why(f"sales.line:{slip}")
    limit = "More than 500 are in doubt: the floor of the rules (hold rules v0)."
    assert why.sentence == f"Held: {said} {limit} Whoever is sales manager or planner may release it."
    assert (why.detail["usual"], why.detail["limit"], why.detail["units"]) == (12, 500, desk.SLIP)
    wave = outbound.release(at.site, order)
    assert wave.units == 24
    assert not verify()


def test_the_customers_own_custom_is_no_slip():
    at = desk.house()
    outbound.order(at.site, "ACME", (desk.ITEM, 5_000))
    commands_holds.release_holds(ctx(MAY), commands_holds.ReleaseHolds(desk.ids(), "they always do"))
    outbound.order(at.site, "ACME", (desk.ITEM, 5_000))
    assert desk.standing() == []
    outbound.order(at.site, "ACME", (desk.ITEM, 5_001))
    assert [kind for kind, _, _ in desk.standing()] == ["quantity"]


def test_a_held_order_keeps_its_promises_and_no_wave_takes_it():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    outbound.allocate(at.site, order)
    done = hold(order.order_id)
    assert (len(done.hold_ids), done.promised_units) == (1, 30)
    assert outbound.counts(order.line_ids[0]) == {"units": 30, "allocated": 30}
    with pytest.raises(NothingToRelease) as refused:
        outbound.release(at.site, order)
    assert refused.value.fix == (
        f"{order.number}: it is on hold since 02 Mar 09:00: the customer called. "
        "Whoever is sales manager, planner, finance controller or warehouse manager may release it"
    )
    with pytest.raises(OnHold, match=f"{order.number} is on hold since 02 Mar 09:00: the customer called"):
        shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))
    sql.execute("UPDATE locations_site SET timezone = 'Asia/Tokyo' WHERE id = %s", (at.site,))
    with pytest.raises(OnHold, match=f"{order.number} is on hold since 02 Mar 18:00: the customer called"):
        shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [order.order_id]))


def test_what_is_picked_before_the_hold_does_not_leave():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    outbound.allocate(at.site, order)
    outbound.pick_all(outbound.release(at.site, order))
    hold(order.order_id)
    with pytest.raises(OnHold):
        shipping.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(order.order_id,))]))
    assert outbound.counts(order.line_ids[0]) == {"units": 30, "picked": 30}


def test_a_complete_order_waits_as_a_whole_for_its_held_line():
    at = desk.house()
    outbound.customer("WHOLE", policy="complete")
    order = outbound.order(at.site, "WHOLE", (desk.ITEM, 10), (desk.ITEM, 20))
    hold(lines=(order.line_ids[0],))
    assert outbound.allocate(at.site, order).units == 0
    commands_holds.release_holds(ctx(MAY), commands_holds.ReleaseHolds(desk.ids(), "settled"))
    assert outbound.allocate(at.site, order).units == 30


def test_the_database_itself_refuses_a_promise_to_a_held_line():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    hold(order.order_id)
    with pytest.raises(Exception, match="sales_line_held_gets_nothing"):
        sql.execute("UPDATE sales_orderline SET allocated_units = 1 WHERE id = %s", (order.line_ids[0],))


def test_another_quantity_is_judged_anew():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    line = order.line_ids[0]
    commands_changes.change_line(ctx(KIM), ChangeLine(line, 2_000))
    assert [kind for kind, _, _ in desk.standing()] == ["quantity"]
    commands_changes.change_line(ctx(KIM), ChangeLine(line, 192))
    assert desk.standing() == []
    endings = sql.fetch_all("SELECT ending, reason FROM sales_hold ORDER BY id")
    assert endings == [("changed", "now 2,000 units"), ("changed", "now 192 units")]
    assert outbound.allocate(at.site, order).units == 192
    commands_changes.change_line(ctx(KIM), ChangeLine(line, desk.SLIP))
    assert outbound.counts(line) == {"units": desk.SLIP, "allocated": 192, "waiting": desk.SLIP - 192}
    assert outbound.allocate(at.site, order).units == 0
    commands_changes.change_line(ctx(KIM), ChangeLine(line, unit_price=Decimal(2)))
    assert len(desk.standing()) == 1


def test_cancelling_ends_the_holds():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    hold(order.order_id)
    commands_changes.cancel_order(ctx(KIM), CancelOrder(order.order_id, "a slip"))
    assert desk.standing() == []
    assert sql.fetch_all("SELECT DISTINCT ending FROM sales_hold") == [("cancelled",)]
    assert sql.fetch_value("SELECT count(held_at_units) FROM sales_orderline") == 0


def test_every_bad_line_is_named_and_nothing_is_left():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    gone = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    commands_changes.cancel_order(ctx(KIM), CancelOrder(gone.order_id, "not wanted"))
    hold(order.order_id)
    before = outbound.books()
    with pytest.raises(BadHold) as refused:
        hold(order.order_id, gone.order_id, 999_999, lines=(888_888,), why=" ")
    assert [(bad.line, bad.field) for bad in refused.value.lines] == [
        (0, "reason"), (1, "order_id"), (2, "order_id"), (3, "order_id"), (4, "line_id"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands_holds.place_holds(ctx(EVE), PlaceHolds("no", [order.order_id], []))
    assert outbound.books() == before


def test_who_placed_a_hold_by_hand_may_take_it_back():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, 30))
    commands_holds.place_holds(ctx(ADA), PlaceHolds("wait", [order.order_id], []))
    commands_holds.release_holds(ctx(ADA), commands_holds.ReleaseHolds(desk.ids(), "settled"))
    assert desk.standing() == []
