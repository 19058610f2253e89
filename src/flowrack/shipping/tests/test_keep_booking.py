"""keep_booking, from the shipment's page and the API to a carrier's system that really answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, GUS, KIM, NOW, bearer, ctx, signed_in

from flowrack.carriers import queries_choices, queries_live
from flowrack.carriers.commands_live import keep_carrier_answers as keep
from flowrack.carriers.tests import accounts, carrier
from flowrack.carriers.types_live import BookingOf, TrackingOf
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import booking, commands, jobs
from flowrack.shipping.queries import access_shipment, order_ids_of
from flowrack.shipping.tests.carriers import WANTED, Case
from flowrack.shipping.types import CancelShipment, Departure, PrepareShipment, ShipConfirm
from flowrack.shipping.types_bookings import EndBooking, KeepBooking, KeepTracking, NotBookable, StillBooked
from flowrack.shipping.types_carriers import OverrideCarrier

pytestmark = pytest.mark.django_db(transaction=True)
PACKED = [1_000, 20_000]  # 2 and 40 bolts of 500 g, each in a carton
[ROUND] = [one for one in all_periodic() if one.run is jobs.call_off_bookings]
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
    outbound.pack(order)
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
    assert "Booked: T1" in page and "Call booking off" in page and "5.00 when chosen" in page
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
        assert told == {"shipment_id": shipment_id, "tracking": "T1", "state": "booked", "booked": None,
                        "expected": "5.00", "price_words": "the carrier named no price"}  # fmt: skip
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


def test_a_price_that_is_not_the_chosen_one_says_why_on_the_page_and_in_the_api(server, shipment, client):
    shipment_id, number = shipment
    server.says({"booking": "B1", "tracking": "T1", "total": "6.25", "currency": "GBP"}, 201)
    made = client.post(f"/api/v1/shipments/{shipment_id}/booking", headers=bearer(ADA)).json()
    why = "the carrier asks another price than when it was chosen"
    assert (made["booked"], made["expected"], made["price_words"]) == ("6.25", "5.00", why)
    [row] = client.get("/api/v1/bookings", headers=bearer(ADA)).json()["items"]
    assert (row["shipment"], row["difference"], row["price_words"]) == (number, "1.2500", why)
    assert why in signed_in(GUS).get("/carrier-bookings?difference=0.01..").content.decode()


@pytest.mark.parametrize(
    ("lost", "says"),
    [("lines = '', city = ''", "lacks a street and a town"), ("postcode = ''", "lacks a postcode")],
)
def test_goods_for_an_address_that_lacks_something_are_not_booked(server, shipment, client, lost, says):
    shipment_id, number = shipment
    sql.execute(f"UPDATE parties_address SET {lost}")
    calls = len(server.seen)
    refused = client.post(f"/api/v1/shipments/{shipment_id}/booking", headers=bearer(ADA))
    assert (refused.status_code, refused.json()["code"]) == (409, "address_incomplete")
    assert refused.json()["title"] == f"{number} cannot be booked: the address of ACME Ltd {says}."
    assert len(server.seen) == calls and queries_live.booking_of(number) is None


def test_another_choice_ends_the_booking_and_the_worker_tells_the_carrier_until_he_answers(server, shipment, client):
    shipment_id, number = shipment
    gus, url = signed_in(GUS), f"/shipments/{shipment_id}"
    server.says({"booking": "B1", "tracking": "T1", "total": "5.00", "currency": "GBP"}, 201)
    commands.keep_booking(ctx(GUS), booking.book(ctx(GUS), access_shipment(shipment_id, frozenset({0})), keep))
    choice = queries_choices.latest_of(order_ids_of(shipment_id)).popitem()[1]
    ground = sql.fetch_value("SELECT id FROM parties_carrierservice WHERE code = 'GROUND'")
    commands.override_carrier(ctx(ADA, "other"), OverrideCarrier(choice.choice_id, ground, "The customer asks for it"))
    assert queries_live.booking_of(number) is None
    assert sql.fetch_value("SELECT tracking FROM shipping_shipment WHERE id = %s", (shipment_id,)) == ""
    server.says({}, 503)
    run_round(ROUND, NOW)
    page = gus.get(url).content.decode()
    assert "to be called off" in page and "North Freight Ground service takes it now" in page and "HTTP 503" in page
    calls = len(server.seen)
    run_round(ROUND, NOW + timedelta(seconds=30))
    assert len(server.seen) == calls, "not again at once"
    server.says(b"", 204)
    run_round(ROUND, NOW + timedelta(seconds=90))
    assert (server.seen[-1].method, server.seen[-1].path) == ("DELETE", "/v1/bookings/B1")
    [row] = client.get("/api/v1/bookings", headers=bearer(ADA)).json()["items"]
    assert (row["standing"], row["end_tries"]) == ("ended", 2)
    server.says({"booking": "B2", "tracking": "T2"}, 201)
    assert client.post(f"/api/v1{url}/booking", headers=bearer(ADA)).json()["tracking"] == "T2"


def test_all_that_is_packed_is_booked_whenever_its_orders_were_chosen(server, shipment, client):
    shipment_id, number = shipment
    site_id, first = sql.fetch_one(
        "SELECT s.site_id, o.order_id FROM shipping_shipment s JOIN shipping_shipmentorder o ON o.shipment_id = s.id"
    ) or (0, 0)
    commands.cancel_shipment(ctx(GUS), CancelShipment(shipment_id, "more goes along"))
    more = outbound.order(site_id, "ACME", ("BOLT", 40), on=WANTED)
    outbound.allocate(site_id, more)
    outbound.pick_all(outbound.release(site_id, more))
    outbound.pack(more)
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
