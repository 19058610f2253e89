"""How a charge compares with what was expected: matched, or a difference with its cause. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.freight.types import BilledLine, FreightTerms
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money

RULE = "freight.match/1"
MOST = Decimal(1_000_000)
MOST_LINES = 2_000
MOST_G = 1_000_000_000
CENT = Decimal("0.01")
MOST_NUMBER = 60
WIDTHS = {"reference": 80, "zone": 20}
ZERO = Decimal(0)
SSCC = 18


class Cause(StrEnum):
    """Why a charge differs."""

    MATCHED = "matched"
    TWICE = "twice"
    NOT_OURS = "not_ours"
    NOT_CHOSEN = "not_chosen"
    WEIGHT = "weight"
    ZONE = "zone"
    SURCHARGE = "surcharge"
    PRICE = "price"


CAUSES = {
    Cause.MATCHED: "as expected",
    Cause.TWICE: "billed twice",
    Cause.NOT_OURS: "not ours",
    Cause.NOT_CHOSEN: "not chosen",
    Cause.WEIGHT: "weight",
    Cause.ZONE: "zone",
    Cause.SURCHARGE: "surcharge",
    Cause.PRICE: "price",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the choices in force when a shipment left said of its freight."""

    amount: Decimal
    weight_g: int
    zone: str
    surcharges: Decimal
    carriers: tuple[int, ...]
    names: str
    account: str = ""
    with_shipment: str = ""  # the earlier one with which it was expected


