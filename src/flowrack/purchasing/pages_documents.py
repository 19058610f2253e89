"""The order as PDF and as data, and the record that it went to the supplier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse

from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import words
from flowrack.platform.web.record import Do, Document
from flowrack.platform.web.render import perform, render_form
from flowrack.purchasing import commands_documents as commands
from flowrack.purchasing import documents
from flowrack.purchasing import queries_documents as queries
from flowrack.purchasing.forms_confirmations import SentForm
from flowrack.purchasing.pages_versions import seen
from flowrack.purchasing.queries import PoRecord
from flowrack.purchasing.queries_documents import PoDocument
from flowrack.purchasing.states import OPEN, PoState
from flowrack.purchasing.types_confirmations import RecordSent, SentPo
from flowrack.shared.errors import FlowrackError


def actions_of(found: PoRecord) -> list[Do]:
    """What the record page offers for sending."""
    if PoState(found.head.state) not in OPEN:
        return []
    url = reverse("purchasing_po_sent", args=[found.head.id])
    return [Do("Record as sent", url, "purchasing.create", post=False)]


def documents_of(found: PoRecord) -> list[Document]:
    """The files of an approved PO, and what was sent."""
    if found.approved_at is None:
        return []
    files = [
        Document(label, reverse(f"purchasing_po_{kind}", args=[found.head.id]), note)
        for label, kind, note in (
            ("Order as PDF", "pdf", "for the supplier"),
            ("Order as JSON", "json", "the same as data"),
            ("Order as CSV", "csv", "one row for each line"),
        )
    ]
    url = reverse("purchasing_po_pdf", args=[found.head.id])
    sent = [
        Document(
            f"Version {s.version_no} sent",
            f"{url}?version={s.version_no}",
            f"{words(s.means)}{f' to {s.sent_to}' if s.sent_to else ''}, by {s.sent_by}",
            s.sent_at,
        )
        for s in queries.sendings(found.head.id)
    ]
    return [*files, *sent]


def _document(request: HttpRequest, po_id: int) -> PoDocument:
    seen(request, po_id)
    asked = request.GET.get("version", "")
    return queries.document(po_id, read_id(asked))


def _named(document: PoDocument, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'inline; filename="{document.number}-v{document.version_no}.{kind}"'}


@page("purchasing.view")
def pdf(request: HttpRequest, po_id: int) -> HttpResponse:
    """The order as PDF."""
    document = _document(request, po_id)
    return HttpResponse(documents.po_pdf(document), content_type="application/pdf", headers=_named(document, "pdf"))


@page("purchasing.view")
def as_json(request: HttpRequest, po_id: int) -> HttpResponse:
    """The order as JSON."""
    document = _document(request, po_id)
    return JsonResponse(documents.po_data(document), headers=_named(document, "json"))


@page("purchasing.view")
def as_csv(request: HttpRequest, po_id: int) -> HttpResponse:
    """The order as CSV."""
    document = _document(request, po_id)
    return HttpResponse(documents.po_csv(document), content_type="text/csv", headers=_named(document, "csv"))


@page("purchasing.create")
def sent(request: HttpRequest, po_id: int) -> HttpResponse:
    """Record that the order went to the supplier."""
    document = _document(request, po_id)
    form = SentForm(request.POST or None, initial={"sent_to": document.supplier.email})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"{document.number} was sent",
            verb="Record as sent",
            refusal=refusal,
            back=(document.number, reverse("purchasing_po", args=[po_id])),
            sub=f"Version {document.version_no} to {document.supplier.name}. Flowrack records it; you send it.",
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    data = form.cleaned_data
    return perform(
        request,
        commands.record_sent,
        RecordSent([SentPo(po_id, document.version_no, data["means"], data["sent_to"])]),
        to=reverse("purchasing_po", args=[po_id]),
        toast="Recorded as sent",
        again=drawn,
    )


urlpatterns = [
    path("purchase-orders/<int:po_id>/order.pdf", pdf, name="purchasing_po_pdf"),
    path("purchase-orders/<int:po_id>/order.json", as_json, name="purchasing_po_json"),
    path("purchase-orders/<int:po_id>/order.csv", as_csv, name="purchasing_po_csv"),
    path("purchase-orders/<int:po_id>/sent", sent, name="purchasing_po_sent"),
]
