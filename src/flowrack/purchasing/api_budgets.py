"""Budgets for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.purchasing import commands_budgets as commands
from flowrack.purchasing.queries_budgets import budgets
from flowrack.purchasing.types import BudgetSet, SetBudget

router = Router(tags=["purchasing"])


class BudgetIn(Schema):
    """What a site may order in a period that begins with a month (any day of it) and lasts 1, 3, 6 or 12 months, in all
    or of one item family; replaces what was said before."""

    site_id: BigId
    month: date
    amount: Decimal
    reason: str = ""
    months: int = 1
    family_id: BigId | None = None


class BudgetSetOut(Schema):
    """The budget as it counts now, and what is left of it."""

    site_id: int
    month: date
    amount: Decimal
    left: Decimal
    months: int
    family_id: int | None


class BudgetOut(BudgetSetOut):
    """A budget in the list; `spent` is ordered, or waits for approval."""

    id: int
    site: str
    family: str
    spent: Decimal
    reason: str
    set_by: str
    set_at: datetime


@router.get("/purchase-budgets", response=list[BudgetOut])
@requires("purchasing.view")
def list_budgets(request: HttpRequest) -> Any:
    """The budgets of the caller's sites, newest month first; at most 500."""
    caller = caller_of(request)
    return budgets(site_ids=sorted(caller.sites("purchasing.view")) if caller else [])


@router.post("/purchase-budgets", response={201: BudgetSetOut})
@requires("purchasing.budget")
def set_budget(request: HttpRequest, body: BudgetIn) -> Status[BudgetSet]:
    """Say what a site may order in a period."""
    req = SetBudget(body.site_id, body.month, body.amount, body.reason, body.months, body.family_id)
    return Status(201, commands.set_budget(context_from(request), req))
