"""Forms of confirmations: what the supplier said, what we say to it, what we tolerate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.parties import queries as parties
from flowrack.platform.lookup import read_id
from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.standins import readable
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules import price
from flowrack.purchasing.types_confirmations import (
    ConfirmationTolerance,
    ConfirmedLine,
    Means,
    NewConfirmation,
    SetConfirmationTolerance,
    Verdict,
)
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units, parse_units

CONFIRM_GRID = [
    GridColumn("line_no", "Line", kind="number"),
    GridColumn("item", "Item", code=True),
    GridColumn("units", "Units", kind="number"),
    GridColumn("confirmed_on", "Delivered on", placeholder="2026-05-31"),
    GridColumn("unit_cost", "Unit cost", kind="number"),
    GridColumn("reference", "Their reference"),
]


class ConfirmationForm(forms.Form):
    """The supplier's answer to the whole order."""

    reference = forms.CharField(label="Supplier's reference", max_length=80, required=False)
    note = forms.CharField(label="Note", max_length=400, required=False)

    def to_confirmation(self, po_id: int, lines: list[ConfirmedLine]) -> NewConfirmation:
        """The confirmation as the command wants it."""
        said = readable(self)
        return NewConfirmation(po_id, said["reference"], lines, said["note"])


def rows_to_confirm(one: Standings) -> list[dict[str, str]]:
    """Everything that is owed as it was ordered, for the grid."""
    return [
        {
            "line_no": str(x.line_no),
            "item": x.sku,
            "units": str(x.units),
            "confirmed_on": max(x.due_on, one.today).isoformat(),
            "unit_cost": price(x.unit_cost).replace(",", ""),
            "reference": "",
        }
        for x in one.content.lines
        if x.units > one.came.get(x.line_no, 0)
    ]


def read_confirmed(rows: Sequence[dict[str, str]]) -> tuple[list[ConfirmedLine], list[int], list[BadLine]]:
    """The lines of the grid as the command wants them, the row of each, and all that is wrong with the others."""
    lines: list[ConfirmedLine] = []
    read: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        faults: list[BadLine] = []
        line_no = read_id(row["line_no"])
        if not line_no:
            faults.append(BadLine(number, "line_no", "The line's number is missing.", "Type it as on the order."))
        units = _units(number, row["units"], faults)
        on = _date(number, row["confirmed_on"], faults)
        cost = _cost(number, row["unit_cost"], faults)
        bad += faults
        if not faults and on is not None:
            lines.append(ConfirmedLine(line_no, units, on, cost, row["reference"]))
            read.append(number)
    if not rows:
        bad.append(BadLine(1, "line_no", "Nothing is confirmed.", "Keep the lines that the supplier confirmed."))
    return lines, read, bad


def _units(number: int, text: str, faults: list[BadLine]) -> Units:
    try:
        return parse_units(text or "0")
    except FlowrackError as refusal:
        faults.append(BadLine(number, "units", refusal.message, refusal.fix))
        return Units(0)


def _date(number: int, text: str, faults: list[BadLine]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(BadLine(number, "confirmed_on", f"“{text}” is no date.", "Type it like 2026-05-31."))
        return None


def _cost(number: int, text: str, faults: list[BadLine]) -> Decimal | None:
    try:
        cost = Decimal(text) if text else None
    except InvalidOperation:
        cost = Decimal("NaN")
    if cost is not None and not cost.is_finite():
        faults.append(BadLine(number, "unit_cost", f"“{text}” is not a price.", "Type 3.95."))
    return cost


class VerdictForm(forms.Form):
    """What we say to what was confirmed otherwise."""

    verdict = forms.ChoiceField(
        label="We",
        choices=[
            (Verdict.ACCEPT, "accept it: the order changes"),
            (Verdict.REFUSE, "refuse it: the order stays"),
            (Verdict.ASK_AGAIN, "ask again"),
        ],
    )
    reason = forms.CharField(label="Why", max_length=200, required=False, help_text="Needed unless you accept.")


class ConfirmationToleranceForm(forms.Form):
    """Which differences are accepted by themselves."""

    supplier = forms.CharField(label="Supplier code", max_length=40, required=False, help_text="Empty: every supplier.")
    late_days = forms.IntegerField(label="Days later", min_value=0)
    early_days = forms.IntegerField(label="Days earlier", min_value=0)
    cut_pct = forms.DecimalField(label="Units fewer, %", min_value=0, max_value=100)
    price_up_pct = forms.DecimalField(label="Price up, %", min_value=0)
    price_up_amount = forms.DecimalField(label="Price up, money of a line", min_value=0)
    confirm_within_days = forms.IntegerField(label="Days to confirm in", min_value=0)
    reason = forms.CharField(label="Why", max_length=200)

    def clean_supplier(self) -> int | None:
        """The supplier behind the code; None for every supplier."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code) if code else None
        if code and found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id) if found else None

    def to_request(self) -> SetConfirmationTolerance:
        """The tolerance as the command wants it."""
        d = readable(self, supplier=None)
        return SetConfirmationTolerance(
            ConfirmationTolerance(
                d["late_days"], d["early_days"], d["cut_pct"], d["price_up_pct"], d["price_up_amount"],
                d["confirm_within_days"],
            ),
            d["reason"],
            d["supplier"],
        )  # fmt: skip


class SentForm(forms.Form):
    """How an order went to its supplier."""

    means = forms.ChoiceField(
        label="How",
        choices=[
            (Means.EMAIL, "by e-mail"),
            (Means.DOWNLOAD, "as a file that was handed over"),
            (Means.PORTAL, "by the supplier's portal"),
            (Means.PHONE, "by phone"),
            (Means.POST, "by post"),
        ],
    )
    sent_to = forms.CharField(label="To whom", max_length=200, required=False)
