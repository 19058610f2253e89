"""The door of freight: carriers' invoices entered, their differences decided, what is payable released."""

from __future__ import annotations

from flowrack.freight import imports, locks, queries, rules, states, steps
from flowrack.freight.locks import LockedInvoice
from flowrack.freight.types import (
    INVOICE,
    ApproveFreightInvoice,
    BadFreightTerms,
    ChargesDecided,
    DecideCharges,
    DropFreightInvoice,
    EnterFreightInvoice,
    FreightChargeNotFound,
    FreightInvoiceEntered,
    FreightInvoiceNotFound,
    FreightInvoiceSettled,
    FreightNoteMissing,
    FreightOpen,
    FreightOverLimit,
    FreightTermsSet,
    SetFreightTerms,
    WrongFreightState,
)
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.refs import ref

MOST = 500


@command(permission="freight.enter", result=FreightInvoiceEntered)
def enter_freight_invoice(ctx: Context, req: EnterFreightInvoice) -> FreightInvoiceEntered:
    """Enter what a carrier bills, each charge beside what was expected. Refuses with BadFreightInvoice by line."""
    done = steps.enter(ctx, req)
    ctx.subject = ref(INVOICE, done.invoice_id)
    return done


@command(permission="freight.enter", result=ImportReport)
def import_freight_invoices(ctx: Context, req: ImportFile) -> ImportReport:
    """Enter the invoices of a file, as `enter_freight_invoice` does. Refuses with ImportRefused."""
    made: list[int] = []

    def write() -> None:
        made.extend(steps.enter(ctx, invoice).invoice_id for invoice, _ in imports.staged_invoices(only_good=True))

    report = load(imports.INVOICES, req, write)
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    ctx.about(INVOICE, made)
    return report


@command(permission="freight.decide", result=ChargesDecided)
def decide_freight_charges(ctx: Context, req: DecideCharges) -> ChargesDecided:
    """Accept charges, dispute them with the carrier, or note that he credits them; with a word why.

    Refuses with FreightNoteMissing, FreightChargeNotFound, WrongFreightState, and with FreightOverLimit whoever accepts
    more than the terms let one person.
    """
    note = req.note.strip()
    if len(note) < 3:
        raise FreightNoteMissing("Nobody says why.", fix="Write a few words.")
    ids = sorted(set(req.charge_ids))[: MOST + 1]
    if req.action not in states.ACTIONS or not ids or len(ids) > MOST:
        raise WrongFreightState(f"1 to {MOST} charges are accepted, disputed or credited.", fix="Choose them again.")
    charges = locks.charges(ids)
    if len(charges) < len(ids):
        raise FreightChargeNotFound("There is no such charge.", fix="Open the list of charges.")
    state = {states.advance(one.state, req.action, reference=one.reference) for one in charges}.pop()
    limit = queries.terms().limit_amount
    over = [one for one in charges if one.billed - one.expected > limit]
    if req.action == "accept" and over and not ctx.may("freight.accept_high"):
        said = (
            f"{over[0].reference} is {over[0].billed - over[0].expected:,.2f} more than expected, above {limit:,.2f}."
        )
        raise FreightOverLimit(said, fix="Dispute it, or ask a finance controller.")
    steps.decide(ctx, ids, state, note)
    ctx.about(INVOICE, sorted({one.invoice_id for one in charges}))
    return ChargesDecided(ids, state)


@command(permission="freight.approve", result=FreightInvoiceSettled)
def approve_freight_invoice(ctx: Context, req: ApproveFreightInvoice) -> FreightInvoiceSettled:
    """Release what is payable of an invoice: all that matched or was accepted, of the rest what was expected.

    Refuses with FreightOpen while charges wait, WrongFreightState, and DutiesConflict (S29) whoever entered it.
    """
    invoice = _locked(req.invoice_id)
    state = states.advance_invoice(invoice.state, "approve", number=invoice.number)
    said = "You entered this invoice; somebody else approves it."
    ctx.require_other_person(invoice.entered_by_id, rule="S29", sentence=said)
    row = queries.invoice_row(req.invoice_id)
    if row.open:
        raise FreightOpen(f"{row.open:,} charges wait for a decision.", fix="Accept or dispute them first.")
    steps.end(ctx, req.invoice_id, state, "")
    ctx.subject = ref(INVOICE, req.invoice_id)
    return FreightInvoiceSettled(req.invoice_id, state, row.payable)


@command(permission="freight.enter", result=FreightInvoiceSettled)
def drop_freight_invoice(ctx: Context, req: DropFreightInvoice) -> FreightInvoiceSettled:
    """An open invoice was entered by mistake; its number is free again. Refuses with WrongFreightState."""
    reason = req.reason.strip()
    if len(reason) < 3:
        raise FreightNoteMissing("Nobody says why it is dropped.", fix="Write a few words.")
    invoice = _locked(req.invoice_id)
    state = states.advance_invoice(invoice.state, "drop", number=invoice.number)
    steps.end(ctx, req.invoice_id, state, reason)
    ctx.subject = ref(INVOICE, req.invoice_id)
    return FreightInvoiceSettled(req.invoice_id, state, rules.ZERO)


def _locked(invoice_id: int) -> LockedInvoice:
    found = locks.invoice(invoice_id)
    if found is None:
        raise FreightInvoiceNotFound("There is no such invoice.", fix="Open the list of freight invoices.")
    return found


@command(permission="freight.terms", result=FreightTermsSet)
def set_freight_terms(ctx: Context, req: SetFreightTerms) -> FreightTermsSet:
    """Say what counts as matched, and up to what difference a clerk accepts. Refuses with BadFreightTerms."""
    bad = rules.terms_faults(req.terms)
    if bad:
        raise BadFreightTerms(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.set_terms(req.terms)
    return FreightTermsSet(req.terms)
