"""Customers' own numbers of items: the list, one number by hand, many from a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.importing.web import import_view
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Column, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform, render_form
from flowrack.sales import commands_codes, imports_codes, queries_codes
from flowrack.sales.forms_codes import CustomerItemForm
from flowrack.shared.errors import FlowrackError

TITLE = "Customers' item numbers"

NUMBERS = ListPage(
    name="sales.customer_items",
    title=TITLE,
    noun=("number", "numbers"),
    permission="sales.view",
    rows=queries_codes.customer_item_page,
    columns=[
        Column("customer", "Customer", sort=True),
        Column("code", "Their number", kind="code", sort=True),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("catalog_item", args=[r.item_id])),
        Column("name", "Name", wide=True),
        Column("pack", "Pack"),
        Column("customer_code", "Customer's code", kind="code", hidden=True),
    ],
    sort="customer,code",
    search="Customer, number or item",
    actions=[
        Button("Write down", "sales_customer_item_new", permission="sales.customer_items", primary=True, key="n"),
        Button("Import", "sales_import_customer_items", permission="sales.customer_items"),
    ],
    empty=Empty(
        "No numbers yet", "What customers call items in their orders: order entry and promises understand it.",
        "Write down", "sales_customer_item_new", "sales.customer_items",
    ),
)  # fmt: skip


@page("sales.customer_items")
def new_number(request: HttpRequest) -> HttpResponse:
    """Write down what a customer calls an item."""
    form = CustomerItemForm(request.POST or None, initial={"customer": request.GET.get("customer", "")})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Customer's item number", verb="Write down", refusal=refusal,
            back=(TITLE, reverse("sales_customer_items")),
            sub="It counts for orders and questions from now on. Without an item the number is forgotten.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request, commands_codes.set_customer_item, form.to_request(), to=reverse("sales_customer_items"),
        toast="Written down", again=drawn,
    )  # fmt: skip


NAV = [NavItem("Data and setup", TITLE, "sales_customer_items", permission="sales.view", order=32)]

urlpatterns = [
    path("customer-items", NUMBERS.view, name="sales_customer_items"),
    path("customer-items/new", new_number, name="sales_customer_item_new"),
    path(
        "customer-items/import",
        import_view(imports_codes.CUSTOMER_ITEMS, commands_codes.import_customer_items, back="sales_customer_items"),
        name="sales_import_customer_items",
    ),
]
