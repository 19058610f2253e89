"""Every measure against its target and the weeks before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from flowrack.analytics.pages.common import COST
from flowrack.analytics.queries import kpis
from flowrack.analytics.types import Kpi
from flowrack.platform.http import now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.format import money, number
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of


@page("analytics.view")
def measures(request: HttpRequest) -> HttpResponse:
    """Every measure of the last weeks, against its target and the weeks before."""
    viewer = viewer_of(request)
    weeks = {"1": 1, "4": 4, "13": 13}.get(request.GET.get("weeks", ""), 4)
    end = now().date()
    start = end - timedelta(days=7 * weeks - 1)
    earlier = start - timedelta(days=7 * weeks), start - timedelta(days=1)
    present = kpis(viewer.site_id, start, end, with_cost=viewer.may(COST))
    before = {k.key: k for k in kpis(viewer.site_id, *earlier, with_cost=viewer.may(COST))}
    shown = [_kpi_row(k, before[k.key]) for k in present]
    groups = [(g, [r for r in shown if r["group"] == g]) for g in dict.fromkeys(r["group"] for r in shown)]
    missed = sum(1 for k in present if k.is_met is False)
    judged = sum(1 for k in present if k.is_met is not None)
    context = {"groups": groups, "missed": missed, "judged": judged, "weeks": weeks, "start": start, "end": end}
    return render_page(request, "analytics/kpis.html", context)


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
        "parts": f"{money(k.numerator) if k.key == 'turns' else number(k.numerator)} / "
                 f"{money(k.denominator) if k.key == 'turns' else number(k.denominator)}",
    }  # fmt: skip
