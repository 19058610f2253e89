"""Writes of what carriers bill, inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.freight import locks, queries, rules
from flowrack.freight.models import Charge, Invoice, Terms
from flowrack.freight.rules import Billed, Cause, Verdict
from flowrack.freight.states import ChargeState, InvoiceState
from flowrack.freight.types import (
    BadFreightInvoice,
    BilledLine,
    EnterFreightInvoice,
    FreightInvoiceEntered,
    FreightTerms,
)
from flowrack.parties import queries as parties
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine


@dataclass(frozen=True, slots=True)
class Found:
    """Lines of an invoice that are one charge, with what came of the comparison."""

    lines: list[tuple[int, BilledLine]]
    shipment_id: int | None
    billed: Billed
    verdict: Verdict
    expected_weight_g: int
    expected_zone: str
    expected_surcharges: Decimal


def check(req: EnterFreightInvoice) -> tuple[int, list[BadLine]]:
    """The carrier, and what is wrong with an invoice, by line. Two queries."""
    bad = rules.faults(req.number, req.lines)
    party = parties.find_by_code([req.carrier]).get(req.carrier)
    carrier_id = party.party_id if party is not None and party.is_carrier else 0
    if not carrier_id:
        bad.append(BadLine(0, "carrier", f"There is no carrier “{req.carrier}”.", "Use the code of a carrier."))
    elif queries.is_entered(carrier_id, req.number.strip()):
        said = f"Invoice {req.number.strip()} of this carrier was entered before."
        bad.append(BadLine(0, "number", said, "Open it in the list of freight invoices."))
    return carrier_id, bad


def compare(carrier_id: int, lines: Sequence[BilledLine]) -> list[Found]:
    """The charges of an invoice beside what was expected. Five queries, whatever their number."""
    named = queries.shipments_named([rules.reference(line.reference) for line in lines])
    groups: dict[tuple[int, int], list[tuple[int, BilledLine]]] = {}
    seen: dict[str, int] = {}
    for n, line in enumerate(lines, 1):
        key = rules.reference(line.reference)
        of = named.get(key)
        is_again = key in seen
        seen.setdefault(key, n)
        groups.setdefault((0, n) if of is None or is_again else (of.shipment_id, 0), []).append((n, line))
    ids = [of.shipment_id for of in named.values()]
    expected, before, terms = queries.expected_of(ids), queries.billed_before(carrier_id, ids), queries.terms()
    found = []
    carrier = parties.parties([carrier_id])[carrier_id]
    for (shipment_id, again), group in groups.items():
        key = rules.reference(group[0][1].reference)
        of = named.get(key)
        first = f"line {seen[key]}" if again and of else ""
        billed = rules.together([line for _, line in group])
        known = expected.get(of.shipment_id) if of else None
        verdict = rules.judge(
            billed, known, shipment=of.number if of else "", carrier_id=carrier_id,
            earlier=first or before.get(shipment_id, ""), terms=terms,
            left_with=of.left_with if of and not rules.is_of(of.left_with, (carrier.name, carrier.code)) else "",
        )  # fmt: skip
        found.append(
            Found(
                group, of.shipment_id if of else None, billed, verdict, known.weight_g if known else 0,
                known.zone if known else "", known.surcharges if known else rules.ZERO,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.lines[0][0])


def enter(ctx: Context, req: EnterFreightInvoice) -> FreightInvoiceEntered:
    """Keep an invoice with its charges. Refuses with BadFreightInvoice, naming every bad line."""
    carrier_id, bad = check(req)
    if carrier_id:
        locks.invoices_of(carrier_id)
        carrier_id, bad = check(req)
    if bad:
        raise BadFreightInvoice(bad[0].message, lines=bad, fix=bad[0].fix)
    invoice = Invoice.objects.create(
        carrier_id=carrier_id, number=req.number.strip(), invoiced_on=req.invoiced_on, entered_by_id=ctx.actor_id,
        entered_at=ctx.now,
    )  # fmt: skip
    found = compare(carrier_id, req.lines)
    Charge.objects.bulk_create(_charge(invoice.pk, one) for one in found)
    return FreightInvoiceEntered(
        invoice.pk, len(found), sum(one.verdict.cause == Cause.MATCHED for one in found),
        sum((one.billed.amount for one in found), rules.ZERO),
        sum((one.verdict.expected for one in found), rules.ZERO),
    )  # fmt: skip


def _charge(invoice_id: int, one: Found) -> Charge:
    n, line = one.lines[0]
    is_matched = one.verdict.cause == Cause.MATCHED
    return Charge(
        invoice_id=invoice_id, line_no=n, lines=len(one.lines), reference=line.reference.strip(),
        shipment_id=one.shipment_id, billed=one.billed.amount, billed_weight_g=one.billed.weight_g,
        billed_zone=one.billed.zone.strip(), billed_surcharges=one.billed.surcharges, expected=one.verdict.expected,
        expected_weight_g=one.expected_weight_g, expected_zone=one.expected_zone,
        expected_surcharges=one.expected_surcharges, cause=one.verdict.cause, words=one.verdict.words[:200],
        state=ChargeState.MATCHED if is_matched else ChargeState.OPEN,
    )  # fmt: skip


def decide(ctx: Context, charge_ids: Sequence[int], state: ChargeState, note: str, *, is_high: bool) -> None:
    """What becomes of charges; `is_high` says that the limit does not bind the person. One statement."""
    Charge.objects.filter(pk__in=charge_ids).update(
        state=state, note=note[:200], decided_by_id=ctx.actor_id, decided_at=ctx.now, is_high=is_high
    )


def release_more(charge_ids: Sequence[int]) -> None:
    """Of charges that were accepted after their invoice was approved, the difference is released too. One statement."""
    sql.execute(
        """
        UPDATE freight_invoice i SET released = i.released + m.more
        FROM (SELECT invoice_id, sum(billed - least(billed, expected)) AS more FROM freight_charge
              WHERE id = ANY(%s::bigint[]) GROUP BY invoice_id) AS m
        WHERE i.id = m.invoice_id AND i.state = 'approved'
        """,
        (sorted(set(charge_ids)),),
    )


def end(ctx: Context, invoice_id: int, state: InvoiceState, reason: str, *, released: Decimal | None = None) -> None:
    """The invoice is approved, and so much of it released; or it is dropped. One statement."""
    Invoice.objects.filter(pk=invoice_id).update(
        state=state, ended_by_id=ctx.actor_id, ended_at=ctx.now, end_reason=reason[:200], released=released
    )


def set_terms(terms: FreightTerms) -> None:
    """The terms of the house. One statement."""
    Terms.objects.bulk_create(
        [
            Terms(
                tolerance_pct=terms.tolerance_pct, tolerance_amount=terms.tolerance_amount,
                limit_amount=terms.limit_amount,
            )
        ],
        update_conflicts=True, unique_fields=["is_only"],
        update_fields=["tolerance_pct", "tolerance_amount", "limit_amount"],
    )  # fmt: skip


def _entered() -> BadFreightInvoice:
    line = BadLine(0, "number", "This invoice was entered a moment ago.", "Open it in the list of freight invoices.")
    return BadFreightInvoice("The invoice was entered before.", lines=[line])


refuse_on("freight_invoice_once", _entered)
