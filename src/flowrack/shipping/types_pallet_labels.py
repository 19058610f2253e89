"""The label of a pallet of cartons: what is asked and answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintPalletLabel:
    """The label of a pallet with cartons on it. Copies 0 = as the spec says."""

    site_id: int
    pallet: str
    copies: int = 0


@dataclass(frozen=True, slots=True)
class PalletPrinted:
    """The print; `copy_of` counts the prints of this pallet."""

    print_id: int
    pallet: str
    spec: str
    copies: int
    copy_of: int
