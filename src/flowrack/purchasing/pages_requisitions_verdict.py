"""The verdict on a requisition, given on its own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.queries import standing
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.purchasing import pages_decide, pages_requisitions
from flowrack.purchasing import queries_requisitions as queries
from flowrack.purchasing.types_requisitions import REQUISITION_KIND
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref


def _number(request: HttpRequest, requisition_id: int) -> str:
    caller = caller_of(request)
    if caller is None:
        raise NotFound(f"There is no requisition with id {requisition_id}.")
    return queries.requisition(requisition_id, caller.sites("purchasing.view")).head.number


@page("approvals.decide", methods=("POST",))
def approve(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Give one's approval to a requisition as it was seen."""
    _number(request, requisition_id)
    return pages_decide.approve(
        request,
        to=reverse("purchasing_requisition", args=[requisition_id]),
        again=lambda refusal: pages_requisitions.show(request, requisition_id, refusal),
    )


@page("approvals.decide")
def reject(request: HttpRequest, requisition_id: int) -> HttpResponse:
    """Reject a requisition, with a reason."""
    number, subject = _number(request, requisition_id), ref(REQUISITION_KIND, requisition_id)
    return pages_decide.reject(
        request,
        standing([subject], REQUISITION_KIND).get(subject),
        number,
        to=reverse("purchasing_requisition", args=[requisition_id]),
    )


urlpatterns = [
    path("requisitions/<int:requisition_id>/approve", approve, name="purchasing_requisition_approve"),
    path("requisitions/<int:requisition_id>/reject", reject, name="purchasing_requisition_reject"),
]
