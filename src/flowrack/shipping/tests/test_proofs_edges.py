"""Proofs, papers and notices on their pages and through the API."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import outbound
from tests.cast import ADA, GUS, KIM, bearer, ctx, signed_in

from flowrack.platform import photos, sql
from flowrack.platform.tests.test_photos import png
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LeaveDoor, LoadPlate

pytestmark = pytest.mark.django_db(transaction=True)
DRAWN = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture
def gone():
    """A truck that left with one pallet for North: the yard, the order, load and shipment."""
    yard = trucks.yard()
    order = yard.packed("NORTH", ("4711", 6), ("FUEL", 2))
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    [shipment] = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1")).shipment_ids
    commands.leave_door(ctx(GUS), LeaveDoor(plan.load_id))
    return yard, order, plan.load_id, shipment


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_delivery_is_proved_on_a_phone_with_signature_and_photos(gone):
    _, order, _, shipment = gone
    ada, url = signed_in(ADA), f"/shipments/{shipment}/prove"
    page = ada.get(url)
    assert "geolocation=(self)" in page["Permissions-Policy"]
    page = page.content.decode()
    assert "data-sign" in page and 'enctype="multipart/form-data"' in page
    line = sql.fetch_value("SELECT id FROM shipping_shipmentline ORDER BY id LIMIT 1")
    today = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    body = {"key": "p1", "outcome": "partial", "received_by": "Nora", "happened_at": today, "place": "Gate 2",
            "latitude": "51.5074000", "longitude": "-0.1278000", f"units_{line}": "2",
            f"reason_{line}": "damaged"}  # fmt: skip
    assert ada.post(url, body).status_code == 422, "nobody signed"
    sent = [SimpleUploadedFile("a.png", png(), "image/png"), SimpleUploadedFile("b.png", png(5, 4), "image/png")]
    done = ada.post(url, {**body, "key": "p2", "signature": DRAWN, "photos": sent}, follow=True)
    said = words(done)
    assert "POD-1" in said and "Nora" in said and "51.50740, -0.12780" in said and "Damaged on the way" in said
    assert "unchanged" in said and "regulated" in said
    assert sql.fetch_one("SELECT latitude_e7, longitude_e7 FROM shipping_proof") == (515_074_000, -1_278_000)
    assert sql.fetch_value("SELECT count(*) FROM shipping_proofphoto") == 2
    assert "Delivered" in words(ada.get(f"/shipments/{shipment}"))
    assert "Delivered in part" in words(ada.get(f"/orders/{order.order_id}"))
    assert "Nora" in words(ada.get("/proofs?outcome=partial"))


def test_papers_are_printed_from_the_page_and_read_again_as_they_were(gone):
    yard, _, load, _ = gone
    ada = signed_in(ADA)
    printed = ada.post(f"/loads/{load}/print", {"key": "b", "kind": "bill_of_lading"})
    pdf = ada.get(printed.url)
    assert pdf["Content-Type"] == "application/pdf" and pdf.content == ada.get(printed.url).content
    assert "Bill of lading" in words(ada.get(f"/loads/{load}"))
    assert ada.post(f"/loads/{load}/print", {"key": "c", "kind": "poem"}).status_code == 422
    sql.execute("UPDATE shipping_shipment SET shipped_at = now()")
    listed = ada.get("/manifests").content.decode()
    day = re.search(r'href="(/manifests/day\?[^"]+)"', listed).group(1).replace("&amp;", "&")
    assert "SH-1" in words(ada.get(day))
    assert ada.get(ada.post(day, {"key": "m"}).url)["Content-Type"] == "application/pdf"
    assert ada.get(f"/manifests/day?site={yard.site}&day=yesterday").status_code == 404


def test_the_customer_reads_pallet_carton_and_lines_and_answers(gone, client):
    yard, order, _, shipment = gone
    north = outbound.value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    kim = signed_in(KIM)
    assert "Set" in words(kim.post("/notices/terms", {"key": "t", "customer": "NORTH", "hours": "4"}, follow=True))
    told = client.get(f"/api/v1/shipments/{shipment}/notice", headers=bearer(GUS)).json()
    [pallet] = told["pallets"]
    assert (pallet["sscc"], told["seal"], told["answer"]) == (yard.plate(order), "S-1", None)
    assert [(x["sku"], x["units"]) for x in pallet["cartons"][0]["lines"]] == [("4711", 6), ("FUEL", 2)]
    file = kim.get(f"/shipments/{shipment}/notice.csv").content.decode().splitlines()
    assert file[0].startswith("shipment,carrier,tracking,reference,pallet_sscc,carton_sscc,order")
    assert len(file) == 3 and yard.plate(order) in file[1]
    again = yard.packed("NORTH")
    from_stock = client.post(
        "/api/v1/shipments/confirm",
        {"site_id": yard.site, "departures": [{"order_ids": [again.order_id]}]},
        content_type="application/json",
        headers=bearer(GUS),
    ).json()["shipments"][0]["shipment_id"]
    assert (
        sql.fetch_value("SELECT customer_id FROM shipping_departurenotice WHERE shipment_id = %s", (from_stock,))
        == north
    )
    sql.execute("UPDATE shipping_departurenotice SET due_at = now() - interval '1 hour'")
    late = words(kim.get("/notices"))
    assert again.number in late and " Late " in late
    answered = client.post(
        f"/api/v1/shipments/{from_stock}/notice/answer", {"answer": "accepted", "reference": "997"},
        content_type="application/json", headers=bearer(KIM),
    )  # fmt: skip
    assert answered.json() == {"shipment_id": from_stock, "answer": "accepted", "is_late": True}
    assert "Accepted late" in words(kim.get(f"/shipments/{from_stock}/notice"))


def test_the_api_proves_prints_and_counts(gone, client):
    _, _, load, shipment = gone
    digest = photos.save(png()).digest
    today = datetime.now(UTC)

    def send(path: str, json: object):
        return client.post(f"/api/v1{path}", json, content_type="application/json", headers=bearer(GUS))

    def get(path: str):
        return client.get(f"/api/v1{path}", headers=bearer(GUS))

    assert get(f"/shipments/{shipment}/proof").status_code == 404
    body = {"outcome": "delivered", "received_by": "Nora", "happened_at": today.isoformat(), "signature": digest}
    assert send(f"/shipments/{shipment}/proof", body).status_code == 201
    assert send(f"/shipments/{shipment}/proof", body).json()["code"] == "wrong_state"
    found = get(f"/shipments/{shipment}/proof").json()
    assert (found["received_by"], found["is_whole"], found["not_taken_lines"]) == ("Nora", True, [])
    paper = send(f"/loads/{load}/papers", {"kind": "bill_of_lading"}).json()
    pdf = get(f"/papers/{paper['paper_id']}/pdf")
    assert pdf["Repr-Digest-Sha256"] == paper["sha256"] and pdf.content.startswith(b"%PDF")
    counted = get(f"/punctuality?since={today:%Y-%m-%d}&until={today:%Y-%m-%d}").json()
    assert (counted["delivered"], counted["refused"]) == (1, 0)
