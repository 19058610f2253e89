"""Money: exact decimals in the company's currency; unit costs keep six places."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Money = NewType("Money", Decimal)

CENT = Decimal("0.01")
UNIT_COST_QUANTUM = Decimal("0.000001")


def to_money(amount: Decimal | int | str) -> Money:
    """Round half up to the cent, as invoices are."""
    return Money(Decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP))


def to_unit_cost(amount: Decimal | int | str) -> Decimal:
    """A unit cost or price at six places."""
    return Decimal(amount).quantize(UNIT_COST_QUANTUM, rounding=ROUND_HALF_UP)
