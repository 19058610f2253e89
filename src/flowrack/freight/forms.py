"""Forms of carriers' invoices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.freight import rules
from flowrack.freight.types import BilledLine
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.grid import GridColumn
from flowrack.shared.errors import BadLine

FINEST = Decimal("0.001")  # a gram, where kilograms are written
LINE_COLUMNS = [
    GridColumn("reference", "Shipment, tracking or SSCC", code=True, placeholder="SH-1001"),
    GridColumn("amount", "Amount", kind="number", placeholder="7.57"),
    GridColumn("weight_kg", "Billed weight, kg", kind="number"),
    GridColumn("zone", "Zone"),
    GridColumn("surcharges", "Of which surcharges", kind="number"),
]


class InvoiceForm(forms.Form):
    """The head of an invoice."""

    carrier = forms.CharField(max_length=40, widget=CodeInput("carrier"))
    number = forms.CharField(label="Invoice", max_length=60, help_text="The carrier's own number.")
    invoiced_on = forms.DateField(label="Of", widget=forms.DateInput(attrs={"type": "date"}))
    currency = forms.CharField(
        max_length=3, required=False, help_text="As the invoice says it; empty is the currency of the house."
    )


class DecideForm(forms.Form):
    """What becomes of charges."""

    action = forms.ChoiceField(
        label="They are",
        choices=[("accept", "accepted as billed"), ("dispute", "disputed with the carrier"),
                 ("credit", "credited down to what was expected"), ("void", "credited in whole, and billed anew")],
    )  # fmt: skip
    note = forms.CharField(label="Because", max_length=200)


class DropForm(forms.Form):
    """Why an invoice is dropped."""

    reason = forms.CharField(max_length=200)


class TermsForm(forms.Form):
    """What counts as matched, and who accepts how much."""

    tolerance_pct = forms.DecimalField(label="Matched up to, %", min_value=0, max_value=100, decimal_places=2)
    tolerance_amount = forms.DecimalField(
        label="Or up to", min_value=0, max_value=10_000, decimal_places=2, help_text="The greater of the two counts."
    )
    limit_amount = forms.DecimalField(
        label="Clerks accept up to", min_value=0, max_value=1_000_000, decimal_places=2,
        help_text="More than expected, of one invoice. Above that a finance controller does.",
    )  # fmt: skip
    days_back = forms.IntegerField(
        label="Days back", min_value=1, max_value=3_650, help_text="That the date of an invoice may lie back."
    )
    days_ahead = forms.IntegerField(label="Days ahead", min_value=0, max_value=365)
    currency = forms.CharField(
        max_length=3, required=False, help_text="Of freight, as GBP. An invoice in another one is refused."
    )


def lines_of(rows: Sequence[dict[str, str]], bad: list[BadLine]) -> list[BilledLine]:
    """The lines of an invoice as the grid says them."""
    return [
        BilledLine(
            row.get("reference", "").strip(), _amount(n, row, "amount", bad) or Decimal(0),
            int((_amount(n, row, "weight_kg", bad) or 0) * 1_000), row.get("zone", "").strip()[:20],
            _amount(n, row, "surcharges", bad),
        )
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip


def _amount(n: int, row: dict[str, str], name: str, bad: list[BadLine]) -> Decimal | None:
    text = row.get(name, "").strip()
    if not text:
        if name == "amount":
            bad.append(BadLine(n, name, "The line has no amount.", "Write it as 7.57."))
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= rules.MOST or found != found.quantize(FINEST):
        bad.append(BadLine(n, name, f"“{text[:20]}” is no number of freight.", "Write it as 7.57."))
        return None
    return found
