"""keep_booking, from the shipment's page and the API to a carrier's system that really answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from tests import outbound
from tests.cast import ADA, GUS, KIM, NOW, bearer, ctx, signed_in

from flowrack.carriers import queries_live
from flowrack.carriers.tests import accounts, carrier
from flowrack.carriers.types_live import BookingOf, TrackingOf
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import Pack, PackOrders
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import WANTED, Case
from flowrack.shipping.types import CancelShipment, Departure, PrepareShipment, ShipConfirm
from flowrack.shipping.types_bookings import EndBooking, KeepBooking, KeepTracking, NotBookable, StillBooked

pytestmark = pytest.mark.django_db(transaction=True)
PACKED = [1_000, 20_000]  # 2 and 40 bolts of 500 g, each in a carton
LABEL = base64.b64encode(b"^XA^FDNORTH^XZ").decode()


@pytest.fixture(scope="module")
def server() -> Iterator[carrier.System]:
    with carrier.running() as system:
        yield system


@pytest.fixture
def shipment(server: carrier.System, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """A prepared shipment that North's air service takes; North's system answers."""
    monkeypatch.setenv(accounts.VARIABLE, carrier.SECRET)
    case = Case()
    accounts.account(server.port)
    server.seen = []
    server.prices(GROUND="9.00", AIR="5.00")
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    fulfilment.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id)]))
    drain(now=NOW)
    made = commands.prepare_shipment(ctx(GUS), PrepareShipment(case.site, [order.order_id]))
    return made.shipment_id, made.number


def test_a_shipment_is_booked_followed_and_its_label_kept(server, shipment):
    shipment_id, number = shipment
    gus, url = signed_in(GUS), f"/shipments/{shipment_id}"
    assert "Book with carrier" in gus.get(url).content.decode()
    server.says({"booking": "B1", "tracking": "T1", "total": "5.00", "currency": "GBP", "label": LABEL,
                 "label_type": "application/zpl"}, 201)  # fmt: skip
    server.seen = []
    page = gus.post(f"{url}/booking", follow=True).content.decode()
    assert "Booked: T1" in page and "Call booking off" in page
    [call] = server.seen
    assert (call.body["reference"], call.body["service"], call.body["to"]["name"]) == (number, "AIR", "ACME Ltd")
    assert call.headers["idempotency-key"] == number
    assert gus.get(f"{url}/booking/label").content == b"^XA^FDNORTH^XZ"
    assert sql.fetch_value("SELECT tracking FROM shipping_shipment WHERE id = %s", (shipment_id,)) == "T1"
    server.says({"state": "on_the_way", "at": "2026-03-03T10:30:00Z", "place": "Le\0eds\n"})
    assert "The carrier says: on the way" in gus.post(f"{url}/booking/track", follow=True).content.decode()
    assert server.seen[-1].path == "/v1/tracking/T1"
    booked = queries_live.booking_of(number)
    assert booked is not None and (booked.state, booked.place) == ("on_the_way", "Le eds")


def test_a_refusal_keeps_nothing_but_the_call_and_a_booking_is_called_off(server, shipment, client):
    shipment_id, number = shipment
    url = f"/api/v1/shipments/{shipment_id}/booking"
    server.says({"message": "No van today"}, 422)
    refused = client.post(url, headers=bearer(ADA))
    assert (refused.status_code, refused.json()["title"]) == (409, "North Freight: No van today.")
    assert queries_live.booking_of(number) is None
    server.says({"booking": "B1", "tracking": "T1"}, 201)
    once, calls = bearer(ADA), len(server.seen)
    for _ in range(2):
        told = client.post(url, headers=once).json()
        assert told == {"shipment_id": shipment_id, "tracking": "T1", "state": "booked"}
    assert len(server.seen) == calls + 1
    assert client.post(url, headers=bearer(ADA)).status_code == 409
    server.says(b"", 204)
    assert client.post(f"{url}/end", headers=bearer(ADA)).json()["state"] == "called off"
    assert server.seen[-1].path == "/v1/bookings/B1"
    assert queries_live.booking_of(number) is None
    [account] = queries_live.accounts_on()
    outcomes = [(row.purpose, row.outcome) for row in queries_live.calls_of(account.id, limit=3)]
    assert outcomes == [("cancel", "ok"), ("book", "ok"), ("book", "refused")]
    assert client.post(url, headers=bearer(KIM)).status_code == 403
    server.says({"booking": "B2", "tracking": "T2"}, 201)
    assert client.post(url, headers=bearer(ADA)).json()["tracking"] == "T2"
    again = server.seen[-1]
    assert (again.headers["idempotency-key"], again.body["reference"]) == (f"{number}/2", f"{number}/2")


def test_all_that_is_packed_is_booked_whenever_its_orders_were_chosen(server, shipment, client):
    shipment_id, number = shipment
    site_id, first = sql.fetch_one(
        "SELECT s.site_id, o.order_id FROM shipping_shipment s JOIN shipping_shipmentorder o ON o.shipment_id = s.id"
    ) or (0, 0)
    commands.cancel_shipment(ctx(GUS), CancelShipment(shipment_id, "more goes along"))
    more = outbound.order(site_id, "ACME", ("BOLT", 40), on=WANTED)
    outbound.allocate(site_id, more)
    outbound.pick_all(outbound.release(site_id, more))
    fulfilment.pack_orders(ctx(GUS), PackOrders([Pack(more.order_id)]))
    drain(now=NOW)
    made = commands.prepare_shipment(ctx(GUS), PrepareShipment(site_id, [first, more.order_id]))
    server.says({"booking": "B1", "tracking": "T1"}, 201)
    url = f"/api/v1/shipments/{made.shipment_id}/booking"
    assert client.post(url, headers=bearer(ADA)).status_code == 201
    assert [one["weight_g"] for one in server.seen[-1].body["parcels"]] == PACKED
    server.says(b"", 204)
    assert client.post(f"{url}/end", headers=bearer(ADA)).status_code == 200
    orders = Departure(shipment_id=made.shipment_id)
    commands.ship_confirm(ctx(GUS), ShipConfirm(site_id, [orders]))
    server.says({"booking": "B2", "tracking": "T2"}, 201)
    assert client.post(url, headers=bearer(ADA)).status_code == 201
    assert [one["weight_g"] for one in server.seen[-1].body["parcels"]] == PACKED
    assert made.number != number


def test_a_booked_shipment_is_called_off_after_its_booking(server, shipment):
    shipment_id, number = shipment
    [account] = queries_live.accounts_on()
    service_id = sql.fetch_value("SELECT id FROM parties_carrierservice WHERE code = 'AIR'")
    commands.keep_booking(ctx(GUS), KeepBooking(shipment_id, account.id, service_id, "North", BookingOf("B1", "T1")))
    before = sql.fetch_all("SELECT state, tracking FROM shipping_shipment")
    with pytest.raises(StillBooked, match=f"{number} is booked with North Freight Air service as B1"):
        commands.cancel_shipment(ctx(GUS), CancelShipment(shipment_id, "no van"))
    assert sql.fetch_all("SELECT state, tracking FROM shipping_shipment") == before == [("open", "T1")]
    commands.end_booking(ctx(GUS), EndBooking(shipment_id))
    assert commands.cancel_shipment(ctx(GUS), CancelShipment(shipment_id, "no van")).shipment_id == shipment_id


def test_the_commands_refuse_what_is_not_booked_and_keep_one_booking(shipment):
    shipment_id, number = shipment
    [account] = queries_live.accounts_on()
    service_id = sql.fetch_value("SELECT id FROM parties_carrierservice WHERE code = 'AIR'")
    keep = KeepBooking(shipment_id, account.id, service_id, "North", BookingOf("B1", "T1"))
    for command, req in (
        (commands.end_booking, EndBooking(shipment_id)),
        (commands.keep_tracking, KeepTracking(shipment_id, TrackingOf("lost"))),
    ):
        with pytest.raises(NotBookable):
            command(ctx(GUS), req)
    with pytest.raises(NotPermitted):
        commands.keep_booking(ctx(KIM), keep)
    assert commands.keep_booking(ctx(GUS, "k"), keep) == commands.keep_booking(ctx(GUS, "k"), keep)
    with pytest.raises(NotBookable):
        commands.keep_booking(ctx(GUS), keep)
    assert queries_live.booking_of(number) is not None
