"""What is in doubt, and why: pure rules over plain figures, which say their reason in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flowrack.sales.types_holds import HoldKind
from flowrack.shared.errors import BadLine

# The median absolute deviation of normal values is so much smaller than their standard deviation.
NORMAL = Decimal("1.4826")
LOG_OF_MOST = Decimal("20.7")  # of about a thousand million units, the most that a line may ask for
MOST_TIMES = 20  # where the lines of an item spread widely, so many times its largest line is the limit
LEAST_SHORT = 10_000  # while an item has few lines, or none, only so many units and more are in doubt
RULE = "order-holds/3"
PERMISSION_OF = {kind: f"sales.release_{kind}" for kind in HoldKind}


@dataclass(frozen=True, slots=True)
class Rules:
    """The values of the rules in force at a site; version 0 is what is shipped."""

    version: int = 0
    holds_quantity: bool = True
    least_lines: int = 20
    factor: Decimal = Decimal(6)
    least_spread: Decimal = Decimal("0.7")
    floor_units: int = 500
    holds_credit: bool = True
    holds_address: bool = True
    needs_address: bool = False

    @property
    def name(self) -> str:
        """As a decision names it."""
        return f"{RULE} rules v{self.version}"


SHIPPED = Rules()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is held: the sentence, and the figures that it was judged by."""

    kind: HoldKind
    sentence: str
    detail: dict[str, Any] = field(default_factory=dict)


def doubtful_units(rules: Rules, *, lines: int, median: Decimal, deviation: Decimal, greatest: int) -> int | None:
    """More units than this are in doubt; None where nothing is. `median` and `deviation` are of the logarithm.

    `greatest` is the largest line of the item: where its lines spread more widely than `least_spread`, the limit is at
    most MOST_TIMES of it. So it is while the item has few lines, but never less than LEAST_SHORT.
    """
    if not rules.holds_quantity:
        return None
    if lines < rules.least_lines:
        return max(rules.floor_units, LEAST_SHORT, MOST_TIMES * greatest)
    spread = max(deviation * NORMAL, rules.least_spread)
    usual, narrow = (int(min(median + rules.factor * of, LOG_OF_MOST).exp()) for of in (spread, rules.least_spread))
    return max(rules.floor_units, min(usual, max(narrow, MOST_TIMES * greatest)))


def judge_quantity(
    rules: Rules, *, units: int, lines: int, median: Decimal, deviation: Decimal, greatest: int, largest: int
) -> Doubt | None:
    """Whether a line is absurdly above what is ordered of the item, and above all that this customer ever ordered."""
    limit = doubtful_units(rules, lines=lines, median=median, deviation=deviation, greatest=greatest)
    if limit is None or units <= limit or units <= largest:
        return None
    usual = int(median.exp().to_integral_value())
    if lines >= rules.least_lines:
        said = f"{units:,} is {units // max(usual, 1):,} times the usual {usual:,} of this item"
    elif lines:
        often = "once" if lines == 1 else f"{lines:,} times"
        said = f"{units:,} of an item that was ordered {often} here, {greatest:,} at most"
    else:
        said = f"{units:,} of an item that nobody has ordered here before"
    own = f"this customer's largest line was {largest:,}" if largest else "this customer has ordered nothing before"
    return Doubt(
        HoldKind.QUANTITY,
        f"{said}, and {own}.",
        {
            "units": units,
            "limit": limit,
            "usual": usual,
            "lines": lines,
            "median_ln": str(median),
            "deviation_ln": str(deviation),
            "factor": str(rules.factor),
            "greatest": greatest,
            "largest": largest,
        },
    )


def judge_credit(
    *, is_stopped: bool, reason: str, limit: Decimal | None, owed: Decimal, others: Decimal, value: Decimal
) -> Doubt | None:
    """Whether a customer may not order for so much: on stop, or beyond the limit with what is open."""
    figures = {"limit": None if limit is None else str(limit), "owed": str(owed), "open": str(others)}
    detail = {**figures, "value": str(value), "is_stopped": is_stopped}
    if is_stopped:
        return Doubt(HoldKind.CREDIT, f"The customer is on stop: {reason.rstrip(chr(46))}.", detail)
    if limit is None or owed + others + value <= limit:
        return None
    parts = [f"this order {value:,.2f}"]
    parts += [f"open orders {others:,.2f}"] if others else []
    parts += [f"owed {owed:,.2f}"] if owed else []
    over = owed + others + value - limit
    return Doubt(HoldKind.CREDIT, f"{over:,.2f} beyond the credit limit of {limit:,.2f}: {', '.join(parts)}.", detail)


def judge_address(rules: Rules, *, code: str, is_marked: bool, is_active: bool) -> Doubt | None:
    """Whether an order has no address to which goods may be sent; no code = none at all."""
    if not rules.holds_address:
        return None
    detail = {"address": code, "is_marked": is_marked, "is_active": is_active}
    if not code:
        said = "The order has no delivery address, and the customer has no default one."
        return Doubt(HoldKind.ADDRESS, said, detail) if rules.needs_address else None
    if not is_active:
        return Doubt(HoldKind.ADDRESS, f"Address {code} is not in use any more.", detail)
    if is_marked:
        return Doubt(HoldKind.ADDRESS, f"Address {code} is marked to be checked.", detail)
    return None


def rules_faults(rules: Rules, reason: str) -> list[BadLine]:
    """What makes no sense in rules that somebody wants to set."""
    checks = [
        ("reason", not reason.strip(), "Say why.", "A few words are enough."),
        ("least_lines", rules.least_lines < 3, "Fewer than 3 lines say nothing.", "Use 3 or more; 20 is usual."),
        ("factor", not 1 <= rules.factor <= 100, "The factor is out of range.", "Use 1 to 100; 6 is usual."),
        (
            "least_spread",
            not Decimal("0.01") <= rules.least_spread <= 10,
            "The least spread is out of range.",
            "Use 0.01 to 10; 0.7 is a doubling.",
        ),
        ("floor_units", rules.floor_units < 1, "The floor is less than 1.", "Use 1 or more units."),
    ]
    return [BadLine(0, name, said, fix) for name, is_bad, said, fix in checks if is_bad]