@dataclass(frozen=True, slots=True)
class Billed:
    """What an invoice asks for one shipment, over all its lines; None: the carrier does not say it."""

    amount: Decimal
    weight_g: int
    zone: str
    surcharges: Decimal | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause, in words, and what was expected after all."""

    cause: Cause
    words: str
    expected: Decimal


def judge(
    billed: Billed,
    expected: Expected | None,
    *,
    shipment: str,
    carrier_id: int,
    earlier: str,
    left_with: str,
    terms: FreightTerms,
) -> Verdict:
    """Why a charge is as it is. `earlier` names the invoice that asked for the shipment before, `left_with` another
    carrier whose name stands on it."""
    if not shipment:
        return Verdict(Cause.NOT_OURS, "no shipment of ours has this reference", ZERO)
    refused = _not_expected(expected, shipment, carrier_id, earlier, left_with)
    if refused is not None:
        return Verdict(*refused, ZERO)
    assert expected is not None, "what is not expected has a cause"
    return _compared(billed, expected, terms)


def _not_expected(
    expected: Expected | None, shipment: str, carrier_id: int, earlier: str, left_with: str
) -> tuple[Cause, str] | None:
    """Why nothing is expected of the carrier for it; None when something is."""
    found = None
    if earlier:
        found = Cause.TWICE, f"{shipment} stands in {earlier} already"
    elif left_with:
        found = Cause.NOT_OURS, f"{shipment} left with {left_with}"
    elif expected is None or not expected.carriers:
        found = Cause.NOT_CHOSEN, f"no carrier was chosen for {shipment}"
    elif expected.with_shipment:
        found = Cause.NOT_CHOSEN, f"its freight was expected with {expected.with_shipment}"
    elif set(expected.carriers) != {carrier_id}:
        found = Cause.NOT_CHOSEN, f"{expected.names} was chosen for {shipment}"
    elif expected.account:
        found = Cause.NOT_OURS, f"it goes on the customer's own account {expected.account}"
    return found


def is_of(left_with: str, names: Sequence[str]) -> bool:
    """Whether the carrier that stands on a shipment is one of these names; nothing stands for anybody."""
    words = f"{left_with.strip()} ".lower()
    return not left_with.strip() or any(words.startswith(f"{name} ".lower()) for name in names)


def _compared(billed: Billed, expected: Expected, terms: FreightTerms) -> Verdict:
    more = billed.amount - expected.amount
    allowed = max(terms.tolerance_amount, to_money(expected.amount * terms.tolerance_pct / 100))
    if more <= allowed:
        said = "as expected" if not more else f"{abs(more):,.2f} {'more' if more > 0 else 'less'} than expected"
        return Verdict(Cause.MATCHED, said, expected.amount)
    if billed.weight_g > expected.weight_g > 0:
        said = f"{_kg(billed.weight_g)} kg billed, {_kg(expected.weight_g)} expected"
        return Verdict(Cause.WEIGHT, said, expected.amount)
    if billed.zone and expected.zone and billed.zone != expected.zone:
        return Verdict(Cause.ZONE, f"zone {billed.zone} billed, {expected.zone} expected", expected.amount)
    if billed.surcharges is not None and billed.surcharges > expected.surcharges:
        said = f"surcharges of {billed.surcharges:,.2f} billed, {expected.surcharges:,.2f} expected"
        return Verdict(Cause.SURCHARGE, said, expected.amount)
    return Verdict(Cause.PRICE, f"{more:,.2f} more than the rate card says", expected.amount)


def _kg(grams: int) -> str:
    return f"{(Decimal(grams) / 1_000).normalize():f}"


def together(lines: Sequence[BilledLine]) -> Billed:
    """The lines of one shipment as one."""
    zones = {line.zone for line in lines if line.zone}
    said = [line.surcharges for line in lines if line.surcharges is not None]
    return Billed(
        sum((line.amount for line in lines), ZERO),
        sum(line.weight_g for line in lines),
        zones.pop() if len(zones) == 1 else "",
        sum(said, ZERO) if said else None,
    )


def reference(text: str) -> str:
    """A reference as it is looked up: capitals, and an SSCC without the 00 before it."""
    bare = text.strip().upper()
    digits = bare.replace(" ", "").removeprefix("(00)")
    if digits.isdigit() and len(digits) == SSCC + 2 and digits.startswith("00"):
        return digits[2:]
    return digits if digits.isdigit() and len(digits) == SSCC else bare


def day_faults(invoiced_on: date, today: date, terms: FreightTerms) -> list[BadLine]:
    """Whether the date of an invoice can be meant: a year too early or too late is the fault that is made most."""
    fix = "Correct the year, or let the terms of freight invoices allow it: {} days {} now."
    day = f"{invoiced_on.day} {invoiced_on:%b} {invoiced_on.year}"
    if (invoiced_on - today).days > terms.days_ahead:
        said = f"The invoice is of {day}, {(invoiced_on - today).days:,} days from now."
        return [BadLine(0, "invoiced_on", said, fix.format(f"{terms.days_ahead:,}", "ahead"))]
    if (today - invoiced_on).days > terms.days_back:
        said = f"The invoice is of {day}, {(today - invoiced_on).days:,} days ago."
        return [BadLine(0, "invoiced_on", said, fix.format(f"{terms.days_back:,}", "back"))]
    return []


def currency_faults(currency: str, terms: FreightTerms) -> list[BadLine]:
    """Whether an invoice is in the currency of the house: nothing is converted here."""
    if not currency.strip() or currency.strip().upper() == terms.currency:
        return []
    said = f"The invoice is in {currency.strip().upper()[:10]}, freight is compared in {terms.currency}."
    fix = f"Enter it in {terms.currency}, at the rate by which finance books it."
    if not terms.currency:
        said = f"The invoice is in {currency.strip().upper()[:10]}, and nobody said which currency freight is in."
        fix = "Say it in the terms of freight invoices first."
    return [BadLine(0, "currency", said, fix)]


def faults(number: str, lines: Sequence[BilledLine]) -> list[BadLine]:
    """What is wrong with an invoice, by line."""
    bad = []
    if not 0 < len(number.strip()) <= MOST_NUMBER or not number.strip().isprintable():
        bad.append(BadLine(0, "number", f"A number has 1 to {MOST_NUMBER} letters.", "Write the carrier's own."))
    if not lines:
        bad.append(BadLine(0, "lines", "The invoice has no lines.", "Enter a line for each shipment."))
    if len(lines) > MOST_LINES:
        said = f"The invoice has {len(lines):,} lines; {MOST_LINES:,} are the most."
        return [*bad, BadLine(0, "lines", said, "Enter it in parts, under 2048/1 and 2048/2.")]
    for n, line in enumerate(lines, 1):
        if not line.reference.strip():
            bad.append(BadLine(n, "reference", "The line names no shipment.", "Write its number, tracking or SSCC."))
        bad += _too_long(n, line)
        if not _is_money(line.amount):
            bad.append(
                BadLine(
                    n, "amount", f"{line.amount:,} is no amount of freight.", "Use 0 to 999,999.99, in whole cents."
                )
            )
        if not 0 <= line.weight_g < MOST_G:
            said = "A weight is not below nothing, nor of 1,000 tonnes and more."
            bad.append(BadLine(n, "weight_g", said, "Leave it empty if it is not said."))
        if line.surcharges is not None and not (_is_money(line.surcharges) and line.surcharges <= line.amount):
            said = "Surcharges are a part of the amount, in whole cents."
            bad.append(BadLine(n, "surcharges", said, "Use 0 to the amount."))
    return bad


def _is_money(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount < MOST and amount == amount.quantize(CENT)


def _too_long(n: int, line: BilledLine) -> list[BadLine]:
    """Texts that would be cut, or that hold what nobody can read."""
    bad = []
    for name, most in WIDTHS.items():
        text = getattr(line, name).strip()
        if len(text) > most or (text and not text.isprintable()):
            said = f"“{''.join(c for c in text[:20] if c.isprintable())}” is longer than {most} letters, or is no text."
            bad.append(BadLine(n, name, said, "Write it as the carrier does, in one line."))
    return bad


def terms_faults(terms: FreightTerms) -> list[BadLine]:
    """What is wrong with terms, by field."""
    ranges = {
        "tolerance_pct": (0, 100), "tolerance_amount": (0, 10_000), "limit_amount": (0, 1_000_000),
        "days_back": (1, 3_650), "days_ahead": (0, 365),
    }  # fmt: skip
    bad = [
        BadLine(0, name, f"Out of range: {getattr(terms, name):,}.", f"Use {least:,} to {most:,}.")
        for name, (least, most) in ranges.items()
        if not least <= getattr(terms, name) <= most
    ]
    if terms.currency and not re.fullmatch("[A-Z]{3}", terms.currency):
        bad.append(BadLine(0, "currency", "This is no currency code.", "Write three letters, such as GBP."))
    return bad
