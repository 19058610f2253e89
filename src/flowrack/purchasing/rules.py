"""Decisions of purchasing, free of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from flowrack.shared.money import to_money

OVER_PCT = Decimal(2)


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


def line_total(*, units: int, unit_cost: Decimal) -> Decimal:
    """What a line costs, to the cent."""
    return to_money(unit_cost * units)


def receipt_value(*, before: int, units: int, unit_cost: Decimal) -> Decimal:
    """The money of the next `units` of a line of which `before` have come.

    The difference of two rounded running totals, so that the values of all receipts of a line add up to the rounded
    value of all its units, in whatever portions they came.
    """
    return to_money(unit_cost * (before + units)) - to_money(unit_cost * before)


def content_hash(
    *, supplier_id: int, site_id: int, due_on: str, lines: Sequence[tuple[int, int, int, Decimal, int]]
) -> str:
    """Fingerprint of what an approver allows: supplier, site, date and (line no, item, units, cost, over units)."""
    head = f"{supplier_id}|{site_id}|{due_on}"
    body = [f"{no}|{item}|{units}|{cost:.6f}|{over}" for no, item, units, cost, over in sorted(lines)]
    return hashlib.sha256("\n".join([head, *body]).encode()).hexdigest()
