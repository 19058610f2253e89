"""What is in doubt, and why: pure rules over plain figures, which say their reason in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flowrack.sales.types_holds import HoldKind
from flowrack.shared.errors import BadLine

# The median absolute deviation of normal values is so much smaller than their standard deviation.
NORMAL = Decimal("1.4826")
LOG_OF_MOST = Decimal("20.7")  # of about a thousand million units, the most that a line may ask for
MOST_MANY = 10_000  # times the largest line: beyond it no line is ever in doubt
EVERY_ITEM = 0  # as which the history of all lines of a site is kept, for items that have a short one
RULE = "order-holds/4"
PERMISSION_OF = {kind: f"sales.release_{kind}" for kind in HoldKind}


@dataclass(frozen=True, slots=True)
class Rules:
    """The values of the rules in force at a site; version 0 is what is shipped.

    `most_times`: where the lines of an item spread widely, so many times its largest line is the limit. `short_units`:
    while a site has few lines, or none, only more units than this are in doubt.
    """

    version: int = 0
    holds_quantity: bool = True
    least_lines: int = 20
    factor: Decimal = Decimal(5)
    least_spread: Decimal = Decimal("0.7")
    floor_units: int = 500
    holds_credit: bool = True
    holds_address: bool = True
    needs_address: bool = False
    most_times: int = 5
    short_units: int = 10_000

    @property
    def name(self) -> str:
        """As a decision names it."""
        return f"{RULE} rules v{self.version}"


SHIPPED = Rules()


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of an item at a site, or of a line there: lines, median and deviation of the logarithm of units,
    the largest line."""

    lines: int
    median: Decimal
    deviation: Decimal
    greatest: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is held: the sentence, and the figures that it was judged by."""

    kind: HoldKind
    sentence: str
    detail: dict[str, Any] = field(default_factory=dict)


def doubtful_units(rules: Rules, *, lines: int, median: Decimal, deviation: Decimal, greatest: int) -> int | None:
    """More units than this are in doubt; None where nothing is. `median` and `deviation` are of the logarithm.

    `greatest` is the largest line of the item: where its lines spread more widely than `least_spread`, the limit is at
    most `most_times` of it.
    """
    if not rules.holds_quantity or lines < rules.least_lines:
        return None
    spread = max(deviation * NORMAL, rules.least_spread)
    usual, narrow = (int(min(median + rules.factor * of, LOG_OF_MOST).exp()) for of in (spread, rules.least_spread))
    return max(rules.floor_units, min(usual, max(narrow, rules.most_times * greatest)))


def limit_of(rules: Rules, item: Usual | None, house: Usual | None) -> int | None:
    """More units of an item than this are in doubt; None where the rules hold no quantity.

    An item with a short history has the limit of all lines of the site, and at least `most_times` its largest line.
    While the site itself has few lines that is `short_units`."""
    if not rules.holds_quantity:
        return None
    own = _limit(rules, item) if item else None
    if own is not None:
        return own
    of_house = _limit(rules, house) if house else None
    base = max(rules.floor_units, rules.short_units) if of_house is None else of_house
    return max(base, rules.most_times * item.greatest) if item else base


def _limit(rules: Rules, of: Usual) -> int | None:
    return doubtful_units(rules, lines=of.lines, median=of.median, deviation=of.deviation, greatest=of.greatest)


def limit_in_words(rules: Rules, item: Usual | None, house: Usual | None, limit: int) -> str:
    """By which of the rules so many units are the limit, as people read it."""
    ways = [(rules.floor_units, "the floor of the rules")]
    if item is not None:
        ways.append((rules.most_times * item.greatest, f"{rules.most_times} times the item's largest line"))
    if not any(of is not None and of.lines >= rules.least_lines for of in (item, house)):
        ways.append((rules.short_units, f"the site has fewer than {rules.least_lines:,} lines"))
    usual = f"{rules.factor:f} times the spread above the usual line"
    said = next((words for units, words in reversed(ways) if units == limit), usual)
    return f"More than {limit:,} are in doubt: {said} (hold rules v{rules.version})."


def asked_together(units: int, same: Sequence[int], limit: int) -> tuple[int, int]:
    """The units by which a line is judged, and of how many lines they are: a line within the limit with all others of
    its item and order that are within it, for an absurd quantity on many lines is one too."""
    if units > limit or len(same) < 2:
        return units, 1
    within = [one for one in same if one <= limit]
    return sum(within), len(within)


@dataclass(frozen=True, slots=True)
class AtSite:
    """What a quantity is judged by at a site: its rules, and what is usual there of the item and of all lines."""

    rules: Rules
    item: Usual | None
    house: Usual | None


def judge_anywhere(
    at: Sequence[AtSite], *, units: int, largest: int, same: Sequence[int] = ()
) -> tuple[Doubt, Rules] | None:
    """Whether an order that any of some sites may send asks absurdly much, and by the rules of which of them.

    It is in doubt where it is at each site that knows the item: those with enough lines of it, else those with any,
    else all of them. A site that hardly knows an item cannot say what is usual of it. `largest` is the customer's at
    any of the sites.
    """
    judging = [one for one in at if one.rules.holds_quantity]
    well = [one for one in judging if one.item is not None and one.item.lines >= one.rules.least_lines]
    known = well or [one for one in judging if one.item is not None] or judging
    found = None
    for one in sorted(known, key=lambda one: limit_of(one.rules, one.item, one.house) or 0):
        doubt = judge_quantity(
            one.rules, units=units, item=one.item, house=one.house, largest=largest, same=same, sites=len(at)
        )
        if doubt is None:
            return None
        found = doubt, one.rules
    return found


def judge_quantity(
    rules: Rules,
    *,
    units: int,
    item: Usual | None,
    house: Usual | None,
    largest: int,
    same: Sequence[int] = (),
    sites: int = 1,
) -> Doubt | None:
    """Whether an order asks absurdly more of an item than is ordered of it, and more than this customer ever ordered.

    `same` are the units of all lines of the order with the item, this one among them; `house` is what is usual of the
    site's lines; `sites` may send it.
    """
    limit = limit_of(rules, item, house)
    if limit is None:
        return None
    units, lines = asked_together(units, same, limit)
    if units <= limit or units <= largest:
        return None
    by = next((of for of in (item, house) if of is not None and of.lines >= rules.least_lines), None)
    asked = f"{units:,}" if lines == 1 else f"{units:,} on {lines:,} lines"
    often = "" if item is None else "once" if item.lines == 1 else f"{item.lines:,} times"
    here, nowhere = ("here", "here") if sites == 1 else ("at one site", "at any site")
    history = (
        f"was ordered {often} {here}, {item.greatest:,} at most" if item else f"nobody has ordered {nowhere} before"
    )
    usual = int(by.median.exp().to_integral_value()) if by else 0
    compared = f"{asked} is {units // max(usual, 1):,} times the usual {usual:,} of"
    if by is None:
        said = f"{asked} of an item that {history}"
    elif by is item:
        said = f"{compared} this item"
    else:
        said = f"{compared} a line {here}, of an item that {history}"
    own = f"this customer's largest line was {largest:,}" if largest else "this customer has ordered nothing before"
    by = by or Usual(0, Decimal(0), Decimal(0), 0)
    detail = {"units": units, "limit": limit, "usual": usual, "lines": by.lines, "median_ln": str(by.median),
              "deviation_ln": str(by.deviation), "factor": str(rules.factor), "greatest": by.greatest,
              "largest": largest, "item_lines": item.lines if item else 0,
              "item_greatest": item.greatest if item else 0,
              "limit_rule": limit_in_words(rules, item, house, limit)}  # fmt: skip
    return Doubt(HoldKind.QUANTITY, f"{said}, and {own}.", detail)


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
        ("factor", not 1 <= rules.factor <= 100, "The factor is out of range.", "Use 1 to 100; 5 is usual."),
        (
            "least_spread",
            not Decimal("0.01") <= rules.least_spread <= 10,
            "The least spread is out of range.",
            "Use 0.01 to 10; 0.7 is a doubling.",
        ),
        ("floor_units", rules.floor_units < 1, "The floor is less than 1.", "Use 1 or more units."),
        (
            "most_times",
            not 1 <= rules.most_times <= MOST_MANY,
            "So many times the largest line is out of range.",
            f"Use 1 to {MOST_MANY:,}; 5 is usual.",
        ),
        ("short_units", rules.short_units < 1, "The limit of a new site is less than 1.", "Use 1 or more units."),
    ]
    return [BadLine(0, name, said, fix) for name, is_bad, said, fix in checks if is_bad]
