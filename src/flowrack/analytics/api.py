"""Measures and stock by state for other systems."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from flowrack.analytics import api_floor
from flowrack.analytics.queries import kpis, stock
from flowrack.analytics.queries.inbound import inbound_figures
from flowrack.analytics.queries.suppliers import Asked, SupplierFigures, scorecards
from flowrack.analytics.rules import Ratio
from flowrack.analytics.rules_inbound import DockToStock, InboundAsked
from flowrack.analytics.rules_suppliers import EARLY_DAYS, HUNDREDTH, LATE_DAYS, Window
from flowrack.analytics.types import Kpi
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import Invalid

router = Router(tags=["analytics"])
router.add_router("", api_floor.router)


class KpiOut(Schema):
    """One measure with both parts."""

    key: str
    label: str
    group: str
    value: Decimal | None
    unit: str
    target: Decimal | None
    is_met: bool | None
    numerator: Decimal
    denominator: Decimal
    formula: str


class StatesOut(Schema):
    """Stock of a site by state; value only for who may see cost."""

    site_id: int
    site: str
    name: str
    units: dict[str, int]
    value: dict[str, Decimal] | None


@router.get("/kpis", response=list[KpiOut])
@requires("analytics.view")
def measures(request: HttpRequest, start: date, end: date, site_id: BigId = 0) -> list[Kpi]:
    """Every measure of a period, both days included."""
    if start > end or (end - start).days > 800:
        raise Invalid("The period ends before it starts, or is longer than 800 days.", fix="Correct start and end.")
    ctx = context_from(request)
    ctx.require("analytics.view", site_id)
    return kpis(site_id, start, end, with_cost=ctx.may("costing.view"))


@router.get("/stock/states", response=list[StatesOut])
@requires("analytics.view")
def states(request: HttpRequest, site_id: BigId = 0, item_id: BigId = 0) -> list[StatesOut]:
    """Units by state of each site, of all items or of one. Allocated is taken out of reserve and forward pick."""
    caller = caller_of(request)
    assert caller is not None
    sees_cost = caller.may("costing.view")
    return [
        StatesOut(site_id=s.site_id, site=s.site, name=s.name, units=s.units, value=s.value if sees_cost else None)
        for s in stock.states_of_sites(site_id, item_id=item_id)
        if caller.may("analytics.view", s.site_id)
    ]


class SpreadOut(Schema):
    """The middle and the width of some days, and of how many lines."""

    lines: int
    mean: Decimal
    median: Decimal
    p90: int
    deviation: Decimal | None


class ScorecardOut(Schema):
    """How a supplier kept his word; null where nothing was measured. Money only for who may see cost."""

    supplier_id: int
    code: str
    name: str
    promised: int
    judged: int
    on_time: int
    early: int
    late: int
    short: int
    overdue: int
    open: int
    otif_pct: Decimal | None
    in_full_pct: Decimal | None
    after: SpreadOut | None
    lead: SpreadOut | None
    received_units: int
    faulty_units: int
    sent_back_units: int
    carrier_units: int
    held_units: int
    defect_ppm: Decimal | None
    asn_lines: int
    asn_matching: int
    asn_pct: Decimal | None
    priced_lines: int
    paid: Decimal | None
    agreed: Decimal | None
    price_pct: Decimal | None


@router.get("/supplier-scorecards", response=list[ScorecardOut])
@requires("purchasing.view")
def supplier_scorecards(
    request: HttpRequest,
    start: date,
    end: date,
    site_id: BigId = 0,
    supplier_id: BigId = 0,
    early_days: Annotated[int, Field(ge=0, le=1000)] = EARLY_DAYS,
    late_days: Annotated[int, Field(ge=0, le=1000)] = LATE_DAYS,
) -> list[dict[str, Any]]:
    """Suppliers on the lines promised in a period, both days included: on time from so early to so late."""
    if start > end or (end - start).days > 3_700:
        raise Invalid("The period ends before it starts, or is longer than ten years.", fix="Correct start and end.")
    ctx = context_from(request)
    ctx.require("purchasing.view", site_id)
    asked = Asked(start, end, ctx.now.date(), Window(early_days, late_days), site_id, supplier_id)
    sees_cost = ctx.may("costing.view")
    return [_scorecard(f, sees_cost=sees_cost) for f in scorecards(asked)]


def _scorecard(f: SupplierFigures, *, sees_cost: bool) -> dict[str, Any]:
    return {
        **{name: getattr(f, name) for name in ScorecardOut.model_fields if hasattr(f, name)},
        "otif_pct": f.otif.percent,
        "in_full_pct": f.in_full.percent,
        "asn_pct": f.asn.percent,
        "paid": f.paid if sees_cost else None,
        "agreed": f.agreed if sees_cost else None,
        "price_pct": f.price_pct if sees_cost else None,
    }


class ShareOut(Schema):
    """A figure with both its parts; value is null where there is nothing to divide by."""

    numerator: Decimal
    denominator: Decimal
    value: Decimal | None


class StepOut(Schema):
    """Minutes of a step: of how many pallets, all together, and the percentiles by nearest rank."""

    key: str
    pallets: int
    minutes: Decimal
    p50_minutes: Decimal | None
    p90_minutes: Decimal | None


class DockToStockOut(Schema):
    """The steps of the pallets put away in a period, or in the week of a Monday."""

    week: date | None
    pallets: int
    steps: list[StepOut]


class TrucksOut(Schema):
    """Trucks whose slot began in the period, by how they kept it."""

    on_time: int
    early: int
    late: int
    no_show: int
    undecided: int
    walk_in: int
    punctual: ShareOut


class KindOut(Schema):
    """Discrepancies of a kind."""

    kind: str
    records: int
    units: int


class StandingOut(Schema):
    """Units on their way into stock now; by age: under 4 h, a day, 3 days, 7 days, longer."""

    state: str
    units: int
    units_by_age: list[int]
    units_of_unknown_age: int


class InboundMeasuresOut(Schema):
    """The numbers of receiving of a period, both days included."""

    start: date
    end: date
    dock_to_stock: DockToStockOut
    weeks: list[DockToStockOut]
    lines: int
    units: int
    lines_per_hour: ShareOut | None
    discrepancies: ShareOut
    discrepancy_kinds: list[KindOut]
    overrides: ShareOut
    trucks: TrucksOut
    standing: list[StandingOut]


@router.get("/inbound-measures", response=InboundMeasuresOut)
@requires("inbound.view")
def inbound_measures(
    request: HttpRequest, start: date, end: date, site_id: BigId = 0, supplier_id: BigId = 0
) -> dict[str, Any]:
    """Dock to stock by step, lines per hour, trucks, discrepancies, overrides and what stands on its way into stock."""
    if start > end or (end - start).days > 800:
        raise Invalid("The period ends before it starts, or is longer than 800 days.", fix="Correct start and end.")
    ctx = context_from(request)
    ctx.require("inbound.view", site_id)
    found = inbound_figures(InboundAsked(start, end, ctx.now, site_id, supplier_id))
    work, trucks = found.productivity, found.punctuality
    return {
        "start": start,
        "end": end,
        "dock_to_stock": _dock_to_stock(found.dock_to_stock),
        "weeks": [_dock_to_stock(week) for week in found.weeks],
        "lines": work.lines,
        "units": work.units,
        "lines_per_hour": None if work.lines_per_hour is None else _share(work.lines_per_hour, per_cent=False),
        "discrepancies": _share(work.discrepancies),
        "discrepancy_kinds": [
            {"kind": kind, "records": records, "units": units} for kind, records, units in found.kinds
        ],
        "overrides": _share(found.dock_to_stock.overrides),
        "trucks": {
            **{name: getattr(trucks, name) for name in TrucksOut.model_fields if name != "punctual"},
            "punctual": _share(trucks.share),
        },
        "standing": [
            {"state": s.state, "units": s.units, "units_by_age": list(s.by_age), "units_of_unknown_age": s.ageless}
            for s in found.standing
        ],
    }


def _dock_to_stock(one: DockToStock) -> dict[str, Any]:
    steps = [
        {"key": s.key, "pallets": s.pallets, "minutes": s.minutes, "p50_minutes": s.p50, "p90_minutes": s.p90}
        for s in one.steps.values()
    ]
    return {"week": one.week, "pallets": one.pallets, "steps": steps}


def _share(found: Ratio, *, per_cent: bool = True) -> dict[str, Any]:
    value = found.value
    if not per_cent and value is not None:
        value = value.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    return {
        "numerator": found.numerator,
        "denominator": found.denominator,
        "value": found.percent if per_cent else value,
    }
