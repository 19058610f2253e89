"""Companies, addresses and supplier items are written through the API."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.cast import BO, PAM, RAY, bearer

from flowrack.ledger.tests.house import item

pytestmark = pytest.mark.django_db(transaction=True)


def send(client: Client, method: str, url: str, body: object, *, who=PAM, etag: str = ""):
    headers = {**bearer(who), **({"If-Match": etag} if etag else {})}
    return getattr(client, method)(f"/api/v1{url}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_company_lives_through_the_api(client: Client) -> None:
    body = {"code": "ACME", "party": {"name": "Acme", "supplier": {"lead_time_days": 9}}}
    assert send(client, "post", "/parties", body, who=BO).status_code == 403
    made = send(client, "post", "/parties", body)
    assert made.status_code == 201, made.content
    party_id = made.json()["party_id"]
    got = client.get(f"/api/v1/parties/{party_id}", headers=bearer(RAY))
    assert (got.json()["party"]["supplier"]["lead_time_days"], got["ETag"]) == (9, '"1"')
    change = {"party": {"name": "Acme Ltd", "supplier": {"lead_time_days": 3}}}
    assert send(client, "put", f"/parties/{party_id}", change).status_code == 428
    assert send(client, "put", f"/parties/{party_id}", change, etag='"1"').json()["version"] == 2
    assert send(client, "put", f"/parties/{party_id}", change, etag='"1"').json()["code"] == "stale"

    address = {"party_id": party_id, "code": "A", "name": "Dock", "city": "Leeds"}
    assert send(client, "put", "/addresses", address).json()["version"] == 3
    found = client.get(f"/api/v1/parties/{party_id}/addresses", headers=bearer(RAY)).json()
    assert [(a["code"], a["city"]) for a in found] == [("A", "Leeds")]
    sold = {"supplier_id": party_id, "item_id": item("MUG"), "unit_cost": "1.25"}
    assert send(client, "put", "/supplier-items", sold).json()["version"] == 4
    wrong = send(client, "put", "/supplier-items", {**sold, "moq": 0})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "moq")


def test_each_kind_of_company_is_imported(client: Client) -> None:
    item("MUG")
    for kind, text in (
        ("suppliers", "Code,Name\nACME,Acme\n"),
        ("customers", "Code,Name\nSHOP,Shop\n"),
        ("carriers", "Code,Name\nFAST,Fast\n"),
        ("owners", "Code,Name\nTHEM,Them\n"),
        ("addresses", "Party,Address code,Name\nSHOP,1,Front\n"),
        ("supplier-items", "Supplier,SKU,Cost\nACME,MUG,1.25\n"),
    ):
        for dry in ("true", "false"):
            answer = client.post(
                f"/api/v1/imports/{kind}?filename=f.csv&dry_run={dry}", text.encode(), content_type="text/csv",
                headers=bearer(PAM),
            )  # fmt: skip
            assert (answer.status_code, answer.json()["created"]) == (200, 1), kind
