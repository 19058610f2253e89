"""The numbers of picking, packing and sending for other systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from flowrack.analytics.queries.carriers import carrier_rows
from flowrack.analytics.queries.floor import floor_figures
from flowrack.analytics.rules import Ratio
from flowrack.analytics.rules_floor import FloorAsked, Picked
from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from, requires
from flowrack.shared.errors import Invalid

router = Router(tags=["analytics"])
MOST_DAYS, MOST_ROWS = 800, 2_000
THIRTEEN_MONTHS = timedelta(days=396)
MONEY_OF_CARRIERS = ("predicted", "billed", "expected", "difference", "over", "line_cost")


class PartsOut(Schema):
    """A share with both its parts; null where there is nothing to divide by."""

    numerator: Decimal
    denominator: Decimal
    percent: Decimal | None


class PickedOut(Schema):
    """Picking by lists, of a method and kind of unit (empty: all), or of the week of a Monday (null: all)."""

    method: str
    unit_kind: str
    week: date | None
    lists: int
    lines: int
    units: int
    seconds: int
    timed_lines: int
    walk_mm: int
    plain_mm: int
    lines_an_hour: Decimal | None


class FloorMeasuresOut(Schema):
    """The numbers of picking, packing and sending of a period, both days included. Money only for who may see cost."""

    start: date
    end: date
    whole: PickedOut
    methods: list[PickedOut]
    weeks: list[PickedOut]
    short: PartsOut
    right: PartsOut
    waves_on_time: PartsOut
    waited: PartsOut
    wait_p50_minutes: Decimal | None
    wait_p90_minutes: Decimal | None
    cartons: int
    filled_cartons: int
    filled_permille: int | None
    as_planned: PartsOut
    weight_right: PartsOut
    scanned: PartsOut
    punctual: PartsOut
    left_behind: PartsOut
    sent_lines: int
    priced_lines: int
    boxed_lines: int
    freight: Decimal | None
    carton_cost: Decimal | None
    cost_a_line: Decimal | None


class CarrierMonthOut(Schema):
    """A carrier's month at a site; shares are percentages, null where there is nothing to divide by."""

    carrier: str
    month: date
    site_id: int
    shipments: int
    left_in_time: int
    left_pct: Decimal | None
    delivered: int
    in_time: int
    in_time_pct: Decimal | None
    refused: int
    lines: int
    billed_shipments: int
    predicted: Decimal | None
    billed: Decimal | None
    expected: Decimal | None
    difference: Decimal | None
    over: Decimal | None
    line_cost: Decimal | None


@router.get("/floor-measures", response=FloorMeasuresOut)
@requires("analytics.view")
def floor_measures(request: HttpRequest, start: date, end: date, site_id: BigId = 0) -> dict[str, Any]:
    """Lines an hour by method, metres walked, short picks, waits for refills, carton fill, punctuality, cost a line."""
    if start > end or (end - start).days > MOST_DAYS:
        raise Invalid("The period ends before it starts, or is longer than 800 days.", fix="Correct start and end.")
    ctx = context_from(request)
    ctx.require("analytics.view", site_id)
    found = floor_figures(FloorAsked(start, end, ctx.now, site_id))
    may_cost = ctx.may("costing.view", site_id)
    shares = (
        "short",
        "right",
        "waves_on_time",
        "waited",
        "as_planned",
        "weight_right",
        "scanned",
        "punctual",
        "left_behind",
    )
    return {
        "start": start,
        "end": end,
        "whole": _picked(found.whole),
        "methods": [_picked(one) for one in found.methods],
        "weeks": [_picked(one) for one in found.weeks],
        **{name: _parts(getattr(found, name)) for name in shares},
        "wait_p50_minutes": found.wait_p50,
        "wait_p90_minutes": found.wait_p90,
        "cartons": found.cartons,
        "filled_cartons": found.filled_cartons,
        "filled_permille": found.filled_permille,
        "sent_lines": found.sent_lines,
        "priced_lines": found.priced_lines,
        "boxed_lines": found.boxed_lines,
        "freight": found.freight if may_cost else None,
        "carton_cost": found.carton_cost if may_cost else None,
        "cost_a_line": found.cost_a_line if may_cost else None,
    }


@router.get("/carrier-measures", response=list[CarrierMonthOut])
@requires("analytics.view")
def carrier_measures(request: HttpRequest) -> list[dict[str, Any]]:
    """Punctuality, predicted and billed freight of carriers by site and month of leaving, of thirteen months.

    The newest 2,000; money only for who may see cost."""
    ctx = context_from(request)
    sites = ctx.grants.get("analytics.view", frozenset())
    rows = carrier_rows(sites, since=ctx.now - THIRTEEN_MONTHS, limit=MOST_ROWS)
    hidden = dict.fromkeys(MONEY_OF_CARRIERS)
    return [asdict(one) | ({} if ctx.may("costing.view", one.site_id) else hidden) for one in rows]


def _picked(one: Picked) -> dict[str, Any]:
    return {**asdict(one), "lines_an_hour": one.lines_an_hour}


def _parts(one: Ratio) -> dict[str, Any]:
    return {"numerator": one.numerator, "denominator": one.denominator, "percent": one.percent}
