"""Pages of budgets: the list with what was said before, a new one; and what a PO's page says of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Fact, Table
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing import commands_budgets as commands
from flowrack.purchasing import queries_budgets as queries
from flowrack.purchasing import rules_budgets as rules
from flowrack.purchasing.forms_budgets import BudgetForm
from flowrack.shared.errors import FlowrackError

BUDGETS = ListPage(
    name="purchasing.budgets",
    title="Budgets",
    noun=("budget", "budgets"),
    permission="purchasing.view",
    rows=queries.budget_page,
    columns=[
        Column("month", "Period", value=lambda r: rules.period(r.month, r.months), sort="month"),
        Column("site", "Site", kind="code", sort=True),
        Column("family", "For", sort=True, value=lambda r: r.family or "everything"),
        Column("amount", "Budget", kind="money", sort=True),
        Column("spent", "Ordered or asked", kind="money", sort=True),
        Column("left", "Left", kind="money", sort=True),
        Column("is_in_force", "Counts", sort=True),
        Column("reason", "Why", wide=True),
        Column("set_by", "Set by", sort=True),
        Column("set_at", "Set", kind="datetime", sort=True),
    ],
    filters=[Choice("is_in_force", "Counts", [("yes", "counts"), ("no", "said before")]), DateRange("month", "Month")],
    tabs=[Tab("That count", "is_in_force=yes"), Tab("With history", "")],
    sort="-month",
    search="Site or family",
    actions=[Button("Set a budget", "purchasing_budget_new", "purchasing.budget", primary=True, key="n")],
    empty=Empty(
        "No budgets",
        "What a site may order in a period; orders and approval policies see what is left of it.",
        "Set a budget",
        "purchasing_budget_new",
        "purchasing.budget",
    ),
)


@page("purchasing.budget")
def new_budget(request: HttpRequest) -> HttpResponse:
    """Say what a site may order in a period."""
    form = BudgetForm(request.POST or None, initial={"site": viewer_of(request).site_id})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="Set a budget",
            verb="Set budget",
            refusal=refusal,
            back=(BUDGETS.title, reverse("purchasing_budgets")),
            sub="It replaces what was said for the same site, family and period. Families count beside the whole.",
        )

    if request.method == "POST" and form.is_valid():
        return perform(
            request,
            commands.set_budget,
            form.to_request(),
            to=reverse("purchasing_budgets"),
            toast="Budget set",
            again=drawn,
        )
    return drawn()


USES = [
    Column("label", "Budget", wide=True, value=lambda r: r.budget.label),
    Column("amount", "Budget", kind="money", value=lambda r: r.budget.amount),
    Column("before", "Left before", kind="money"),
    Column("taken", "This order", kind="money", value=lambda r: r.amount),
    Column("after", "Left after", kind="money"),
    Column("over", "", kind="chip", value=lambda r: "over" if r.after < 0 else "", tone=lambda r: "bad"),
]


def of_po(po_id: int, site_id: int, ordered_on: date) -> tuple[list[Fact], list[Table]]:
    """What a PO's page says: the tightest budget as a fact, all that count as a table. Nothing without budgets."""
    found = queries.budgets_at([(site_id, ordered_on)], without=[po_id]).get((site_id, ordered_on), [])
    used = rules.uses(found, queries.amounts_by_family([po_id])[po_id]) if found else []
    tight = rules.tightest(used)
    if tight is None:
        return [], []
    tone = "bad" if tight.after < Decimal(0) else ""
    fact = Fact("Budget left", tight.after, "money", note=tight.budget.label, tone=tone)
    return [fact], [
        Table("Budgets", USES, used, note="Left before counts what is ordered and what waits for approval.")
    ]


urlpatterns = [
    path("budgets", BUDGETS.view, name="purchasing_budgets"),
    path("budgets/new", new_budget, name="purchasing_budget_new"),
]
NAV = [NavItem("Inbound", BUDGETS.title, "purchasing_budgets", permission="purchasing.view", order=90)]
