"""Writes of what carriers bill, inside somebody's command."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.freight import locks, queries, rules
from flowrack.freight.models import Charge, Invoice, Terms
from flowrack.freight.queries import Named
from flowrack.freight.rules import Billed, Cause, Expected, Verdict
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


@dataclass(frozen=True, slots=True)
class Checked:
    """An invoice with its carrier (0 = there is none) and what is wrong with it, by line."""

    invoice: EnterFreightInvoice
    carrier_id: int
    bad: list[BadLine]


def check(invoices: Sequence[EnterFreightInvoice], today: date) -> list[Checked]:
    """The carriers of invoices, and what is wrong with each. Three queries, whatever their number."""
    terms = queries.terms()
    known = parties.find_by_code([one.carrier for one in invoices])
    carriers = [known.get(one.carrier) for one in invoices]
    ids = [party.party_id if party is not None and party.is_carrier else 0 for party in carriers]
    before = queries.entered([(key, one.number.strip()) for key, one in zip(ids, invoices, strict=True)])
    found = []
    for one, carrier_id in zip(invoices, ids, strict=True):
        bad = rules.faults(one.number, one.lines)
        bad += rules.day_faults(one.invoiced_on, today, terms) + rules.currency_faults(one.currency, terms)
        if not carrier_id:
            bad.append(BadLine(0, "carrier", f"There is no carrier “{one.carrier}”.", "Use the code of a carrier."))
        elif (carrier_id, one.number.strip()) in before:
            said = f"Invoice {one.number.strip()} of this carrier was entered before."
            bad.append(BadLine(0, "number", said, "Open it in the list of freight invoices."))
        found.append(Checked(one, carrier_id, bad))
    return found


def compare(invoices: Sequence[Checked]) -> list[list[Found]]:
    """The charges of each invoice beside what was expected; what stands in an earlier one of them stands twice. Five
    queries, whatever their number."""
    if not invoices:
        return []
    of = [one.invoice for one in invoices]
    named = queries.shipments_named([rules.reference(line.reference) for one in of for line in one.lines])
    ids = [one.shipment_id for one in named.values()]
    carriers = parties.parties([one.carrier_id for one in invoices])
    before = queries.billed_before(list(carriers), ids)
    expected, terms = queries.expected_of(ids), queries.terms()
    found = []
    for one in invoices:
        carrier = carriers[one.carrier_id]
        made = _compared(one, (carrier.name, carrier.code), named, expected, before, terms)
        for charge in made:
            if charge.shipment_id and charge.verdict.cause not in (Cause.TWICE, Cause.NOT_OURS):
                before[one.carrier_id, charge.shipment_id] = f"invoice {one.invoice.number.strip()}"
        found.append(made)
    return found


def _compared(
    one: Checked,
    names: tuple[str, str],
    named: Mapping[str, Named],
    expected: Mapping[int, Expected],
    before: Mapping[tuple[int, int], str],
    terms: FreightTerms,
) -> list[Found]:
    """The charges of one invoice: lines for one shipment are one, a reference that stands again is one of its own."""
    groups: dict[tuple[int, int], list[tuple[int, BilledLine]]] = {}
    seen: dict[str, int] = {}
    for n, line in enumerate(one.invoice.lines, 1):
        key = rules.reference(line.reference)
        of = named.get(key)
        is_again = key in seen
        seen.setdefault(key, n)
        groups.setdefault((0, n) if of is None or is_again else (of.shipment_id, 0), []).append((n, line))
    found = []
    for (shipment_id, again), group in groups.items():
        key = rules.reference(group[0][1].reference)
        of = named.get(key)
        first = f"line {seen[key]}" if again and of else ""
        billed = rules.together([line for _, line in group])
        known = expected.get(of.shipment_id) if of else None
        verdict = rules.judge(
            billed, known, shipment=of.number if of else "", carrier_id=one.carrier_id,
            earlier=first or before.get((one.carrier_id, shipment_id), ""), terms=terms,
            left_with=of.left_with if of and not rules.is_of(of.left_with, names) else "",
        )  # fmt: skip
        found.append(
            Found(
                group, of.shipment_id if of else None, billed, verdict, known.weight_g if known else 0,
                known.zone if known else "", known.surcharges if known else rules.ZERO,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.lines[0][0])


def enter(ctx: Context, invoices: Sequence[EnterFreightInvoice]) -> list[FreightInvoiceEntered]:
    """Keep invoices with their charges. Refuses with BadFreightInvoice, naming every bad line. Some fifteen statements,
    whatever their number."""
    checked = check(invoices, ctx.now.date())
    carrier_ids = [one.carrier_id for one in checked if one.carrier_id]
    if carrier_ids:
        locks.invoices_of(carrier_ids)
        checked = check(invoices, ctx.now.date())
    bad = [line for one in checked for line in one.bad]
    if bad:
        raise BadFreightInvoice(bad[0].message, lines=bad, fix=bad[0].fix)
    kept = Invoice.objects.bulk_create(
        Invoice(
            carrier_id=one.carrier_id, number=one.invoice.number.strip(), invoiced_on=one.invoice.invoiced_on,
            entered_by_id=ctx.actor_id, entered_at=ctx.now,
        )
        for one in checked
    )  # fmt: skip
    found = compare(checked)
    Charge.objects.bulk_create(
        _charge(invoice.pk, charge) for invoice, charges in zip(kept, found, strict=True) for charge in charges
    )
    return [
        FreightInvoiceEntered(
            invoice.pk, len(charges), sum(one.verdict.cause == Cause.MATCHED for one in charges),
            sum((one.billed.amount for one in charges), rules.ZERO),
            sum((one.verdict.expected for one in charges), rules.ZERO),
        )
        for invoice, charges in zip(kept, found, strict=True)
    ]  # fmt: skip


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


def end(
    ctx: Context, invoice_id: int, state: InvoiceState, reason: str, *, released: Decimal | None = None, by_id: int = 0
) -> None:
    """The invoice is approved (by a person, or else by who acts), and so much of it released; or it is dropped. One
    statement."""
    Invoice.objects.filter(pk=invoice_id).update(
        state=state, ended_by_id=by_id or ctx.actor_id, ended_at=ctx.now, end_reason=reason[:200], released=released
    )


def wait(invoice_id: int) -> None:
    """The invoice waits for the person whom a policy asks; what was released of it before stays so. One statement."""
    Invoice.objects.filter(pk=invoice_id).update(state=InvoiceState.WAITING)


def give_back(ctx: Context, invoice_ids: Sequence[int], reason: str) -> None:
    """Invoices that waited are as they were before: open, or approved without what was accepted since, which is
    disputed again. Two statements."""
    sql.execute(
        """
        UPDATE freight_charge c SET state = 'disputed', note = left(%s, 200), decided_at = %s
        FROM freight_invoice i
        WHERE i.id = c.invoice_id AND i.id = ANY(%s::bigint[]) AND i.state = 'waiting' AND i.ended_at IS NOT NULL
          AND c.state = 'accepted' AND c.decided_at > i.ended_at
        """,
        (reason, ctx.now, sorted(set(invoice_ids))),
    )
    sql.execute(
        """
        UPDATE freight_invoice SET state = CASE WHEN ended_at IS NULL THEN 'open' ELSE 'approved' END
        WHERE id = ANY(%s::bigint[]) AND state = 'waiting'
        """,
        (sorted(set(invoice_ids)),),
    )


def set_terms(terms: FreightTerms) -> None:
    """The terms of the house. One statement."""
    fields = {one.name: getattr(terms, one.name) for one in dataclasses.fields(terms)}
    Terms.objects.bulk_create(
        [Terms(**fields)], update_conflicts=True, unique_fields=["is_only"], update_fields=list(fields)
    )


def _entered() -> BadFreightInvoice:
    line = BadLine(0, "number", "This invoice was entered a moment ago.", "Open it in the list of freight invoices.")
    return BadFreightInvoice("The invoice was entered before.", lines=[line])


refuse_on("freight_invoice_once", _entered)
