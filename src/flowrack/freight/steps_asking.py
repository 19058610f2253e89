"""How a carrier's invoice asks for its release: what an approver sees of it, and what was approved."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.approvals import rules as approval_rules
from flowrack.approvals import steps as approvals
from flowrack.approvals.types import Change, DocumentKind, FactKind, Outcome, Submission, register
from flowrack.freight import queries
from flowrack.freight.queries import ChargeRow, InvoiceRow
from flowrack.freight.states import ChargeState
from flowrack.freight.types import INVOICE
from flowrack.platform.runner import Context
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

SHOWN = 50  # charges that were accepted beyond what was expected, the greatest first
ZERO = Decimal(0)

register(
    DocumentKind(
        INVOICE,
        "Freight invoice",
        (
            FactKind("more", "accepted beyond what was expected", "money"),
            FactKind("more_pct", "accepted beyond what was expected", "percent"),
            FactKind("own_more", "of which whoever asks accepted", "money"),
            FactKind("own_over_limit", "whoever asks accepted more than clerks may", "flag"),
            FactKind("charges", "charges"),
        ),
        url_name="freight_invoice",
        verb="Release",
        view="freight.view",
    )
)


def _content(row: InvoiceRow, charges: Sequence[ChargeRow]) -> dict[str, object]:
    """What is released: the invoice with every charge as it was decided."""
    return {
        "invoice": row.id,
        "number": row.number,
        "payable": str(row.payable),
        "charges": [[one.id, one.state, str(one.billed), str(one.expected)] for one in charges],
    }


def content_hash(row: InvoiceRow) -> str:
    """The fingerprint of an invoice as it stands. One query."""
    return approval_rules.content_hash(_content(row, queries.charges_of(row.id)))


def ask(ctx: Context, row: InvoiceRow, entered_by_id: int) -> Outcome:
    """Ask for the release of an invoice, which is locked. What no policy asks about is approved at once."""
    charges = queries.charges_of(row.id)
    accepted = [one for one in charges if one.state == ChargeState.ACCEPTED and one.difference > 0]
    more = sum((one.difference for one in accepted), ZERO)
    own = queries.accepted_by(row.id, ctx.actor_id)
    asked = Submission(
        kind=INVOICE,
        subject=ref(INVOICE, row.id),
        site_id=0,
        amount=to_money(row.payable),
        content=_content(row, charges),
        summary=f"{row.number} of {row.carrier}",
        requester_id=ctx.actor_id,
        writer_ids=(entered_by_id,),
        facts={
            "more": to_money(more),
            "more_pct": (100 * more / row.expected).quantize(Decimal("0.1")) if row.expected else None,
            "own_more": to_money(own),
            "own_over_limit": own > queries.terms().limit_amount,
            "charges": row.charges,
        },
        changes=tuple(
            Change(
                one.shipment or one.reference, one.words, f"{one.expected:,.2f}", f"{one.billed:,.2f}",
                is_exception=True,
            )
            for one in accepted[:SHOWN]
        ),
        sentence=f"{row.payable:,.2f} of {row.billed:,.2f} billed are payable, {row.expected:,.2f} were expected.",
        partner=ref("parties.party", row.carrier_id),
        partner_name=row.carrier,
    )  # fmt: skip
    [outcome] = approvals.submit(ctx, [asked])
    return outcome


def void(ctx: Context, invoice_ids: Sequence[int], reason: str) -> None:
    """What was asked for invoices counts no more. Two statements."""
    approvals.void(ctx, INVOICE, [ref(INVOICE, one) for one in invoice_ids], reason=reason)
