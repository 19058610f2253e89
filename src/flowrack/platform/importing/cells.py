"""Cells: from what a person typed to what PostgreSQL stores. A parser returns text for COPY or raises BadCell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from rapidfuzz import process

from flowrack.shared.check_digits import GTIN_LENGTHS, check_digit, gtin14, is_valid

YES = {"yes", "y", "true", "t", "1", "x"}
NO = {"no", "n", "false", "f", "0", "-"}
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # thousands for some, a decimal number for others
GROUPED = r"[+-]?[1-9]\d{0,2}(\.\d{3})+"
SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers and dates are written in this file."""

    decimal_comma: bool
    date_order: str
    is_told: bool = True  # somebody said so, or the numbers of the file have one reading only


class BadCell(Exception):
    """A cell that cannot be taken: why, the way out, and the sentence under which such cells are grouped."""

    def __init__(self, message: str, fix: str, same: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.same = same


Parse = Callable[[str, Style], str]


def text(most: int = 240) -> Parse:
    """Any text up to `most` characters; leading zeros stay."""

    def parse(cell: str, style: Style) -> str:
        if len(cell) > most:
            raise BadCell(f"{len(cell)} characters; {most} is the most.", "Shorten it.", "Too long.")
        if cell.startswith("="):
            raise BadCell("This is a formula, not a value.", "Paste the values only, then import again.")
        if not cell.isprintable() and any(ord(c) < 32 and c not in "\n\r\t" for c in cell):
            raise BadCell("This has control characters.", "Type it again.")
        return cell

    return parse


def code(most: int = 60) -> Parse:
    """An identifier: as text, and Excel's shortened numbers are refused because digits were lost."""
    plain = text(most)

    def parse(cell: str, style: Style) -> str:
        if SCIENTIFIC.match(cell):
            raise BadCell(
                f"“{cell}” is a number that Excel shortened.", "Format the column as text and enter it again."
            )
        return plain(cell, style)

    return parse


def number(*, least: int | None = None, most: int = 2**63 - 1, unit: str = "") -> Parse:
    """A whole number."""
    of = f" of {unit}" if unit else ""

    def parse(cell: str, style: Style) -> str:
        _ask(cell, style)
        value = _decimal(cell, style)
        if value != value.to_integral_value():
            below = int(value.to_integral_value(rounding="ROUND_FLOOR"))
            raise BadCell(
                f"“{cell}” is not a whole number{of}.", f"Use {below} or {below + 1}.", f"Not a whole number{of}."
            )
        if least is not None and value < least:
            raise BadCell(f"“{cell}” is less than {least}.", f"Use {least} or more.", f"Less than {least}.")
        if value > most:
            raise BadCell(f"“{cell}” is more than {most}.", "Check the number.", f"More than {most}.")
        return str(int(value))

    return parse


def number_or(word: str, *, least: int = 0, most: int = 2**31 - 1) -> Parse:
    """A whole number, or a word that stands for no number."""
    plain = number(least=least, most=most)

    def parse(cell: str, style: Style) -> str:
        if cell.lower() == word:
            return word
        try:
            return plain(cell, style)
        except BadCell as bad:
            raise BadCell(bad.message, f"{bad.fix} Or write {word}.", bad.same) from None

    return parse


def quantity(*, places: int, least: int | None = None) -> Parse:
    """A number of packs or units, with at most so many places; one that may be read in two ways is asked about."""
    plain = decimal(places=places, least=least)

    def parse(cell: str, style: Style) -> str:
        _ask(cell, style)
        return plain(cell, style)

    return parse


def _ask(cell: str, style: Style) -> None:
    """Take no guess for an answer where a slip is a thousandfold."""
    if style.is_told or not TWO_WAYS.fullmatch(cell):
        return
    whole, small = cell.replace(".", "").replace(",", ""), cell.replace(",", ".").rstrip("0").rstrip(".")
    raise BadCell(
        f"“{cell}” may be {int(whole):,} or {small}.",
        "Choose how the file writes numbers, and check again.",
        "A number that may be read in two ways.",
    )


def decimal(*, places: int, least: int | None = 0) -> Parse:
    """A decimal number with at most so many places."""

    def parse(cell: str, style: Style) -> str:
        value = _decimal(cell, style)
        if least is not None and value < least:
            raise BadCell(f"“{cell}” is less than {least}.", f"Use {least} or more.", f"Less than {least}.")
        if value != value.quantize(Decimal(1).scaleb(-places)):
            raise BadCell(f"“{cell}” has more than {places} decimal places.", "Shorten it.", "Too many decimal places.")
        if abs(value) >= 10**13:
            raise BadCell(f"“{cell}” is too large.", "Check the number.", "Too large.")
        return str(value)

    return parse


def _decimal(cell: str, style: Style) -> Decimal:
    plain = cell.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if style.decimal_comma:
        if re.fullmatch(r"[+-]?[\d.]*,\d+", plain) or (style.is_told and re.fullmatch(GROUPED, plain)):
            plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise BadCell(f"“{cell}” is not a number.", "Type digits only, for example 12.", "Not a number.") from None
    if not value.is_finite() or abs(value) > 10**19:
        raise BadCell(f"“{cell}” is not a number.", "Type digits only, for example 12.", "Not a number.")
    return value


def boolean(cell: str, style: Style) -> str:
    """Yes or no."""
    low = cell.lower()
    if low in YES:
        return "t"
    if low in NO:
        return "f"
    raise BadCell(f"“{cell}” is neither yes nor no.", "Write yes or no.", "Neither yes nor no.")


def choice(options: Mapping[str, str]) -> Parse:
    """One of the given words, in any case; `options` is what may be written -> what is stored."""
    known = {written.lower(): stored for written, stored in options.items()}
    names = ", ".join(dict.fromkeys(options.values()))

    def parse(cell: str, style: Style) -> str:
        found = known.get(cell.lower())
        if found is None:
            near = nearest(cell, list(options))
            raise BadCell(
                f"“{cell}” is not known here.",
                f"Did you mean {options[near]}?" if near else f"Use one of: {names}.",
                "Unknown word.",
            )
        return found

    return parse


def words(options: Mapping[str, str]) -> Parse:
    """Several of the given words, separated by comma, semicolon, bar or blank; stored as an array."""
    one = choice(options)

    def parse(cell: str, style: Style) -> str:
        parts = [part for part in re.split(r"[,;|\s]+", cell) if part]
        return "{" + ",".join(sorted({one(part, style) for part in parts})) + "}"

    return parse


def codes(cell: str, style: Style) -> str:
    """Several codes, separated by bar or semicolon; stored as an array."""
    parts = [part.strip() for part in re.split(r"[|;]", cell) if part.strip()]
    quoted = ['"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in dict.fromkeys(parts)]
    return "{" + ",".join(quoted) + "}"


def country(cell: str, style: Style) -> str:
    """A country by its ISO code of two letters."""
    found = cell.upper()
    if not (len(found) == 2 and found.isascii() and found.isalpha()):
        raise BadCell(
            f"“{cell}” is not a country code.", "Use two letters as in ISO 3166: GB, DE, FR.", "No country code."
        )
    return found


def gtin(cell: str, style: Style) -> str:
    """A GTIN of 8, 12, 13 or 14 digits with its check digit, stored as 14."""
    digits = cell.replace(" ", "").replace("-", "")
    if SCIENTIFIC.match(digits):
        raise BadCell(f"“{cell}” is a number that Excel shortened.", "Format the column as text and enter it again.")
    if not (digits.isascii() and digits.isdigit() and len(digits) in GTIN_LENGTHS):
        raise BadCell(f"“{cell}” is no GTIN.", "A GTIN has 8, 12, 13 or 14 digits.", "No GTIN.")
    found = gtin14(digits)
    if found is None:
        right = f"{digits[:-1]}{check_digit(digits[:-1])}"
        raise BadCell(
            f"“{cell}” has a wrong check digit.", f"With these digits it would be {right}.", "Wrong check digit."
        )
    return found


def gln(cell: str, style: Style) -> str:
    """A GLN: 13 digits with a check digit."""
    if len(cell) != 13 or not is_valid(cell):
        raise BadCell(f"“{cell}” is no GLN.", "A GLN has 13 digits; the last one is its check digit.", "No GLN.")
    return cell


def day(cell: str, style: Style) -> str:
    """A date: ISO, or day and month in the order that the file's options name."""
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(T00:00:00)?", cell)
    local = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", cell)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])).isoformat()
        if local:
            first, second, year = (int(part) for part in local.groups())
            if style.date_order == "dmy" or (not style.date_order and first > 12):
                return date(year, second, first).isoformat()
            if style.date_order == "mdy" or (not style.date_order and second > 12):
                return date(year, first, second).isoformat()
            raise BadCell(
                f"“{cell}” may be two different days.",
                "Say whether day or month comes first, or write 2026-12-31.",
                "A date that may be two different days.",
            )
    except ValueError:
        pass
    raise BadCell(f"“{cell}” is not a date.", "Write dates as 2026-12-31.", "Not a date.")


def nearest(found: str, known: list[str]) -> str | None:
    """The known word that looks most like `found`, if one looks alike at all."""
    hit = process.extractOne(found.lower(), [word.lower() for word in known], score_cutoff=70)
    return None if hit is None else known[hit[2]]
