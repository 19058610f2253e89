"""GS1 codes: from what a scanner types to GTIN, SSCC, lot, expiry, serial and quantities.

`parse` understands GTIN-8/12/13/14, SSCC, element strings (FNC1 as 0x1D or a stand-in, symbology prefixes), the
bracket form "(01)..(10).." and Digital Link addresses. What is none of these comes back as kind "other": a bin, a
document or an in-house code. A code that is plainly GS1 but wrong is refused with the reason; a wrong check digit
with the digit that is expected. The library biip splits and types the elements; gs1_dictionary.py judges the data of
each, since biip lets some pass (docs/concepts/gs1.md lists what). tests/test_gs1.py runs GS1's own vectors; the parser
of the scan app, static/js/gs1.js, answers the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString

from flowrack.shared.errors import Invalid
from flowrack.shared.gs1_dictionary import dictionary, faults

FNC1 = "\x1d"
STAND_INS = ("{GS}", "<GS>", "~", "|", "␝")
SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0", "]J1")
PLAIN_PREFIXES = ("]E0", "]E4", "]C0", "]A0", "]I1", "]I0", "]Q1", "]d1", "]Q0", "]d0", "]Q4")
GTIN_LENGTHS = (8, 12, 13, 14)
SSCC_LENGTH = 18

SHORT_NAMES = {
    "gtin": "01", "sscc": "00", "gln": "414", "itip": "8006", "cpv": "22", "lot": "10", "ser": "21", "gdti": "253",
    "grai": "8003", "giai": "8004", "ginc": "401", "gsin": "402", "gcn": "255", "exp": "17",
}  # fmt: skip
GTIN_QUALIFIERS = ("22", "10", "21", "235")
NAMES = {"00": "SSCC", "01": "GTIN", "02": "GTIN", "03": "GTIN"}


class BadCode(Invalid):
    """A GS1 code that cannot be right."""

    code = "bad_code"


class BadCheckDigit(BadCode):
    """A GTIN or SSCC whose last digit does not fit the others; `details["expected"]` is the digit that does."""

    code = "bad_check_digit"


@dataclass(frozen=True, slots=True)
class Gs1Scan:
    """What one scan says. `kind` is gtin, sscc, elements, link or other; unsaid fields are empty or None."""

    raw: str
    kind: str = "other"
    gtin: str = ""
    content_gtin: str = ""
    sscc: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    best_before: date | None = None
    made_on: date | None = None
    quantity: int | None = None
    count: int | None = None
    weight: Decimal | None = None
    elements: tuple[tuple[str, str], ...] = ()

    @property
    def codes(self) -> list[str]:
        """The forms under which the item's code may be on file: as scanned, GTIN-14, and without leading zeros."""
        gtin = self.gtin or self.content_gtin
        if not gtin:
            return [self.raw]
        shorter = [gtin[-n:] for n in (13, 12, 8) if gtin[:-n].strip("0") == ""]
        return list(dict.fromkeys([gtin, *shorter, self.raw]))


