"""Sales channels and order types: the lists by which orders are sorted."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, Empty, ListPage, ListQuery, Page, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import ask
from flowrack.sales import commands_lists, queries_lists
from flowrack.sales.queries_lists import OrderCodeRow
from flowrack.sales.types_lists import LISTS, SetOrderCode

TITLE = "Channels and order types"


class OrderCodeForm(forms.Form):
    """A code of a list."""

    list = forms.ChoiceField(label="List", choices=[(name, name) for name in LISTS])
    code = forms.CharField(label="Code", max_length=20, help_text="Letters and digits: WEB, EDI, CALL-OFF.")
    name = forms.CharField(label="Name", max_length=60)
    is_active = forms.BooleanField(label="In use", required=False, initial=True)


def _rows(query: ListQuery) -> Page[OrderCodeRow]:
    return memory_page(query, queries_lists.order_codes(), search=("code", "name"))


def _edit(row: OrderCodeRow) -> str:
    return f"{reverse('sales_lists_edit')}?list={row.list}&code={row.code}"


CODES = ListPage(
    name="sales.lists",
    title=TITLE,
    noun=("code", "codes"),
    permission="sales.view",
    rows=_rows,
    columns=[
        Column("list", "List", sort=True),
        Column("code", "Code", kind="code", sort=True, link=_edit),
        Column("name", "Name", sort=True, wide=True),
        Column("is_active", "In use", kind="flag"),
    ],
    filters=[Choice("list", "List", [(name, name) for name in LISTS], promoted=True)],
    sort="list,code",
    search="Code or name",
    actions=[Button("New code", "sales_lists_edit", permission="sales.lists", primary=True, key="n")],
    empty=Empty(
        "No channel and no order type yet", "Orders carry them, and allocation rules look at them.",
        "New code", "sales_lists_edit", "sales.lists",
    ),
)  # fmt: skip


@page("sales.lists")
def edit(request: HttpRequest) -> HttpResponse:
    """Add a code, name it otherwise, or take it out of use."""
    asked = (request.GET.get("list", ""), request.GET.get("code", ""))
    row = next((one for one in queries_lists.order_codes() if (one.list, one.code) == asked), None)
    initial = {"list": row.list, "code": row.code, "name": row.name, "is_active": row.is_active} if row else None
    return ask(
        request,
        OrderCodeForm(request.POST or None, initial=initial),
        commands_lists.set_order_code,
        lambda data: SetOrderCode(data["list"], data["code"], data["name"], data["is_active"]),
        title="Save code",
        back=(TITLE, reverse("sales_lists")),
        toast="Code saved",
    )


NAV = [NavItem("Data and setup", TITLE, "sales_lists", permission="sales.view", order=74)]

urlpatterns = [
    path("orders/lists", CODES.view, name="sales_lists"),
    path("orders/lists/edit", edit, name="sales_lists_edit"),
]
