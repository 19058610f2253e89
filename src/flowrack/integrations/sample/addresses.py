"""Addresses and numbers of the sample's customers: invented, and their streets say so. Towns and forms of postcodes are
those of the country, so that zones, surcharges and labels have something to read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flowrack.integrations.replay import rules
from flowrack.integrations.replay.house import House
from flowrack.integrations.replay.types import SimCustomer
from flowrack.integrations.sample import reads
from flowrack.parties.commands import import_addresses
from flowrack.platform.importing import ImportFile, Options, store_file
from flowrack.sales.commands_codes import import_customer_items

STREETS = ("Sample Street", "Example Road", "Specimen Lane", "Invented Way", "Pattern Row", "Pretend Square")
HEADER = ("party", "code", "name", "lines", "city", "postcode", "country", "is_default", "is_residential")
HOMES = 7  # one small customer in so many is a home
OWN_NUMBERS = 40  # items that the customers with numbers of their own call by them


class Towns(NamedTuple):
    """Towns of a country with the beginnings of their postcodes, and the form of the rest (n: a digit)."""

    towns: tuple[tuple[str, str], ...]
    rest: str


GB = Towns(
    (
        ("Leeds", "LS"), ("York", "YO"), ("Bristol", "BS"), ("Glasgow", "G"), ("Norwich", "NR"), ("Exeter", "EX"),
        ("Manchester", "M"), ("Cardiff", "CF"), ("London", "SE"), ("Inverness", "IV"), ("Belfast", "BT"),
        ("Nottingham", "NG"), ("Newcastle upon Tyne", "NE"), ("Reading", "RG"), ("Swansea", "SA"), ("Perth", "PH"),
    ),
    "n nZZ",
)  # fmt: skip
ABROAD = {
    "DE": Towns((("Hamburg", "20"), ("Köln", "50"), ("Leipzig", "04")), "nnn"),
    "FR": Towns((("Lyon", "69"), ("Nantes", "44"), ("Lille", "59")), "nnn"),
    "NL": Towns((("Utrecht", "35"), ("Rotterdam", "30")), "nn ZZ"),
    "BE": Towns((("Gent", "90"), ("Liège", "40")), "nn"),
    "ES": Towns((("Valencia", "46"), ("Sevilla", "41")), "nnn"),
    "SE": Towns((("Göteborg", "41"), ("Malmö", "21")), "n nn"),
    "IE": Towns((("Cork", "T12"), ("Dublin", "D08")), " ZnZn"),
    "CH": Towns((("Basel", "40"), ("Bern", "30")), "nn"),
    "IT": Towns((("Torino", "101"), ("Bologna", "401")), "nn"),
}
ELSEWHERE = Towns((("Sampleton", "1"),), "nnn")


def set_up(house: House, at: datetime) -> None:
    """Every customer with an account has an address, and the two largest call some items by numbers of their own."""
    known = [one for one in house.world.customers.values() if one.code != rules.ANONYMOUS]
    when = at - timedelta(days=51)
    rows = [_address(house.settings.seed, one) for one in known]
    asked = _file("addresses.csv", HEADER, rows)
    house.do(import_addresses, "data_steward", asked, key="live:addresses", at=when)
    largest = reads.largest_customers(2)
    items = sorted(house.world.items.values(), key=lambda item: (-item.units_in_all, item.sku))[:OWN_NUMBERS]
    numbers = [(code, f"{code}-{n:03}", item.sku) for code in largest for n, item in enumerate(items, 1)]
    asked = _file("customer-items.csv", ("customer", "code", "sku"), numbers)
    house.do(import_customer_items, "data_steward", asked, key="live:customer-items", at=when)
    house.tell()


def _file(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> ImportFile:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return ImportFile(store_file(text.getvalue().encode(), name), name, Options())


def _address(seed: int, one: SimCustomer) -> tuple[str, ...]:
    """The address of a customer, always the same for a seed."""

    def pick(what: str, among: int) -> int:
        return rules.throw(seed, one.code, f"address:{what}") % among

    country = GB if one.country == "GB" else ABROAD.get(one.country, ELSEWHERE)
    city, begins = country.towns[pick("town", len(country.towns))]
    postcode = begins + "".join(
        str(pick(f"digit {n}", 9) + 1) if sign == "n" else sign for n, sign in enumerate(country.rest)
    )
    street = f"{pick('number', 180) + 1} {STREETS[pick('street', len(STREETS))]}"
    is_home = one.tier == "C" and pick("home", HOMES) == 0
    return one.code, "MAIN", one.name, street, city, postcode, one.country, "yes", "yes" if is_home else "no"
