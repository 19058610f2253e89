"""Carriers' invoices from files: a line for each shipment or parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.freight import steps
from flowrack.freight.types import BilledLine, EnterFreightInvoice
from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Mapped, Problems, cells

KILO = 1_000


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the stage."""

    row: int
    bad: bool
    carrier: str | None
    number: str | None
    invoiced_on: date | None
    reference: str | None
    amount: Decimal | None
    weight_kg: Decimal | None
    zone: str | None
    surcharges: Decimal | None


def _rows() -> list[_Row]:
    rows = sql.fetch_all(
        """
        SELECT row, bad, carrier, number, invoiced_on, reference, amount, weight_kg, zone, surcharges
        FROM import_stage ORDER BY row
        """
    )
    return [_Row(*row) for row in rows]


def _groups() -> list[list[_Row]]:
    groups: dict[tuple[str, str], list[_Row]] = {}
    for row in _rows():
        groups.setdefault((row.carrier or "", row.number or ""), []).append(row)
    return list(groups.values())


def staged_invoices(*, only_good: bool = False) -> list[tuple[EnterFreightInvoice, list[int]]]:
    """The invoices of the stage with the rows of their lines. With `only_good`, those of which no row is bad."""
    of = [rows for rows in _groups() if not (only_good and any(row.bad for row in rows))]
    return [(_invoice(rows), [row.row for row in rows]) for rows in of]


def _invoice(rows: Sequence[_Row]) -> EnterFreightInvoice:
    day = next((row.invoiced_on for row in rows if row.invoiced_on), date.min)
    lines = [
        BilledLine(
            row.reference or "", row.amount or Decimal(0), int((row.weight_kg or 0) * KILO), row.zone or "",
            row.surcharges,
        )
        for row in rows
    ]  # fmt: skip
    return EnterFreightInvoice(rows[0].carrier or "", rows[0].number or "", day, lines)


def _check(problems: Problems, mapped: Mapped) -> None:
    """What entering refuses, at the row and column where it stands; and what differs, as a note."""
    stands: dict[tuple[int, int], str] = {}  # carrier and shipment: the invoice of the file that asks for it first
    for (invoice, rows), group in zip(staged_invoices(), _groups(), strict=True):
        days = {row.invoiced_on for row in group if row.invoiced_on}
        if len(days) > 1:
            fix = "An invoice has one day: say the same in every row."
            problems.add(rows[0], mapped.label("invoiced_on"), "", "The rows of this invoice name several days.", fix)
        carrier_id, bad = steps.check(invoice)
        for one in bad:
            name = {"weight_g": "weight_kg"}.get(one.field, one.field)
            whole = one.line == 0
            row = rows[0] if whole else rows[one.line - 1]
            told = {r.row for r in group if getattr(r, name, "") is None}
            if name != "lines" and row not in told:
                problems.add(row, mapped.label(name), "", one.message, one.fix)
        if bad or not carrier_id:
            continue
        for found in steps.compare(carrier_id, invoice.lines):
            row = rows[found.lines[0][0] - 1]
            first = stands.setdefault((carrier_id, found.shipment_id or -row), invoice.number)
            if first != invoice.number:
                said = f"the shipment stands in invoice {first} of this file already"
                problems.note(row, mapped.label("amount"), f"{found.billed.amount:,.2f}", said)
            elif found.verdict.cause != "matched":
                problems.note(row, mapped.label("amount"), f"{found.billed.amount:,.2f}", found.verdict.words)
    _whole_invoices(problems, mapped)


def _whole_invoices(problems: Problems, mapped: Mapped) -> None:
    """Rows of invoices of which another row is bad."""
    rows = _rows()
    bad = {(row.carrier, row.number) for row in rows if row.bad or row.row in problems.bad_rows}
    for row in rows:
        if (row.carrier, row.number) in bad and not row.bad and row.row not in problems.bad_rows:
            same, fix = "Another row of the invoice has a problem.", "An invoice is entered whole: mend that row."
            problems.add(row.row, mapped.label("number"), row.number or "", same, fix, same=same)


INVOICES = Definition(
    kind="freight-invoices",
    title="Freight invoices",
    permission="freight.enter",
    key=("carrier", "number", "reference", "line"),
    help="A shipment or parcel of an invoice in each row; carrier, number and day are repeated.",
    columns=[
        Column("carrier", "Carrier", cells.code(40), required=True, aliases=("carrier code",), example="NORTHLINE"),
        Column("number", "Invoice", cells.code(60), required=True, aliases=("invoice number", "invoice no"),
               example="INV-2048"),
        Column("invoiced_on", "Invoice date", cells.day, "date", required=True, aliases=("date", "invoiced on"),
               example="2026-12-01"),
        Column("reference", "Reference", cells.text(80), required=True, example="SH-1001",
               aliases=("tracking", "tracking number", "sscc", "shipment", "consignment"),
               help="our shipment, its tracking reference, or the SSCC of a carton or pallet"),
        Column("line", "Line", cells.code(20), aliases=("line number",), help="where a reference stands twice"),
        Column("amount", "Amount", cells.decimal(places=2), "numeric", required=True, example="7.57",
               aliases=("total", "net", "charge"), help="all that is asked for it, without tax"),
        Column("weight_kg", "Weight kg", cells.decimal(places=3), "numeric", aliases=("weight", "billed weight"),
               help="that was billed"),
        Column("zone", "Zone", cells.code(20)),
        Column("surcharges", "Surcharges", cells.decimal(places=2), "numeric", help="what of the amount they are"),
    ],
    targets=[],
    prepare=["UPDATE {stage} SET is_new = true"],
    checks=[_check],
)  # fmt: skip