def check_digit(digits: str) -> str:
    """The GS1 check digit of a number without it: weights 3 and 1 from the right, modulo 10."""
    if not (digits.isascii() and digits.isdigit()):
        raise BadCode(f"“{digits}” has something else than digits.", fix="Scan again, or type the digits only.")
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def has_good_check_digit(number: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return len(number) > 1 and number.isascii() and number.isdigit() and check_digit(number[:-1]) == number[-1]


def make_sscc(extension: int, company_prefix: str, serial: int) -> str:
    """An SSCC: extension digit, company prefix, serial filled up with zeros, check digit. 18 digits."""
    if not 0 <= extension <= 9:
        raise BadCode(f"The extension digit is {extension}.", fix="Use one digit, 0 to 9.")
    if not (company_prefix.isascii() and company_prefix.isdigit() and 4 <= len(company_prefix) <= 12):
        raise BadCode(f"“{company_prefix}” is no GS1 company prefix.", fix="Use its 4 to 12 digits.")
    room = SSCC_LENGTH - 2 - len(company_prefix)
    if serial < 0 or len(str(serial)) > room:
        raise BadCode(f"The serial {serial} does not fit into {room} digits.", fix="Use another extension digit.")
    body = f"{extension}{company_prefix}{serial:0{room}d}"
    return body + check_digit(body)


def parse(code: str) -> Gs1Scan:
    """Read one scan; see the module's text."""
    text = code.strip(" \r\n")
    text = text[3:] if text[:3] in PLAIN_PREFIXES else text
    if text[:3] in SYMBOLOGIES:
        return _elements(code, _with_separators(text[3:]).lstrip(FNC1))
    if text.lower().startswith(("http://", "https://")):
        return _link_or_other(code, text)
    if text.startswith("("):
        return _scan(code, "elements", bracketed_elements(text))
    if text.isascii() and text.isdigit():
        return _digits(code, text)
    separated = _with_separators(text)
    plain = separated.lstrip(FNC1)
    has_separator = FNC1 in separated and re.match(r"\d{2,4}", plain)
    if has_separator or text.startswith(FNC1) or re.match(r"(01|02)\d{14}\S|00\d{18}\d", text):
        return _elements(code, plain)
    return Gs1Scan(raw=text)


def parse_or_number(code: str) -> Gs1Scan:
    """As `parse`, but digits that are no GTIN or SSCC may be a lot or another number, such as the lot 20261101."""
    try:
        return parse(code)
    except BadCheckDigit:
        text = code.strip(" \r\n")
        if not (text.isascii() and text.isdigit()):
            raise
        return Gs1Scan(raw=text)


def _with_separators(text: str) -> str:
    """Stand-ins become FNC1, unless the scanner sends the real one."""
    if FNC1 in text:
        return text
    for stand_in in STAND_INS:
        text = text.replace(stand_in, FNC1)
    return text


def _digits(code: str, text: str) -> Gs1Scan:
    if len(text) in GTIN_LENGTHS:
        _check(text, "barcode")
        return Gs1Scan(raw=text, kind="gtin", gtin=text.zfill(14), elements=(("01", text.zfill(14)),))
    if len(text) == SSCC_LENGTH:
        _check(text, "SSCC")
        return Gs1Scan(raw=text, kind="sscc", sscc=text, elements=(("00", text),))
    if len(text) == 20 and text.startswith("00"):
        return _elements(code, text)
    if len(text) >= 16 and text[:2] in ("01", "02"):
        return _elements(code, text)
    return Gs1Scan(raw=text)


def _check(number: str, what: str) -> None:
    expected = check_digit(number[:-1])
    if number[-1] != expected:
        raise BadCheckDigit(
            f"The check digit of this {what} is wrong: it ends in {number[-1]}, its other digits give {expected}.",
            fix=f"Scan it again. If you typed it, compare {number} with the label digit by digit.",
            expected=expected,
            number=number,
        )


def _elements(code: str, text: str) -> Gs1Scan:
    return _scan(code, "elements", element_string(text))


def element_string(text: str) -> list[GS1ElementString]:
    """The elements of an unbracketed string whose separators are 0x1D."""
    if not text.strip(FNC1):
        raise BadCode("This label holds no data.", fix="Scan another label of the same thing.")
    elements = []
    rest = text.strip(FNC1)
    try:
        while rest:
            element = GS1ElementString.extract(rest)
            elements.append(element)
            rest = rest[len(element) :]
            if rest and element.ai.separator_required and not rest.startswith(FNC1):
                raise _unreadable(_fault_of(element.ai.ai + element.value + rest))
            rest = rest.lstrip(FNC1)
    except ParseError as error:
        raise _unreadable(_fault_of(rest) or str(error)) from error
    return _checked(elements)


def _fault_of(text: str) -> str:
    """What is wrong with the first element of a string that cannot be split; "" when the dictionary has no words."""
    ai = next((text[:many] for many in (2, 3, 4) if text[:many] in dictionary().parts), "")
    if not ai:
        return f"“{text[:4]}” is no application identifier."
    return faults(ai, text[len(ai) :].split(FNC1, maxsplit=1)[0][: dictionary().lengths.get(ai)])


def bracketed_elements(text: str) -> list[GS1ElementString]:
    r"""The elements of the form printed under the bars, "(01)..(10)..". A bracket in the data is written \(."""
    parts = re.findall(r"\((\d{2,4})\)((?:\\\(|[^(])*)", text)
    rebuilt = "".join(f"({ai}){data}" for ai, data in parts)
    if not parts or rebuilt != text or any(not data for _, data in parts):
        raise _unreadable(f"“{text}” is not of the form (01)…(10)…")
    try:
        elements = [GS1ElementString.parse(ai + data.replace("\\(", "(")) for ai, data in parts]
    except ParseError as error:
        fault = next((fault for ai, data in parts if (fault := faults(ai, data.replace("\\(", "(")))), str(error))
        raise _unreadable(fault) from error
    for element, (ai, _) in zip(elements, parts, strict=True):
        if element.ai.ai != ai:
            raise _unreadable(f"({ai}) is no application identifier.")
    return _checked(elements)


def link_elements(address: str) -> list[GS1ElementString]:
    """The elements of a GS1 Digital Link address."""
    parts = urlsplit(address)
    names = [SHORT_NAMES.get(segment, segment) for segment in parts.path.split("/")]
    pairs = [(SHORT_NAMES.get(k, k), v) for k, v in parse_qsl(parts.query, keep_blank_values=True)]
    query = [(k, v) for k, v in pairs if k.isdigit()]
    try:
        path = f"https://{parts.netloc}{'/'.join(names)}"
        elements = list(GS1DigitalLinkURI.parse(path).element_strings)
        elements += [GS1ElementString.parse(key + value) for key, value in query]
    except ParseError as error:
        raise _unreadable(str(error)) from error
    if [e.ai.ai for e in elements[-len(query) :] if query] != [k for k, _ in query]:
        raise _unreadable("The address names an unknown application identifier.")
    held = [e.ai.ai for e in elements]
    misplaced = held[0] == "01" and "235" not in held[: len(elements) - len(query)]
    if misplaced and any(key in GTIN_QUALIFIERS for key, _ in query):
        raise _unreadable("Lot, serial and variant belong into the path of the address.")
    if any(unquote(value) == "" for _, value in query) or len(set(held)) != len(held):
        raise _unreadable("The address says something twice, or leaves a value empty.")
    return _checked(elements)


def _link_or_other(code: str, text: str) -> Gs1Scan:
    segments = [SHORT_NAMES.get(part, part) for part in urlsplit(text).path.split("/")]
    if not {"01", "00", "414", "8004", "8006", "253", "8003", "8018", "402", "401"} & set(segments):
        return Gs1Scan(raw=text)
    return _scan(code, "link", link_elements(text))


def _checked(elements: list[GS1ElementString]) -> list[GS1ElementString]:
    """Refuse data that the dictionary does not allow; a wrong check digit is named with the right one."""
    for element in elements:
        ai, value = element.ai.ai, element.value
        if ai in NAMES and value.isascii() and value.isdigit() and len(value) == dictionary().lengths[ai]:
            _check(value, NAMES[ai])
        if fault := faults(ai, value):
            raise _unreadable(fault)
    return elements


def _unreadable(reason: str) -> BadCode:
    return BadCode(
        f"This GS1 label cannot be right: {reason}",
        fix="Scan it again, or another label of the same thing; else set it aside.",
        reason=reason,
    )


def _scan(code: str, kind: str, elements: list[GS1ElementString]) -> Gs1Scan:
    found = {e.ai.ai: e for e in reversed(elements)}

    def text(ai: str) -> str:
        return found[ai].value if ai in found else ""

    def day(ai: str) -> date | None:
        return found[ai].date if ai in found else None

    weight = next((e.decimal for e in elements if e.ai.ai[:3] == "310"), None)
    return Gs1Scan(
        raw=code.strip(" \r\n"),
        kind=kind,
        gtin=text("01"),
        content_gtin=text("02"),
        sscc=text("00"),
        lot=text("10"),
        serial=text("21"),
        expires_on=day("17"),
        best_before=day("15"),
        made_on=day("11"),
        quantity=int(text("30")) if text("30").strip().isdigit() else None,
        count=int(text("37")) if text("37").strip().isdigit() else None,
        weight=weight,
        elements=tuple((e.ai.ai, e.value) for e in elements),
    )
