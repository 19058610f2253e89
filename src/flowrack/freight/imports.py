"""Carriers' invoices from files: a line for each shipment or parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.freight import steps
from flowrack.freight.steps import Checked
from flowrack.freight.types import BilledLine, EnterFreightInvoice
from flowrack.platform import sql
from flowrack.platform.http import now
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
    currency: str | None


def _rows() -> list[_Row]:
    rows = sql.fetch_all(
        """
        SELECT row, bad, carrier, number, invoiced_on, reference, amount, weight_kg, zone, surcharges, currency
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
    currency = next((row.currency for row in rows if row.currency), "")
    return EnterFreightInvoice(rows[0].carrier or "", rows[0].number or "", day, lines, currency)


def _check(problems: Problems, mapped: Mapped) -> None:
    """What entering refuses, at the row and column where it stands; and what differs, as a note."""
    staged, groups = staged_invoices(), _groups()
    checked = steps.check([invoice for invoice, _ in staged], now().date())
    good: list[tuple[Checked, list[int]]] = []
    for one, (_, rows), group in zip(checked, staged, groups, strict=True):
        _one_head(problems, mapped, group)
        for bad in one.bad:
            name = {"weight_g": "weight_kg"}.get(bad.field, bad.field)
            row = rows[0] if bad.line == 0 else rows[bad.line - 1]
            told = {r.row for r in group if getattr(r, name, "") is None}
            if name != "lines" and row not in told:
                problems.add(row, mapped.label(name), "", bad.message, bad.fix)
        if not one.bad:
            good.append((one, rows))
    for (_, rows), found in zip(good, steps.compare([one for one, _ in good]), strict=True):
        for charge in found:
            if charge.verdict.cause != "matched":
                row = rows[charge.lines[0][0] - 1]
                more = charge.billed.amount - charge.verdict.expected
                said = f"{charge.verdict.words}: {more:,.2f} more than the {charge.verdict.expected:,.2f} expected"
                problems.note(row, mapped.label("amount"), f"{charge.billed.amount:,.2f}", said)
    _whole_invoices(problems, mapped)


def _one_head(problems: Problems, mapped: Mapped, group: Sequence[_Row]) -> None:
    """The rows of an invoice name one day, and one currency."""
    for name, what in (("invoiced_on", "days"), ("currency", "currencies")):
        if len({getattr(row, name) for row in group if getattr(row, name)}) > 1:
            said, fix = f"The rows of this invoice name several {what}.", "Say the same in every row."
            problems.add(group[0].row, mapped.label(name), "", said, fix)


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
        Column("currency", "Currency", cells.code(10), help="that of the house; empty is the same", example="GBP"),
    ],
    targets=[],
    prepare=["UPDATE {stage} SET is_new = true"],
    checks=[_check],
)  # fmt: skip
