"""Arithmetic of cost: how a late cost is shared, what a new standard cost changes. Parts always add up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.costing.types import SplitBy
from flowrack.shared.money import CENT
from flowrack.shared.quantity import split_by_largest_remainder

SECOND_PERSON_ABOVE = Decimal("10000")
MICRO = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class ReceiptLeft:
    """One receipt move: what came with it and how many of its units are still in stock."""

    move_id: int
    units: int
    value: Decimal
    units_left: int


@dataclass(frozen=True, slots=True)
class LateShare:
    """A receipt's share of a late cost, split into what stays on stock and what goes to cost of sales."""

    move_id: int
    stock: Decimal
    sold: Decimal


def share_late_cost(amount: Decimal, receipts: list[ReceiptLeft], *, split_by: SplitBy) -> list[LateShare]:
    """Share a cost among receipts, and within each between units in stock and units gone. Adds up to the cent.

    By value; when nothing has a value, by line, as freight over free goods is.
    """
    shares = split_by_largest_remainder(amount, _weights(receipts, split_by), quantum=CENT)
    return [_within(share, receipt) for share, receipt in zip(shares, receipts, strict=True)]


def _weights(receipts: list[ReceiptLeft], split_by: SplitBy) -> list[int]:
    if split_by is SplitBy.VALUE:
        return [int(r.value / MICRO) for r in receipts]
    if split_by is SplitBy.UNITS:
        return [r.units for r in receipts]
    return [1] * len(receipts)


def _within(share: Decimal, receipt: ReceiptLeft) -> LateShare:
    assert 0 <= receipt.units_left <= receipt.units
    stock, sold = split_by_largest_remainder(
        share, [receipt.units_left, receipt.units - receipt.units_left], quantum=CENT
    )
    return LateShare(receipt.move_id, stock, sold)


def revaluation(units: int, value: Decimal, new_unit_cost: Decimal) -> Decimal:
    """What must be added to the value of `units` so that each is worth the new cost, to the cent."""
    if units == 0:
        return Decimal(0)
    target = (units * new_unit_cost).quantize(CENT)
    return target - value
