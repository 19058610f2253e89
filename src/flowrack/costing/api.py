"""Cost and value for other systems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.costing import commands, queries
from flowrack.costing.types import (
    ApproveRevaluation,
    BalanceRow,
    ChangeCosting,
    CostingChanged,
    LateCostPosted,
    NewCost,
    PostLateCost,
    SetStandardCost,
    StandardCostSet,
    ValueOnDay,
)
from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from, requires

router = Router(tags=["costing"])


class BalanceOut(Schema):
    """The value of one account at one site."""

    account: str
    site_id: int
    site: str
    value: Decimal


class ValueOut(Schema):
    """Units and value of all own stock in one account at the end of a day."""

    on: date
    account: str
    units: int
    value: Decimal


class NewCostIn(Schema):
    """The new standard cost of one base unit."""

    item_id: int
    unit_cost: Decimal = Field(ge=0, max_digits=18, decimal_places=6)


class StandardIn(Schema):
    """New standard costs, and why."""

    costs: list[NewCostIn] = Field(max_length=2000)
    reason: str = Field(max_length=500)


class StandardOut(Schema):
    """The revaluation: posted, or proposed for a second person."""

    revaluation_id: int
    state: str
    value: Decimal
    posting_id: int


class LateIn(Schema):
    """A cost that came after its goods, for receipts named by their moves."""

    amount: Decimal = Field(max_digits=18, decimal_places=2)
    reason: str = Field(max_length=500)
    receipt_move_ids: list[int] = Field(max_length=2000)
    split_by: str = Field("value", max_length=8)


class LateOut(Schema):
    """How the cost was split."""

    late_cost_id: int
    posting_id: int
    stock_value: Decimal
    sold_value: Decimal


class CostingIn(Schema):
    """Another costing method for an item without stock."""

    costing: str = Field(max_length=12)
    standard_cost: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=6)


class CostingOut(Schema):
    """The item and its method now."""

    item_id: int
    costing: str


@router.get("/costing/trial-balance", response=list[BalanceOut])
@requires("costing.view")
def trial_balance(request: HttpRequest, on: date | None = None, site_id: BigId = 0) -> list[BalanceRow]:
    """Value per account and site, now or at the end of a day; sums to zero."""
    context_from(request).require("costing.view", site_id)
    return queries.trial_balance_at(on, site_id) if on else queries.trial_balance(site_id)


@router.get("/costing/value", response=list[ValueOut])
@requires("costing.view")
def value(request: HttpRequest, on: date, site_id: BigId = 0) -> list[ValueOnDay]:
    """Units and value of all own stock at the end of a day."""
    context_from(request).require("costing.view", site_id)
    return queries.value_at(on, site_id)


@router.post("/costing/standard-costs", response={201: StandardOut})
@requires("costing.revalue")
def set_standard_cost(request: HttpRequest, body: StandardIn) -> Status[StandardCostSet]:
    """Set new standard costs and revalue stock."""
    costs = [NewCost(**cost.dict()) for cost in body.costs]
    return Status(201, commands.set_standard_cost(context_from(request), SetStandardCost(costs, body.reason)))


@router.post("/costing/revaluations/{int:revaluation_id}/approve", response=StandardOut)
@requires("costing.revalue")
def approve_revaluation(request: HttpRequest, revaluation_id: BigId) -> StandardCostSet:
    """Post a proposed revaluation."""
    return commands.approve_revaluation(context_from(request), ApproveRevaluation(revaluation_id))


@router.post("/costing/late-costs", response={201: LateOut})
@requires("costing.post")
def post_late_cost(request: HttpRequest, body: LateIn) -> Status[LateCostPosted]:
    """Book a cost that came after its goods."""
    return Status(201, commands.post_late_cost(context_from(request), PostLateCost(**body.dict())))


@router.post("/costing/items/{int:item_id}/method", response=CostingOut)
@requires("costing.revalue")
def change_costing(request: HttpRequest, item_id: BigId, body: CostingIn) -> CostingChanged:
    """Give an item without stock another costing method."""
    return commands.change_costing(context_from(request), ChangeCosting(item_id, body.costing, body.standard_cost))
