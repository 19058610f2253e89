"""More than an order takes, on the page of its receipt: what was asked, and asking."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_over, queries_over
from flowrack.inbound.forms_over import AskOverForm
from flowrack.inbound.queries_pages import access_receipt
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form
from flowrack.purchasing import queries as purchasing
from flowrack.shared.errors import FlowrackError

COLUMNS: Sequence[Column] = [
    Column("number", "Number", kind="code"),
    Column("sku", "Item", kind="code"),
    Column("units", "Units on top", kind="number"),
    Column("state", "State", kind="state", marks={"waiting": "wait", "allowed": "ok", "rejected": "bad"}),
    Column("reason", "Reason", wide=True),
    Column("asked_by", "Asked by"),
    Column("asked_at", "Asked", kind="datetime"),
    Column("approval", "Approval", kind="code",
           link=lambda r: f"{reverse('approvals_inbox')}?tab=mine&request={r.request_id}"),
]  # fmt: skip


def tables(po_id: int) -> list[Table]:
    """What was asked for the order of a receipt; no table when nothing."""
    rows = queries_over.of_po(po_id)
    return [Table("Asked beyond the order", COLUMNS, rows)] if rows else []


@page("inbound.receive")
def ask(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Ask whether more of an item may come in than the order and its tolerance take."""
    caller = caller_of(request)
    head = access_receipt(receipt_id, caller.sites("inbound.receive") if caller else frozenset())
    items = {line.item_id: line.sku for line in purchasing.lines_for_receipt([head.po_id])}
    form = AskOverForm(request.POST or None, items=items)
    back = reverse("inbound_receipt", args=[receipt_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Ask for more on {head.po_number}", verb="Ask", refusal=refusal,
            back=(head.number, back),
            sub="Somebody else decides in the inbox; then so many units more may be counted, once.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_over.ask_over_receipt,
        form.to_request(head.po_id),
        to=back,
        toast=lambda done: "They may come in" if done.state == "allowed" else f"Asked, {done.approval}",
        again=drawn,
    )


urlpatterns = [path("receipts/<int:receipt_id>/ask", ask, name="inbound_receipt_ask")]
