"""What a confirmation may be, how it differs from what was asked, and whether that is accepted by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from flowrack.purchasing.rules import line_total, price, price_up_pct
from flowrack.purchasing.types_confirmations import (
    ConfirmationTolerance,
    Confirmed,
    ConfirmedLine,
    NewConfirmation,
    SetConfirmationTolerance,
)
from flowrack.purchasing.types_versions import Content, ContentLine
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_unit_cost
from flowrack.shared.quantity import Units


@dataclass(frozen=True, slots=True)
class Judged:
    """A confirmed line beside what was asked, and whether it is accepted by itself, with the reason."""

    line_no: int
    units: int
    confirmed_on: date
    unit_cost: Decimal
    reference: str
    asked: ContentLine
    days_late: int
    units_cut: int
    price_up_pct: Decimal | None
    state: Confirmed
    reason: str


def whole(content: Content, came: Mapping[int, int], *, today: date) -> list[ConfirmedLine]:
    """Everything that is owed as it was ordered; what is overdue is confirmed for today."""
    return [
        ConfirmedLine(x.line_no, Units(x.units), max(x.due_on, today))
        for x in content.lines
        if x.units > came.get(x.line_no, 0)
    ]


def faults(
    one: NewConfirmation, content: Content, *, came: Mapping[int, int], today: date, first: int
) -> list[BadLine]:
    """Why a confirmation cannot be; lines are numbered through the batch, from `first` on."""
    known = {x.line_no: x for x in content.lines if x.units}
    bad = []
    seen: set[int] = set()
    for number, line in enumerate(one.lines, start=first):
        if line.line_no not in known:
            bad.append(BadLine(number, "line_no", f"The order has no line {line.line_no}.", "Read the order again."))
            continue
        if line.line_no in seen:
            bad.append(
                BadLine(number, "line_no", f"Line {line.line_no} comes twice.", "Confirm its last date and all units.")
            )
        seen.add(line.line_no)
        least = came.get(line.line_no, 0)
        if line.units < least:
            bad.append(BadLine(number, "units", f"{least:,} have come or were given up.", f"Confirm at least {least}."))
        if line.confirmed_on < today:
            bad.append(BadLine(number, "confirmed_on", f"{line.confirmed_on} is past.", "Type today or later."))
        if line.unit_cost is not None and line.unit_cost < 0:
            bad.append(BadLine(number, "unit_cost", "A price cannot be negative.", "Type 0 or more."))
    return bad


def judge(line: ConfirmedLine, asked: ContentLine, tolerance: ConfirmationTolerance) -> Judged:
    """How a confirmed line differs from what was asked, and whether the tolerance takes it."""
    cost = asked.unit_cost if line.unit_cost is None else to_unit_cost(line.unit_cost)
    late = (line.confirmed_on - asked.due_on).days
    cut = asked.units - line.units
    rise = price_up_pct(before=asked.unit_cost, after=cost)
    said, waits = [], False
    for words, beyond in (
        _dates(line.confirmed_on, asked, tolerance),
        _units(cut, asked.units, tolerance),
        _price(asked.unit_cost, cost, rise, line.units, tolerance),
    ):
        if words:
            said.append(words)
            waits = waits or beyond
    state = Confirmed.OPEN if waits else Confirmed.ACCEPTED if said else Confirmed.AS_ORDERED
    reason = f"{'; '.join(said).capitalize()}." if said else "As ordered."
    return Judged(
        line.line_no, line.units, line.confirmed_on, cost, line.reference, asked, late, cut, rise, state, reason
    )


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _dates(on: date, asked: ContentLine, t: ConfirmationTolerance) -> tuple[str, bool]:
    """Against the due date; a day no farther from it than the one that is expected already was taken before."""
    late = (on - asked.due_on).days
    if not late:
        return "", False
    way, least = ("later", t.late_days) if late > 0 else ("earlier", t.early_days)
    known = (asked.expected_on - asked.due_on).days
    if abs(late) > least and abs(late) <= (known if late > 0 else -known):
        return f"{_days(abs(late))} {way}, as accepted before", False
    return f"{_days(abs(late))} {way}, {least} are tolerated", abs(late) > least


def _units(cut: int, asked: int, t: ConfirmationTolerance) -> tuple[str, bool]:
    if cut > 0:
        least = int((asked * t.cut_pct / 100).to_integral_value(rounding=ROUND_FLOOR))
        return f"{cut:,} of {asked:,} units fewer, {least:,} are tolerated", cut > least
    return (f"{-cut:,} units more than asked for", True) if cut < 0 else ("", False)


def _price(
    before: Decimal, after: Decimal, rise: Decimal | None, units: int, t: ConfirmationTolerance
) -> tuple[str, bool]:
    if after == before:
        return "", False
    words = f"price {price(before)} → {price(after)}"
    if after < before:
        return words, False
    money = line_total(units=units, unit_cost=after - before)
    limit = f"{t.price_up_pct.normalize():f} % and {t.price_up_amount:,.2f} are tolerated"
    beyond = rise is None or rise > t.price_up_pct or money > t.price_up_amount
    return f"{words}, {money:,.2f} more, {limit}", beyond


def applied(content: Content, taken: Sequence[Judged]) -> Content:
    """The order as far as it was confirmed and accepted: units, price and the day on which each line is expected."""
    by_line = {j.line_no: j for j in taken}
    return replace(content, lines=tuple(_applied(x, by_line.get(x.line_no)) for x in content.lines))


def _applied(line: ContentLine, judged: Judged | None) -> ContentLine:
    if judged is None:
        return line
    if not judged.units:
        return replace(line, units=0, over_units=0, under_units=0)
    if judged.units != line.units:
        over, under = (
            of * judged.units // line.units if line.units else 0 for of in (line.over_units, line.under_units)
        )
        line = replace(line, units=judged.units, over_units=over, under_units=under)
    return replace(line, unit_cost=judged.unit_cost, expected_on=judged.confirmed_on)


def tolerance_faults(asked: SetConfirmationTolerance) -> list[BadLine]:
    """What is wrong with a tolerance."""
    t = asked.tolerance
    bad = []
    for name, value, most in (
        ("late_days", Decimal(t.late_days), Decimal(365)),
        ("early_days", Decimal(t.early_days), Decimal(365)),
        ("cut_pct", t.cut_pct, Decimal(100)),
        ("price_up_pct", t.price_up_pct, Decimal(100)),
        ("price_up_amount", t.price_up_amount, Decimal(10) ** 9),
        ("confirm_within_days", Decimal(t.confirm_within_days), Decimal(365)),
    ):
        if not value.is_finite() or not 0 <= value <= most:
            bad.append(BadLine(0, name, f"{value} is not possible.", f"Type 0 to {most:,}."))
    if not asked.reason.strip():
        bad.append(BadLine(0, "reason", "A reason is needed.", "Say in a few words why."))
    return bad


# What a buyer accepts is not measured.
ANYTHING = ConfirmationTolerance(10**6, 10**6, Decimal(100), Decimal(10) ** 9, Decimal(10) ** 15, 0)
