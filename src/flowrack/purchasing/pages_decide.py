"""A verdict on the record page of a document that waits: for those who are asked now, as from the inbox."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.approvals import commands
from flowrack.approvals.queries import Standing
from flowrack.approvals.queries_pages import to_decide
from flowrack.approvals.types import Decide, Seen, VerdictsGiven
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.record import Do
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing.forms import RejectForm
from flowrack.shared.errors import FlowrackError, NotFound


def may_decide(request: HttpRequest, asked: Standing) -> bool:
    """Whether the viewer's verdict is asked for now."""
    viewer = viewer_of(request)
    sites = sorted(viewer.grants.get("approvals.decide", ()))
    return bool(sites and to_decide(viewer.user.pk, now(), site_ids=sites, request_id=asked.request_id))


def actions(asked: Standing, url: str, document_id: int) -> list[Do]:
    """Approve and reject, of the content that is shown."""
    seen = {"request": asked.request_id, "hash": asked.content_hash}
    return [
        Do("Reject", reverse(f"{url}_reject", args=[document_id]), "approvals.decide", post=False, key="r"),
        Do(
            "Approve", reverse(f"{url}_approve", args=[document_id]), "approvals.decide", primary=True, key="a",
            fields=seen,
        ),
    ]  # fmt: skip


def approve(request: HttpRequest, *, to: str, again: Callable[[FlowrackError], HttpResponse]) -> HttpResponse:
    """Approve what was seen."""
    seen = Seen(read_id(request.POST.get("request", "")), request.POST.get("hash", ""))
    return perform(request, commands.decide, Decide([seen], "approve"), to=to, toast=_told, again=again)


def reject(request: HttpRequest, asked: Standing | None, number: str, *, to: str) -> HttpResponse:
    """Reject what was seen, with a reason."""
    if asked is None or asked.state != "waiting":
        raise NotFound(f"{number} does not wait for approval.")
    form = RejectForm(request.POST or None, initial={"content_hash": asked.content_hash})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Reject {number}", verb=f"Reject {number}", refusal=refusal, back=(number, to)
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    seen = Seen(asked.request_id, form.cleaned_data["content_hash"])
    req = Decide([seen], "reject", form.cleaned_data["reason"])
    return perform(request, commands.decide, req, to=to, toast="Rejected", again=drawn)


def _told(done: VerdictsGiven) -> str:
    return "Approved" if done.requests[0].state == "approved" else "Approved, others follow"
