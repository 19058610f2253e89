"""Carriers' invoices for other systems: entered, compared, decided, released; figures by carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body, Field, Router, Schema
from ninja.responses import Status

from flowrack.freight import commands, imports, queries
from flowrack.freight.queries import FigureRow, InvoiceChargesRow, InvoiceRow
from flowrack.freight.types import (
    ApproveFreightInvoice,
    ChargesDecided,
    DecideCharges,
    DropFreightInvoice,
    EnterFreightInvoice,
    FreightInvoiceEntered,
    FreightInvoiceSettled,
    FreightTerms,
    FreightTermsSet,
    SetFreightTerms,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import context_from, now, requires
from flowrack.platform.importing.api import add_import

TWO_YEARS, MOST_FIGURES = timedelta(days=731), 5_000
router = Router(tags=["freight"])


class DecideFreightIn(Schema):
    """What becomes of charges, and why."""

    charge_ids: list[BigId] = Field(max_length=500)
    action: Literal["accept", "dispute", "credit", "void"]
    note: str = Field(max_length=200)


class DropFreightIn(Schema):
    """Why an invoice is dropped."""

    reason: str = Field(max_length=200)


@router.get("/freight-invoices", response=PageOut[InvoiceRow])
@requires("freight.view")
def freight_invoices(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> Any:
    """Invoices by id, dropped ones too."""
    rows = queries.invoices_after(after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/freight-invoices/{int:invoice_id}", response=InvoiceChargesRow)
@requires("freight.view")
def freight_invoice(request: HttpRequest, invoice_id: BigId) -> InvoiceChargesRow:
    """One invoice with every charge beside what was expected."""
    return queries.invoice_charges(invoice_id)


@router.post("/freight-invoices", response={201: FreightInvoiceEntered})
@requires("freight.enter")
def enter_freight_invoice(request: HttpRequest, body: Body[EnterFreightInvoice]) -> Status[FreightInvoiceEntered]:
    """Enter what a carrier bills."""
    return Status(201, commands.enter_freight_invoice(context_from(request), body))


@router.post("/freight-charges/decisions", response=ChargesDecided)
@requires("freight.decide")
def decide_freight_charges(request: HttpRequest, body: DecideFreightIn) -> ChargesDecided:
    """Accept charges, dispute them, note that they were credited, or credited in whole and billed anew."""
    req = DecideCharges(list(body.charge_ids), body.action, body.note)
    return commands.decide_freight_charges(context_from(request), req)


@router.post("/freight-invoices/{int:invoice_id}/approval", response=FreightInvoiceSettled)
@requires("freight.approve")
def approve_freight_invoice(request: HttpRequest, invoice_id: BigId) -> FreightInvoiceSettled:
    """Release what is payable; not by whoever entered it."""
    return commands.approve_freight_invoice(context_from(request), ApproveFreightInvoice(invoice_id))


@router.post("/freight-invoices/{int:invoice_id}/drop", response=FreightInvoiceSettled)
@requires("freight.enter")
def drop_freight_invoice(request: HttpRequest, invoice_id: BigId, body: DropFreightIn) -> FreightInvoiceSettled:
    """An open invoice was entered by mistake."""
    return commands.drop_freight_invoice(context_from(request), DropFreightInvoice(invoice_id, body.reason))


@router.get("/freight-figures", response=list[FigureRow])
@requires("freight.view")
def freight_figures(request: HttpRequest) -> list[FigureRow]:
    """Freight expected and billed, by carrier and month, of two years; the newest 5,000."""
    return queries.figures(since=now().date() - TWO_YEARS, limit=MOST_FIGURES)


@router.get("/freight-terms", response=FreightTerms)
@requires("freight.view")
def freight_terms(request: HttpRequest) -> FreightTerms:
    """What counts as matched, and who accepts how much."""
    return queries.terms()


@router.put("/freight-terms", response=FreightTermsSet)
@requires("freight.terms")
def set_freight_terms(request: HttpRequest, body: Body[SetFreightTerms]) -> FreightTermsSet:
    """Other terms, for invoices that are entered from now on."""
    return commands.set_freight_terms(context_from(request), body)


add_import(router, imports.INVOICES, commands.import_freight_invoices)
