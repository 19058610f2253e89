import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from flowrack.promise.rules_read import Spoken, read_line, read_quantity

WED = date(2026, 5, 13)
PACKS = frozenset({"case", "pallet"})


def read(text: str) -> Spoken | None:
    return read_line(text, today=WED, packs=PACKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("40 x 4711 fri acme", Spoken(Decimal(40), "", "4711", date(2026, 5, 15), "acme")),
        ("40x4711", Spoken(Decimal(40), "", "4711", None, "")),
        ("40 4711", Spoken(Decimal(40), "", "4711", None, "")),
        ("1,200 V-200 orchard gate asap", Spoken(Decimal(1200), "", "V-200", None, "orchard gate")),
        ("2 cases V-200 for Acme by 15 may", Spoken(Decimal(2), "case", "V-200", date(2026, 5, 15), "Acme")),
        ("3 pallets of V-200 tomorrow", Spoken(Decimal(3), "pallet", "V-200", date(2026, 5, 14), "")),
        ("5 x A acme may 2", Spoken(Decimal(5), "", "A", date(2027, 5, 2), "acme")),
        ("5 x A in 3 days acme", Spoken(Decimal(5), "", "A", date(2026, 5, 16), "acme")),
        ("5 x A wed", Spoken(Decimal(5), "", "A", date(2026, 5, 20), "")),
        ("5 x A 2026-06-01 acme", Spoken(Decimal(5), "", "A", date(2026, 6, 1), "acme")),
        ("-3 x A", Spoken(Decimal(-3), "", "A", None, "")),
        ("2.5 x A", Spoken(Decimal("2.5"), "", "A", None, "")),
        ("5 x A yesterday", Spoken(Decimal(5), "", "A", date(2026, 5, 12), "")),
        ("5 x A 1st june acme", Spoken(Decimal(5), "", "A", date(2026, 6, 1), "acme")),
        ("5 x A 31 feb acme", Spoken(Decimal(5), "", "A", None, "acme", "31 feb")),
        ("5 x A acme feb 31", Spoken(Decimal(5), "", "A", None, "acme", "feb 31")),
        ("5 x A 2026-02-30", Spoken(Decimal(5), "", "A", None, "", "2026-02-30")),
        ("5 x A 15 jan 2027 acme", Spoken(Decimal(5), "", "A", date(2027, 1, 15), "acme")),
        ("5 x A acme jan 15 2027", Spoken(Decimal(5), "", "A", date(2027, 1, 15), "acme")),
        ("5 x A 15. January, 2031 17688", Spoken(Decimal(5), "", "A", date(2031, 1, 15), "17688")),
        ("5 x A 15.01.2027 acme", Spoken(Decimal(5), "", "A", date(2027, 1, 15), "acme")),
        ("5 x A 31 feb 2027 acme", Spoken(Decimal(5), "", "A", None, "acme", "31 feb 2027")),
        ("5 x A 31.02.2027", Spoken(Decimal(5), "", "A", None, "", "31.02.2027")),
        ("5 x A 15 may 15984", Spoken(Decimal(5), "", "A", date(2026, 5, 15), "15984")),
        ("5 x A mayfair 2", Spoken(Decimal(5), "", "A", None, "mayfair 2")),
    ],
)
def test_a_line_is_read_as_people_write_it(text, said):
    assert read(text) == replace(said, typed=re.match(r"-?[\d.,]+", text)[0])


def test_a_quantity_may_stand_alone():
    assert [read_quantity(text) for text in ("40", "1,200", "0", "-3", "40 4711", "9" * 14)] == [
        40, 1200, 0, 0, 0, 0,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "40", "acme", "x 4711", "PO-1001", "forty x 4711", "40 x"])
def test_what_is_no_question_is_none(text):
    assert read(text) is None
