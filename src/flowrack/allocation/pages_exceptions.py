"""The page of promises that cannot hold: whose cover slipped, by which order of ours, and what is done about it."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.allocation import commands_exceptions as commands
from flowrack.allocation import queries_cover
from flowrack.allocation.queries_cover import ExceptionRow
from flowrack.allocation.types_exceptions import CloseExceptions
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Batch, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import go, perform, render_form
from flowrack.shared.errors import FlowrackError

TITLE = "Promises at risk"


def _close(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Say what was done about the chosen ones."""
    return go(request, f"{reverse('allocation_exceptions_close')}?ids={','.join(map(str, ids[:500]))}")


def _move(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Tell the customers of the chosen ones another day."""
    lines = ",".join(map(str, queries_cover.lines_of_exceptions(ids[:500])))
    return go(request, f"{reverse('promise_move')}?ids={lines}")


def _todo(row: ExceptionRow) -> str:
    """What can be done about a promise at risk, in words."""
    if row.is_open != "open":
        return row.closing
    chase = f"chase {row.po}, or " if row.po else ""
    return f"{chase}see what would change it; else move the promise"


def _ways(row: ExceptionRow) -> SafeString | str:
    """The same with the pages where it is done: the purchase that slips, and the line's ladder with what would help."""
    if row.is_open != "open":
        return row.closing
    ladder = f"{reverse('sales_order', args=[row.order_id])}?line={row.order_line_id}#ladder"
    see = format_html('<a class="ul" href="{}">What would change it</a>', ladder)
    if not row.po_id:
        return see
    return format_html(
        '<a class="ul" href="{}">Chase {}</a>, {}', reverse("purchasing_po", args=[row.po_id]), row.po, see
    )


EXCEPTIONS = ListPage(
    name="allocation.exceptions",
    title=TITLE,
    noun=("line", "lines"),
    permission="allocation.exceptions",
    rows=queries_cover.exception_page,
    is_cards=True,
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units late", kind="number", sort=True, total=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("promised_on", "Promise", kind="date", sort=True),
        Column("covered_on", "Leaves now", kind="date", sort=True),
        Column("arrives_on", "Arrives then", kind="date", sort=True),
        Column("days_late", "Late", kind="number", sort=True),
        Column("reason", "Why", wide=True),
        Column("todo", "What can be done", value=_todo, html=_ways),
        Column("owner", "Owner", value=lambda r: r.buyer or r.entered_by),
        Column("covered_before", "Covered before", kind="date", hidden=True),
        Column(
            "po",
            "Our order",
            kind="code",
            sort=True,
            hidden=True,
            link=lambda r: reverse("purchasing_po", args=[r.po_id]) if r.po_id else "",
        ),
        Column("supplier", "Supplier", sort=True, hidden=True),
        Column("raised_at", "Raised", kind="datetime", sort=True, hidden=True),
        Column("buyer", "Buyer", hidden=True),
        Column("closing", "Done", hidden=True),
        Column("closed_by", "Closed by", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("is_open", "State", [("open", "open"), ("closed", "closed")]),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"], promoted=True),
        DateRange("promised_on", "Promise", promoted=True),
    ],
    tabs=[Tab("Open", "is_open=open"), Tab("Closed", "is_open=closed"), Tab("All", "view=all")],
    sort="promised_on,tier",
    search="Order, customer, item, our order, supplier",
    batch=[
        Batch("move", "Move the promise", "promise.move", _move),
        Batch("close", "Say what was done", "allocation.settle", _close),
    ],
    empty=Empty(
        "No promise is at risk",
        "A customer's line appears here when the supply it waits for slips beyond its promise.",
    ),
)


class CloseForm(forms.Form):
    """What was done about promises that cannot hold."""

    note = forms.CharField(label="What was done", max_length=200, help_text="Customer told, other supply found, ...")


@page("allocation.settle")
def close(request: HttpRequest) -> HttpResponse:
    """Close exceptions that were dealt with."""
    ids = [i for part in request.GET.get("ids", "").split(",")[:500] if (i := read_id(part))]
    form = CloseForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="Close exceptions",
            verb="Close",
            refusal=refusal,
            back=(TITLE, reverse("allocation_exceptions")),
            sub=f"{len(ids)} line{'' if len(ids) == 1 else 's'} chosen.",
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.close_exceptions,
        CloseExceptions(ids, form.cleaned_data["note"]),
        to=reverse("allocation_exceptions"),
        toast=lambda done: f"{len(done.exception_ids)} closed",
        again=drawn,
    )


NAV = [
    NavItem(
        "Outbound", TITLE, "allocation_exceptions", permission="allocation.exceptions", order=22, section="Allocation"
    )
]

urlpatterns = [
    path("allocation/exceptions", EXCEPTIONS.view, name="allocation_exceptions"),
    path("allocation/exceptions/close", close, name="allocation_exceptions_close"),
]
