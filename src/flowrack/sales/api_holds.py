"""Order holds, hold rules and credits for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.sales import commands_credit, commands_holds, queries_credit, queries_holds
from flowrack.sales.types_holds import (
    CreditsSet,
    CustomerCredit,
    HoldRulesSet,
    HoldsPlaced,
    HoldsReleased,
    PlaceHolds,
    ReleaseHolds,
    SetCredits,
    SetHoldRules,
)

router = Router(tags=["sales"])


class HoldOut(Schema):
    """A hold: of a line (`line_id`, `sku`), or of a whole order (`line_id` 0)."""

    id: int
    kind: str
    state: str
    order_id: int
    number: str
    customer_code: str
    line_id: int
    sku: str
    units: int
    promised: int
    value: Decimal
    requested_on: date
    sentence: str
    site_id: int
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str
    reason: str


class PlaceHoldsIn(Schema):
    """Orders and lines to hold, and why."""

    order_ids: list[BigId] = Field(default_factory=list, max_length=1000)
    line_ids: list[BigId] = Field(default_factory=list, max_length=1000)
    reason: str = Field(max_length=200)


class HoldsPlacedOut(Schema):
    """The holds that stand; so many promised units do not go to pickers."""

    hold_ids: list[int]
    promised_units: int


class ReleaseHoldsIn(Schema):
    """Holds to release, and why."""

    hold_ids: list[BigId] = Field(max_length=1000)
    reason: str = Field(max_length=200)


class HoldsReleasedOut(Schema):
    """The holds that ended, and the lines that nothing holds any more."""

    hold_ids: list[int]
    free_line_ids: list[int]


class RulesOut(Schema):
    """A version of hold rules; site 0 is the company, version 0 what is shipped."""

    site_id: int
    version: int
    holds_quantity: bool
    least_lines: int
    factor: Decimal
    least_spread: Decimal
    floor_units: int
    holds_credit: bool
    holds_address: bool
    needs_address: bool
    most_times: int
    short_units: int
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


class RulesIn(Schema):
    """The rules of a site (0 = the company) from now on."""

    site_id: int = Field(0, ge=0, le=2**62)
    reason: str = Field(max_length=200)
    holds_quantity: bool = True
    least_lines: int = Field(20, le=1_000_000)
    factor: Decimal = Field(Decimal(5), max_digits=5, decimal_places=2)
    least_spread: Decimal = Field(Decimal("0.7"), max_digits=5, decimal_places=3)
    floor_units: int = Field(500, le=1_000_000_000)
    holds_credit: bool = True
    holds_address: bool = True
    needs_address: bool = False
    most_times: int = Field(5, le=10_000)
    short_units: int = Field(10_000, le=1_000_000_000)


class RulesSetOut(Schema):
    """The version in force."""

    rules_id: int
    version: int


class CreditOut(Schema):
    """A customer's credit in force; `left` is None where there is no limit."""

    id: int
    code: str
    customer: str
    credit_limit: Decimal | None
    owed: Decimal
    open_value: Decimal
    left: Decimal | None
    state: str
    reason: str
    set_by: str
    set_at: datetime
    version: int


class CreditIn(Schema):
    """A customer's credit from now on."""

    customer: str = Field(max_length=40)
    credit_limit: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    owed: Decimal = Field(Decimal(0), max_digits=16, decimal_places=4)
    is_stopped: bool = False


class SetCreditsIn(Schema):
    """Credits to set, all for one reason."""

    credits: list[CreditIn] = Field(max_length=1000)
    reason: str = Field(max_length=200)


class CreditsSetOut(Schema):
    """The holds that came of it, and those that ended."""

    placed_hold_ids: list[int]
    ended_hold_ids: list[int]


@router.get("/order-holds", response=PageOut[HoldOut])
@requires("sales.view")
def list_holds(
    request: HttpRequest,
    response: HttpResponse,
    only_open: bool = True,
    kind: str = "",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Holds of orders at the sites that the caller may see, oldest first."""
    caller = caller_of(request)
    sites = caller.sites("sales.view") if caller else frozenset()
    rows = queries_holds.holds_after(after_id(cursor), sites, only_open=only_open, kind=kind, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/order-holds", response={201: HoldsPlacedOut})
@requires("sales.hold")
def place_holds(request: HttpRequest, body: PlaceHoldsIn) -> Status[HoldsPlaced]:
    """Hold orders and lines by hand, all or none."""
    req = PlaceHolds(body.reason, list(body.order_ids), list(body.line_ids))
    return Status(201, commands_holds.place_holds(context_from(request), req))


@router.post("/order-holds/release", response=HoldsReleasedOut)
@requires("sales.release_holds")
def release_holds(request: HttpRequest, body: ReleaseHoldsIn) -> HoldsReleased:
    """Release holds, all or none; each kind has its own permission."""
    return commands_holds.release_holds(context_from(request), ReleaseHolds(list(body.hold_ids), body.reason))


@router.get("/hold-rules", response=list[RulesOut])
@requires("sales.view")
def list_hold_rules(request: HttpRequest) -> list[queries_credit.RulesRow]:
    """Versions of hold rules, those in force first; none = what is shipped counts everywhere."""
    return queries_credit.all_rules()


@router.post("/hold-rules", response={201: RulesSetOut})
@requires("sales.hold_rules")
def set_hold_rules(request: HttpRequest, body: RulesIn) -> Status[HoldRulesSet]:
    """Set the rules of a site or of the company: a new version."""
    return Status(201, commands_holds.set_hold_rules(context_from(request), SetHoldRules(**body.dict())))


@router.get("/credits", response=PageOut[CreditOut])
@requires("sales.credits")
def list_credits(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Credits in force, with what is open on the customers' orders."""
    return page_out(request, response, queries_credit.credits_after(after_id(cursor), limit=limit + 1), limit=limit)


@router.post("/credits", response=CreditsSetOut)
@requires("sales.credit")
def set_credits(request: HttpRequest, body: SetCreditsIn) -> CreditsSet:
    """Set credits, all or none; a stop holds the customer's open orders."""
    wanted = [CustomerCredit(**one.dict()) for one in body.credits]
    return commands_credit.set_credits(context_from(request), SetCredits(wanted, body.reason))
