"""What parcels would cost, and the services as they are: by page and by API."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import CY, EVE, bearer, signed_in

from flowrack.carriers.tests.house import CARD, GROUND, carrier, d, draft, in_force
from flowrack.carriers.types import CardRateOf
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def site() -> int:
    found: int = sql.fetch_value(
        "INSERT INTO locations_site (code, name, country) VALUES ('KW1', 'Keele', 'GB') RETURNING id"
    )
    return found


ASKED = {"country": "GB", "postcode": "LS1 4AP", "on": "2026-03-02", "weight_g": 7_000, "parcels": 2}


def test_every_service_is_priced_or_says_why_not(client):
    carrier()
    in_force()
    asked = ASKED | {"site_id": site(), "hazard": "2.1", "is_limited": True}
    post = {"content_type": "application/json"}
    ground, air = client.post("/api/v1/parcel-prices", asked, headers=bearer(CY), **post).json()
    assert (ground["name"], Decimal(ground["price"]), ground["billable_g"], ground["arrives_on"]) == (
        "Ground service", d("16.50"), 14_000, "2026-03-03",
    )  # fmt: skip
    assert ground["parts"] == "7 kg 7.50, 7 kg 7.50, fuel 10 % 1.50"
    assert (air["price"], air["why"]) == (None, "does not take class 2.1 LQ by air (parcel 1)")
    refused = client.post("/api/v1/parcel-prices", asked | {"site_id": 999_999}, headers=bearer(CY), **post)
    assert refused.status_code == 404


def test_a_draft_may_be_tried_before_it_is_approved():
    carrier()
    in_force()
    draft(replace(CARD, services=[replace(GROUND, rates=[CardRateOf("1", 30_000, d("2"))])], lanes=CARD.lanes[:1]))
    asked = ASKED | {"site": site()}
    browser = signed_in(CY)
    page = browser.get("/carrier-services/price", asked).content.decode()
    assert "16.50" in page and "Air service" in page
    page = browser.get("/carrier-services/price", asked | {"drafts": "on"}).content.decode()
    assert "4.40" in page and "Air service" not in page and ">v2<" in page
    assert browser.get("/carrier-services/price", asked | {"weight_g": "0"}).status_code == 422


def test_services_and_cards_are_listed():
    carrier()
    in_force()
    browser = signed_in(CY)
    page = browser.get("/carrier-services").content.decode()
    assert "2.1 LQ, 3" in page and "Mo Tu We Th Fr" in page and ">v1<" in page
    card = browser.get(f"/rate-cards/{sql.fetch_value('SELECT id FROM carriers_ratecard')}").content.decode()
    assert "Mo Tu We Th Fr" in card and "12345" not in card and f">{CARD.fuels[0].from_on}<" not in card
    page = browser.get("/rate-cards").content.decode()
    assert "Oz Controller" in page and "New rate card" not in page
    assert signed_in(EVE).get("/rate-cards").status_code == 403
