"""The door of freight: carriers' invoices entered, their differences decided, what is payable released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flowrack.freight import imports, locks, queries, rules, states, steps
from flowrack.freight.locks import LockedCharge, LockedInvoice
from flowrack.freight.states import InvoiceState
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
    [done] = steps.enter(ctx, [req])
    ctx.subject = ref(INVOICE, done.invoice_id)
    return done


@command(permission="freight.enter", result=ImportReport)
def import_freight_invoices(ctx: Context, req: ImportFile) -> ImportReport:
    """Enter the invoices of a file, as `enter_freight_invoice` does. Refuses with ImportRefused."""
    made: list[int] = []

    def write() -> None:
        good = [invoice for invoice, _ in imports.staged_invoices(only_good=True)]
        made.extend(done.invoice_id for done in steps.enter(ctx, good))

    report = load(imports.INVOICES, req, write)
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    ctx.about(INVOICE, made)
    return report


@command(permission="freight.decide", result=ChargesDecided)
def decide_freight_charges(ctx: Context, req: DecideCharges) -> ChargesDecided:
    """Accept charges, dispute them with the carrier, or note that he credits them; with a word why.

    One that is credited in whole (`void`) is not payable at all, and the shipment may be billed anew. What is accepted
    of an approved invoice is released by that. Refuses with FreightNoteMissing, FreightChargeNotFound and
    WrongFreightState, with FreightOverLimit whoever accepts more of an invoice than the terms let one person, and with
    DutiesConflict (S29) whoever entered an approved one.
    """
    note = req.note.strip()
    if len(note) < 3:
        raise FreightNoteMissing("Nobody says why.", fix="Write a few words.")
    ids = sorted(set(req.charge_ids))[: MOST + 1]
    if req.action not in states.ACTIONS or not ids or len(ids) > MOST:
        raise WrongFreightState(
            f"1 to {MOST} charges are accepted, disputed or credited, in part or whole.", fix="Choose them again."
        )
    charges = locks.charges(ids)
    if len(charges) < len(ids):
        raise FreightChargeNotFound("There is no such charge.", fix="Open the list of charges.")
    state = {states.advance(one.state, req.action, reference=one.reference) for one in charges}.pop()
    invoices = sorted({one.invoice_id for one in charges})
    is_high = ctx.may("freight.accept_high")
    if req.action == "accept":
        _may_release(ctx, charges)
        if not is_high:
            _within_limit(charges, queries.accepted_of(invoices))
    steps.decide(ctx, ids, state, note, is_high=is_high)
    if req.action == "accept":
        steps.release_more(ids)
    ctx.about(INVOICE, invoices)
    return ChargesDecided(ids, state)


def _may_release(ctx: Context, charges: Sequence[LockedCharge]) -> None:
    """Refuses whoever would pay more of an approved invoice without being the one who may release it."""
    for one in charges:
        if one.invoice_state != InvoiceState.APPROVED:
            continue
        if not ctx.may("freight.approve"):
            said = f"Invoice {one.invoice} is approved; what is accepted of it now would be paid without a release."
            raise WrongFreightState(said, fix="Note the credit, or ask whoever approves invoices to accept it.")
        said = f"You entered invoice {one.invoice}; somebody else releases more of it."
        ctx.require_other_person(one.entered_by_id, rule="S29", sentence=said)


def _within_limit(charges: Sequence[LockedCharge], before: Mapping[int, Decimal]) -> None:
    """Refuses what clerks accept of one invoice, with what they accepted `before`, above the limit of the terms."""
    limit = queries.terms().limit_amount
    for invoice_id in sorted({one.invoice_id for one in charges}):
        of = [one for one in charges if one.invoice_id == invoice_id]
        known = before.get(invoice_id, rules.ZERO)
        more = sum((one.billed - one.expected for one in of), known)
        if more > limit:
            said = f"{of[0].reference} is" if len(of) == 1 else f"{len(of):,} charges of invoice {of[0].invoice} are"
            also = f", with {known:,.2f} accepted before" if known else ""
            raise FreightOverLimit(
                f"{said} {more - known:,.2f} more than expected{also}, above {limit:,.2f} for one invoice.",
                fix="Dispute it, or ask a finance controller.",
            )


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
    steps.end(ctx, req.invoice_id, state, "", released=row.payable)
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
