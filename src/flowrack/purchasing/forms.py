"""Forms of purchasing: the page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.grid import GridColumn
from flowrack.purchasing.queries import PoLineRow, PoRecord
from flowrack.purchasing.rules import price
from flowrack.purchasing.types import NewPo, NewPoLine
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units, parse_units


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class PoForm(forms.Form):
    """A purchase order: from whom, where to and when. Its lines stand in the grid below."""

    supplier = forms.CharField(label="Supplier", max_length=40, widget=CodeInput("supplier"), help_text="Code or name.")
    site = forms.ChoiceField(label="Deliver to", choices=_sites)
    due_on = forms.DateField(
        label="Due on",
        required=False,
        help_text="Empty: after the supplier's lead time.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    supplier_reference = forms.CharField(label="Supplier's reference", max_length=80, required=False)
    override_reason = forms.CharField(
        label="Reason to go below minimums", max_length=200, required=False, help_text="Only if you need to."
    )
    cover_reason = forms.CharField(
        label="Reason to buy what is coming already", max_length=200, required=False, help_text="Only if you need to."
    )

    def clean_supplier(self) -> int:
        """The supplier behind the code."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def to_order(self, lines: list[NewPoLine]) -> NewPo:
        """The order as the command wants it; where a field is wrong, as if nothing were typed."""
        data = self.cleaned_data
        return NewPo(
            supplier_id=data.get("supplier", 0),
            site_id=int(data.get("site", 0)),
            lines=lines,
            due_on=data.get("due_on"),
            supplier_reference=data.get("supplier_reference", ""),
            note=self.initial.get("note", ""),
            override_reason=data.get("override_reason", ""),
            cover_reason=data.get("cover_reason", ""),
        )


LINE_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True, look="item"),
    GridColumn("units", "Units", kind="number"),
    GridColumn("unit_cost", "Unit cost, if not agreed", kind="number"),
]


def draft_of(found: PoRecord) -> dict[str, Any]:
    """What the form of a draft shows at first; the note stays as it is."""
    return {
        "supplier": found.supplier_code,
        "site": found.head.site_id,
        "due_on": found.head.due_on,
        "supplier_reference": found.supplier_reference,
        "override_reason": found.override_reason,
        "note": found.note,
    }


def rows_of(lines: Sequence[PoLineRow]) -> list[dict[str, str]]:
    """The lines of a PO as the grid shows them."""
    return [{"item": x.sku, "units": str(x.units), "unit_cost": price(x.unit_cost)} for x in lines]


def read_lines(rows: Sequence[dict[str, str]]) -> tuple[list[NewPoLine], list[int], list[BadLine]]:
    """The lines of the grid as the command wants them, the row of each, and all that is wrong with the others."""
    found = catalog.find_codes([row["item"] for row in rows])
    lines: list[NewPoLine] = []
    at_rows: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        item = read_item(number, row["item"], found)
        units = read_units(number, row["units"], 1 if isinstance(item, BadLine) else item.factor)
        cost = _cost(number, row["unit_cost"])
        bad += [fault for fault in (item, units, cost) if isinstance(fault, BadLine)]
        if not (isinstance(item, BadLine) or isinstance(units, BadLine) or isinstance(cost, BadLine)):
            lines.append(NewPoLine(item.item_id, units, cost))
            at_rows.append(number)
    if not rows:
        bad.append(BadLine(1, "item", "The order has no lines.", "Type or scan an item, then its units."))
    return lines, at_rows, bad


def read_item(number: int, code: str, found: Mapping[str, Sequence[Resolved]]) -> Resolved | BadLine:
    """The one item that a row means, or what is wrong with its code."""
    hits = found.get(code, [])
    return hits[0] if len(hits) == 1 else _unclear_item(number, code, len(hits))


def _unclear_item(number: int, code: str, hits: int) -> BadLine:
    if not code:
        return BadLine(number, "item", "The item is missing.", "Type or scan it.")
    if hits:
        return BadLine(number, "item", f"“{code}” stands for several items.", "Use the SKU.")
    return BadLine(number, "item", f"No item has the code “{code}”.", "Check the SKU or scan the article.")


def read_units(number: int, text: str, factor: int) -> Units | BadLine:
    """The base units of a row, or what is wrong with them."""
    if not text:
        return BadLine(number, "units", "The units are missing.", "Type how many.")
    try:
        return Units(parse_units(text, factor=factor))
    except FlowrackError as refusal:
        return BadLine(number, "units", refusal.message, refusal.fix)


def _cost(number: int, text: str) -> Decimal | BadLine | None:
    if not text:
        return None
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal("NaN")
    return cost if cost.is_finite() else BadLine(number, "unit_cost", f"“{text}” is not a price.", "Type 3.95.")


class CoverReasonForm(forms.Form):
    """Why something is bought that is coming already."""

    cover_reason = forms.CharField(label="Reason to buy on top", max_length=200)
    ids = forms.Field(widget=forms.MultipleHiddenInput, required=False)  # the rows that were ticked, where some were

    @property
    def reason(self) -> str:
        """What was typed; empty where nothing was."""
        return str(self.cleaned_data["cover_reason"]) if self.is_valid() else ""


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(label="Reason", max_length=200)


class RejectForm(forms.Form):
    """Why, and what was seen."""

    reason = forms.CharField(label="Why", max_length=400, help_text="Say what should change.")
    content_hash = forms.CharField(widget=forms.HiddenInput, required=False)
