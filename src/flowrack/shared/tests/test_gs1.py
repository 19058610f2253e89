"""GS1 parsing against GS1's own test vectors, and the scans of the floor."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.shared import gs1
from flowrack.shared.gs1 import BadCheckDigit, BadCode, Gs1Scan, check_digit, make_sscc, parse
from flowrack.shared.gs1_dictionary import check, faults

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


# The rows that the vectors' extraction tore: the C source continues each string on its next line.
TORN = {("csumalpha", "1234567890" * 5), ("csumalpha", "z" * 50)}
# What only GS1's own service can know: whether a company prefix was given out.
NOT_JUDGED = {"gcppos1", "gcppos2"}


def linter_rows() -> list[list[str]]:
    """(linter, value, "true" or "false") of each row; values may be control characters, a bare return among them."""
    text = (VECTORS / "linter_vectors.csv").read_bytes().decode().replace(",\r,", ',"\r",')
    return [row[:3] for row in list(csv.reader(io.StringIO(text, newline="")))[1:]]


@needs_vectors
def test_every_linter_vector():
    found = linter_rows()
    wrong = [row for row in found if check(row[0], row[1]) is not (row[2] == "true")]
    assert len(found) == 1_483
    assert {(name, value) for name, value, _ in wrong if name not in NOT_JUDGED} == TORN
    assert sum(name in NOT_JUDGED for name, _, _ in found) == 4


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
    assert "its other digits give 8" in refusal.value.message
    with pytest.raises(BadCheckDigit):
        parse("(00)006141411234567891")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("(01)09520123456788(17)270229", "(17) has 270229: no date."),
        ("]C1010952012345678817270229", "(17) has 270229: no date."),
        ("(01)09520123456788(11)261301", "(11) has 261301: no date."),
        ("(01)09520123456788(3912)0001234", "(3912) has 000: no currency."),
        ("(01)09520123456788(422)999", "(422) has 999: no country."),
        ("(00)006141411234567890(4321)2", "(4321) has 2: a character that it cannot have."),
        ("]C1891234", "“8912” is no application identifier."),
    ],
)
def test_what_a_label_cannot_say_is_refused_in_a_sentence(code, reason):
    with pytest.raises(BadCode) as refusal:
        parse(code)
    assert refusal.value.message == f"This GS1 label cannot be right: {reason}"


def test_the_dictionary_knows_the_parts_of_each_identifier():
    assert faults("8006", "123123123123330305") == ""
    assert faults("8006", "123123123123330503") == "(8006) has 0503: no piece of a total."
    assert faults("17", "2702280") == "(17) is too long, or the separator after it is missing."
    assert faults("17", "27022") == "(17) is too short."
    assert faults("89", "1") == "(89) is no application identifier."
    assert not check("unheard-of", "1")


def test_digits_without_a_check_digit_may_be_a_lot():
    assert gs1.parse_or_number("20261101") == Gs1Scan(raw="20261101")
    assert gs1.parse_or_number("96385074").gtin == "00000096385074"
    with pytest.raises(BadCheckDigit):
        gs1.parse_or_number("(01)09520123456789")


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
