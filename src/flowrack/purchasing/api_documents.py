"""The order as its supplier gets it, for other systems: data, CSV and PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, requires
from flowrack.purchasing import documents, queries_documents, queries_pages
from flowrack.purchasing.queries_documents import PoDocument

router = Router(tags=["purchasing"])


def _document(request: HttpRequest, po_id: int, version_no: int) -> PoDocument:
    caller = caller_of(request)
    queries_pages.access_po(po_id, caller.sites("purchasing.view") if caller else frozenset())
    return queries_documents.document(po_id, version_no)


@router.get("/purchase-orders/{int:po_id}/document", response=dict[str, Any])
@requires("purchasing.view")
def document(request: HttpRequest, po_id: BigId, version_no: int = 0) -> dict[str, Any]:
    """A version of the order (0 = the one that counts now) with house, supplier, ship-to, lines, codes and total."""
    return documents.po_data(_document(request, po_id, version_no))


@router.get("/purchase-orders/{int:po_id}/document.csv")
@requires("purchasing.view")
def document_csv(request: HttpRequest, po_id: BigId, version_no: int = 0) -> HttpResponse:
    """The same as CSV, one row for each line."""
    return HttpResponse(documents.po_csv(_document(request, po_id, version_no)), content_type="text/csv")


@router.get("/purchase-orders/{int:po_id}/document.pdf")
@requires("purchasing.view")
def document_pdf(request: HttpRequest, po_id: BigId, version_no: int = 0) -> HttpResponse:
    """The same as PDF."""
    return HttpResponse(documents.po_pdf(_document(request, po_id, version_no)), content_type="application/pdf")
