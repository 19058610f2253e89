"""Every measure against its target and the weeks before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.analytics.pages.common import COST
from flowrack.analytics.queries import kpis_of
from flowrack.analytics.types import Kpi
from flowrack.platform.web import charts, clock
from flowrack.platform.web.access import page
from flowrack.platform.web.format import money, number
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of


@page("analytics.view")
def measures(request: HttpRequest) -> HttpResponse:
    """Every measure of the last weeks, against its target and the weeks before."""
    viewer = viewer_of(request)
    weeks = {"1": 1, "4": 4, "13": 13}.get(request.GET.get("weeks", ""), 4)
    end = clock.today()
    start = end - timedelta(days=7 * weeks - 1)
    earlier = start - timedelta(days=7 * weeks), start - timedelta(days=1)
    present, past = kpis_of(viewer.site_id, [(start, end), earlier], with_cost=viewer.may(COST))
    before = {k.key: k for k in past}
    shown = [{**_kpi_row(k, before[k.key]), "url": _rows_of(k.key, start, end)} for k in present]
    groups = [(g, [r for r in shown if r["group"] == g]) for g in dict.fromkeys(r["group"] for r in shown)]
    missed = sum(1 for k in present if k.is_met is False)
    judged = sum(1 for k in present if k.is_met is not None)
    context = {"groups": groups, "missed": missed, "judged": judged, "weeks": weeks, "start": start, "end": end}
    return render_page(request, "analytics/kpis.html", context)


def _rows_of(key: str, start: date, end: date) -> str:
    """Where the rows behind a measure are; empty where there is no list of them."""
    column = {"promise_first": "first_ships_on", "promise_latest": "latest_ships_on"}.get(key)
    if column is None:
        return ""
    period = {f"{column}_from": start.isoformat(), f"{column}_to": end.isoformat()}
    return f"{reverse('analytics_promises')}?{urlencode(period)}"


def _parts(k: Kpi) -> str:
    """Of what a measure was made: both parts of a share; of a time how many were measured."""
    if k.unit in ("h", "min"):
        return number(k.denominator)
    shown = money if k.key == "turns" else number
    return f"{shown(k.numerator)} / {shown(k.denominator)}"


def _kpi_row(k: Kpi, before: Kpi) -> dict[str, Any]:
    change = None if k.value is None or before.value is None else k.value - before.value
    sentence = f"{k.label} {k.value} {k.unit}, target {k.target} {k.unit}"
    picture: Any = ""
    if k.value is not None and k.target is not None:
        top = 100 if k.unit == "%" else None
        picture = charts.bullet(k.value, k.target, sentence, top=top, width=220, low_is_good=k.low_is_good)
    return {
        "group": k.group, "label": k.label, "value": k.value, "unit": k.unit, "target": k.target, "bar": picture,
        "mark": {True: "ok", False: "warn", None: "wait"}[k.is_met], "before": before.value,
        "change": "" if change is None else f"{change:+.1f}".replace("-", "−"), "formula": k.formula,
        "parts": _parts(k),
    }  # fmt: skip
