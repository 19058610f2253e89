"""Choices of carriers for other systems: who takes which orders and why, chosen again, or taken by a person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.carriers import queries_choices as carriers
from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shipping import commands, queries_carriers, queries_choices
from flowrack.shipping.live import PERSON_MS, ask_for_orders
from flowrack.shipping.types_carriers import (
    CarriersChosen,
    CarriersReshopped,
    ChooseCarriers,
    OverrideCarrier,
    ReshopCarriers,
)

router = Router(tags=["carriers"])


class CarrierChoiceOut(Schema):
    """Who takes some orders; `out` are the reasons for which services were refused. `cost` is the freight, `landed`
    that and the price of lateness."""

    id: int
    orders: str
    customer: str
    place: str
    stage: str
    service: str
    out: str
    cost: Decimal
    lateness: Decimal
    landed: Decimal
    lines: int
    arrives_on: date | None
    days_late: int
    is_latest: bool
    site_id: int
    wave: str
    reason: str
    made_at: datetime


class CarrierOptionOut(Schema):
    """A service as it was looked at; `why` is the code of its refusal, empty when it could.

    `price` is what the carrier asks, `freight` what the house pays of it, `penalty` the price of lateness, and `landed`
    freight and penalty: by that services are compared.
    """

    rank: int
    service_id: int
    carrier: str
    service: str
    card_id: int
    version: int
    is_chosen: bool
    why: str
    words: str
    zone: str
    billable_g: int
    price: Decimal | None
    freight: Decimal | None
    penalty: Decimal
    landed: Decimal | None
    account: str
    leaves_on: date | None
    arrives_on: date | None
    days_late: int
    charges: str
    source: str
    live_words: str


class ChoiceParcelOut(Schema):
    """A parcel as the choice saw it; sides 0 = not measured."""

    number: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    hazards: list[str]
    is_pallet: bool


class CarrierChoiceWhyOut(CarrierChoiceOut):
    """A choice with every option, its parcels, and what would be otherwise if it were made again (nothing)."""

    options: list[CarrierOptionOut]
    parcels: list[ChoiceParcelOut]
    differences: list[str]


class ChooseIn(Schema):
    """Orders that need a carrier."""

    order_ids: list[BigId] = Field(max_length=2_000)
    only_packed: bool = False


class ReshopIn(Schema):
    """What slipped: orders or a wave, until when, and why."""

    reason: str = Field(max_length=300)
    order_ids: list[BigId] = Field(default_factory=list, max_length=2_000)
    wave_id: int = Field(0, ge=0, le=2**62)
    ready_at: datetime | None = None


class OverrideIn(Schema):
    """Another service, and why."""

    service_id: BigId
    reason: str = Field(max_length=300)


@router.get("/carrier-choices", response=PageOut[CarrierChoiceOut])
@requires("shipping.view")
def carrier_choices(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Choices of carriers by id, replaced ones too."""
    rows = queries_choices.choices_after(_sites(request), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("shipping.view") if caller else frozenset()


@router.get("/carrier-choices/{int:choice_id}", response=CarrierChoiceWhyOut)
@requires("shipping.view")
def carrier_choice(request: HttpRequest, choice_id: BigId) -> Any:
    """One choice with every option and its reason."""
    found = queries_choices.access_choice(choice_id, _sites(request))
    return {name: getattr(found, name) for name in CarrierChoiceOut.model_fields} | {
        "options": [
            row._asdict() | {"freight": row.freight, "landed": row.landed} for row in carriers.options_of(choice_id)
        ],
        "parcels": [row._asdict() for row in carriers.parcels_of(choice_id)],
        "differences": carriers.differences(choice_id),
    }


@router.post("/carrier-choices", response=CarriersChosen)
@requires("shipping.choose")
def choose_carriers(request: HttpRequest, body: ChooseIn) -> CarriersChosen:
    """Choose who takes orders, those for one place together."""
    req = ChooseCarriers(body.order_ids, only_packed=body.only_packed)
    ctx = context_from(request)
    ask_for_orders(ctx, body.order_ids, keep_carrier_answers, budget_ms=PERSON_MS, only_packed=body.only_packed)
    return commands.choose_carriers(ctx, req)


@router.post("/carrier-choices/again", response=CarriersReshopped)
@requires("shipping.choose")
def reshop_carriers(request: HttpRequest, body: ReshopIn) -> CarriersReshopped:
    """Choose again for what slipped, and tell what changes."""
    req = ReshopCarriers(body.reason, body.order_ids, body.wave_id, body.ready_at)
    ctx = context_from(request)
    ids = queries_carriers.orders_of_wave(body.wave_id) if body.wave_id else body.order_ids
    ask_for_orders(ctx, ids, keep_carrier_answers, budget_ms=PERSON_MS, ready_at=body.ready_at)
    return commands.reshop_carriers(ctx, req)


@router.post("/carrier-choices/{int:choice_id}/override", response=CarriersChosen)
@requires("shipping.override_carrier")
def override_carrier(request: HttpRequest, choice_id: BigId, body: OverrideIn) -> CarriersChosen:
    """Take another service, with a reason."""
    return commands.override_carrier(context_from(request), OverrideCarrier(choice_id, body.service_id, body.reason))
