"""Forms of calendars and safety stock: lists that are typed, pasted from a spreadsheet or from a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from flowrack.platform.web.grid import GridColumn
from flowrack.promise.types_days import ClosedOn
from flowrack.shared.errors import BadLine

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
NAMED = re.compile(r"(?:[A-Za-z]{2,9},?\s+)?(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
MOST_ROWS = 1_000
TWELVE = 12  # months: a larger number is a day
HEADS = frozenset({"day", "date", "datum", "holiday", "sku", "item"})
CLOSED_GRID = [GridColumn("on", "Day"), GridColumn("reason", "Why")]
SAFETY_GRID = [
    GridColumn("sku", "Item", code=True, look="item"),
    GridColumn("units", "Units kept back", kind="number", placeholder="0 = none"),
]


def read_any_day(text: str) -> date | None:
    """A day as people write it: 2026-12-25, 25.12.2026, 25 Dec 2026, 25/12/2026 where it can be only one day."""
    said = text.strip()
    numbers = None
    if found := ISO.fullmatch(said):
        numbers = int(found[1]), int(found[2]), int(found[3])
    elif found := DOTTED.fullmatch(said):
        numbers = int(found[3]), int(found[2]), int(found[1])
    elif (found := NAMED.fullmatch(said)) and found[2][:3].lower() in MONTHS:
        numbers = int(found[3]), MONTHS.index(found[2][:3].lower()) + 1, int(found[1])
    elif found := SLASHED.fullmatch(said):
        first, second = int(found[1]), int(found[2])
        if first > TWELVE or first == second:
            numbers = int(found[3]), second, first
        elif second > TWELVE:
            numbers = int(found[3]), first, second
    try:
        return date(*numbers) if numbers else None
    except ValueError:
        return None


def rows_of(text: str) -> list[list[str]]:
    """The rows of a pasted list, cells parted by tabs, semicolons or commas, each row by its own: a tab goes before a
    semicolon, and that before a comma. Empty rows and a row of headings go."""
    lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    if not lines:
        return []
    found = []
    for line in lines:
        parts = next((one for one in "\t;" if one in line), ",")
        found += [[cell.strip() for cell in row] for row in csv.reader([line], delimiter=parts, skipinitialspace=True)]
    return found[1:] if found[0][0].lower() in HEADS else found


class ClosedListForm(forms.Form):
    """Days to add to those of the grid, and the other sites for which the list counts."""

    paste = forms.CharField(
        label="Add a list",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "2026-12-25, Christmas Day"}),
        help_text="A day and a reason in each row, from a spreadsheet or a CSV file.",
    )

    def __init__(self, *args: Any, sites: Sequence[tuple[int, str]] = (), breaks: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if breaks:
            self.fields["seen"] = forms.BooleanField(
                label=f"Close them, and break {breaks:,} promise{'' if breaks == 1 else 's'}",
                required=False,
                widget=forms.CheckboxInput(attrs={"value": breaks}, check_test=lambda value: False),
            )
        if sites:
            names = [(str(key), f"{name} as well") for key, name in sites]
            whole = [("all", "all sites")] if len(sites) > 1 else []
            self.fields["others"] = forms.ChoiceField(
                label="The list is for", required=False, choices=[("", "this site alone"), *names, *whole]
            )

    def clean_paste(self) -> list[ClosedOn]:
        """The days of the list; every row that cannot be read is named."""
        found, bad = [], []
        for n, row in enumerate(rows_of(self.cleaned_data["paste"]), 1):
            on = read_any_day(row[0])
            reason = ", ".join(cell for cell in row[1:] if cell)
            if on is None:
                bad.append(f"Row {n}: “{row[0]}” is no day, or may be two. Write 2026-12-25.")
            elif not reason:
                bad.append(f"Row {n}: say why nobody works on {row[0]}.")
            else:
                found.append(ClosedOn(on, reason))
        if len(found) > MOST_ROWS:
            bad.append(f"{len(found):,} rows are too many: {MOST_ROWS:,} at a time.")
        if bad:
            raise forms.ValidationError(bad)
        return found


def read_closed(rows: Sequence[dict[str, str]]) -> tuple[list[ClosedOn], list[BadLine]]:
    """The closed days that the grid says, and what is wrong with it."""
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        on = read_any_day(row["on"])
        if on is None:
            bad.append(BadLine(n, "on", f"“{row['on']}” is no day, or may be two.", "Write 2026-12-25."))
        if not row["reason"]:
            bad.append(BadLine(n, "reason", "Say why nobody works then.", "Public holiday, stocktaking ..."))
        if on is not None and row["reason"]:
            found.append(ClosedOn(on, row["reason"]))
    return found, bad


class SafetyListForm(forms.Form):
    """Rows of items and units, pasted."""

    paste = forms.CharField(
        label="Paste a list",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "V-200, 40"}),
        help_text="An item and its units in each row, from a spreadsheet or a CSV file. 0 takes it away.",
    )


def read_safety(rows: Sequence[dict[str, str]], pasted: str) -> tuple[list[tuple[int, str, int]], list[BadLine]]:
    """Rows, items and units that the grid and the pasted list say, and what is wrong with them. The rows of the list
    are counted after those of the grid."""
    wanted = [(row["sku"], row["units"]) for row in rows]
    wanted += [(row[0], row[1] if len(row) > 1 else "") for row in rows_of(pasted)]
    found: list[tuple[int, str, int]] = []
    bad, first = [], dict[str, int]()
    for n, (sku, units) in enumerate(wanted, 1):
        if not sku:
            bad.append(BadLine(n, "sku", "Which item?", "Write its SKU."))
        elif first.setdefault(sku, n) != n:
            bad.append(BadLine(n, "sku", f"{sku} stands in row {first[sku]} already.", "Keep one of them."))
        if not re.fullmatch(r"\d{1,9}", units):
            said = f"{sku or 'This row'}: “{units}” is no number of units."
            bad.append(BadLine(n, "units", said, "Write 0 or more."))
        elif sku:
            found.append((n, sku, int(units)))
    return found, bad
