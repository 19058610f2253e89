"""Forms of purchasing: the page's fields to a command's request."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.purchasing.types import NewPo, NewPoLine
from flowrack.shared.errors import FlowrackError
from flowrack.shared.quantity import Units, parse_units


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class PoForm(forms.Form):
    """A purchase order: from whom, where to, when, and lines typed or pasted from a sheet."""

    supplier = forms.CharField(label="Supplier code", max_length=40)
    site = forms.ChoiceField(label="Deliver to", choices=_sites)
    due_on = forms.DateField(
        label="Due on",
        required=False,
        help_text="Empty: after the supplier's lead time.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    supplier_reference = forms.CharField(label="Supplier's reference", max_length=80, required=False)
    lines = forms.CharField(
        label="Lines",
        help_text="One line each: item, units and, if not the agreed one, the unit cost. Paste from a sheet works.",
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "4711\t120\n6024\t48\t3.95"}),
    )
    override_reason = forms.CharField(
        label="Reason to go below minimums", max_length=200, required=False, help_text="Only if you need to."
    )

    def clean_supplier(self) -> int:
        """The supplier behind the code."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def clean_lines(self) -> list[NewPoLine]:
        """Item, units and cost of each written line."""
        rows: list[tuple[int, list[str]]] = []
        for n, text in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            parts = [part.strip() for part in text.replace(";", "\t").split("\t" if "\t" in text else None)]
            if not any(parts):
                continue
            if len(parts) not in (2, 3):
                raise forms.ValidationError(f"Line {n} needs an item and a quantity, for example 4711 120.")
            rows.append((n, parts))
        found = catalog.find_codes([parts[0] for _, parts in rows])
        return [_line(n, parts, found.get(parts[0], [])) for n, parts in rows]

    def to_order(self) -> NewPo:
        """The order as the command wants it."""
        data = self.cleaned_data
        return NewPo(
            supplier_id=data["supplier"],
            site_id=int(data["site"]),
            lines=data["lines"],
            due_on=data["due_on"],
            supplier_reference=data["supplier_reference"],
            override_reason=data["override_reason"],
        )


def _line(n: int, parts: list[str], hits: list[Resolved]) -> NewPoLine:
    if not hits:
        raise forms.ValidationError(f"Line {n}: no item has the code “{parts[0]}”.")
    if len(hits) > 1:
        raise forms.ValidationError(f"Line {n}: “{parts[0]}” stands for several items; use the SKU.")
    try:
        units = parse_units(parts[1], factor=hits[0].factor)
        cost = Decimal(parts[2]) if len(parts) == 3 else None
    except FlowrackError as refusal:
        raise forms.ValidationError(f"Line {n}: {refusal.message} {refusal.fix}") from None
    except InvalidOperation:
        raise forms.ValidationError(f"Line {n}: “{parts[2]}” is not a price.") from None
    if cost is not None and not cost.is_finite():
        raise forms.ValidationError(f"Line {n}: “{parts[2]}” is not a price.")
    return NewPoLine(hits[0].item_id, Units(units), cost)


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(label="Reason", max_length=200)
