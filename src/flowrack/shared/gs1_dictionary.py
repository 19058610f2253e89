"""GS1's dictionary of application identifiers: what the data of each must be, part by part, and the parts' checks.

    faults("17", "270229")         # "(17) has 270229: no date." - or "" where the data can be right
    check("iso4217", "978")        # one check by its name in the dictionary

The dictionary and its code lists are data/gs1_dictionary.txt, which static/js/gs1-dictionary.js repeats word for word
for the scan app; static/js/gs1-checks.js has the same checks. What GS1's own service alone can know (whether a company
prefix was given out) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from flowrack.shared.check_digits import is_valid

SOURCE = Path(__file__).parent / "data" / "gs1_dictionary.txt"
CHARACTERS = {"N": "0-9", "X": r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z", "Y": r"#\-/0-9A-Z", "Z": "A-Za-z0-9_=-"}
CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MOST_CHECKED = 99  # characters that the check pair can cover
KIND = {"N": "csetnumeric", "X": "cset82", "Y": "cset39", "Z": "cset64"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an identifier's data: its kind, length and checks."""

    kind: str
    least: int
    most: int
    is_optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The parts of each identifier, and the codes of each list."""

    parts: dict[str, tuple[Part, ...]]
    lengths: dict[str, int]  # of the data of identifiers after which no separator is needed
    codes: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The dictionary, read once."""
    parts: dict[str, tuple[Part, ...]] = {}
    lengths: dict[str, int] = {}
    codes: dict[str, frozenset[str]] = {}
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        name, *words = line.split()
        if name.startswith("@"):
            codes[name[1:]] = codes.get(name[1:], frozenset()) | frozenset(words)
        elif name != "#":
            first, _, last = name.partition("-")
            made = tuple(_part(word) for word in words[1:] if not word.startswith("dlpkey"))
            for number in range(int(first), int(last or first) + 1):
                ai = f"{number:0{len(first)}d}"
                parts[ai] = made
                if "*" in words[0]:
                    lengths[ai] = sum(part.most for part in made)
    return Dictionary(parts, lengths, codes)


def _part(word: str) -> Part:
    shape, *checks = word.split(",")
    kind, is_open, length = re.fullmatch(r"\[?([NXYZ])(\.\.)?(\d+)\]?", shape).groups()  # type: ignore[union-attr]
    return Part(kind, 1 if is_open else int(length), int(length), shape.startswith("["), tuple(checks))


def faults(ai: str, value: str) -> str:
    """What is wrong with the data of an identifier, in a sentence; "" when nothing is."""
    parts = dictionary().parts.get(ai)
    if parts is None:
        return f"({ai}) is no application identifier."
    rest = value
    for part in parts:
        piece, rest = rest[: part.most], rest[part.most :]
        if not piece and part.is_optional:
            continue
        if len(piece) < part.least:
            return f"({ai}) is too short."
        for name in (KIND[part.kind], *part.checks):
            if not check(name, piece):
                return f"({ai}) has {piece}: {WORDS.get(name, 'a character that it cannot have')}."
    return f"({ai}) is too long, or the separator after it is missing." if rest else ""


WORDS = {
    "csum": "its last digit does not fit the others", "csumalpha": "its check characters do not fit the others",
    "yymmd0": "no date", "yymmdd": "no date", "yyyymmd0": "no date", "yyyymmdd": "no date", "hh": "no hour",
    "hhmi": "no time", "mi": "no minute", "ss": "no second", "iso3166": "no country", "iso3166999": "no country",
    "iso3166alpha2": "no country", "iso4217": "no currency", "iban": "no account number", "mediatype": "no media type",
    "packagetype": "no package type", "pieceoftotal": "no piece of a total", "posinseqslash": "no place of a sequence",
    "latitude": "no latitude", "longitude": "no longitude", "nonzero": "nothing but zeros", "couponcode": "no coupon",
    "couponposoffer": "no coupon", "pcenc": "a percent sign without its two digits", "zero": "something else than zero",
}  # fmt: skip


def check(name: str, value: str) -> bool:
    """Whether a value passes one check of the dictionary. A check that the dictionary does not know passes nothing."""
    known = dictionary().codes.get(name)
    if known is not None:
        return value in known
    pattern = PATTERNS.get(name)
    if pattern is not None and not re.fullmatch(pattern, value):
        return False
    rule = RULES.get(name)
    return rule(value) if rule is not None else pattern is not None


HOUR = "([01][0-9]|2[0-3])"
PATTERNS = {
    "cset39": r"[#\-/0-9A-Z]*",
    "cset64": r"[A-Za-z0-9_\-]*={0,2}",
    "cset82": rf"[{CHARACTERS['X']}]*",
    "csetnumeric": "[0-9]*",
    "hasnondigit": r"(?s:.*[^0-9].*)",
    "hh": HOUR,
    "hhmi": HOUR + "[0-5][0-9]",
    "hyphen": "-+",
    "iban": "[A-Z0-9]{5,34}",
    "importeridx": r"[\-0-9A-Z_a-z]",
    "iso3166999": "[0-9]{3}",
    "iso5218": "[0129]",
    "latitude": "[0-9]{10}",
    "longitude": "[0-9]{10}",
    "mi": "[0-5][0-9]",
    "nonzero": "[0-9]*[1-9][0-9]*",
    "nozeroprefix": "([1-9][0-9]*)?",
    "pcenc": "(?s:([^%]|%[0-9A-Fa-f]{2})*)",
    "pieceoftotal": "([0-9]{2})+",
    "posinseqslash": "[1-9][0-9]*/[1-9][0-9]*",
    "ss": "[0-5][0-9]",
    "winding": "[019]",
    "yesno": "[01]",
    "yymmd0": "[0-9]{6}",
    "yymmdd": "[0-9]{6}",
    "yyyymmd0": "[0-9]{8}",
    "yyyymmdd": "[0-9]{8}",
    "zero": "0+",
}


