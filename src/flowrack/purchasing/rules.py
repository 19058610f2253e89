"""Decisions of purchasing, free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from flowrack.approvals import rules as approvals
from flowrack.approvals.types import NO_END_DAYS
from flowrack.shared.money import to_money

OVER_PCT = Decimal(2)
TENTH = Decimal("0.1")
LONG_DAYS = 180  # of cover: more is unusual


def over_units(*, units: int, line_pct: Decimal | None, supplier_pct: Decimal | None, case_factor: int) -> int:
    """Units that a line takes on top of what was ordered, over all its receipts together.

    The supplier's percentage for the item (else 2 %) counts, but never for more than one case; a percentage agreed
    for this very line has no such cap. Part units are dropped, so that 2 % of 40 is none.
    """
    if line_pct is not None:
        return _share(units, line_pct)
    allowed = _share(units, OVER_PCT if supplier_pct is None else supplier_pct)
    return min(allowed, case_factor) if case_factor > 1 else allowed


def _share(units: int, pct: Decimal) -> int:
    return int((Decimal(units) * pct / 100).to_integral_value(rounding=ROUND_FLOOR))


def under_units(*, units: int, pct: Decimal | None) -> int:
    """Units that may be missing while the line still counts as complete."""
    return 0 if pct is None else _share(units, pct)


def off_agreement(*, units: int, moq: int, multiple: int) -> str:
    """Why a quantity does not fit the supplier's minimum and multiple, with the next that does; empty if it fits."""
    fitting = fit_to_agreement(units=units, moq=moq, multiple=multiple)
    if fitting == units:
        return ""
    if units < moq:
        return f"{units} is below the supplier's minimum of {moq}; the next quantity that works is {fitting}."
    return f"{units} is not a multiple of {multiple}; the next quantity that works is {fitting}."


def fit_to_agreement(*, units: int, moq: int, multiple: int) -> int:
    """The smallest quantity of at least `units` that the supplier takes."""
    at_least = max(units, moq)
    step = max(multiple, 1)
    return -(-at_least // step) * step


def same_lines(before: Sequence[tuple[int, int]], items: Sequence[int]) -> list[int | None]:
    """For each new line of an item the line (id, item) that it was before: the nth of its item stays the nth."""
    free: dict[int, list[int]] = {}
    for line_id, item_id in before:
        free.setdefault(item_id, []).append(line_id)
    return [free[item_id].pop(0) if free.get(item_id) else None for item_id in items]


def line_total(*, units: int, unit_cost: Decimal) -> Decimal:
    """What a line costs, to the cent."""
    return to_money(unit_cost * units)


def receipt_value(*, before: int, units: int, unit_cost: Decimal) -> Decimal:
    """The money of the next `units` of a line of which `before` have come.

    The difference of two rounded running totals, so that the values of all receipts of a line add up to the rounded
    value of all its units, in whatever portions they came.
    """
    return to_money(unit_cost * (before + units)) - to_money(unit_cost * before)


def content(
    *, supplier_id: int, site_id: int, due_on: str, lines: Sequence[tuple[int, int, int, Decimal, int]]
) -> dict[str, Any]:
    """What an approver allows: supplier, site, date and (line no, item, units, cost, over units)."""
    return {
        "supplier": supplier_id,
        "site": site_id,
        "due_on": due_on,
        "lines": [[no, item, units, f"{cost:.6f}", over] for no, item, units, cost, over in sorted(lines)],
    }


def content_hash(
    *, supplier_id: int, site_id: int, due_on: str, lines: Sequence[tuple[int, int, int, Decimal, int]]
) -> str:
    """Fingerprint of what an approver allows."""
    return approvals.content_hash(content(supplier_id=supplier_id, site_id=site_id, due_on=due_on, lines=lines))


def price_up_pct(*, before: Decimal | None, after: Decimal) -> Decimal | None:
    """By how many percent a price rose, one decimal; negative when it fell, None when none was known."""
    if not before:
        return None
    return ((after - before) / before * 100).quantize(TENTH, rounding=ROUND_HALF_UP)


def cover_days(*, units: int, daily: Decimal) -> int:
    """How many whole days units last; 999 when there is no use, and never more."""
    return NO_END_DAYS if daily <= 0 else min(NO_END_DAYS, int(units / daily))


def lasts(days: int) -> str:
    """Days of cover in words."""
    return f"over {NO_END_DAYS - 1:,} days" if days >= NO_END_DAYS else f"{days:,} day{'' if days == 1 else 's'}"


def risks(facts: Mapping[str, object]) -> int:
    """How many of these hold: new supplier, new items, a price rise over 5 %, more than 180 days, off the terms."""
    rise, cover = facts["price_up_pct"], facts["cover_days"]
    return sum(
        (
            bool(facts["new_supplier"]),
            bool(facts["new_items"]),
            isinstance(rise, Decimal) and rise > 5,
            isinstance(cover, int) and cover > LONG_DAYS,
            bool(facts["below_terms"]),
        )
    )


def told(*, supplier: str, site: str, due_on: date, lines: int, facts: Mapping[str, object]) -> str:
    """The order in one or two sentences, what is unusual last."""
    head = f"{lines} line{'s' if lines != 1 else ''} from {supplier} for {site}, due {due_on.day} {due_on:%b %Y}."
    rise, cover, new = facts["price_up_pct"], facts["cover_days"], facts["new_items"]
    left, least = facts["budget_left"], facts["minimum_pct"]
    unusual = [
        *(["the first order with this supplier"] if facts["new_supplier"] else []),
        *([f"{new} item{'s' if new != 1 else ''} never bought before"] if new else []),
        *([f"a price up {rise} %"] if isinstance(rise, Decimal) and rise > 0 else []),
        *([_off(facts["off_agreed_lines"])] if facts["off_agreed_lines"] else []),
        *([long_cover(cover)] if isinstance(cover, int) and cover > LONG_DAYS else []),
        *(["quantities off the supplier's terms"] if facts["below_terms"] else []),
        *([f"{facts['covered_units']:,} units that are coming already"] if facts["covered_units"] else []),
        *(["less than the supplier's minimum"] if isinstance(least, Decimal) and least < 100 else []),
        *(["more than the budget"] if isinstance(left, Decimal) and left < 0 else []),
    ]
    return f"{head} Unusual: {', '.join(unusual)}." if unusual else f"{head} Nothing unusual."


def _off(lines: object) -> str:
    return "a price other than agreed" if lines == 1 else f"{lines} prices other than agreed"


def long_cover(cover: int) -> str:
    """What is unusual about so many days of cover."""
    return "an item that has not sold for three months" if cover >= NO_END_DAYS else f"{cover} days of cover"


def price(cost: Decimal) -> str:
    """A unit cost as people read it: two places, or as many as it has up to six."""
    text = f"{cost.normalize():,f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"
