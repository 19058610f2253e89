"""What goods cost once somebody knows: how the difference rests on what is still in stock and on what has left.

Sums are to the cent and add up; nothing that is in stock becomes worth less than nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.shared.money import CENT, to_money
from flowrack.shared.quantity import split_by_largest_remainder


@dataclass(frozen=True, slots=True)
class StillHere:
    """What of one receipt the books still hold: units, and the value that may be taken off them.

    `is_standard`: stock keeps its standard cost, so that every difference is variance.
    """

    units: int
    value: Decimal
    is_standard: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """An amount: what of it rests on stock, and what on goods that have left."""

    stock: Decimal
    gone: Decimal


@dataclass(frozen=True, slots=True)
class Correction:
    """What is taken off the receipt at its first price, and what comes on it instead, line by line."""

    old: Split
    new: list[Split]


def worth_of(value: Decimal, units: int, *, first: int, last: int) -> Decimal:
    """What units number `first` + 1 to `last` of a receipt were booked at: shares of running totals, which add up."""
    assert 0 <= first <= last <= units and units > 0
    return to_money(value * last / units) - to_money(value * first / units)


def split(amount: Decimal, units: int, here: int) -> Split:
    """An amount for so many units of which `here` are in stock, largest remainder."""
    stock, gone = split_by_largest_remainder(amount, [here, units - here], quantum=CENT)
    return Split(stock, gone)


def correct(old: Decimal, new: Sequence[tuple[int, Decimal]], here: StillHere) -> Correction:
    """Price goods anew: `old` is what all of them were booked at, `new` names units and value of each line.

    Units in stock belong to the first lines. Of the old value stock gives back no more than it is worth then; what it
    cannot is taken off the goods that have left.
    """
    units = sum(line_units for line_units, _ in new)
    left = min(here.units, units)
    lines: list[Split] = []
    for line_units, value in new:
        on_line = min(left, line_units)
        lines.append(split(value, line_units, on_line))
        left -= on_line
    first = split(old, units, min(here.units, units))
    stock = min(first.stock, here.value + sum((line.stock for line in lines), Decimal(0)))
    return Correction(Split(stock, old - stock), lines)
