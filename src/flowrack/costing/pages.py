"""Pages of costing: trial balance, inventory value now and at a date, revaluations, late costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse

from flowrack.catalog import queries as catalog
from flowrack.costing import commands, queries
from flowrack.costing.types import (
    ApproveRevaluation,
    CostRefused,
    NewCost,
    PostLateCost,
    SetStandardCost,
    SplitBy,
)
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Batch, Button, Choice, Empty, ListPage, ListQuery, Page, sql_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import context_of, go, perform, render_page, toast
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError

ACCOUNT_WORDS = {
    "inventory": "Inventory", "in_transit": "In transit", "grni": "Received, not invoiced",
    "cogs": "Cost of goods sold", "adjustment": "Adjustments", "scrap": "Scrap",
    "opening": "Opening stock", "variance": "Price variance",
    "clearing": "Cost clearing",
}  # fmt: skip


def item_link(item_id: int) -> str:
    """The enquiry about an item, empty where that page does not exist."""
    try:
        return reverse("analytics_item", args=[item_id])
    except NoReverseMatch:
        return ""


def value_rows(query: ListQuery) -> Page[Any]:
    """Value by item and site."""
    return sql_page(
        query, None, queries.ITEM_VALUES, search=("sku", "name"),
        totals={"units": "sum(units)::bigint", "value": "sum(value)"}, site_column="site_id",
    )  # fmt: skip


VALUES = ListPage(
    name="costing.values",
    title="Inventory value",
    noun=("item at a site", "items at sites"),
    permission="costing.view",
    rows=value_rows,
    columns=[
        Column("sku", "Item", kind="code", sort=True, link=lambda r: item_link(r.item_id)),
        Column("name", "Name", sort=True, wide=True),
        Column("site", "Site", sort=True),
        Column("costing", "Method", value=lambda r: words(r.costing), sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("unit_cost", "Unit cost", kind="number", places=4, sort=True),
        Column("value", "Value", kind="money", sort=True, total=True),
    ],
    filters=[Choice("costing", "Method", [(m, words(m)) for m in commands.METHODS], promoted=True)],
    sort="-value",
    search="Item or name",
    actions=[Button("Trial balance", "costing_balance", permission="costing.view")],
    empty=Empty("Nothing of value", "What own stock is worth, by item and site, from the ledger's running totals."),
)


@page("costing.view")
def balance(request: HttpRequest) -> HttpResponse:
    """The trial balance, now or at the end of a day; it sums to zero."""
    viewer = viewer_of(request)
    refusal = None
    day: date | None = None
    text = request.GET.get("on", "").strip()
    if text:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            refusal = CostRefused(f"“{text}” is no date.", fix="Write it as 2026-05-14.")
    rows = queries.trial_balance_at(day, viewer.site_id) if day else queries.trial_balance(viewer.site_id)
    sites = sorted({row.site for row in rows})
    by_account: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        by_account.setdefault(row.account, {})[row.site] = row.value
    table = [
        (ACCOUNT_WORDS.get(account, words(account)), [found.get(s) for s in sites], sum(found.values(), Decimal(0)))
        for account, found in sorted(by_account.items(), key=lambda pair: list(ACCOUNT_WORDS).index(pair[0]))
    ]
    states = [row for row in queries.value_by_state(viewer.site_id) if row.units and row.state != "allocated"]
    context = {
        "day": day, "today": clock.today(), "sites": sites, "table": table, "refusal": refusal,
        "feet": [sum((row.value for row in rows if row.site == s), Decimal(0)) for s in sites],
        "total": sum((row.value for row in rows), Decimal(0)),
        "states": _states(states), "stock": queries.value_now(viewer.site_id),
    }  # fmt: skip
    return render_page(request, "costing/balance.html", context, status=422 if refusal else 200)


def _states(rows: list[queries.StateValue]) -> list[tuple[str, int, Decimal]]:
    units: dict[str, int] = {}
    value: dict[str, Decimal] = {}
    for row in rows:
        units[row.state] = units.get(row.state, 0) + row.units
        value[row.state] = value.get(row.state, Decimal(0)) + row.value
    return [(words(state), units[state], value[state]) for state in units]


def revaluation_rows(query: ListQuery) -> Page[Any]:
    """Revaluations of one view."""
    return sql_page(query, None, queries.REVALUATIONS, search=("number", "reason"), totals={"value": "sum(value)"})


def _approve_many(request: HttpRequest, ids: list[int]) -> HttpResponse:
    for key in ids[:-1]:
        commands.approve_revaluation(context_of(request, f"revaluation:{key}"), ApproveRevaluation(key))
    if not ids:
        return go(request, reverse("costing_revaluations"))
    return perform(
        request, commands.approve_revaluation, ApproveRevaluation(ids[-1]), to=reverse("costing_revaluations"),
        toast="Revaluation posted", key=f"revaluation:{ids[-1]}",
    )  # fmt: skip


REVALUATIONS = ListPage(
    name="costing.revaluations",
    title="Revaluations",
    noun=("revaluation", "revaluations"),
    permission="costing.view",
    rows=revaluation_rows,
    columns=[
        Column("number", "Revaluation", kind="code", sort="id"),
        Column("reason", "Why", wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("items", "Items", kind="number"),
        Column("value", "Change of value", kind="money", sort=True, total=True),
        Column("proposed_by", "Proposed by"),
        Column("proposed_at", "Proposed", kind="datetime", sort=True),
        Column("approved_by", "Approved by"),
    ],
    filters=[Choice("state", "State", [("proposed", "Proposed"), ("posted", "Posted")], promoted=True)],
    sort="-id",
    search="Number or reason",
    actions=[Button("New standard cost", "costing_standard", permission="costing.revalue", primary=True, key="n")],
    batch=[Batch("approve", "Approve and post", "costing.revalue", _approve_many)],
    empty=Empty("No revaluations", "New standard costs and by how much they changed the value of stock.",
                "New standard cost", "costing_standard", "costing.revalue"),
)  # fmt: skip


def late_cost_rows(query: ListQuery) -> Page[Any]:
    """Late costs of one view."""
    totals = {name: f"sum({name})" for name in ("amount", "stock_value", "sold_value")}
    return sql_page(query, None, queries.LATE_COSTS, search=("number", "reason"), totals=totals)


LATE_COSTS = ListPage(
    name="costing.late_costs",
    title="Late costs",
    noun=("late cost", "late costs"),
    permission="costing.view",
    rows=late_cost_rows,
    columns=[
        Column("number", "Late cost", kind="code", sort="id"),
        Column("reason", "Why", wide=True),
        Column("amount", "Amount", kind="money", sort=True, total=True),
        Column("stock_value", "Rests on stock", kind="money", total=True),
        Column("sold_value", "Sold already", kind="money", total=True),
        Column("posted_by", "Posted by"),
        Column("posted_at", "Posted", kind="datetime", sort=True),
    ],
    sort="-id",
    search="Number or reason",
    actions=[Button("Post a late cost", "costing_late", permission="costing.post", primary=True, key="n")],
    empty=Empty("No late costs", "Freight, duty and price differences that came after their goods.", "Post a late cost",
                "costing_late", "costing.post"),
)  # fmt: skip


def _money(text: str, field: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise CostRefused(f"{field}: “{text}” is no amount.", fix="Type it as 12.50.") from None


@page("costing.revalue")
def standard(request: HttpRequest) -> HttpResponse:
    """Set a new standard cost."""
    context: dict[str, Any] = {"sku": "", "cost": "", "reason": ""}
    if request.method == "POST":
        context = {name: request.POST.get(name, "") for name in context}
        try:
            item_id = catalog.item_ids([context["sku"].strip()]).get(context["sku"].strip())
            if item_id is None:
                raise CostRefused(f"There is no item {context['sku']}.", fix="Type its SKU as on the label.")
            req = SetStandardCost([NewCost(item_id, _money(context["cost"], "Unit cost"))], context["reason"])
            done = commands.set_standard_cost(context_of(request), req)
        except FlowrackError as refusal:
            return render_page(request, "costing/standard.html", {**context, "refusal": refusal}, status=refusal.status)
        toast(request, "Stock revalued" if done.state == "posted" else "Waits for approval")
        return go(request, reverse("costing_revaluations"))
    return render_page(request, "costing/standard.html", context)


@page("costing.post")
def late(request: HttpRequest) -> HttpResponse:
    """Post a cost that came after its goods, for the receipts of one receipt number."""
    context: dict[str, Any] = {"receipt": request.GET.get("receipt", ""), "amount": "", "reason": "", "split": "value"}
    if request.method == "POST":
        context = {name: request.POST.get(name, "") for name in context}
        try:
            moves = queries.moves_of_receipt(context["receipt"])
            if not moves:
                raise CostRefused(f"{context['receipt']} brought no stock in.", fix="Use the number of a receipt.")
            amount = _money(context["amount"], "Amount")
            req = PostLateCost(amount, context["reason"], moves, context["split"] or SplitBy.VALUE)
            done = commands.post_late_cost(context_of(request), req)
        except FlowrackError as refusal:
            return render_page(request, "costing/late.html", {**context, "refusal": refusal}, status=refusal.status)
        toast(request, f"{done.stock_value} on stock")
        return go(request, reverse("costing_late_costs"))
    return render_page(request, "costing/late.html", context)


NAV = [
    NavItem("Stock", "Inventory value", "costing_values", permission="costing.view", order=60),
    NavItem("Stock", "Trial balance", "costing_balance", permission="costing.view", order=62),
    NavItem("Stock", "Revaluations", "costing_revaluations", permission="costing.view", order=64),
    NavItem("Stock", "Late costs", "costing_late_costs", permission="costing.view", order=66),
]

urlpatterns = [
    path("costing/values", VALUES.view, name="costing_values"),
    path("costing/balance", balance, name="costing_balance"),
    path("costing/revaluations", REVALUATIONS.view, name="costing_revaluations"),
    path("costing/standard", standard, name="costing_standard"),
    path("costing/late-costs", LATE_COSTS.view, name="costing_late_costs"),
    path("costing/late-costs/new", late, name="costing_late"),
]
