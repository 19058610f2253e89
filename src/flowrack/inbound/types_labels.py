"""Labels of received pallets: what is asked and answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintPlateLabels:
    """A label for each license plate of a receipt. Copies 0 = as the spec says."""

    receipt_id: int
    copies: int = 0


@dataclass(frozen=True, slots=True)
class PlatesPrinted:
    """The plates, and their prints in the same order."""

    plates: list[str]
    print_ids: list[int]
