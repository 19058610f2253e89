"""A closed receipt on its page: why it was opened again, and opening it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_receipts
from flowrack.inbound.forms_receipts import ReopenForm
from flowrack.inbound.queries import ReceiptRow
from flowrack.inbound.queries_pages import access_receipt
from flowrack.inbound.types import ReopenReceipt
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.record import Do, Fact
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError


def reopen_action(head: ReceiptRow) -> Do:
    """The button of a closed receipt."""
    url = reverse("inbound_receipt_reopen", args=[head.id])
    return Do("Open again", url, "inbound.reopen", post=False)


def facts(head: ReceiptRow) -> list[Fact]:
    """When it was closed, and opened again by whom and why."""
    found = [Fact("Closed", head.closed_at, "datetime", note=head.closed_by)] if head.closed_at else []
    if head.reopened_at:
        why = f"{head.reopened_by}: {head.reopen_reason}"
        found.append(Fact("Opened again", head.reopened_at, "datetime", note=why))
    return found


@page("inbound.reopen")
def reopen(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Open a closed receipt again."""
    caller = caller_of(request)
    head = access_receipt(receipt_id, caller.sites("inbound.reopen") if caller else frozenset())
    form = ReopenForm(request.POST or None)
    back = reverse("inbound_receipt", args=[receipt_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Open {head.number} again", verb="Open it again", refusal=refusal,
            back=(head.number, back),
            sub="More can be counted on it, and counts can be taken back. What was given up stays given up.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_receipts.reopen_receipt,
        ReopenReceipt(receipt_id, form.cleaned_data["reason"]),
        to=back,
        toast="Receipt opened again",
        again=drawn,
    )


urlpatterns = [path("receipts/<int:receipt_id>/reopen", reopen, name="inbound_receipt_reopen")]
