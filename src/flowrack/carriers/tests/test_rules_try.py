"""Whether a question about prices makes sense."""

from __future__ import annotations

import pytest
from tests.cast import CY, bearer, signed_in

from flowrack.carriers.rules_try import COUNTRIES, faults
from flowrack.carriers.tests.house import carrier, in_force
from flowrack.ledger.tests.house import house


@pytest.mark.parametrize(
    ("country", "hazard", "sides", "bad"),
    [
        ("GB", "", (0, 0, 0), []),
        (" gb ", "2.1", (300, 200, 100), []),
        ("United Kingdom", "", (0, 0, 0), ["country"]),
        ("Un", "zebra", (1_300, 400, 0), ["country", "hazard", "length_mm"]),
        ("XX", "9.9", (0, 0, 0), ["country", "hazard"]),
    ],
)
def test_what_does_not_exist_is_refused(country, hazard, sides, bad):
    assert [one.field for one in faults(country, hazard, sides)] == bad
    assert len(COUNTRIES) == 249


@pytest.mark.django_db
def test_page_and_api_price_no_place_that_does_not_exist(client):
    at = house()
    carrier()
    in_force()
    asked = {"site": at.site, "country": "United Kingdom", "parcels": 1, "weight_g": 2_000, "on": "2026-03-02"}
    page = signed_in(CY).get("/carrier-services/price", asked)
    assert page.status_code == 422 and "“United Kingdom” is no country code." in page.content.decode()
    assert signed_in(CY).get("/carrier-services/price", asked | {"country": "gb"}).status_code == 200
    body = {"site_id": at.site, "country": "XX", "weight_g": 2_000, "on": "2026-03-02"}
    told = client.post("/api/v1/parcel-prices", body, "application/json", headers=bearer(CY))
    assert told.status_code == 422 and "“XX” is no country code." in told.content.decode()
