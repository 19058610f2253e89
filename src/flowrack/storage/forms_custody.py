"""Forms of goods that belong to others: what comes or leaves, the statement's days, and the rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import forms

from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.viewer import SiteChoice
from flowrack.shared.errors import BadLine
from flowrack.storage import queries_custody
from flowrack.storage.types_custody import CustodyLine, SetCustodyRates

CUSTODY_GRID = [
    GridColumn("item", "Item", code=True, look="item"),
    GridColumn("units", "Units", kind="number"),
    GridColumn("place", "Place", code=True, look="bin"),
    GridColumn("pallet", "Pallet, if it has a code", code=True),
    GridColumn("lot", "Lot, if the item has lots", code=True),
    GridColumn("expires_on", "Expires", placeholder="2027-12-31"),
]
LONGEST = 12  # digits


def _owners() -> list[tuple[str, str]]:
    return [("", ""), *((one.code, f"{one.name} ({one.code})") for one in queries_custody.owners())]


class CustodyForm(forms.Form):
    """Whose goods come or leave, and where."""

    owner = forms.ChoiceField(label="Owner", choices=_owners)
    site = forms.TypedChoiceField(label="Site", coerce=int)

    def __init__(self, *args: object, mine: list[SiteChoice], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site"].choices = [(s.id, s.name) for s in mine]  # type: ignore[attr-defined]


class RatesForm(forms.Form):
    """What an owner is charged from a day on."""

    owner = forms.ChoiceField(label="Owner", choices=_owners)
    valid_from = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Until the next ones.",
    )
    pallet_day = forms.DecimalField(label="A pallet a day", min_value=0, max_digits=14, decimal_places=6)
    pallet_in = forms.DecimalField(label="A pallet that comes", min_value=0, max_digits=14, decimal_places=6)
    pallet_out = forms.DecimalField(label="A pallet that leaves", min_value=0, max_digits=14, decimal_places=6)

    def to_request(self) -> SetCustodyRates:
        """The request of the command."""
        data = self.cleaned_data
        charges: list[Decimal] = [data[name] for name in ("pallet_day", "pallet_in", "pallet_out")]
        return SetCustodyRates(data["owner"], data["valid_from"], *charges)


def read_custody(rows: Sequence[dict[str, str]]) -> tuple[list[CustodyLine], list[int], list[BadLine]]:
    """The lines of the grid, the row of each, and what is wrong with the others."""
    lines, at_rows, bad = [], [], []
    for number, row in enumerate(rows, 1):
        faults = []
        if not row["units"].isdecimal() or len(row["units"]) > LONGEST:
            faults.append(BadLine(number, "units", f"“{row['units']}” is no count of units.", "Type a whole number."))
        expires_on = None
        if row["expires_on"]:
            try:
                expires_on = date.fromisoformat(row["expires_on"])
            except ValueError:
                said = f"“{row['expires_on']}” is no day."
                faults.append(BadLine(number, "expires_on", said, "Write 2027-12-31."))
        for name in ("item", "place"):
            if not row[name]:
                faults.append(BadLine(number, name, f"The {name} is missing.", "Type or scan it."))
        bad += faults
        if not faults:
            lines.append(
                CustodyLine(row["item"], int(row["units"]), row["place"], row["pallet"], row["lot"], expires_on)
            )
            at_rows.append(number)
    if not rows:
        bad.append(BadLine(1, "item", "No goods are named.", "Type or scan an item, its units and a place."))
    return lines, at_rows, bad
