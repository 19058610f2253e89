"""GS1 parsing against GS1's own test vectors, and the scans of the floor."""

from __future__ import annotations

import contextlib
import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.shared import gs1
from flowrack.shared.gs1 import BadCheckDigit, BadCode, Gs1Scan, check_digit, make_sscc, parse

VECTORS = Path(__file__).resolve().parents[5] / "shared" / "data" / "gs1"
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="GS1's test vectors are not part of the repository; put them into ../shared/data/gs1"
)

# Elements whose length is fixed by their first two digits: no separator follows them.
FIXED = {*(f"{n:02d}" for n in (*range(5), *range(11, 21), *range(31, 37))), "41"}

# The engine that the vectors come from has options; these rows show the strict setting of one of them, while the
# same address is valid under the other. A scanner must read both, so we read them.
LENIENT = {
    "HtTp://a/b/00/006141411234567890": "a scheme is case-insensitive (RFC 3986)",
    "https://a/gtin/12312312312333": "short names allowed; the next row says true",
    "https://a/01/2112345678900": "GTIN-13 in a link; other rows say true",
    "https://a/01/416000336108": "GTIN-12 in a link",
    "https://a/01/02345673": "GTIN-8 in a link",
}
# The other way round: unknown numeric keys are refused; the row before says false.
STRICT = {"https://example.com/01/09520123456788?99=XYZ&89=ABC123": "89 is no application identifier"}


def rows(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unbracketed(scan: Gs1Scan) -> str:
    text = "^"
    for at, (ai, value) in enumerate(scan.elements):
        last = at == len(scan.elements) - 1
        text += ai + value + ("" if last or ai[:2] in FIXED else "^")
    return text


def read(row: dict[str, str]) -> Gs1Scan:
    if row["form"] == "bracketed":
        return parse(row["input"])
    if not row["input"].startswith("^"):
        raise BadCode("no FNC1 in front")
    return parse(row["input"].replace("^", "\x1d"))


@needs_vectors
def test_every_element_string_vector():
    checked = 0
    for row in rows("ai_vectors.csv"):
        try:
            scan = read(row)
        except BadCode:
            scan = None
        good = scan is not None and scan.kind == "elements"
        assert good is (row["valid"] == "true"), row
        if good and row["expected_unbracketed"]:
            assert unbracketed(scan) == row["expected_unbracketed"], row
        checked += 1
    assert checked == 106


@needs_vectors
def test_every_digital_link_vector():
    checked = 0
    for row in rows("digital_link_vectors.csv"):
        try:
            scan = parse(row["uri"])
        except BadCode:
            scan = None
        good = scan is not None and scan.kind == "link"
        if row["valid"] == "false" and row["uri"] in LENIENT:
            assert good, row
        elif row["valid"] == "true" and row["uri"] in STRICT:
            assert not good, row
        else:
            assert good is (row["valid"] == "true"), row
        if good and row["valid"] == "true":
            assert unbracketed(scan) == row["expected_unbracketed"], row
        checked += 1
    assert checked == 83


@needs_vectors
def test_every_check_digit_vector():
    found = [row for row in rows("linter_vectors.csv") if row["linter"] == "csum"]
    assert len(found) == 14
    for row in found:
        assert gs1.has_good_check_digit(row["value"]) is (row["valid"] == "true"), row


@pytest.mark.parametrize(
    "code",
    [
        "]C1010952012345678817270331104711\x1d3712",
        "]d2010952012345678817270331104711{GS}3712",
        "]Q3010952012345678817270331104711~3712",
        "010952012345678817270331104711|3712",
        "\x1d010952012345678817270331104711\x1d3712",
        "(01)09520123456788(17)270331(10)4711(37)12",
    ],
)
def test_a_case_label_in_every_form(code):
    scan = parse(code)
    assert (scan.gtin, scan.lot, scan.count) == ("09520123456788", "4711", 12)
    assert scan.expires_on == date(2027, 3, 31)


def test_day_zero_is_the_last_day_of_the_month():
    assert parse("(01)09520123456788(17)280200").expires_on == date(2028, 2, 29)


def test_a_variable_weight_and_its_quantity():
    scan = parse("(01)09520123456788(3103)000195(30)7")
    assert (scan.weight, scan.quantity) == (Decimal("0.195"), 7)


def test_plain_gtins_of_each_length_and_an_sscc():
    assert parse("96385074").gtin == "00000096385074"
    assert parse("416000336108").gtin == "00416000336108"
    assert parse("]E09520123456788").gtin == "09520123456788"
    assert parse("9520123456788").codes == ["09520123456788", "9520123456788"]
    assert parse("006141411234567890").sscc == "006141411234567890"
    assert parse("00006141411234567890").sscc == "006141411234567890"


def test_a_wrong_check_digit_is_refused_with_the_right_one():
    with pytest.raises(BadCheckDigit) as refusal:
        parse("9520123456789")
    assert refusal.value.details["expected"] == "8"
    assert "must be 8" in refusal.value.message
    with pytest.raises(BadCheckDigit):
        parse("(00)006141411234567891")


@pytest.mark.parametrize("code", ["A-03-4", "SO-5203", "4711", "https://example.com/help", "", "T-03", "85123A"])
def test_what_is_not_gs1_is_left_alone(code):
    assert parse(code) == Gs1Scan(raw=code)


@pytest.mark.parametrize("code", ["]C1", "\x1d", "(01)123", "(01", "]C1017", "(10)"])
def test_a_broken_label_is_refused_in_words(code):
    with pytest.raises(BadCode) as refusal:
        parse(code)
    assert refusal.value.fix


@given(st.integers(0, 9), st.text("0123456789", min_size=7, max_size=10), st.integers(0, 999_999))
def test_an_sscc_made_here_is_read_back(extension, prefix, serial):
    sscc = make_sscc(extension, prefix, serial)
    assert len(sscc) == 18
    assert parse(f"(00){sscc}").sscc == sscc
    assert parse(sscc).sscc == sscc


def test_an_sscc_that_cannot_be_is_refused():
    for extension, prefix, serial in ((10, "9520123", 1), (0, "x", 1), (0, "9520123", 10**9)):
        with pytest.raises(BadCode):
            make_sscc(extension, prefix, serial)


@given(st.text("0123456789", min_size=7, max_size=17))
def test_changing_one_digit_is_always_noticed(digits):
    number = digits + check_digit(digits)
    for at in range(len(number)):
        changed = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert not gs1.has_good_check_digit(changed)


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_otherwise(text):
    with contextlib.suppress(BadCode):
        parse(text)
