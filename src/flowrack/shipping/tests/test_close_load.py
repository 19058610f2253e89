"""close_load: what is on the truck is issued in one posting, what is not stays promised and is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import CY, GUS, NOW, ctx
from tests.races.together import at_the_same_time

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.platform import photos, sql
from flowrack.platform.tests.test_photos import png
from flowrack.sales import steps as sales
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, NotComplete, PrepareShipment, ShipConfirm
from flowrack.shipping.types_loads import (
    CannotClose,
    CloseLoad,
    LeftPlate,
    LoadPlate,
    LoadRefused,
    NotWhole,
    OnOtherLoad,
    PastTheCutOff,
    SignLoad,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def put(plan, *codes: str) -> None:
    for code in codes:
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, code))


def test_closing_issues_every_stop_at_cost_in_one_posting(yard):
    north, south, loose = yard.packed("NORTH"), yard.packed("SOUTH"), yard.picked("SOUTH", ("4711", 3))
    prepared = commands.prepare_shipment(ctx(GUS), PrepareShipment(yard.site, [north.order_id], "Swift"))
    plan = yard.started(north, south, loose)
    put(plan, yard.plate(south), loose.number, yard.plate(north))
    req = CloseLoad(plan.load_id, "SEAL-77")
    done = commands.close_load(ctx(GUS, "k"), req)
    assert (done.units, done.behind, done.warning, len(done.shipment_ids)) == (23, [], "", 2)
    assert done.shipment_ids[0] == prepared.shipment_id
    rows = sql.fetch_all("SELECT state, load_id, stop_no, carrier FROM shipping_shipment ORDER BY stop_no")
    assert rows == [("shipped", plan.load_id, 1, "Swift Freight"), ("shipped", plan.load_id, 2, "Swift Freight")]
    assert [outbound.order_state(o) for o in (north, south, loose)] == ["shipped"] * 3
    balance = {row.account: row.value for row in stock.trial_balance(yard.site)}
    assert balance["cogs"] == Decimal("46.0000")
    assert sql.fetch_value("SELECT count(DISTINCT posting_id) FROM shipping_shipment") == 1
    assert (
        sql.fetch_value("SELECT count(*) FROM locations_lpn WHERE kind = 'pallet' AND id > 0 AND closed_at IS NULL")
        == 0
    )
    assert (trucks.load_state(plan.load_id), trucks.on_truck(plan.load_id)) == ("closed", 3)
    assert commands.close_load(ctx(GUS, "k"), req) == done
    assert not verify()


def test_two_pallets_left_behind_need_a_reason_and_stay_promised(yard):
    orders = [yard.packed("NORTH") for _ in range(3)]
    plan = yard.started(*orders)
    put(plan, yard.plate(orders[0]))
    before = trucks.books()
    with pytest.raises(NotWhole) as refused:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert [line.message for line in refused.value.lines] == [
        f"{yard.plate(order)} for stop 1 stands in staged-1." for order in orders[1:]
    ]
    assert trucks.books() == before
    done = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room", "next truck at 16:00"))
    assert [(one.order, one.plate, one.units) for one in done.behind] == [
        (order.number, yard.plate(order), 10) for order in orders[1:]
    ]
    assert [outbound.counts(order.line_ids[0]) for order in orders] == [
        {"units": 10, "shipped": 10},
        {"units": 10, "picked": 10},
        {"units": 10, "picked": 10},
    ]
    [event] = sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'shipping.left_behind'")
    assert (event[0]["reason"], len(event[0]["plates"])) == ("no_room", 2)
    told = sql.fetch_all("SELECT sentence FROM platform_decision WHERE kind = 'left_behind' ORDER BY id")
    assert told[0][0] == (
        f"{plan.number} left without {yard.plate(orders[1])}: no room. It stands staged and stays promised."
    )
    again = yard.started(*orders[1:], door="D2")
    put(again, *(yard.plate(order) for order in orders[1:]))
    assert commands.close_load(ctx(GUS), CloseLoad(again.load_id, "S-2")).units == 20
    assert not verify()


def test_units_that_are_still_being_picked_are_missing_too(yard):
    ready, order = yard.packed("NORTH"), outbound.order(yard.site, "NORTH", ("4711", 5))
    outbound.allocate(yard.site, order)
    plan = yard.started(ready, order)
    put(plan, yard.plate(ready))
    with pytest.raises(NotWhole) as refused:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert refused.value.lines[0].message == f"5 units of {order.number} are not staged."
    done = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "not_ready"))
    assert (done.units, done.behind) == (10, [LeftPlate(order.order_id, order.number, "", 5, is_staged=False)])
    assert outbound.counts(order.line_ids[0]) == {"units": 5, "allocated": 5}
    [event] = sql.fetch_all(
        "SELECT body::json -> 'plates' FROM platform_outboxevent WHERE kind = 'shipping.left_behind'"
    )
    assert [(one["order"], one["units"], one["is_staged"]) for one in event[0]] == [(order.number, 5, False)]


def test_a_complete_order_leaves_whole_or_comes_off(yard):
    outbound.customer("WHOLE", policy="complete")
    order = yard.packed("WHOLE", ("4711", 4))
    sql.execute("UPDATE sales_orderline SET units = 6 WHERE id = %s", (order.line_ids[0],))
    plan = yard.started(order)
    put(plan, yard.plate(order))
    before = trucks.books()
    with pytest.raises(NotComplete):
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "not_ready"))
    assert trucks.books() == before


def test_seal_signature_and_cut_off_are_asked_for_as_the_site_says(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order, cut_off_at=NOW - timedelta(minutes=20))
    with pytest.raises(CannotClose):
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room"))
    put(plan, yard.plate(order))
    for seal, words in (("", "The truck is not sealed."), (yard.plate(order), f"{yard.plate(order)} is no seal.")):
        with pytest.raises(CannotClose) as refused:
            commands.close_load(ctx(GUS), CloseLoad(plan.load_id, seal))
        assert refused.value.message == words
    yard.rule(past_cut_off="refuse", needs_signature=True)
    with pytest.raises(CannotClose) as refused:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert refused.value.message == "The driver has not signed."
    commands.sign_load(ctx(GUS), SignLoad(plan.load_id, "Sam Driver", photos.save(png()).digest))
    before = trucks.books()
    with pytest.raises(PastTheCutOff) as late:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert late.value.message == "Swift Freight was due to leave 20 min ago."
    assert trucks.books() == before
    yard.rule(needs_signature=True)
    done = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert done.warning == "Swift Freight was due to leave 20 min ago."
    assert sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'loading'") == done.warning


def test_an_order_on_a_truck_does_not_leave_by_itself(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    put(plan, yard.plate(order))
    before = trucks.books()
    with pytest.raises(OnOtherLoad) as refused:
        commands.ship_confirm(ctx(GUS), ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,))]))
    assert refused.value.message == f"{order.number} is on {plan.number}."
    assert trucks.books() == before


def test_who_only_loads_does_not_close_and_a_closed_truck_stays_closed(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    put(plan, yard.plate(order))
    before = trucks.books()
    with pytest.raises(NotPermitted):
        commands.close_load(ctx(CY), CloseLoad(plan.load_id, "S-1"))
    assert trucks.books() == before
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    with pytest.raises(WrongState):
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))


def test_a_shipment_that_was_prepared_for_two_stops_leaves_once(yard):
    north, south = yard.packed("NORTH"), yard.packed("SOUTH")
    plan = yard.started(south, north)
    prepared = commands.prepare_shipment(ctx(GUS), PrepareShipment(yard.site, [north.order_id]))
    trucks.also_on(prepared.shipment_id, south)
    put(plan, yard.plate(north), yard.plate(south))
    done = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    assert (done.shipment_ids, done.units) == ([prepared.shipment_id], 20)
    assert sql.fetch_all("SELECT load_id, stop_no FROM shipping_shipment") == [(plan.load_id, 1)]
    assert sql.fetch_value("SELECT count(*) FROM shipping_shipmentline") == 2


def first_of_all(monkeypatch, work) -> list[object]:
    """Before the next command locks its order lines, somebody else does `work` and is through."""
    claim, came = sales.claim_orders, []

    def claimed(order_ids):
        monkeypatch.setattr(sales, "claim_orders", claim)
        came.extend(at_the_same_time([work]))
        return claim(order_ids)

    monkeypatch.setattr(sales, "claim_orders", claimed)
    return came


def test_a_pick_that_is_confirmed_while_the_truck_closes_does_not_leave_with_it(yard, monkeypatch):
    late = outbound.item("LATE")
    order = outbound.order(yard.site, "NORTH", ("4711", 3), ("LATE", 2))
    outbound.allocate(yard.site, order)
    [one] = outbound.release(yard.site, order).pick_ids
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(one, 0, 0)]))
    plan = yard.started(order)
    put(plan, order.number)
    outbound.receive(yard.house, late, 2, "2", "forward_pick1")
    outbound.allocate(yard.site, order)
    [two] = outbound.release(yard.site, order).pick_ids
    came = first_of_all(monkeypatch, lambda: fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(two, 0, 0)])))
    with pytest.raises(CannotClose) as refused:
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "not_ready"))
    assert refused.value.message.endswith("was opened or changed since it was loaded.") and len(came) == 1
    assert sum(outbound.counts(line).get("picked", 0) for line in order.line_ids) == 5


def test_an_order_leaves_by_itself_or_waits_for_a_truck_never_both(yard, monkeypatch):
    order, other = yard.packed("NORTH"), yard.packed("NORTH")
    leaves = ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,))])
    first_of_all(monkeypatch, lambda: yard.planned(order))
    with pytest.raises(OnOtherLoad):
        commands.ship_confirm(ctx(GUS), leaves)
    leaves = ShipConfirm(yard.site, [Departure(order_ids=(other.order_id,))])
    first_of_all(monkeypatch, lambda: commands.ship_confirm(ctx(GUS), leaves))
    with pytest.raises(LoadRefused) as refused:
        yard.planned(other)
    assert refused.value.message == f"{other.number} is shipped."
