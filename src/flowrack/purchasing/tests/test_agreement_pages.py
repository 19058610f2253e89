import json
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from tests.cast import BO, DI, ED, EVE, bearer, ctx, signed_in
from tests.supply import house, item, supplier

from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.queries_agreements import content_of
from flowrack.purchasing.tests.agreed import prices
from flowrack.purchasing.types import CreatePo, NewPo, NewPoLine
from flowrack.purchasing.types_agreements import AgreedLine
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
GRID = ("item", "family", "from_units", "unit_cost", "starts_on", "moq", "multiple", "lead_time_days", "over_pct")


def grid(*rows):
    return {f"grid-{name}": [row.get(name, "") for row in rows] for name in GRID}


def test_a_buyer_writes_an_agreement_and_a_manager_approves_it():
    here, seller, hose = house(), supplier("OSTLER"), item("HOSE")
    browser = signed_in(DI)
    form = {
        "supplier": "OSTLER", "site": "", "valid_from": "2026-01-01", "min_value": "5000", "min_weight": "1.5",
        "order_weekdays": "Tue, thursday", "closed_days": "2026-12-24, 2026-12-25", "idempotency_key": "a",
        **grid({"item": "HOSE", "from_units": "1", "unit_cost": "4", "moq": "10", "over_pct": "2.5"},
               {"item": "HOSE", "from_units": "100", "unit_cost": "3.60"}),
    }  # fmt: skip
    wrong = browser.post(
        "/supplier-agreements/new",
        {
            **form,
            "closed_days": "Christmas",
            "delivery_weekdays": "Funday",
            **grid({"item": "NONE", "unit_cost": "x"}, {"from_units": "5"}),
        },
    )
    assert wrong.status_code == 422
    for sentence in (
        "“Christmas” is no day",
        "“Funday” is no weekday",
        "“NONE” is not one item",
        "“x” cannot be read",
        "The price is missing",
    ):
        assert sentence in wrong.content.decode(), sentence
    saved = browser.post("/supplier-agreements/new", form)
    url = saved.headers["Location"]
    key = int(url.rsplit("/", 1)[1])
    found = content_of(key)
    assert (found.terms.min_value, found.terms.min_weight_g, found.terms.order_weekdays) == (5000, 1500, [2, 4])
    assert found.terms.closed_days == [date(2026, 12, 24), date(2026, 12, 25)]
    first = date(2026, 1, 1)
    assert found.lines == [
        AgreedLine(hose, prices=prices((1, "4", first), (100, "3.6", first)), moq=Units(10), over_pct=Decimal("2.5"))
    ]
    assert browser.post(f"{url}/approve", {"idempotency_key": "b", "revision": "1"}).status_code == 403
    change = browser.get(f"{url}/change").content.decode()
    assert "Save draft" in change and 'value="Tue Thu"' in change and 'value="2.5"' in change
    assert signed_in(ED).post(f"{url}/approve", {"idempotency_key": "c", "revision": "1"}).status_code == 303
    page = signed_in(BO).get(url).content.decode()
    assert "In force" in page and "Tue Thu" in page and "3.6000" in page
    assert "AG-" in signed_in(BO).get("/supplier-agreements?phase=in_force").content.decode()
    assert signed_in(EVE).get(url).status_code == 403
    po = purchasing.create_po(
        ctx(DI), CreatePo([NewPo(seller, here.site, [NewPoLine(hose, Units(100), Decimal("3.78"))])])
    ).pos[0]
    order = browser.get(f"/purchase-orders/{po.po_id}").content.decode()
    assert "agreed 3.6, +5.0 %" in order and "3.78: typed, 5.0 % above" in order


def test_the_api_writes_revises_and_ends_an_agreement():
    house()
    seller, hose = supplier(), item("HOSE")

    def send(person, method, path, body):
        call = getattr(Client(), method)
        return call(f"/api/v1{path}", json.dumps(body), "application/json", headers=bearer(person))

    body = {"supplier_id": seller, "valid_from": "2026-01-01", "terms": {"min_value": "900"},
            "lines": [{"item_id": hose, "prices": [{"unit_cost": "4"}]}]}  # fmt: skip
    made = send(DI, "post", "/supplier-agreements", body).json()
    assert (made["version"], made["state"]) == (1, "draft")
    at = f"/supplier-agreements/{made['agreement_id']}"
    assert send(DI, "put", at, {"revision": 1, "content": {**body, "reference": "F-7"}}).json()["revision"] == 2
    assert send(DI, "post", f"{at}/approve", {"revision": 2}).status_code == 403
    assert send(ED, "post", f"{at}/approve", {"revision": 2}).json()["state"] == "active"
    assert send(DI, "post", f"{at}/revise", {"valid_from": "2026-06-01"}).json()["version"] == 2
    assert send(ED, "post", f"{at}/end", {"reason": "moved", "last_day": "2026-05-31"}).status_code == 200
    read = Client().get(f"/api/v1{at}", headers=bearer(BO)).json()
    assert (read["head"]["valid_to"], read["content"]["reference"]) == ("2026-05-31", "F-7")
    assert read["content"]["lines"][0]["prices"] == [
        {"from_units": 1, "unit_cost": "4.000000", "starts_on": "2026-01-01"}
    ]
    rows = Client().get(f"/api/v1/supplier-agreements?supplier_id={seller}", headers=bearer(BO)).json()
    assert [row["version"] for row in rows["items"]] == [2, 1]
