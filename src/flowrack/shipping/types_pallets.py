"""What building pallets from packed cartons is asked, answers and refuses."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class StackCartons:
    """Cartons go onto a pallet, by their codes; an empty `pallet` takes a new label."""

    site_id: int
    cartons: list[str]
    pallet: str = ""


@dataclass(frozen=True, slots=True)
class CartonsStacked:
    """The pallet and how many cartons stand on it."""

    pallet_id: int
    pallet: str
    cartons: int


@dataclass(frozen=True, slots=True)
class UnstackCarton:
    """A carton comes off its pallet."""

    site_id: int
    carton: str


@dataclass(frozen=True, slots=True)
class CartonUnstacked:
    """The pallet on which it stood, and how many are left there."""

    pallet: str
    cartons: int


class CannotStack(FlowrackError):
    """A carton cannot stand on this pallet; every bad one is named."""

    code = "cannot_stack"
