"""Carton types for other systems."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.fulfilment import commands, queries, queries_cartons
from flowrack.fulfilment.types import PickNotFound
from flowrack.fulfilment.types_cartons import CartonTypeOf, CartonTypesSet, SetCartonTypes
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["fulfilment"])
INT = 2**31 - 1


class CartonTypeIn(Schema):
    """A carton of the house: inner sides in mm, weights in g."""

    code: str = Field(max_length=20)
    name: str = Field("", max_length=80)
    length_mm: int = Field(ge=0, le=INT)
    width_mm: int = Field(ge=0, le=INT)
    height_mm: int = Field(ge=0, le=INT)
    max_weight_g: int = Field(ge=0, le=INT)
    tare_g: int = Field(0, ge=0, le=INT)
    cost: Decimal = Field(Decimal(0), ge=0, max_digits=12, decimal_places=4)


class CartonTypesIn(Schema):
    """All types in use."""

    types: list[CartonTypeIn] = Field(max_length=60)


class CartonTypeOut(CartonTypeIn):
    """A type in use."""

    id: int


class CartonTypesOut(Schema):
    """How many are in use, and the codes of those that are not any more."""

    in_use: int
    ended: list[str]


class PlannedCartonOut(Schema):
    """A carton as a wave was planned; code "" = the goods' own box. Filled is permille of its room."""

    order_id: int
    order: str
    number: int
    code: str
    weight_g: int
    filled: int
    contents: str
    cost: Decimal | None = None
    freight: Decimal | None = None


@router.get("/carton-types", response=list[CartonTypeOut])
@requires("fulfilment.view")
def carton_types(request: HttpRequest) -> Any:
    """The carton types in use, the smallest first."""
    return queries_cartons.types_in_use()


@router.put("/carton-types", response=CartonTypesOut)
def set_carton_types(request: HttpRequest, body: CartonTypesIn) -> CartonTypesSet:
    """All carton types in use, in place of those before."""
    types = [CartonTypeOf(**one.dict()) for one in body.types]
    return commands.set_carton_types(context_from(request), SetCartonTypes(types))


@router.get("/waves/{int:wave_id}/cartons", response=list[PlannedCartonOut])
@requires("fulfilment.view")
def planned_cartons(request: HttpRequest, wave_id: BigId) -> Any:
    """The cartons that a wave was planned to fill."""
    caller = caller_of(request)
    if queries.access_wave(wave_id, caller.sites("fulfilment.view") if caller else frozenset()) is None:
        raise PickNotFound("There is no such wave.", fix="See the list of waves.")
    return queries_cartons.planned_of_wave(wave_id, limit=10_000)
