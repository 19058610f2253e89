"""Forms of requisitions: the page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.grid import GridColumn
from flowrack.purchasing.forms import read_item, read_units
from flowrack.purchasing.queries_requisitions import RequisitionLineRow, RequisitionRecord
from flowrack.purchasing.types_requisitions import LineToOrder, NewRequisition, NewRequisitionLine
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units

LINE_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True, look="item"),
    GridColumn("units", "Units", kind="number"),
    GridColumn("wanted_on", "Wanted on, if another day"),
    GridColumn("supplier", "Supplier, if one is preferred", code=True, look="supplier"),
]


class RequisitionForm(forms.Form):
    """A requisition: for which site, by when and what for. Its lines stand in the grid below."""

    site = forms.TypedChoiceField(label="Needed at", coerce=int)
    wanted_on = forms.DateField(label="Wanted on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="What it is for", max_length=200)
    cover_reason = forms.CharField(
        label="Reason to ask for what is coming", max_length=200, required=False, help_text="Only if you need to."
    )

    def __init__(self, *args: object, site_ids: frozenset[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        mine = [s for s in places.sites() if {0, s.site_id} & site_ids]
        self.fields["site"].choices = [(s.site_id, s.name) for s in mine]  # type: ignore[attr-defined]

    def to_requisition(self, lines: list[NewRequisitionLine]) -> NewRequisition:
        """The requisition as the command wants it; where a field is wrong, as if nothing were typed."""
        data = self.cleaned_data
        return NewRequisition(data.get("site", 0), lines, data.get("reason", ""), data.get("cover_reason", ""))


class LineSuppliersForm(forms.Form):
    """From whom the open lines are bought that nobody is known to sell; bound once something was typed. One query."""

    def __init__(self, data: Mapping[str, str], *, lines: Sequence[RequisitionLineRow]) -> None:
        self.open_lines = [x for x in lines if x.open_units]
        unnamed = [x for x in self.open_lines if not x.supplier_id]
        usual = parties.preferred_suppliers([x.item_id for x in unnamed])
        unsold = {f"supplier_{x.line_id}": x for x in unnamed if x.item_id not in usual}
        self.typed = {name: data[name] for name in unsold if name in data}
        super().__init__(data if self.typed else None)
        for name, x in unsold.items():
            self.fields[name] = forms.CharField(
                label=f"Supplier of {x.sku}",
                max_length=40,
                widget=CodeInput("supplier"),
                help_text=f"Line {x.line_no}, {x.open_units:,} of {x.name}.",
            )

    def clean(self) -> dict[str, int]:
        """The supplier behind each code."""
        found = parties.find_by_code(list(self.cleaned_data.values()))
        chosen: dict[str, int] = {}
        for name, code in self.cleaned_data.copy().items():
            party = found.get(code)
            if party is None or not party.is_supplier:
                self.add_error(name, f"There is no supplier “{code}”.")
            else:
                chosen[name] = party.party_id
        return chosen

    def to_lines(self) -> list[LineToOrder]:
        """Every open line, with the supplier that was typed; nothing where none was."""
        if not self.is_bound:
            return []
        chosen = self.cleaned_data
        return [LineToOrder(x.line_id, supplier_id=chosen.get(f"supplier_{x.line_id}")) for x in self.open_lines]


def rows_of(record: RequisitionRecord) -> list[dict[str, str]]:
    """The lines of a requisition as the grid shows them."""
    return [
        {
            "item": x.sku,
            "units": str(x.units),
            "wanted_on": x.wanted_on.isoformat() if x.wanted_on != record.head.wanted_on else "",
            "supplier": x.supplier_code,
        }
        for x in record.lines
    ]


def read_lines(
    rows: Sequence[dict[str, str]], wanted_on: date | None
) -> tuple[list[NewRequisitionLine], list[int], list[BadLine]]:
    """The lines of the grid as the command wants them, the row of each, and all that is wrong with the others."""
    found = catalog.find_codes([row["item"] for row in rows])
    suppliers = parties.find_by_code([row["supplier"] for row in rows if row["supplier"]])
    lines: list[NewRequisitionLine] = []
    at_rows: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        item = read_item(number, row["item"], found)
        units = read_units(number, row["units"], 1 if isinstance(item, BadLine) else item.factor)
        day = _day(number, row["wanted_on"], wanted_on)
        supplier = suppliers.get(row["supplier"])
        faults = [fault for fault in (item, units, day) if isinstance(fault, BadLine)]
        if row["supplier"] and (supplier is None or not supplier.is_supplier):
            said = f"There is no supplier “{row['supplier']}”."
            faults.append(BadLine(number, "supplier", said, "Check the code, or leave it empty."))
        bad += faults
        if not faults and isinstance(day, date):
            assert not isinstance(item, BadLine)
            assert not isinstance(units, BadLine)
            party = supplier.party_id if supplier else None
            lines.append(NewRequisitionLine(item.item_id, Units(units), day, party))
            at_rows.append(number)
    if not rows:
        bad.append(BadLine(1, "item", "The requisition has no lines.", "Type or scan an item, then its units."))
    return lines, at_rows, bad


def _day(number: int, text: str, usual: date | None) -> date | BadLine | None:
    """The day of a line; None when it has none of its own and the form's is wrong."""
    if not text:
        return usual
    try:
        return date.fromisoformat(text)
    except ValueError:
        return BadLine(number, "wanted_on", f"“{text}” is not a day.", "Type it as 2026-05-31.")
