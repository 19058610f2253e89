"""The door of freight: carriers' invoices entered, their differences decided, what is payable released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flowrack.approvals import queries as approvals
from flowrack.freight import imports, locks, queries, rules, states, steps, steps_asking
from flowrack.freight.locks import LockedCharge, LockedInvoice
from flowrack.freight.states import ChargeState, InvoiceState
from flowrack.freight.types import (
    INVOICE,
    ApplyFreightApprovals,
    ApproveFreightInvoice,
    BadFreightTerms,
    ChargesDecided,
    DecideCharges,
    DropFreightInvoice,
    EnterFreightInvoice,
    FreightApprovalsApplied,
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
from flowrack.platform.importing import ImportFile, ImportReport, Problems, load
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

    def write(_problems: Problems) -> None:
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
    charges = _charges(ctx, ids)
    state = {states.advance(one.state, req.action, reference=one.reference) for one in charges}.pop()
    invoices = sorted({one.invoice_id for one in charges})
    is_high = ctx.may("freight.accept_high")
    if req.action == "accept":
        _may_release(ctx, charges)
        if not is_high:
            _within_limit(charges, queries.accepted_of(invoices))
    steps.decide(ctx, ids, state, note, is_high=is_high)
    requests = _release_more(ctx, charges) if req.action == "accept" else []
    ctx.about(INVOICE, invoices)
    return ChargesDecided(ids, state, requests)


def _charges(ctx: Context, ids: Sequence[int]) -> list[LockedCharge]:
    """The charges, locked. An invoice of which one is decided anew asks no more: it is not what its approver sees."""
    charges = locks.charges(ids)
    if len(charges) < len(ids):
        raise FreightChargeNotFound("There is no such charge.", fix="Open the list of charges.")
    for one in charges:
        if one.state == ChargeState.ACCEPTED and one.invoice_state == InvoiceState.APPROVED:
            said = f"The charge for {one.reference} was released with invoice {one.invoice}."
            raise WrongFreightState(said, fix="Ask the carrier for a credit note, and have finance book it.")
        if one.invoice_state == InvoiceState.WAITING and one.is_released:
            said = f"Invoice {one.invoice} waits for the release of what was accepted since it was approved."
            raise WrongFreightState(said, fix="Have that decided in the inbox of approvals first.")
    waiting = sorted({one.invoice_id for one in charges if one.invoice_state == InvoiceState.WAITING})
    if waiting:
        steps_asking.void(ctx, waiting, "A charge was decided anew.")
        steps.give_back(ctx, waiting, "the release was asked for anew")
    return charges


def _release_more(ctx: Context, charges: Sequence[LockedCharge]) -> list[str]:
    """What is accepted of approved invoices is released too, or waits for the person whom a policy asks."""
    requests = []
    for one in {one.invoice_id: one for one in charges if one.invoice_state == InvoiceState.APPROVED}.values():
        row = queries.invoice_row(one.invoice_id)
        outcome = steps_asking.ask(ctx, row, one.entered_by_id)
        if outcome.is_approved:
            steps.end(ctx, one.invoice_id, InvoiceState.APPROVED, "", released=row.payable)
        else:
            steps.wait(one.invoice_id)
            requests.append(outcome.number)
    return requests


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

    Where a policy asks another person (at first: where whoever approves has accepted more of it than clerks may), it
    waits for that one. Refuses with FreightOpen while charges wait, WrongFreightState, RejectedBefore, and
    DutiesConflict (S29) whoever entered it.
    """
    invoice = _locked(req.invoice_id)
    states.advance_invoice(invoice.state, "approve", number=invoice.number)
    said = "You entered this invoice; somebody else approves it."
    ctx.require_other_person(invoice.entered_by_id, rule="S29", sentence=said)
    row = queries.invoice_row(req.invoice_id)
    if row.open:
        raise FreightOpen(f"{row.open:,} charges wait for a decision.", fix="Accept or dispute them first.")
    ctx.subject = ref(INVOICE, req.invoice_id)
    outcome = steps_asking.ask(ctx, row, invoice.entered_by_id)
    if not outcome.is_approved:
        steps.wait(req.invoice_id)
        return FreightInvoiceSettled(req.invoice_id, InvoiceState.WAITING, row.payable, outcome.number, outcome.why)
    steps.end(ctx, req.invoice_id, InvoiceState.APPROVED, "", released=row.payable)
    return FreightInvoiceSettled(req.invoice_id, InvoiceState.APPROVED, row.payable)


@command(permission="freight.apply", result=FreightApprovalsApplied)
def apply_freight_approvals(ctx: Context, req: ApplyFreightApprovals) -> FreightApprovalsApplied:
    """Release the invoices that were approved as they stand; those that were rejected, or are not what was approved,
    are as they were before."""
    held = locks.invoices([one.invoice_id for one in req.decided])
    by = approvals.standing([ref(INVOICE, one.invoice_id) for one in req.decided], INVOICE)
    released, returned = [], []
    for one in req.decided:
        invoice = held.get(one.invoice_id)
        if invoice is None or invoice.state != InvoiceState.WAITING:
            continue
        row, last = queries.invoice_row(one.invoice_id), by[ref(INVOICE, one.invoice_id)]
        if one.state == "approved" and steps_asking.content_hash(row) == one.content_hash:
            state = states.advance_invoice(invoice.state, "release", number=invoice.number)
            steps.end(ctx, one.invoice_id, state, last.last_reason, released=row.payable, by_id=last.last_by_id)
            released.append(one.invoice_id)
        else:
            steps.give_back(ctx, [one.invoice_id], f"{last.number} was not approved: {last.last_reason}")
            returned.append(one.invoice_id)
    ctx.about(INVOICE, sorted({*released, *returned}))
    return FreightApprovalsApplied(released, returned)


@command(permission="freight.enter", result=FreightInvoiceSettled)
def drop_freight_invoice(ctx: Context, req: DropFreightInvoice) -> FreightInvoiceSettled:
    """An open invoice was entered by mistake; its number is free again. Refuses with WrongFreightState."""
    reason = req.reason.strip()
    if len(reason) < 3:
        raise FreightNoteMissing("Nobody says why it is dropped.", fix="Write a few words.")
    invoice = _locked(req.invoice_id)
    state = states.advance_invoice(invoice.state, "drop", number=invoice.number)
    row = queries.invoice_row(req.invoice_id)
    if row.released is not None:
        raise WrongFreightState(f"{row.released:,.2f} of {invoice.number} was released.", fix="Dispute its charges.")
    if invoice.state == InvoiceState.WAITING:
        steps_asking.void(ctx, [req.invoice_id], "The invoice was dropped.")
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
