"""Units: whole numbers of an item's base unit. Packs convert by exact integers and never round silently."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NewType

from flowrack.shared.errors import BadLine, Invalid

Units = NewType("Units", int)

BIGINT_MAX = 2**63 - 1
MOST_ORDERED = 1_000_000_000  # units in one line of any order
# One point before three digits parts thousands for some, and is a decimal one for others.
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")


class NotWholeUnits(Invalid):
    """A quantity that is not a whole number of base units."""

    code = "not_whole_units"


def parse_units(text: str | int | Decimal, *, factor: int = 1, pack: str = "unit") -> Units:
    """Base units in `text` packs of `factor` base units each.

    "3" cases of 12 are 36; "2.5" cases of 12 are 30; "2.6" is refused with the two nearest quantities that work.
    """
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation:
        raise NotWholeUnits(f"“{text}” is not a number.", fix="Type digits only, for example 12.") from None
    if not amount.is_finite():
        raise NotWholeUnits(f"“{text}” is not a number.", fix="Type digits only, for example 12.")
    exact = amount * factor
    if exact != exact.to_integral_value():
        below = int(exact.to_integral_value(rounding="ROUND_FLOOR"))
        raise NotWholeUnits(
            f"{text} {pack} is not a whole number of base units.",
            fix=f"Use {below} or {below + 1} base units.",
            nearest=[below, below + 1],
        )
    if abs(exact) > BIGINT_MAX:
        raise NotWholeUnits(f"{text} {pack} is more than can be counted.", fix="Check the quantity.")
    return Units(int(exact))


def doubt(line_no: int, field: str, text: str) -> list[BadLine]:
    """Both readings of a number that may be read in two ways, such as 1.000, and how to write each; else nothing."""
    if not TWO_WAYS.fullmatch(text):
        return []
    whole, part = text.replace(".", ""), text.rstrip("0").rstrip(".")
    said = f"“{text}” may be {int(whole):,} or {part}."
    return [BadLine(line_no, field, said, f"Type {whole} or {_one_way(part)}.")]


def plain(quantity: Decimal) -> str:
    """A quantity in digits, as short as it can be read in one way only."""
    return _one_way(f"{quantity.normalize():f}")


def _one_way(text: str) -> str:
    return f"{text}0" if TWO_WAYS.fullmatch(text) else text


def beyond_any_order(line_no: int, units: int, field: str = "units", *, told: Decimal | None = None) -> list[BadLine]:
    """What is wrong with units that nobody orders in one line; `told` is the quantity as it was typed, in packs."""
    if units <= MOST_ORDERED:
        return []
    what = f"{units if told is None else told} is more than any order."
    return [BadLine(line_no, field, what, "Check for a slip of the keyboard.")]


def split_by_largest_remainder(total: Decimal, weights: list[int], *, quantum: Decimal) -> list[Decimal]:
    """Shares of `total` in proportion to `weights`, each a multiple of `quantum`, adding up exactly.

    Largest remainder (Hamilton) method; ties go to the earlier weight. All-zero weights share equally.
    """
    if not weights:
        return []
    if not any(weights):
        weights = [1] * len(weights)
    steps = int((total / quantum).to_integral_value())
    sign = -1 if steps < 0 else 1
    whole = sum(weights)
    floors = [abs(steps) * w // whole for w in weights]
    rest = abs(steps) - sum(floors)
    order = sorted(range(len(weights)), key=lambda i: (-(abs(steps) * weights[i] % whole), i))
    for i in order[:rest]:
        floors[i] += 1
    return [sign * f * quantum for f in floors]
