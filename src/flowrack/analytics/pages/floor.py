"""The numbers of picking, packing and sending as a page: what people watch, by method and week, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.analytics import drawing
from flowrack.analytics.pages.common import COST
from flowrack.analytics.queries.floor import floor_figures, pick_page
from flowrack.analytics.rules import Ratio
from flowrack.analytics.rules_floor import FloorAsked, FloorFigures, Picked
from flowrack.fulfilment.states import KIND_WORDS, METHOD_WORDS, SHORT_WORDS, Method, UnitKind
from flowrack.platform.http import now
from flowrack.platform.web import charts, clock
from flowrack.platform.web.access import page
from flowrack.platform.web.format import money, number
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, Flag, ListPage
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of

PERMISSION = "analytics.view"
WEEKS = {"1": 1, "4": 4, "13": 13}
NOTHING = "–"


@page(PERMISSION)
def floor(request: HttpRequest) -> HttpResponse:
    """Picking, packing and sending of the last weeks, and from each figure the rows behind it."""
    viewer = viewer_of(request)
    weeks = WEEKS.get(request.GET.get("weeks", ""), 4)
    end = clock.today()
    asked = FloorAsked(end - timedelta(days=7 * weeks - 1), end, now(), viewer.site_id)
    found = floor_figures(asked)
    may_cost = viewer.may(COST)
    context = {
        "asked": asked,
        "weeks": weeks,
        "periods": WEEKS.values(),
        "sentences": _sentences(found),
        "methods": [_method_row(asked, one, found.whole) for one in found.methods],
        "whole": _method_row(asked, found.whole, found.whole),
        "rows": _rows(found, may_cost=may_cost),
    }
    return render_page(request, "analytics/floor.html", context)


def _share(one: Ratio) -> str:
    return NOTHING if one.percent is None else f"{one.percent} %"


def _parts(one: Ratio, of: str) -> str:
    return f"{number(one.numerator)} of {number(one.denominator)} {of}" if one.denominator else f"no {of}"


def _sentences(found: FloorFigures) -> list[dict[str, Any]]:
    """The four figures that people watch, each with both its parts."""
    whole = found.whole
    rates = [value for week in found.weeks if (value := week.lines_an_hour) is not None]
    hours = Decimal(whole.seconds) / 3_600
    return [
        {
            "big": NOTHING if whole.lines_an_hour is None else number(whole.lines_an_hour, 1),
            "say": "lines picked an hour",
            "target": f"{number(whole.timed_lines)} lines in {number(hours, 1)} hours of lists",
            "chart": charts.sparkline(rates, "Lines picked an hour, by week", width=112, height=28),
            "url": _picks(found.asked),
        },
        {
            "big": _share(found.right), "say": "of picks were right",
            "target": f"{_parts(found.right, 'picks made')}, short ones too", "chart": "",
            "url": _rows_of(found.asked, "analytics_wrong", "created_at"),
        },
        {
            "big": _share(found.waves_on_time), "say": "of waves were picked in time",
            "target": _parts(found.waves_on_time, "waves with a cut-off"), "chart": "",
            "url": _rows_of(found.asked, "analytics_waves", "pick_until"),
        },
        {
            "big": _share(found.punctual), "say": "of shipments left by their day",
            "target": _parts(found.punctual, "shipments"), "chart": "",
            "url": _rows_of(found.asked, "analytics_shipments", "shipped_at"),
        },
    ]  # fmt: skip


def _picks(asked: FloorAsked, one: Picked | None = None, **more: str) -> str:
    """The picks behind a figure: of the period, of a method and kind of unit."""
    chosen = {} if one is None else {"method": one.method, "unit_kind": one.unit_kind}
    return _rows_of(asked, "analytics_picks", "done_at", **chosen, **more)


def _rows_of(asked: FloorAsked, name: str, when: str, **more: str) -> str:
    """The rows behind a figure: a list, of the period by the time that it goes by."""
    period = {f"{when}_from": asked.start.isoformat(), f"{when}_to": asked.end.isoformat()}
    return f"{reverse(name)}?{urlencode({**period, **more})}"


def _method_row(asked: FloorAsked, one: Picked, whole: Picked) -> dict[str, Any]:
    is_all = one is whole
    return {
        "label": "All" if is_all else METHOD_WORDS[Method(one.method)],
        "kind": "" if is_all else KIND_WORDS[UnitKind(one.unit_kind)],
        "lists": one.lists, "timed": one.timed_lines, "lines": one.lines, "units": one.units,
        "rate": "" if one.lines_an_hour is None else number(one.lines_an_hour, 1),
        "metres": one.walk_mm // 1_000,
        "each": "" if not one.lines else number(Decimal(one.walk_mm) / 1_000 / one.lines, 1),
        "saved": "" if one.saved.percent is None else f"{number(one.saved.percent, 1)} %",
        "url": _picks(asked) if is_all else _picks(asked, one),
        "bar": charts.bar(one.lines, whole.lines, 120),
    }  # fmt: skip


def _rows(found: FloorFigures, *, may_cost: bool) -> list[dict[str, str]]:
    """The other figures: what, its value, what it was made of, how it is worked out, and where its rows are."""
    waited = "" if found.wait_p50 is None else (
        f"; median {drawing.said(found.wait_p50)}, 90 % within {drawing.said(found.wait_p90)}"
    )  # fmt: skip
    filled = NOTHING if found.filled_permille is None else f"{number(Decimal(found.filled_permille) / 10, 1)} %"
    cartons = _rows_of(found.asked, "analytics_cartons", "packed_at")
    rows = [
        ("Short picks", _share(found.short), _parts(found.short, "picks made"),
         "picks that found less than the books say / picks made", _picks(found.asked, is_short="yes")),
        ("Lines that waited for a refill", _share(found.waited), f"{_parts(found.waited, 'picks made')}{waited}",
         "order lines that waited until their face was refilled / picks made",
         _rows_of(found.asked, "analytics_waits", "since")),
        ("Carton fill", filled,
         f"{number(found.filled_cartons)} cartons of a known type, of {number(found.cartons)} packed",
         "what is in cartons of a known type / their room", cartons),
        ("Cartons as planned", _share(found.as_planned), _parts(found.as_planned, "cartons with a plan"),
         "cartons of the type that was planned / cartons with a plan and a type", cartons),
        ("Weight right at once", _share(found.weight_right), _parts(found.weight_right, "cartons weighed"),
         "first weighings within the tolerance / cartons weighed", cartons),
        ("Content scanned", _share(found.scanned), _parts(found.scanned, "cartons packed"),
         "cartons of which every unit was scanned, not counted by eye or all at once / cartons packed",
         cartons),
        ("Left behind", _share(found.left_behind), _parts(found.left_behind, "orders on trucks"),
         "orders of which goods stayed when their truck was closed / orders planned on trucks that were closed",
         _rows_of(found.asked, "shipping_left_behind", "left_at")),
    ]  # fmt: skip
    if may_cost:
        rows.append(
            ("Cost a line", NOTHING if found.cost_a_line is None else money(found.cost_a_line),
             f"freight {money(found.freight)} of {number(found.priced_lines)} lines, "
             f"cartons {money(found.carton_cost)} of {number(found.boxed_lines)}; {number(found.sent_lines)} were sent",
             "freight as chosen last or billed / lines of which it is known + cartons / lines in cartons of a known "
             "type; labour has no price here", _rows_of(found.asked, "analytics_shipments", "shipped_at"))
        )  # fmt: skip
    return [dict(zip(("label", "value", "parts", "formula", "url"), row, strict=True)) for row in rows]


PICKS = ListPage(
    name="analytics.picks",
    title="Picks made",
    noun=("pick", "picks"),
    permission=PERMISSION,
    rows=pick_page,
    columns=[
        Column("done_at", "When", kind="datetime", sort=True),
        Column("number", "List", kind="code", sort=True),
        Column("wave", "Wave", kind="code", sort=True, link=lambda r: reverse("fulfilment_wave", args=[r.wave_id])),
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("sku", "Item", kind="code", sort=True),
        Column("location", "Bin", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("short_units", "Short", kind="number", sort=True, total=True, value=lambda r: r.short_units or None),
        Column("short_reason", "Why", value=lambda r: SHORT_WORDS.get(r.short_reason, "")),
        Column("method", "Method", value=lambda r: METHOD_WORDS[Method(r.method)]),
        Column("unit_kind", "Handled", value=lambda r: KIND_WORDS[UnitKind(r.unit_kind)]),
        Column("picker", "Picker", sort=True),
    ],
    filters=[
        DateRange("done_at", "When", promoted=True),
        Flag("is_short", "Short", promoted=True),
        Choice("method", "Method", [(str(one), words) for one, words in METHOD_WORDS.items()], promoted=True),
        Choice("unit_kind", "Handled", [(str(one), words) for one, words in KIND_WORDS.items()]),
    ],
    sort="-done_at",
    search="List, wave, order, item, bin",
    empty=Empty("No picks", "What pickers took, and what they did not find, stands here."),
)
