"""What an address lacks, and why a booked price is not the chosen one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowrack.carriers.rules_bookings import Chosen, Consignee, lacking, price_words
from flowrack.carriers.rules_live import Source
from flowrack.carriers.rules_rates import Destination, Parcel

LEEDS = Destination("GB", "LS1 4AP")
ONE = (Parcel(1_000),)


@pytest.mark.parametrize(
    ("total", "chosen", "parcels", "to", "words"),
    [
        (None, [Chosen(Decimal(5), Source.LIVE, ONE, LEEDS)], ONE, LEEDS, "the carrier named no price"),
        (Decimal(5), [Chosen(Decimal("5.00"), Source.LIVE, ONE, LEEDS)], ONE, LEEDS, ""),
        (Decimal(6), [], ONE, LEEDS, ""),
        (Decimal(6), [Chosen(Decimal(0), Source.CARD, ONE, LEEDS, "A7")], ONE, LEEDS,
         "the customer pays the carrier himself"),
        (Decimal(6), [Chosen(Decimal(5), Source.LIVE, ONE, LEEDS)], (*ONE, Parcel(2_500)), LEEDS,
         "booked 2 parcels of 3.5 kg, chosen for 1 parcel of 1.0 kg"),
        (Decimal(9), [Chosen(Decimal(5), Source.LIVE, ONE, LEEDS)] * 2, ONE * 2, LEEDS,
         "chosen as 2 shipments, booked as one"),
        (Decimal(6), [Chosen(Decimal(5), Source.LIVE, ONE, LEEDS)], ONE, Destination("GB", "YO1 7HH"),
         "the address is another than when it was chosen"),
        (Decimal(6), [Chosen(Decimal(5), Source.LIVE, ONE, LEEDS)], ONE, LEEDS,
         "the carrier asks another price than when it was chosen"),
        (Decimal(6), [Chosen(Decimal(5), Source.FALLBACK, ONE, LEEDS)], ONE, LEEDS,
         "the carrier asks another price than his rate card says"),
    ],
    ids=["none", "same", "unchosen", "his_account", "parcels", "two_choices", "address", "live", "card"],
)  # fmt: skip
def test_another_price_has_one_reason(total, chosen, parcels, to, words):
    assert price_words(total, chosen, parcels, to) == words


@pytest.mark.parametrize(
    ("lines", "city", "to", "lacks"),
    [
        (("1 Mill Lane",), "Leeds", LEEDS, []),
        ((), " ", Destination(""), ["a street", "a town", "a country", "a postcode"]),
        (("1 Pier Road",), "Hong Kong", Destination("HK"), []),
    ],
    ids=["whole", "nothing", "without_postcodes"],
)
def test_a_carrier_needs_street_town_country_and_a_postcode_where_there_are_any(lines, city, to, lacks):
    assert lacking(Consignee("ACME", lines, city, to)) == lacks
