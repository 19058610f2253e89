"""Pages of the order builder: for whom, and what would be ordered and why before the draft is written."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.parties import queries as parties
from flowrack.planning import commands_orders as commands
from flowrack.planning import queries_orders as queries
from flowrack.planning.forms_orders import BuilderForm
from flowrack.planning.types_orders import BuildOrder
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import go, perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing.forms_cover import ask_on_top, on_top_form
from flowrack.purchasing.types_agreements import OrderTerms
from flowrack.purchasing.types_builder import Built
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.shared.refs import ref

TITLE = "Fill an order"
LINES = [
    Column("sku", "Item", kind="code"),
    Column("name", "Name"),
    Column("needed", "Needed", kind="number", value=lambda r: r.needed or None),
    Column("filled", "Added", kind="number", value=lambda r: r.filled or None),
    Column("units", "Order", kind="number"),
    Column("unit_cost", "Unit cost", kind="number", places=4),
    Column("value", "Value", kind="money"),
    Column("cover_days", "Cover, days", kind="number"),
    Column("sentence", "What it buys", wide=True),
]
PASSED = [
    Column("sku", "Item", kind="code", value=lambda r: r[0]),
    Column("why", "Why not", wide=True, value=lambda r: r[1]),
]


@page("purchasing.create")
def choose(request: HttpRequest) -> HttpResponse:
    """For which supplier and site."""
    at = viewer_of(request).site_id
    form = BuilderForm(request.POST or None, initial={"site": at, "supplier": request.GET.get("supplier", "")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        return go(request, _url(data["supplier"], int(data["site"]), data["days"]))
    waiting = queries.suppliers_of(at) if at else []
    named = ", ".join(f"{code} ({count} proposed, {value:,.2f})" for _, code, _, count, value in waiting[:5])
    return render_form(
        request,
        form,
        title=TITLE,
        verb="Show the order",
        back=("Replenish", reverse("planning_proposals")),
        sub="What is proposed for a supplier, filled up to his minimum with what runs out first."
        + (f" Proposed here: {named}." if named else ""),
    )


def _url(supplier_id: int, site_id: int, days: int) -> str:
    return f"{reverse('planning_order', args=[supplier_id, site_id])}?{urlencode({'days': days})}"


@page("purchasing.create")
def build(request: HttpRequest, supplier_id: int, site_id: int) -> HttpResponse:
    """What would be ordered; posting writes the draft."""
    caller = caller_of(request)
    if caller is None or not caller.may("purchasing.create", site_id):
        raise NotPermitted("You may not order for this site.", permission="purchasing.create")
    text = request.GET.get("days", "")
    days = min(int(text), 999) if text.isascii() and text.isdigit() and len(text) < 5 and int(text) else 180
    if request.method == "POST":
        form, seen = on_top_form(request), request.POST.get("seen", "")
        return perform(
            request,
            commands.build_order,
            BuildOrder(supplier_id, site_id, days, seen, form.reason),
            to=lambda done: reverse("purchasing_po", args=[done.po_id]),
            toast="Draft written",
            again=ask_on_top(
                request,
                form,
                lambda refusal: _draw(request, supplier_id, site_id, days, refusal),
                title="Order on top",
                verb="Write draft",
                back=(TITLE, _url(supplier_id, site_id, days)),
                hidden={"seen": seen},
            ),
        )
    return _draw(request, supplier_id, site_id, days)


def _draw(
    request: HttpRequest, supplier_id: int, site_id: int, days: int, refusal: FlowrackError | None = None
) -> HttpResponse:
    order = queries.built_order(supplier_id, site_id, now=now(), max_cover_days=days)
    party, built = parties.parties([supplier_id])[supplier_id], order.built
    record = Record(
        title=party.code,
        subtitle=party.name,
        subject=ref("planning.order", supplier_id),
        back=(TITLE, reverse("planning_orders")),
        facts=_facts(built, order.terms),
        actions=[
            Do(
                "Write draft", _url(supplier_id, site_id, days), "purchasing.create", primary=True, key="w",
                fields={"seen": order.fingerprint},
            )
        ] if built.lines else [],
        tables=[
            Table(
                "Lines", LINES, built.lines, totals={"value": built.value},
                empty="Nothing is proposed for this supplier, and nothing he sells runs out soon.",
                note=f"{built.sentence} Cover is what is free, coming and ordered here, at the sales of three months.",
            ),
            *([Table("Not added", PASSED, built.passed_over[:100])] if built.passed_over else []),
        ],
    )  # fmt: skip
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _facts(built: Built, terms: OrderTerms) -> list[Fact]:
    """How far the order is of each minimum."""
    facts = [Fact("Value", built.value, "money", note=f"of {terms.min_value:,.2f}" if terms.min_value else "")]
    if terms.min_weight_g:
        facts.append(_part("Weight", built.weight_g, terms.min_weight_g, 1000, "kg"))
    if terms.min_volume_ml:
        facts.append(_part("Volume", built.volume_ml, terms.min_volume_ml, 1_000_000, "m³"))
    tone = "" if built.is_reached else "warn"
    return [
        *facts,
        Fact("Of the minimum", f"{built.share_pct} %", tone=tone),
        Fact("Lines", len(built.lines), "number"),
        Fact("Added", sum(1 for line in built.lines if line.filled), "number", note="lines"),
        Fact("Agreement", terms.agreement or "the supplier's terms"),
    ]


def _part(label: str, have: int, least: int, of: int, unit: str) -> Fact:
    return Fact(label, f"{Decimal(have) / of:,.2f} {unit}", note=f"of {Decimal(least) / of:,.2f} {unit}")


urlpatterns = [
    path("supplier-order", choose, name="planning_orders"),
    path("supplier-order/<int:supplier_id>/<int:site_id>", build, name="planning_order"),
]
NAV = [NavItem("Inbound", TITLE, "planning_orders", permission="purchasing.create", order=22)]
