"""The control tower: the state of the house on one screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime

from flowrack.analytics import rules
from flowrack.analytics.pages.common import COST, COST_KINDS, DOCK_TARGET, PRICE, TONES, UNSELLABLE_TARGET, link
from flowrack.analytics.queries import kpi, stock, tower
from flowrack.analytics.types import Hour, SiteStates, Trouble
from flowrack.platform.http import now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.charts import Part
from flowrack.platform.web.format import currency_symbol, number, words
from flowrack.platform.web.render import render_page
from flowrack.platform.web.viewer import viewer_of


@page()
def home(request: HttpRequest) -> HttpResponse:
    """The state of the house on one screen."""
    viewer = viewer_of(request)
    at, site = localtime(now()), viewer.site_id
    sites = stock.states_of_sites(site)
    troubles = tower.troubles(site, at)
    sees_cost = viewer.may(COST)
    sees_price = viewer.may(PRICE)
    shown = [_trouble_row(t, sees=sees_cost if t.kind in COST_KINDS else sees_price) for t in troubles]
    hours = _working_day(tower.pick_hours(site, at.date()))
    groups = [
        (label, [row for row in shown if row["when"] == when])
        for when, label in (("now", "Now"), ("today", "Today"), ("week", "This week"))
    ]
    context = {
        "sentences": _sentences(site, at, sites, sees_cost=sees_cost, sees_price=sees_price),
        "groups": [(label, rows) for label, rows in groups if rows],
        "trouble_count": len(shown),
        "is_cut": len(shown) == tower.MOST,
        "at_risk": sum((row["at_risk"] or Decimal(0) for row in shown), Decimal(0)),
        "sites": [_site_strip(s, sites, sees_cost=sees_cost) for s in sites[:2]],
        "states": _state_rows(sites[:2], sees_cost=sees_cost),
        "more_sites": len(sites) - 2 if len(sites) > 2 else 0,
        "bars": rules.hour_bars([(h.hour, h.planned, h.done) for h in hours], width=900, height=112),
        "lines_done": sum(h.done for h in hours),
        "lines_planned": sum(h.planned for h in hours),
        "devices": tower.devices(at),
        "symbol": currency_symbol(),
        "sees_cost": sees_cost,
        "sees_risk": sees_cost or sees_price,
    }
    return render_page(request, "analytics/tower.html", context)


def _working_day(hours: list[Hour]) -> list[Hour]:
    """Every hour from seven to five, and any earlier or later one in which lines were picked."""
    if not hours:
        return []
    known = {hour.hour: hour for hour in hours}
    first, last = min(7, *known), max(17, *known)
    return [known.get(n, Hour(n, 0, 0)) for n in range(first, last + 1)]


def _sentences(
    site: int, at: datetime, sites: list[SiteStates], *, sees_cost: bool, sees_price: bool
) -> list[dict[str, Any]]:
    risk = tower.orders_at_risk(site, at.date())
    medians = kpi.received_medians(site, at.date() - timedelta(days=12), at.date())
    last = next((m for m in reversed(medians) if m is not None), None)
    dock, unit = rules.duration_words(last)
    waiting = tower.backorders(site)
    bad_units = sum(s.units[state] for s in sites for state in tower.UNSELLABLE)
    bad_value = sum((s.value[state] for s in sites for state in tower.UNSELLABLE), Decimal(0))
    whole = sum((s.total_value for s in sites), Decimal(0)) if sees_cost else sum(s.total_units for s in sites)
    share = rules.ratio(bad_value if sees_cost else bad_units, whole).percent
    known = [m for m in medians if m is not None]
    return [
        {
            "big": number(risk[-1]),
            "unit": "order" if risk[-1] == 1 else "orders",
            "say": "due today or before, not shipped",
            "target": f"{risk[-2]} at the end of yesterday",
            "chart": charts.sparkline(risk, f"Orders due and not shipped, 13 days, now {risk[-1]}", width=112,
                                      height=28, tone="warn" if risk[-1] > risk[-2] else ""),
            "url": link("sales_orders"),
        },
        {
            "big": dock,
            "unit": unit,
            "say": "from the count into the bin, median by unit of the last day with putaways"
            if last is not None
            else "no putaway in the last 13 days",
            "target": _against(last, DOCK_TARGET),
            "chart": charts.sparkline(known, "Received to stock, minutes, days with putaways", target=DOCK_TARGET,
                                      width=112, height=28, tone="warn" if (last or 0) > DOCK_TARGET else ""),
            "url": link("analytics_kpis"),
        },
        {
            "big": f"{currency_symbol()}{number(waiting.value.quantize(Decimal(1)))}"
            if sees_price
            else number(waiting.lines),
            "unit": "" if sees_price else "lines",
            "say": f"is ordered and waits for stock, {number(waiting.lines)} lines"
            if sees_price
            else "of open orders wait for stock",
            "target": _not_counted(waiting, sees_price=sees_price),
            "chart": "",
            "url": link("sales_orders"),
        },
        {
            "big": f"{currency_symbol()}{number(bad_value.quantize(Decimal(1)))}" if sees_cost else number(bad_units),
            "unit": "" if sees_cost else "units",
            "say": "is in the building but cannot be sold",
            "target": f"{share} % of stock · target {UNSELLABLE_TARGET} %" if share is not None else "no stock",
            "chart": "",
            "url": link("analytics_stock"),
        },
    ]  # fmt: skip


def _not_counted(waiting: tower.Backorders, *, sees_price: bool) -> str:
    """At which price what waits is counted, and what is left out because it waits for a person first."""
    said = ["open orders, at the price the customer pays"] if sees_price else []
    if waiting.held_lines:
        lines = f"{number(waiting.held_lines)} line{'' if waiting.held_lines == 1 else 's'}"
        worth = f"{currency_symbol()}{number(waiting.held_value.quantize(Decimal(1)))} in " if sees_price else ""
        said.append(f"{worth}{lines} on hold {'is' if waiting.held_lines == 1 else 'are'} not counted")
    return "; ".join(said)


def _against(value: Decimal | None, target: int) -> str:
    if value is None:
        return f"target {target // 60} h {target % 60:02d}"
    gap = int(value) - target
    goal = f"the target of {target // 60} h {target % 60:02d}"
    return f"{gap} min over {goal}" if gap > 0 else f"within {goal}"


def _trouble_row(t: Trouble, *, sees: bool) -> dict[str, Any]:
    """A row; `sees`: the viewer may see what it is worth."""
    url = link(t.url_name, t.url_id) if t.url_id else link(t.url_name)
    chip = {"bad": "bad", "warn": "warn"}.get(t.tone, "")
    return {
        "tone": t.tone, "when": t.when, "name": t.name, "text": t.text, "url": url, "since": t.since,
        "at_risk": t.at_risk if sees else None, "promise": t.promise, "cause": t.cause, "chip": chip,
        "owner": t.owner, "action": t.action,
    }  # fmt: skip


def _site_strip(s: SiteStates, sites: list[SiteStates], *, sees_cost: bool) -> dict[str, Any]:
    amounts: dict[str, Any] = s.value if sees_cost else s.units
    whole = s.total_value if sees_cost else Decimal(s.total_units)
    total = sum((x.total_value for x in sites), Decimal(0)) if sees_cost else Decimal(sum(x.total_units for x in sites))
    parts = [
        Part(amounts[state], TONES[state], f"{words(state)} {number(_whole(amounts[state]))}") for state in stock.SHOWN
    ]
    return {
        "name": s.name,
        "share": rules.ratio(whole, total).percent,
        "total": number(_whole(whole)),
        "bar": charts.stacked_bar(parts, f"{s.name} stock by state, table follows", width=437, height=20),
    }


def _whole(value: Any) -> Any:
    return value.quantize(Decimal(1)) if isinstance(value, Decimal) else value


def _state_rows(sites: list[SiteStates], *, sees_cost: bool) -> list[dict[str, Any]]:
    rows = []
    for state in stock.SHOWN:
        cells = []
        for s in sites:
            amount: Any = s.value[state] if sees_cost else s.units[state]
            share = rules.ratio(amount, s.total_value if sees_cost else s.total_units).percent
            empty = amount == 0
            cells.append(("" if empty else number(_whole(amount)), "" if empty or share is None else f"{share} %"))
        if any(cell[0] for cell in cells) or state in ("receiving", "reserve", "forward_pick", "allocated", "staged"):
            label = "In receiving" if state == "receiving" else words(state)
            url = link("analytics_stock", query=f"?has={state}")
            rows.append({"label": label, "tone": TONES[state], "cells": cells, "url": url})
    return rows
