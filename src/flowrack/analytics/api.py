"""Measures and stock by state for other systems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema

from flowrack.analytics.queries import kpis, stock
from flowrack.analytics.types import Kpi
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import Invalid

router = Router(tags=["analytics"])


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
    ctx.require("analytics.view", site_id or None)
    found = kpis(site_id, start, end)
    return found if ctx.may("costing.view") else [k for k in found if k.key != "turns"]


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
