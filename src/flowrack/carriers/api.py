"""Carriers for other systems: services, rate cards by version, routing guides, prices of parcels."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, Field, Router, Schema
from ninja.responses import Status

from flowrack.carriers import api_accounts, commands, imports, queries, queries_try
from flowrack.carriers.queries import GuideRow
from flowrack.carriers.queries_try import Tried
from flowrack.carriers.types import (
    ApproveRateCard,
    CardOf,
    CopyRateCard,
    DropRateCard,
    GuideLineOf,
    LateCostsSet,
    RateCardSaved,
    RoutingGuideSet,
    SetLateCosts,
    SetRoutingGuide,
    WithdrawRateCard,
    WriteRateCard,
)
from flowrack.parties import queries as parties
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.api import add_import

router = Router(tags=["carriers"])
router.add_router("", api_accounts.router)
INT = 2**31 - 1


class RateCardRowOut(Schema):
    """A version of a rate card."""

    id: int
    code: str
    carrier: str
    version: int
    state: str
    name: str
    valid_from: date
    in_force: bool
    written_by: str
    approved_by: str


class RateCardOut(RateCardRowOut):
    """A version with all that it says."""

    card: CardOf


class CopyIn(Schema):
    """From when a copy prices, and by how much its amounts change."""

    valid_from: date
    change_pct: Decimal = Field(Decimal(0), max_digits=6, decimal_places=2)


class WithdrawIn(Schema):
    """Why a version prices no more."""

    reason: str = Field(max_length=200)


class ParcelsIn(Schema):
    """Equal parcels for a place; sides 0 = not measured."""

    site_id: int = Field(ge=1, le=INT)
    country: str = Field(min_length=2, max_length=60)
    on: date
    weight_g: int = Field(ge=1, le=INT)
    postcode: str = Field("", max_length=20)
    region: str = Field("", max_length=120)
    is_residential: bool = False
    parcels: int = Field(1, ge=1, le=999)
    length_mm: int = Field(0, ge=0, le=20_000)
    width_mm: int = Field(0, ge=0, le=20_000)
    height_mm: int = Field(0, ge=0, le=20_000)
    hazard: str = Field("", max_length=4)
    is_limited: bool = False
    drafts: bool = False


class ParcelPriceOut(Schema):
    """What a service asks for the parcels, or why it does not take them."""

    service_id: int
    carrier: str
    name: str
    card_id: int
    version: int
    zone: str
    billable_g: int
    price: Decimal | None
    parts: str
    arrives_on: date | None
    why: str


class GuideIn(Schema):
    """The whole routing guide of a customer."""

    lines: list[GuideLineOf] = Field(max_length=200)


@router.get("/rate-cards", response=PageOut[RateCardRowOut])
@requires("carriers.view")
def rate_cards(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Versions of rate cards by id."""
    rows = queries.cards_after(after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/rate-cards/{int:card_id}", response=RateCardOut)
@requires("carriers.view")
def rate_card(request: HttpRequest, card_id: BigId) -> Any:
    """One version with all that it says."""
    head = queries.card_row(card_id)
    names = ("id", "code", "carrier", "version", "state", "name", "valid_from", "in_force", "written_by", "approved_by")
    return {name: getattr(head, name) for name in names} | {"card": queries.card(card_id)}


@router.put("/rate-cards", response=RateCardSaved)
@requires("carriers.rates")
def write_rate_card(request: HttpRequest, body: Body[WriteRateCard]) -> RateCardSaved:
    """Write a carrier's rate card as a new draft, or its draft as it should be."""
    return commands.write_rate_card(context_from(request), body)


@router.post("/rate-cards/{int:card_id}/copies", response={201: RateCardSaved})
@requires("carriers.rates")
def copy_rate_card(request: HttpRequest, card_id: BigId, body: CopyIn) -> Status[RateCardSaved]:
    """Begin a draft with what this version says."""
    req = CopyRateCard(card_id, body.valid_from, body.change_pct)
    return Status(201, commands.copy_rate_card(context_from(request), req))


@router.post("/rate-cards/{int:card_id}/approval", response=RateCardSaved)
@requires("carriers.approve_rates")
def approve_rate_card(request: HttpRequest, card_id: BigId) -> RateCardSaved:
    """Let a draft price goods from its day on; not by whoever wrote it."""
    return commands.approve_rate_card(context_from(request), ApproveRateCard(card_id))


@router.post("/rate-cards/{int:card_id}/drop", response=RateCardSaved)
@requires("carriers.rates")
def drop_rate_card(request: HttpRequest, card_id: BigId) -> RateCardSaved:
    """Drop a draft that is not wanted."""
    return commands.drop_rate_card(context_from(request), DropRateCard(card_id))


@router.post("/rate-cards/{int:card_id}/withdrawal", response=RateCardSaved)
@requires("carriers.approve_rates")
def withdraw_rate_card(request: HttpRequest, card_id: BigId, body: WithdrawIn) -> RateCardSaved:
    """Let an approved version price no more."""
    return commands.withdraw_rate_card(context_from(request), WithdrawRateCard(card_id, body.reason))


@router.post("/parcel-prices", response=list[ParcelPriceOut])
@requires("carriers.view")
def parcel_prices(request: HttpRequest, body: ParcelsIn) -> Any:
    """What every service would ask for some parcels; nothing is written."""
    said = body.dict()
    leaves = datetime.combine(said.pop("on"), time.min)
    return [row._asdict() for row in queries_try.tried(Tried(site=said.pop("site_id"), leaves=leaves, **said))]


@router.get("/customers/{int:customer_id}/routing-guide", response=list[GuideRow])
@requires("carriers.view")
def routing_guide(request: HttpRequest, customer_id: BigId) -> list[GuideRow]:
    """Which services a customer allows, requires or bars."""
    return queries.guide_of(parties.party_record(customer_id).party_id)


@router.put("/customers/{int:customer_id}/routing-guide", response=RoutingGuideSet)
@requires("carriers.setup")
def set_routing_guide(request: HttpRequest, customer_id: BigId, body: GuideIn) -> RoutingGuideSet:
    """The whole routing guide of a customer, in place of the one before."""
    req = SetRoutingGuide(parties.party_record(customer_id).code, body.lines)
    return commands.set_routing_guide(context_from(request), req)


@router.get("/carrier-late-costs", response=dict[str, Decimal])
@requires("carriers.view")
def late_costs(request: HttpRequest) -> dict[str, Decimal]:
    """What a day of lateness counts, by tier."""
    return queries.late_costs()


@router.put("/carrier-late-costs", response=LateCostsSet)
@requires("carriers.setup")
def set_late_costs(request: HttpRequest, body: Body[SetLateCosts]) -> LateCostsSet:
    """Say what a day of lateness counts, by tier."""
    return commands.set_late_costs(context_from(request), body)


add_import(router, imports.RATES, commands.import_rates)
add_import(router, imports.LANES, commands.import_places)
