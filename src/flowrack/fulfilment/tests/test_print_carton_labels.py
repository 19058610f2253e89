"""print_carton_labels: by the customer's spec, counted, and never for what was not proved."""

from __future__ import annotations

import pytest
from tests.cast import CY, GUS, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_labels, queries_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import AlreadyPacked, UnpackCarton
from flowrack.fulfilment.types_packing import CartonNotFound, PrintCartonLabels, WeighCarton, WeightOff
from flowrack.labels import drawing
from flowrack.labels.rules_fields import fields_of
from flowrack.labels.rules_layout import Bars, Matrix, Words
from flowrack.labels.tests.printer import print_out
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_label_says_what_is_in_the_carton_and_its_sscc_scans(client):
    at = packing.staged()
    carton = packing.packed(at.order)
    [first] = commands.print_carton_labels(ctx(GUS, "k"), PrintCartonLabels([carton.carton_id])).prints
    assert (first.sscc, first.spec, first.copy_of, first.is_scanned) == (carton.sscc, "HOUSE-CARTON", 1, False)
    assert commands.print_carton_labels(ctx(GUS, "k"), PrintCartonLabels([carton.carton_id])).prints == [first]
    zpl = client.get(f"/api/v1/label-prints/{first.print_id}/label.zpl", headers=bearer(GUS)).content.decode()
    paper = print_out(zpl)
    assert paper.scanned() == [(f"(00){carton.sscc}", "]C1")]
    words = [text for *_, text in paper.texts]
    assert f"Order {at.order.number}" in words and "ACME Ltd" in words
    assert any(text.startswith("6 × 4711") for text in words) and any(text.startswith("2 × 6024") for text in words)
    assert queries_packing.cartons_now([carton.carton_id])[carton.carton_id].is_labelled


def test_every_field_that_a_spec_may_name_is_filled_and_no_other():
    at = packing.staged()
    sql.execute("UPDATE sales_order SET reference = 'PO-1' WHERE id = %s", (at.order.order_id,))
    sql.execute(
        """
        INSERT INTO sales_customeritem (customer_id, code, item_id)
        SELECT o.customer_id, 'HOSE-1', %s FROM sales_order o WHERE o.id = %s
        """,
        (at.items[0], at.order.order_id),
    )
    first, second = (line for (line,) in sql.fetch_all("SELECT id FROM sales_orderline ORDER BY id"))
    one = packing.packed(at.order, units={first: 6}).carton_id
    two = packing.packed(at.order, units={second: 2}).carton_id
    found = queries_labels.label_values([one, two])
    due = sql.fetch_value("SELECT requested_on::text FROM sales_order WHERE id = %s", (at.order.order_id,))
    assert (found[one].values["customer_item"], found[one].values["due_on"]) == ("HOSE-1", due)
    assert "customer_item" not in found[two].values
    known = {field.name for field in fields_of("carton")}
    may_be_empty = {"carrier", "service", "weight_kg", "lot", "expires_on", "expires_yymmdd", "gtin", "more"}
    may_be_empty |= {name for name in known if name.startswith(("content_", "address_"))} | {
        "city",
        "postcode",
        "country",
    }
    assert set(found[one].values) <= known
    assert known - set(found[one].values) <= may_be_empty


def test_the_customers_own_spec_is_taken_and_page_and_api_reprint(client):
    at = packing.staged()
    packing.asks_for_scans()
    carton = packing.packed(at.order).carton_id
    sent = client.post("/api/v1/carton-labels", {"carton_ids": [carton]}, "application/json", headers=bearer(GUS))
    assert (sent.json()["prints"][0]["spec"], sent.json()["prints"][0]["is_scanned"]) == ("ACME-CARTON", True)
    assert not queries_packing.cartons_now([carton])[carton].is_labelled
    browser = signed_in(GUS)
    assert browser.post(f"/cartons/{carton}/print").status_code == 303
    assert [row.copy_of for row in queries_packing.prints_of(carton)] == [2, 1]
    assert "Reprint" in browser.get(f"/cartons/{carton}").content.decode()
    assert browser.get(f"/cartons/{carton}/label.pdf").content.startswith(b"%PDF")


def test_no_label_before_the_weight_or_for_an_opened_carton(monkeypatch):
    at = packing.staged()
    packing.rule(must_weigh=True)
    carton = packing.packed(at.order).carton_id
    req = PrintCartonLabels([carton])
    with pytest.raises(WeightOff, match="was not weighed"):
        commands.print_carton_labels(ctx(GUS), req)
    with pytest.raises(NotPermitted):
        commands.print_carton_labels(ctx(CY), req)
    with pytest.raises(CartonNotFound):
        commands.print_carton_labels(ctx(GUS), PrintCartonLabels([carton, carton + 99]))
    seen: list[object] = []
    real = drawing.pages
    monkeypatch.setattr(drawing, "pages", lambda *a, **more: seen.append((a[0], more)) or real(*a, **more))
    assert signed_in(GUS).get(f"/cartons/{carton}/label.pdf").content.startswith(b"%PDF")
    [([drawn], more)] = seen
    assert any(isinstance(one, Words) for one in drawn) and not any(isinstance(one, Bars | Matrix) for one in drawn)
    assert more["mark"] == "NOT PRINTED", "what was not proved gets no label that a scanner reads"
    commands.weigh_carton(ctx(GUS), WeighCarton(carton, 2_300))
    commands.print_carton_labels(ctx(GUS), req)
    commands.weigh_carton(ctx(GUS), WeighCarton(carton, 9_999))
    seen.clear()
    assert signed_in(GUS).get(f"/cartons/{carton}/label.pdf").status_code == 200
    assert seen[0][1]["mark"] == "NOT PRINTED", "it had a label, and is off since"
    commands.unpack_carton(ctx(GUS), UnpackCarton(carton))
    with pytest.raises(AlreadyPacked):
        commands.print_carton_labels(ctx(GUS), req)
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint") == 1
