"""Decisions against the allocation rules, for other systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation import queries_overrides as queries
from flowrack.allocation.types_overrides import (
    EndOverride,
    GiveUnits,
    OverridesEnded,
    OverridesReviewed,
    ReviewOverrides,
    UnitsGiven,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shared.errors import NotFound

router = Router(tags=["allocation"])
PRICES = "sales.view"


class GiveIn(Schema):
    """Units for a line, out of rank, until the end of a day: free ones, or those of one other line."""

    units: int = Field(gt=0, le=2**53)
    reason: str = Field(max_length=200)
    until_on: date
    from_line_id: int = Field(0, ge=0, le=2**63 - 1)


class GivenOut(Schema):
    """The override under which it is written down; id 0: the rules give them, too."""

    override_id: int
    number: str
    line_id: int
    units: int


class EndOverrideIn(Schema):
    """Why the rules decide again."""

    reason: str = Field(max_length=200)


class OverridesEndedOut(Schema):
    """The overrides that are over, and the units that went back."""

    override_ids: list[int]
    units: int


class ReviewIn(Schema):
    """Confirmed, or objected with a note."""

    override_ids: list[BigId] = Field(max_length=500)
    verdict: str = Field(max_length=10)
    note: str = Field("", max_length=300)


class ReviewedOut(Schema):
    """The overrides that are reviewed."""

    override_ids: list[int]
    verdict: str


class OverrideOut(Schema):
    """A decision against the rules. Money is null for who may not see what orders are worth."""

    id: int
    number: str
    site: str
    kind: str
    rule: str
    broken: str
    value: Decimal | None
    reason: str
    made_by: str
    made_at: datetime
    stands_until: datetime | None
    ended_at: datetime | None
    ended_reason: str
    standing: str
    review: str
    review_due_on: date
    reviewed_by: str
    reviewed_at: datetime | None
    review_note: str
    orders: str
    gained: int
    lost: int
    in_time: int
    late: int
    days_late: int
    cost: Decimal | None
    outcome: str


class FateOut(Schema):
    """What a line got, or (less than nothing) would have had, and what became of it."""

    order_line_id: int
    number: str
    tier: str
    customer: str
    sku: str
    units: int
    due_on: date
    in_time: int
    late: int
    is_open: bool


class OverrideWithLinesOut(OverrideOut):
    """An override with its lines."""

    lines: list[FateOut]


class SummaryOut(Schema):
    """Overrides of one person, kind and rule set. Money is null for who may not see what orders are worth."""

    made_by: str
    kind: str
    rule: str
    overrides: int
    value: Decimal | None
    to_review: int
    confirmed: int
    objected: int
    right: int
    at_a_cost: int
    in_vain: int
    wrong: int
    undecided: int
    late: int
    cost: Decimal | None


def _shown(row: Any, request: HttpRequest, site_id: int) -> dict[str, Any]:
    caller = caller_of(request)
    body = asdict(row)
    if caller is None or not caller.may(PRICES, site_id):
        body |= {"value": None, "cost": None}
    return body


@router.post("/order-lines/{int:line_id}/give", response=GivenOut)
def give(request: HttpRequest, line_id: BigId, body: GiveIn) -> UnitsGiven:
    """Give a line units of its item out of rank."""
    req = GiveUnits(line_id, body.units, body.reason, body.until_on, body.from_line_id)
    return commands.give_units(context_from(request), req)


@router.get("/allocation-overrides", response=PageOut[OverrideOut])
@requires("allocation.view")
def overrides(
    request: HttpRequest, response: HttpResponse, review: str = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Decisions against the rules at the caller's sites, oldest first; `review` is to review, overdue, confirmed or
    objected."""
    caller = caller_of(request)
    sites = sorted(caller.sites("allocation.view")) if caller else []
    rows = queries.overrides_after(sites, now=now(), review=review, after_id=after_id(cursor), limit=limit + 1)
    found = page_out(request, response, rows, limit=limit)
    return {**found, "items": [_shown(row, request, row.site_id) for row in found["items"]]}


@router.get("/allocation-overrides/summary", response=list[SummaryOut])
@requires("allocation.view")
def summary(request: HttpRequest, days: int = 90) -> Any:
    """Overrides of the last days by person, kind and rule set, with what came of them."""
    caller, at = caller_of(request), now()
    sites = sorted(caller.sites("allocation.view")) if caller else []
    rows = queries.summary(sites, now=at, since=at - timedelta(days=min(max(days, 1), 3650)))
    return [_shown(row, request, 0) for row in rows]


@router.get("/allocation-overrides/{int:override_id}", response=OverrideWithLinesOut)
@requires("allocation.view")
def one_override(request: HttpRequest, override_id: BigId) -> dict[str, Any]:
    """One override with its lines."""
    at, caller = now(), caller_of(request)
    row = queries.override_row(override_id, at)
    if row is None or caller is None or not caller.may("allocation.view", row.site_id):
        raise NotFound(f"There is no override with id {override_id}.")
    return {**_shown(row, request, row.site_id), "lines": [asdict(one) for one in queries.fates(row.id, at)]}


@router.post("/allocation-overrides/{int:override_id}/end", response=OverridesEndedOut)
def end(request: HttpRequest, override_id: BigId, body: EndOverrideIn) -> OverridesEnded:
    """Let the rules decide again."""
    return commands.end_override(context_from(request), EndOverride(override_id, body.reason))


@router.post("/allocation-overrides/review", response=ReviewedOut)
def review(request: HttpRequest, body: ReviewIn) -> OverridesReviewed:
    """Confirm overrides of others, or object."""
    req = ReviewOverrides(list(body.override_ids), body.verdict, body.note)
    return commands.review_overrides(context_from(request), req)
