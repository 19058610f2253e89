"""Freight on the options of a promise: what it would cost to send, for whoever may see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from tests.cast import KIM, MAY, bearer, signed_in

from flowrack.carriers.rules_rates import Break, Destination, Hazard, Lane, Parcel, Tariff
from flowrack.carriers.tests.house import carrier, in_force
from flowrack.platform import sql
from flowrack.promise.rules_freight import Freight, Packed, To, freight_of, parcels_of
from flowrack.promise.rules_options import Binding, Bound, Option, OptionKind, Part
from flowrack.promise.tests import given

D = Decimal
MON = date(2026, 3, 2)
BOLT = Packed(500, 12, 6_200, (300, 200, 100))
NORTH = Tariff(
    1, 1, 1, "North", "GROUND", "Ground", lanes=(Lane("1", country="GB"),), days={"1": 0},
    breaks={"1": (Break(5_000, D("6.40")), Break(30_000, D("9.00")))},
)  # fmt: skip
TO = To(Destination("GB", "LS1"), (), {1: "GB"})


def part(units: int, item_id: int = 1) -> Part:
    return Part(item_id, "BOLT", units, units, 1, "Main", units, (), MON, time(15), "", MON, Bound(Binding.STOCK), None)


def test_full_cases_travel_as_they_are_and_the_rest_in_one_parcel():
    assert parcels_of(30, BOLT) == [Parcel(6_200, (300, 200, 100))] * 2 + [Parcel(3_000)]
    assert parcels_of(24, BOLT) == [Parcel(6_200, (300, 200, 100))] * 2
    assert parcels_of(3, Packed(0)) is None
    assert parcels_of(10_000, BOLT) is None


def test_parts_add_up_and_what_cannot_be_priced_says_why():
    split = Option(OptionKind.SPLIT, (part(12), part(2)))
    assert freight_of(split, TO, {1: BOLT}, [NORTH]) == Freight(D("15.40"), "North, Ground")
    assert freight_of(split, TO, {1: Packed(0)}, [NORTH]).amount is None
    slow = replace(NORTH, service_id=2, name="Slow", days={"1": 3}, breaks={"1": (Break(30_000, D("1.00")),)})
    assert freight_of(split, TO, {1: BOLT}, [NORTH, slow]).words == "North, Ground"
    assert freight_of(split, TO, {1: BOLT}, [slow]) == Freight(D("2.00"), "North, Slow, 3 days after the promised one")
    hazard = Packed(500, hazards=(Hazard("3"),))
    assert freight_of(split, TO, {1: hazard}, [NORTH]) == Freight(None, "no carrier with a rate card takes 12 BOLT")


@pytest.mark.django_db
def test_the_card_shows_it_to_who_may_see_it_and_the_api_when_it_is_asked(client):
    given.house(100)
    sql.execute("UPDATE locations_site SET country = 'GB'")
    sql.execute("UPDATE parties_party SET country = 'GB' WHERE code = 'ACME'")
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, weight_g) SELECT id, 'each', 1, 100 FROM catalog_item"
        " WHERE sku = 'V-200' ON CONFLICT (item_id, level) DO UPDATE SET weight_g = 100"
    )
    carrier()
    in_force()
    url = "/promise?q=40+x+V-200+acme"
    page = signed_in(MAY).get(url).content.decode()
    assert "about" in page and "6.49" in page and "North Freight, Air service" in page
    assert "North Freight" not in signed_in(KIM).get(url).content.decode()
    body = {"customer": "ACME", "item": "V-200", "quantity": 40}
    said = {"content_type": "application/json"}
    plain = client.post("/api/v1/promises/ask", body, headers=bearer(MAY), **said).json()
    assert plain["freight"] == {}
    asked = client.post("/api/v1/promises/ask", body | {"with_freight": True}, headers=bearer(MAY), **said).json()
    assert asked["freight"]["one_day"] == {"amount": "6.49", "words": "North Freight, Air service"}
    refused = client.post("/api/v1/promises/ask", body | {"with_freight": True}, headers=bearer(KIM), **said)
    assert refused.status_code == 403
