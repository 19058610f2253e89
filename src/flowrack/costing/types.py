"""What costing is asked, answers and tells: standard costs, late costs, costing methods, values and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

REVALUATION = "costing.revaluation"
LATE_COST = "costing.late_cost"


class RevaluationState(StrEnum):
    """Where a new standard cost stands."""

    PROPOSED = "proposed"
    POSTED = "posted"


class SplitBy(StrEnum):
    """By what a late cost is shared among the lines of its receipts."""

    VALUE = "value"
    UNITS = "units"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class NewCost:
    """The new standard cost of one base unit of an item."""

    item_id: int
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class SetStandardCost:
    """New standard costs, and why. Above the limit they wait for a second person of finance."""

    costs: list[NewCost]
    reason: str


@dataclass(frozen=True, slots=True)
class StandardCostSet:
    """The revaluation: posted at once, or proposed; by how much the value of stock changes."""

    revaluation_id: int
    state: str
    value: Decimal
    posting_id: int


@dataclass(frozen=True, slots=True)
class ApproveRevaluation:
    """Post a proposed revaluation."""

    revaluation_id: int


@dataclass(frozen=True, slots=True)
class PostLateCost:
    """A cost that comes after its goods: freight, duty or a price difference, for receipts named by their moves.

    `amount` may be negative (a credit). `split_by` shares it among the receipts.
    """

    amount: Decimal
    reason: str
    receipt_move_ids: list[int]
    split_by: str = SplitBy.VALUE


@dataclass(frozen=True, slots=True)
class LateCostPosted:
    """How the cost was split: what is still in stock and what was sold."""

    late_cost_id: int
    posting_id: int
    stock_value: Decimal
    sold_value: Decimal


@dataclass(frozen=True, slots=True)
class ChangeCosting:
    """Another costing method for an item; only while it has neither stock nor value."""

    item_id: int
    costing: str
    standard_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CostingChanged:
    """The item and its method now."""

    item_id: int
    costing: str


@dataclass(frozen=True, slots=True)
class Revalued:
    """Event: the value of stock changed without any goods moving."""

    posting_id: int
    item_ids: list[int]
    value: Decimal
    kind: str = "costing.revalued"


@dataclass(frozen=True, slots=True)
class ValueRow:
    """Units and value of own stock of one item at one site."""

    item_id: int
    sku: str
    name: str
    costing: str
    site_id: int
    site: str
    units: int
    value: Decimal
    unit_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """The value of one account role, per site."""

    account: str
    site_id: int
    site: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class ValueOnDay:
    """The value of all own stock at the end of a day, by account role."""

    on: date
    account: str
    units: int
    value: Decimal


class CostRefused(Invalid):
    """A change of cost that does not make sense as it stands; every bad line is named."""

    code = "cost_refused"


class StockInTheWay(FlowrackError):
    """The costing method cannot change while stock or value exists."""

    code = "stock_in_the_way"


class SecondFinancePerson(FlowrackError):
    """A revaluation of this size needs a second person of finance."""

    code = "second_finance_person"
    status = 403


class RevaluationNotFound(NotFound):
    """There is no such revaluation."""

    code = "revaluation_not_found"
