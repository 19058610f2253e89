"""The fields that a label may show, each with words and a sample: the names that its content may hold.

A kind has a field only where the stage that prints its labels fills it: a spec does not ask for what is always empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowrack.labels.types import Kind

GOODS = frozenset({Kind.CARTON, Kind.PALLET, Kind.SLIP})
ROW = "row."  # what is said of each line, in a table
FIELD = re.compile(r"\{([^{}]*)\}")
SAMPLE_ROWS = (1, 2)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: what it holds in words, a sample of usual length, and the kinds of labels that have it."""

    name: str
    words: str
    sample: str
    kinds: frozenset[str]


def _of(kinds: frozenset[str], *rows: tuple[str, str, str]) -> list[Field]:
    return [Field(name, words, sample, kinds) for name, words, sample in rows]


_ITEM = frozenset({Kind.CARTON, Kind.ITEM, Kind.RECEIPT})
_PLACE = frozenset({Kind.BIN, Kind.TOTE})
FIELDS: list[Field] = [
    *_of(frozenset({Kind.CARTON, Kind.PALLET}), ("sscc", "SSCC, 18 digits", "095200000000000011")),
    *_of(
        GOODS,
        ("order", "Our order", "SO-104711"),
        ("customer_order", "The customer's order", "PO-884422"),
        ("customer", "Customer", "Beacon Outdoor Supply Ltd"),
        ("customer_code", "Customer's code", "BEACON"),
        ("address_1", "Ship to, first line", "Dock 4, North Gate"),
        ("address_2", "Ship to, second line", "18 Harbour Road"),
        ("address_3", "Ship to, third line", "Unit 12"),
        ("city", "Town", "Portsmouth"),
        ("postcode", "Postcode", "PO1 3AX"),
        ("country", "Country", "GB"),
        ("units", "Units in it", "24"),
        ("weight_kg", "Weight in kg", "12.4"),
        ("carrier", "Carrier, when all in it goes with one", "Northline Parcels"),
        ("service", "Service of the carrier, when one was chosen", "Next day"),
    ),
    *_of(
        frozenset({Kind.CARTON, Kind.SLIP}),
        ("lines", "Different items in it", "2"),
        ("packed_on", "Day of packing", "2026-03-02"),
        ("due_on", "Day wanted", "2026-03-04"),
    ),
    *_of(
        frozenset({Kind.SLIP}),
        ("total", "Price of all of it", "1,284.60"),
        ("page", "Page", "1"),
        ("pages", "How many pages", "2"),
        ("row.line_no", "Of a line: its number in the order", "1"),
        ("row.sku", "Of a line: item", "4711"),
        ("row.name", "Of a line: item's name", "Hose 25 m, reinforced"),
        ("row.customer_item", "Of a line: customer's number of the item", "BC-55012"),
        ("row.gtin", "Of a line: GTIN", "09520123456788"),
        ("row.lot", "Of a line: lot", "L2611A"),
        ("row.expires_on", "Of a line: expiry", "2027-01-31"),
        ("row.carton_no", "Of a line: in which carton of the order", "1"),
        ("row.units", "Of a line: units", "24"),
        ("row.base_unit", "Of a line: unit that is counted", "EA"),
        ("row.instead_of", "Of a line: item that was ordered instead", ""),
        ("row.unit_price", "Of a line: price of a unit", "12.60"),
        ("row.price", "Of a line: price of all of it", "302.40"),
    ),
    *_of(
        frozenset({Kind.CARTON}),
        ("carton_no", "Which carton of the order", "2"),
        ("carton_type", "Carton type", "M"),
        ("content_1", "First line of the content", "12 × 4711 Hose 25 m"),
        ("content_2", "Second line of the content", "12 × 4712 Nozzle"),
        ("content_3", "Third line of the content", "4 × 4713 Reel"),
        ("content_4", "Fourth line of the content", ""),
        ("more", "What is not listed", "and 2 more lines"),
        ("customer_item", "Customer's number of the item, when there is one", "BC-55012"),
    ),
    *_of(
        frozenset({Kind.PALLET, Kind.SLIP}),
        ("cartons", "Cartons of it", "18"),
    ),
    *_of(
        _ITEM,
        ("sku", "Item, when there is one", "4711"),
        ("name", "Item's name, when there is one", "Hose 25 m, reinforced"),
        ("gtin", "GTIN of 14 digits, when there is one", "09520123456788"),
    ),
    *_of(
        frozenset({Kind.CARTON, Kind.RECEIPT}),
        ("lot", "Lot, when there is one", "L2611A"),
        ("expires_on", "Expiry as 2027-01-31", "2027-01-31"),
        ("expires_yymmdd", "Expiry as 270131, for (17)", "270131"),
    ),
    *_of(frozenset(Kind), ("site", "Site", "Main warehouse"), ("site_code", "Site's code", "MAIN")),
    *_of(_PLACE, ("code", "Code of the place or tote", "A-03-12-B")),
    *_of(
        frozenset({Kind.BIN}),
        ("zone", "Zone", "Forward pick"),
        ("aisle", "Aisle", "03"),
        ("bay", "Bay", "12"),
        ("level", "Level", "B"),
        ("slot", "Slot", "1"),
    ),
    *_of(frozenset({Kind.ITEM}), ("base_unit", "Unit that is counted", "EA")),
    *_of(
        frozenset({Kind.RECEIPT}),
        ("plate", "License plate", "095200000000000011"),
        ("units", "Units on it", "480"),
        ("supplier", "Supplier", "Hillside Polymers"),
        ("document", "Receipt", "RC-1001"),
        ("received_on", "Day of receipt", "2026-03-02"),
    ),
]
# The field that the label of a kind must carry as a barcode, so that a scanner knows what it is on.
MUST_SCAN = {
    Kind.CARTON: "(00){sscc}",
    Kind.PALLET: "(00){sscc}",
    Kind.TOTE: "{code}",
    Kind.BIN: "{code}",
    Kind.RECEIPT: "{plate}",
}


def fields_of(kind: str) -> list[Field]:
    """The fields of a kind of label, in order."""
    return [one for one in FIELDS if kind in one.kinds]


def samples_of(kind: str) -> dict[str, str]:
    """A sample for each field of a kind."""
    heads = {one.name: one.sample for one in fields_of(kind) if not one.name.startswith(ROW)}
    rows = [one for one in fields_of(kind) if one.name.startswith(ROW)]
    return heads | {f"{n}.{one.name.removeprefix(ROW)}": one.sample for n in SAMPLE_ROWS for one in rows}


def names_in(content: str) -> list[str]:
    """The fields that a content names."""
    return FIELD.findall(content)


_WITH_UNIT = re.compile(FIELD.pattern + r"( (?:kg|g|mm|cm|units|pcs)\b)?")


def filled(content: str, values: Mapping[str, str]) -> str:
    """The content with its fields filled in; one without a value is left empty, and so is the unit behind it."""

    def said(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        return value + (found[2] or "") if value else ""

    return _WITH_UNIT.sub(said, content).strip()


_PART = re.compile(r"\((\d{2,4})\)([^()]*)")


def filled_gs1(content: str, values: Mapping[str, str]) -> str:
    """The GS1 content with its fields filled in. An element whose field is empty is left out: a label without a lot."""
    kept = []
    for ai, data in _PART.findall(content):
        value = FIELD.sub(lambda found: values.get(found[1], "").replace("(", "\\("), data)
        if value.strip():
            kept.append(f"({ai}){value.strip()}")
    return "".join(kept)
