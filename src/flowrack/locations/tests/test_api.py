"""Sites, zones and places are written through the API, under their ETag."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.cast import BO, PAM, RAY, bearer

pytestmark = pytest.mark.django_db(transaction=True)


def send(client: Client, method: str, url: str, body: object, *, who=PAM, etag: str = ""):
    headers = {**bearer(who), **({"If-Match": etag} if etag else {})}
    return getattr(client, method)(f"/api/v1{url}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_house_is_made_and_changed(client: Client) -> None:
    site = {"code": "LDN", "name": "London", "timezone": "Europe/London"}
    assert send(client, "post", "/sites", site, who=BO).status_code == 403
    made = send(client, "post", "/sites", site)
    assert made.status_code == 201, made.content
    site_id = made.json()["id"]
    got = client.get(f"/api/v1/sites/{site_id}", headers=bearer(RAY))
    assert (got.json()["name"], got["ETag"]) == ("London", '"1"')
    change = {"name": "Leeds", "timezone": "Europe/London"}
    assert send(client, "put", f"/sites/{site_id}", change).status_code == 428
    assert send(client, "put", f"/sites/{site_id}", change, etag='"1"').json()["version"] == 2
    assert send(client, "put", f"/sites/{site_id}", change, etag='"1"').json()["code"] == "stale"

    zone = send(client, "post", "/zones", {"site_id": site_id, "code": "R", "name": "Reserve", "role": "reserve"})
    assert zone.status_code == 201, zone.content
    zone_id = zone.json()["id"]
    wrong = send(client, "post", "/zones", {"site_id": site_id, "code": "R", "name": "Again", "role": "reserve"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "code_taken")
    moved = send(client, "put", f"/zones/{zone_id}", {"name": "Pick", "role": "forward_pick"}, etag='"1"')
    assert moved.json()["version"] == 2
    assert [z["role"] for z in client.get(f"/api/v1/sites/{site_id}/zones", headers=bearer(RAY)).json()] == [
        "forward_pick"
    ]

    pattern = {"aisles": "A", "bays": "1-3", "levels": "1", "code": "{aisle}{bay}"}
    built = send(client, "post", "/locations/build", {"zone_id": zone_id, "pattern": pattern})
    assert (built.status_code, built.json()["created"], built.json()["last"]) == (201, 3, "A3")
    page = client.get(f"/api/v1/sites/{site_id}/locations?limit=2", headers=bearer(RAY)).json()
    assert [row["code"] for row in page["locations"]] == ["A1", "A2"]
    place_id = page["locations"][0]["location_id"]
    body = {"pick_sequence": 9, "template": {"max_lpns": 2}, "blocked_reason": "Wet"}
    assert send(client, "put", f"/locations/{place_id}", body, etag='"1"').json()["version"] == 2
    place = client.get(f"/api/v1/locations/{place_id}", headers=bearer(RAY)).json()
    assert (place["pick_sequence"], place["max_lpns"], place["blocked_reason"]) == (9, 2, "Wet")


def test_each_kind_of_place_is_imported(client: Client) -> None:
    for kind, text in (
        ("sites", "Site,Name\nLDN,London\n"),
        ("zones", "Site,Zone,Name,Role\nLDN,R,Reserve,reserve\n"),
        ("locations", "Site,Bin,Zone\nLDN,R-1,R\n"),
    ):
        for dry in ("true", "false"):
            answer = client.post(
                f"/api/v1/imports/{kind}?filename=f.csv&dry_run={dry}", text.encode(), content_type="text/csv",
                headers=bearer(PAM),
            )  # fmt: skip
            assert (answer.status_code, answer.json()["created"]) == (200, 1), kind
