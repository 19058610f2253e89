"""The form that changes an approved PO: its head fields, its lines in a grid, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.platform.web.grid import GridColumn
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules import price
from flowrack.purchasing.types_versions import LineChange, PoChange
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units, parse_units

CHANGE_GRID = [
    GridColumn("line_no", "Line", kind="number", placeholder="new"),
    GridColumn("item", "Item, barcode or SKU", code=True),
    GridColumn("units", "Units", kind="number"),
    GridColumn("unit_cost", "Unit cost", kind="number"),
    GridColumn("due_on", "Due", placeholder="2026-05-31"),
]


class ChangeForm(forms.Form):
    """What is asked of the whole order, and why it changes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = forms.DateField(
        label="Due on",
        help_text="Lines that were due on the old date move along.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    supplier_reference = forms.CharField(label="Supplier's reference", max_length=80, required=False)
    reason = forms.CharField(label="Why it changes", max_length=200)
    override_reason = forms.CharField(
        label="Reason to go below minimums", max_length=200, required=False, help_text="Only if you need to."
    )
    cover_reason = forms.CharField(
        label="Reason to buy what is coming already", max_length=200, required=False, help_text="Only if you need to."
    )

    def to_change(self, po_id: int, lines: list[LineChange]) -> PoChange:
        """The change as the command wants it."""
        data = self.cleaned_data
        return PoChange(
            po_id, data["version"], data["reason"], lines, data["due_on"], data["supplier_reference"], None,
            data["override_reason"], data["cover_reason"],
        )  # fmt: skip


def rows_of(one: Standings) -> list[dict[str, str]]:
    """The order's lines as the grid shows them."""
    return [
        {
            "line_no": str(x.line_no),
            "item": x.sku,
            "units": str(x.units),
            "unit_cost": price(x.unit_cost).replace(",", ""),
            "due_on": x.due_on.isoformat(),
        }
        for x in one.content.lines
        if x.units
    ]


def read_change(one: Standings, rows: Sequence[dict[str, str]]) -> tuple[list[LineChange], list[BadLine]]:
    """What the grid changes: other figures, new lines, and lines that were cleared away; and all that is wrong."""
    known = {str(x.line_no): x for x in one.content.lines if x.units}
    codes = catalog.find_codes([row["item"] for row in rows])
    changes: list[LineChange] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        line = known.get(row["line_no"])
        hits = codes.get(row["item"], [])
        factor, item_id = (hits[0].factor, hits[0].item_id) if len(hits) == 1 else (1, 0)
        if row["line_no"] and line is None:
            bad.append(BadLine(number, "line_no", f"There is no line {row['line_no']}.", "Leave it empty to add one."))
        if not item_id:
            bad.append(BadLine(number, "item", f"“{row['item']}” is not the code of one item.", "Use the SKU."))
        elif line is not None and item_id != line.item_id:
            bad.append(
                BadLine(number, "item", f"Line {line.line_no} is {line.sku}.", "Clear the row and add another line.")
            )
        units, cost, due_on = _units(row["units"], factor), _cost(row["unit_cost"]), _date(row["due_on"])
        fields = (("units", units), ("unit_cost", cost), ("due_on", due_on))
        bad += [BadLine(number, name, said) for name, said in fields if isinstance(said, str)]
        if not isinstance(units, str) and not isinstance(cost, str) and not isinstance(due_on, str):
            changes.append(LineChange(line.line_no if line else 0, item_id, units, cost, due_on))
    kept = {row["line_no"] for row in rows}
    gone = [LineChange(x.line_no, is_dropped=True) for number, x in known.items() if number not in kept]
    moved = [c for c in changes if not _is_same(one, c)]
    return [*moved, *gone], bad


def _is_same(one: Standings, change: LineChange) -> bool:
    return any(
        x.line_no == change.line_no
        and change.units == x.units
        and change.unit_cost in (None, x.unit_cost)
        and change.due_on in (None, x.due_on)
        for x in one.content.lines
    )


def _units(text: str, factor: int) -> Units | str:
    try:
        return Units(parse_units(text, factor=factor))
    except FlowrackError as refusal:
        return f"{refusal.message} {refusal.fix}"


def _cost(text: str) -> Decimal | str | None:
    if not text:
        return None
    try:
        cost = Decimal(text)
    except InvalidOperation:
        return f"“{text}” is not a price. Type 3.95."
    return cost if cost.is_finite() else f"“{text}” is not a price. Type 3.95."


def _date(text: str) -> date | str | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return f"“{text}” is no date. Type it like 2026-05-31."


class WithdrawForm(forms.Form):
    """Why a change is given up."""

    reason = forms.CharField(label="Reason", max_length=200)