def _is_date(text: str, *, day_0: bool = False) -> bool:
    """Whether digits are a date, the year with two or four digits; day 00 is the last of the month where it may be."""
    year = int(text[:-4]) if len(text) == 8 else 2000 + int(text[:-4])
    day = 1 if day_0 and text.endswith("00") else int(text[-2:])
    try:
        date(year or 2000, int(text[-4:-2]), day)
    except ValueError:
        return False
    return True


def _is_iban(text: str) -> bool:
    if text[:2] not in dictionary().codes["iso3166alpha2"]:
        return False
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return int(digits) % 97 == 1


def _primes(many: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < many:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def has_good_check_pair(text: str) -> bool:
    """Whether the last two characters check the others: primes as weights from the right, modulo 1021."""
    body, pair = text[:-2], text[-2:]
    if len(text) < 2 or len(text) > MOST_CHECKED or any(c not in CSET82 for c in body):
        return False
    weights = zip(reversed(body), _primes(len(body)), strict=True)
    total = sum(CSET82.index(c) * prime for c, prime in weights) % 1021
    return pair == CSET32[total >> 5] + CSET32[total & 31]


def _is_piece(text: str) -> bool:
    half = len(text) // 2
    return 0 < int(text[:half]) <= int(text[half:])


def _is_place(text: str) -> bool:
    place, _, last = text.partition("/")
    return int(place) <= int(last)


class _Coupon:
    """A coupon's digits, taken from the front; ValueError where they end or are not what they must be."""

    def __init__(self, digits: str) -> None:
        self.rest = digits

    def take(self, many: int) -> str:
        if len(self.rest) < many:
            raise ValueError
        piece, self.rest = self.rest[:many], self.rest[many:]
        return piece

    def one_of(self, allowed: str) -> str:
        digit = self.take(1)
        if digit not in allowed:
            raise ValueError
        return digit

    def sized(self, allowed: str, plus: int = 0) -> None:
        """A digit that says how long the number after it is."""
        self.take(int(self.one_of(allowed)) + plus)

    def has(self, digit: str) -> bool:
        """Whether an optional field comes next."""
        if not self.rest.startswith(digit):
            return False
        self.take(1)
        return True

    def purchase(self) -> None:
        self.sized("12345")
        self.one_of("012349")
        self.take(3)

    def prefix_or_none(self) -> None:
        size = self.one_of("01234569")
        self.take(0 if size == "9" else int(size) + 6)

    def day(self) -> str:
        text = self.take(6)
        if not _is_date(text):
            raise ValueError
        return text


def _is_coupon(text: str) -> bool:
    """North American Coupon Application Guideline, AI (8110)."""
    coupon = _Coupon(text)
    try:
        coupon.sized("0123456", 6)
        coupon.take(6)
        coupon.sized("12345")
        coupon.purchase()
        if coupon.has("1"):
            coupon.one_of("0123")
            coupon.purchase()
            coupon.prefix_or_none()
        if coupon.has("2"):
            coupon.purchase()
            coupon.prefix_or_none()
        ends = coupon.day() if coupon.has("3") else ""
        starts = coupon.day() if coupon.has("4") else ""
        if coupon.has("5"):
            coupon.sized("0123456789", 6)
        if coupon.has("6"):
            coupon.sized("1234567", 6)
        if coupon.has("9"):
            coupon.one_of("01256")
            coupon.one_of("012")
            coupon.take(1)
            coupon.one_of("01")
    except ValueError:
        return False
    return not coupon.rest and not (ends and starts and ends < starts)


def _is_offer(text: str) -> bool:
    """GS1 AI (8112) Coupon Data Specification."""
    coupon = _Coupon(text)
    try:
        coupon.one_of("01")
        coupon.sized("0123456", 6)
        coupon.take(6)
        coupon.sized("0123456789", 6)
    except ValueError:
        return False
    return not coupon.rest


def _has_whole_padding(text: str) -> bool:
    return "=" not in text or len(text) % 3 == 0


RULES: dict[str, Callable[[str], bool]] = {
    "csum": is_valid,
    "csumalpha": has_good_check_pair,
    "couponcode": lambda v: v.isascii() and v.isdigit() and _is_coupon(v),
    "couponposoffer": lambda v: v.isascii() and v.isdigit() and _is_offer(v),
    "cset64": _has_whole_padding,
    "iban": _is_iban,
    "iso3166999": lambda v: v == "999" or v in dictionary().codes["iso3166"],
    "latitude": lambda v: int(v) <= 1_800_000_000,
    "longitude": lambda v: int(v) <= 3_600_000_000,
    "pieceoftotal": _is_piece,
    "posinseqslash": _is_place,
    "yymmd0": lambda v: _is_date(v, day_0=True),
    "yymmdd": _is_date,
    "yyyymmd0": lambda v: _is_date(v, day_0=True),
    "yyyymmdd": _is_date,
}
