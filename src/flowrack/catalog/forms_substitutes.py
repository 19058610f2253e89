"""The form of a substitute."""

from __future__ import annotations

from django import forms

from flowrack.catalog.types import SetSubstitute


class SubstituteForm(forms.Form):
    """One item that may be sent instead of another."""

    substitute = forms.CharField(label="Substitute", max_length=60, help_text="Its SKU.")
    ratio_num = forms.IntegerField(label="Units of it", initial=1, min_value=0)
    ratio_den = forms.IntegerField(label="For units of the item", initial=1, min_value=0)
    multiple = forms.IntegerField(
        label="In packs of", initial=1, min_value=1, help_text="Units of it that are sent together; rounded down."
    )
    needs_consent = forms.BooleanField(label="The customer is asked first", required=False, initial=True)
    is_price_protected = forms.BooleanField(label="Billed at the item's price", required=False)
    excluded_tiers = forms.ChoiceField(
        label="Only with approval for",
        choices=[("", "nobody"), ("C", "tier C"), ("BC", "tier B and C"), ("ABC", "everybody")],
        required=False,
    )
    priority = forms.IntegerField(label="Priority", initial=100, help_text="The smallest is offered first.")
    valid_from = forms.DateField(label="Valid from", required=False)
    valid_until = forms.DateField(label="Valid until", required=False)

    def to_request(self, sku: str) -> SetSubstitute:
        """The request of the command."""
        data = self.cleaned_data
        return SetSubstitute(
            sku,
            data["substitute"].strip(),
            data["ratio_num"],
            data["ratio_den"],
            needs_consent=data["needs_consent"],
            multiple=data["multiple"],
            is_price_protected=data["is_price_protected"],
            excluded_tiers=list(data["excluded_tiers"]),
            priority=data["priority"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
        )
