"""The numbers of receiving as a page with pictures, and as a strip on the receiving board."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from flowrack.analytics import drawing
from flowrack.analytics.pages.common import DOCK_TARGET, TONES, link
from flowrack.analytics.pages.inbound_lists import LABELS, PERIOD, PERMISSION, SUPPLIER, address, asked_of, pallets_of
from flowrack.analytics.queries.inbound import AGE_LABELS, inbound_figures
from flowrack.analytics.rules_inbound import DockToStock, InboundAsked, InboundFigures, Punctuality, StepTime
from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web import charts, clock
from flowrack.platform.web.access import page
from flowrack.platform.web.charts import Part
from flowrack.platform.web.format import number, words
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of

SHOWN_STEPS = ("unload", "inspect", "hold", "putaway", "without_qc", "dock_to_stock", "received_to_stock")
AGE_TONES = ("c4", "c3", "c2", "warn", "bad")
KEPT = (
    ("on_time", "c1", "punctual"),
    ("early", "c3", "early"),
    ("late", "warn", "late"),
    ("no_show", "bad", "no-show"),
)
WEEKS = {"1": 1, "4": 4, "13": 13}
STEP_WIDTH = 180
AGE_WIDTH = 48


@page(PERMISSION)
def inbound(request: HttpRequest) -> HttpResponse:
    """The numbers of receiving of a period: pictures, and from each the rows that it was counted from."""
    viewer = viewer_of(request)
    filters = {f.name: v for f in (PERIOD, SUPPLIER) if (v := f.parse(request.GET)) is not None}
    asked = asked_of(filters, viewer.site_for(PERMISSION))
    weeks = WEEKS.get(request.GET.get("weeks", ""))
    if weeks:
        asked = replace(asked, start=asked.end - timedelta(days=7 * weeks - 1))
    supplier = str(filters.get("supplier", ""))
    found = inbound_figures(asked)
    days = (asked.end - asked.start).days + 1
    context = {
        "asked": asked,
        "supplier": supplier,
        "weeks": days // 7 if days % 7 == 0 else 0,
        "periods": WEEKS.values(),
        "sentences": sentences(found, supplier),
        "picture": _bands(found),
        "main": _main_step(found.dock_to_stock).key,
        "label": LABELS[_main_step(found.dock_to_stock).key],
        "target": drawing.said(DOCK_TARGET),
        "steps": _steps(found, supplier),
        "without_truck": found.dock_to_stock.pallets - found.dock_to_stock.steps["dock_to_stock"].pallets,
        "standing": _standing(found),
        "has_ageless": any(state.ageless for state in found.standing),
        "ages": list(zip(AGE_LABELS, AGE_TONES, strict=True)),
        "kinds": _kinds(found),
        "reasons": found.reasons,
        "overrides": found.dock_to_stock.overrides,
        "overrides_url": address("analytics_inbound_pallets", asked, supplier, overridden="yes"),
        "trucks": found.punctuality,
        "trucks_bar": _trucks_bar(found.punctuality),
        "trucks_url": address("analytics_inbound_trucks", asked, supplier),
        "figures_url": address("analytics_inbound_figures", asked, supplier),
        "csv_url": address("analytics_inbound_figures", asked, supplier, format="csv"),
    }
    return render_page(request, "analytics/inbound.html", context)


@page(PERMISSION, methods=("GET", "HEAD"))
def strip(request: HttpRequest) -> HttpResponse:
    """Today's numbers for the receiving board, by the site's day."""
    viewer = viewer_of(request)
    named = request.GET.get("site", "")
    site_id = read_id(named) if viewer.may(PERMISSION, read_id(named)) else 0
    site_id = site_id or viewer.site_for(PERMISSION)
    site = next((s for s in locations.sites() if s.site_id == site_id), None)
    at = now()
    today = at.astimezone(ZoneInfo(site.timezone)).date() if site else clock.today()
    found = inbound_figures(InboundAsked(today, today, at, site_id))
    context = {
        "sentences": sentences(found, ""),
        "overrides": found.dock_to_stock.overrides,
        "overrides_url": address("analytics_inbound_pallets", found.asked, overridden="yes"),
        "standing": _standing(found),
    }
    return render_page(request, "analytics/_inbound_strip.html", context)


def _main_step(one: DockToStock) -> StepTime:
    """Dock to stock; where no pallet came with a truck that checked in, the clock from the count."""
    main = one.steps["dock_to_stock"]
    return main if main.pallets else one.steps["received_to_stock"]


def sentences(found: InboundFigures, supplier: str) -> list[dict[str, Any]]:
    """The four figures that people watch, each with both its parts and its weeks."""
    asked, work, trucks = found.asked, found.productivity, found.punctuality
    main = _main_step(found.dock_to_stock)
    weeks = [m for w in found.weeks if (m := w.steps[main.key].p50) is not None]
    rate, wrong = work.lines_per_hour, work.discrepancies
    rates = [v for w in found.productivity_weeks if (r := w.lines_per_hour) and (v := r.value) is not None]
    shares = [v for w in found.productivity_weeks if (v := w.discrepancies.percent) is not None]
    lines = address("analytics_inbound_lines", asked, supplier)
    return [
        {
            "big": drawing.said(main.p50) if main.p50 is not None else "–",
            "say": f"{LABELS[main.key].lower()}, median by pallet; 90 % within {drawing.said(main.p90)}"
            if main.p50 is not None else "nothing was put away",
            "target": f"{main.pallets:,} pallets and loose lines · target {drawing.said(DOCK_TARGET)}",
            "chart": charts.sparkline(weeks, f"{LABELS[main.key]}, median by week", target=DOCK_TARGET, width=112,
                                      height=28, tone="warn" if (main.p50 or 0) > DOCK_TARGET else ""),
            "url": pallets_of(main.key, asked, supplier),
        },
        {
            "big": "–" if rate is None or rate.value is None else number(rate.value, 1),
            "say": "receipt lines per labour hour" if rate is not None else "labour is not split by supplier",
            "target": f"{work.lines:,} lines in {number(work.hours, 2)} hours" if work.hours is not None
            else f"{work.lines:,} lines",
            "chart": charts.sparkline(rates, "Receipt lines per labour hour, by week", width=112, height=28),
            "url": lines,
        },
        {
            "big": "–" if trucks.share.percent is None else f"{trucks.share.percent} %",
            "say": "of trucks punctual",
            "target": f"{trucks.on_time:,} of {trucks.share.denominator:,} due"
            + (f" · {trucks.walk_in:,} without appointment" if trucks.walk_in else ""),
            "chart": "",
            "url": address("analytics_inbound_trucks", asked, supplier),
        },
        {
            "big": "–" if wrong.percent is None else f"{wrong.percent} %",
            "say": "of receipt lines with a discrepancy",
            "target": f"{work.faulty_lines:,} of {work.lines:,} lines counted in these days" + _missing(found),
            "chart": charts.sparkline(shares, "Lines with a discrepancy in percent, by week", width=112, height=28),
            "url": lines + "&wrong=yes",
        },
    ]  # fmt: skip


def _missing(found: InboundFigures) -> str:
    """What the rate leaves out: goods that did not come have no line that could be counted."""
    records, units = next(((records, units) for kind, records, units in found.kinds if kind == "short"), (0, 0))
    return f"; besides, {units:,} units missing in {records:,} record{'s' * (records != 1)}" if records else ""


def _bands(found: InboundFigures) -> Any:
    """The weeks of the period from first to last, those without a putaway empty."""
    key = _main_step(found.dock_to_stock).key
    known = {week.week: week.steps[key] for week in found.weeks}
    monday = found.asked.start - timedelta(days=found.asked.start.weekday())
    weeks = []
    while monday <= found.asked.end:
        step = known.get(monday)
        weeks.append((monday, step.p50, step.p90, step.pallets) if step else (monday, None, None, 0))
        monday += timedelta(days=7)
    return drawing.bands(weeks, DOCK_TARGET, LABELS[key])


def _steps(found: InboundFigures, supplier: str) -> list[dict[str, Any]]:
    steps = [found.dock_to_stock.steps[key] for key in SHOWN_STEPS]
    most = max((step.p90 for step in steps if step.p90 is not None), default=Decimal(0))
    return [
        {
            "label": LABELS[step.key], "pallets": step.pallets,
            "p50": "" if step.p50 is None else drawing.said(step.p50),
            "p90": "" if step.p90 is None else drawing.said(step.p90),
            "bar": "" if step.p50 is None or step.p90 is None else drawing.range_bar(
                step.p50, step.p90, most, f"median {drawing.said(step.p50)}, 90 % within {drawing.said(step.p90)}",
                width=STEP_WIDTH),
            "whole": step.key in ("without_qc", "dock_to_stock", "received_to_stock"),
            "url": pallets_of(step.key, found.asked, supplier),
        }
        for step in steps
    ]  # fmt: skip


def _standing(found: InboundFigures) -> list[dict[str, Any]]:
    most = max((state.units for state in found.standing), default=0)
    rows = []
    for state in found.standing:
        parts = [
            Part(units, tone, f"{label}: {number(units)}")
            for label, tone, units in zip(AGE_LABELS, AGE_TONES, state.by_age, strict=True)
        ]
        parts.append(Part(state.ageless, "ink2", f"age not known: {number(state.ageless)}"))
        rows.append(
            {
                "state": words(state.state), "units": state.units, "ages": state.by_age, "ageless": state.ageless,
                "tone": TONES[state.state], "old": sum(state.by_age[3:]),
                "bar": charts.stacked_bar(parts, f"{words(state.state)} by age, figures beside", width=AGE_WIDTH,
                                          share=state.units / most) if state.units else "",
                "url": link("analytics_stock", query=f"?has={state.state}"),
            }
        )  # fmt: skip
    return rows


def _kinds(found: InboundFigures) -> list[dict[str, Any]]:
    most = max((records for _, records, _ in found.kinds), default=0)
    return [
        {
            "kind": words(kind), "records": records, "units": units, "bar": charts.bar(records, most, 160),
            "url": link("inbound_discrepancies", query=f"?kind={kind}"),
        }
        for kind, records, units in found.kinds
    ]  # fmt: skip


def _trucks_bar(trucks: Punctuality) -> Any:
    parts = [Part(getattr(trucks, key), tone, f"{label}: {getattr(trucks, key)}") for key, tone, label in KEPT]
    if not any(part.value for part in parts):
        return ""
    return charts.stacked_bar(parts, "Trucks: " + ", ".join(part.label for part in parts), width=340, height=16)
