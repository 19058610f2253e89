"""Carton types and planned cartons: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class CartonTypeOf:
    """A carton of the house: inner sides in mm, the weight of goods that it bears and its own in g, what one costs."""

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    max_weight_g: int
    tare_g: int = 0
    cost: Decimal = Decimal(0)
    name: str = ""


@dataclass(frozen=True, slots=True)
class SetCartonTypes:
    """All carton types in use, in place of those before: what is left out is used no more."""

    types: list[CartonTypeOf]


@dataclass(frozen=True, slots=True)
class CartonTypesSet:
    """How many types are in use, and the codes of those that are not any more."""

    in_use: int
    ended: list[str]


class BadCartonType(Invalid):
    """A carton type that makes no sense; names every bad field."""

    code = "bad_carton_type"
