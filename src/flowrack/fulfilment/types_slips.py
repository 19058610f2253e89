"""Packing slips: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class PrintSlips:
    """Packing slips of orders. Copies 0 = as the spec says."""

    order_ids: list[int]
    copies: int = 0


@dataclass(frozen=True, slots=True)
class SlipPrint:
    """A slip that was printed; `copy_of` counts the prints of this order's slip."""

    order_id: int
    print_id: int
    order: str
    spec: str
    version: int
    copies: int
    copy_of: int


@dataclass(frozen=True, slots=True)
class SlipsPrinted:
    """The prints, in the order of the request."""

    prints: list[SlipPrint] = field(default_factory=list)


class NothingPacked(FlowrackError):
    """Nothing of the order is in a carton that has not left."""

    code = "nothing_packed"
