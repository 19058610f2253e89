"""Locks of freight: the invoices of a carrier, and charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedInvoice:
    """An invoice."""

    invoice_id: int
    number: str
    state: str
    entered_by_id: int


@dataclass(frozen=True, slots=True)
class LockedCharge:
    """A charge."""

    charge_id: int
    invoice_id: int
    reference: str
    state: str
    billed: Decimal
    expected: Decimal
    invoice: str
    invoice_state: str
    entered_by_id: int
    is_released: bool


def invoices_of(carrier_ids: Sequence[int]) -> None:
    """Nobody else enters an invoice of these carriers meanwhile: what stands twice is seen. One statement."""
    sql.fetch_all(
        """
        SELECT pg_advisory_xact_lock(hashtextextended('freight.carrier:' || c.id, 0))
        FROM (SELECT DISTINCT id FROM unnest(%s::bigint[]) AS i(id) ORDER BY id) AS c
        """,
        (list(carrier_ids),),
    )


def invoices(invoice_ids: Sequence[int]) -> dict[int, LockedInvoice]:
    """Invoices by id, locked in their order. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, number, state, entered_by_id FROM freight_invoice WHERE id = ANY(%s::bigint[])
        ORDER BY id FOR NO KEY UPDATE
        """,
        (sorted(set(invoice_ids)),),
    )
    return {row[0]: LockedInvoice(*row) for row in rows}


def invoice(invoice_id: int) -> LockedInvoice | None:
    """The invoice, locked. One statement."""
    row = sql.fetch_one(
        "SELECT id, number, state, entered_by_id FROM freight_invoice WHERE id = %s FOR NO KEY UPDATE", (invoice_id,)
    )
    return LockedInvoice(*row) if row else None


def charges(charge_ids: Sequence[int]) -> list[LockedCharge]:
    """Charges of invoices that were not dropped, locked with these, in order of id. Two statements."""
    ids = sorted(set(charge_ids))
    sql.fetch_all(
        """
        SELECT id FROM freight_invoice WHERE id IN (SELECT invoice_id FROM freight_charge WHERE id = ANY(%s::bigint[]))
        ORDER BY id FOR NO KEY UPDATE
        """,
        (ids,),
    )
    rows = sql.fetch_all(
        """
        SELECT c.id, c.invoice_id, c.reference, c.state, c.billed, c.expected, i.number, i.state, i.entered_by_id,
               i.released IS NOT NULL
        FROM freight_charge c JOIN freight_invoice i ON i.id = c.invoice_id
        WHERE c.id = ANY(%s::bigint[]) AND i.state <> 'dropped' ORDER BY c.id FOR NO KEY UPDATE OF c
        """,
        (ids,),
    )
    return [LockedCharge(*row) for row in rows]
