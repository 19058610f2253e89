"""Forms of sales: the page's fields to a command's request."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.locations import queries as places
from flowrack.sales.rules import POLICIES
from flowrack.sales.types import EnterOrders, NewLine, NewOrder


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class OrderForm(forms.Form):
    """A customer order: who, where from, when, and lines typed or pasted from a sheet."""

    customer = forms.CharField(label="Customer code", max_length=40)
    site = forms.ChoiceField(label="Ship from", choices=_sites)
    reference = forms.CharField(label="Customer's order number", max_length=60, required=False)
    requested_on = forms.DateField(
        label="Wanted on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    policy = forms.ChoiceField(
        label="Delivery",
        required=False,
        choices=[("", "as the customer's terms say"), *((policy, policy) for policy in POLICIES)],
    )
    lines = forms.CharField(
        label="Lines",
        help_text="One line each: item, quantity and, if not base units, the pack. Paste from a sheet works.",
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "4711\t12\n6024\t2\tcase"}),
    )

    def clean_lines(self) -> list[NewLine]:
        """Item, quantity and pack of each written line."""
        found: list[NewLine] = []
        for n, text in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            parts = [part.strip() for part in text.replace(";", "\t").split("\t" if "\t" in text else None)]
            if not any(parts):
                continue
            if len(parts) not in (2, 3):
                raise forms.ValidationError(f"Line {n} needs an item and a quantity, for example 4711 12.")
            try:
                quantity = Decimal(parts[1])
            except InvalidOperation:
                raise forms.ValidationError(f"Line {n}: “{parts[1]}” is not a number.") from None
            if not quantity.is_finite():
                raise forms.ValidationError(f"Line {n}: “{parts[1]}” is not a number.")
            found.append(NewLine(parts[0], quantity, parts[2] if len(parts) == 3 else ""))
        return found

    def to_request(self) -> EnterOrders:
        """The command's request."""
        data = self.cleaned_data
        return EnterOrders(
            [
                NewOrder(
                    customer=data["customer"],
                    site_id=int(data["site"]),
                    lines=data["lines"],
                    reference=data["reference"],
                    requested_on=data["requested_on"],
                    policy=data["policy"],
                )
            ]
        )
