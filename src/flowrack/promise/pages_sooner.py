"""Promises that can move forward: lines that were told a later day than the one on which they can leave by now."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.web.listing import Batch, Choice, Column, DateRange, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.query import ListQuery, Page, memory_page
from flowrack.platform.web.render import go
from flowrack.promise import commands_lines, queries_sooner
from flowrack.promise.queries_sooner import SoonerLine

TITLE = "Can leave sooner"
WHY = "The goods can leave sooner than we told you"


def _rows(query: ListQuery) -> Page[SoonerLine]:
    """The days that moving all of them together would give, the better rank first."""
    at = now()
    late = queries_sooner.late_lines([query.site_id], at)
    days = commands_lines.foreseen([line.id for line in late], at, are_late=True)
    found = []
    for line in late:
        on = days.get(line.id)
        if on is not None and on < line.promised_on:
            found.append(SoonerLine(**asdict(line), can_ship_on=on, days=(line.promised_on - on).days))
    return memory_page(query, found, search=("order", "customer", "sku"))


def _move(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """See the new days of the chosen ones, and tell their customers."""
    return go(request, f"{reverse('promise_move')}?ids={','.join(map(str, ids))}&reason={WHY.replace(' ', '+')}")


SOONER = ListPage(
    name="promise.sooner",
    title=TITLE,
    noun=("line", "lines"),
    permission="promise.view",
    rows=_rows,
    is_cards=True,
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True),
        Column("ship_by_on", "Should have left", kind="date", sort=True),
        Column("promised_on", "Promised to leave", kind="date", sort=True),
        Column("can_ship_on", "Can leave", kind="date", sort=True),
        Column("days", "Days sooner", kind="number", sort=True),
        Column("site", "Site", kind="code", sort=True),
    ],
    filters=[
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"], promoted=True),
        DateRange("can_ship_on", "Can leave", promoted=True),
    ],
    sort="-days,can_ship_on",
    search="Order, customer, item",
    batch=[Batch("move", "Move the promise forward", "promise.move", _move)],
    empty=Empty(
        "No promise can move forward",
        "A line appears here when it was promised a later day than its customer wanted and goods for it come sooner.",
    ),
)

NAV = [NavItem("Outbound", TITLE, "promise_sooner", permission="promise.view", order=22, section="Allocation")]

urlpatterns = [path("promise/sooner", SOONER.view, name="promise_sooner")]
