"""Forms beside a short line: what a customer takes instead, and what another site should send."""

from __future__ import annotations

from django import forms

from flowrack.allocation.types_substitutes import SetConsent

SAYS = {"takes": True, "never": False, "nothing": None}


class ConsentForm(forms.Form):
    """What a customer says of one item instead of another."""

    customer = forms.CharField(label="Customer", max_length=40, help_text="Code.")
    sku = forms.CharField(label="Ordered item", max_length=60)
    substitute = forms.CharField(label="Instead", max_length=60)
    takes = forms.ChoiceField(
        label="Says",
        choices=[
            ("takes", "Takes it unasked"),
            ("never", "Never takes it"),
            ("nothing", "Nothing any more: ask each time"),
        ],
    )
    reason = forms.CharField(label="Who said so", max_length=200, help_text="For example: Ms Lee by phone, 2 March.")

    def to_request(self) -> SetConsent:
        """The request of the command."""
        data = self.cleaned_data
        return SetConsent(
            data["customer"].strip(),
            data["sku"].strip(),
            data["substitute"].strip(),
            SAYS[data["takes"]],
            data["reason"],
        )


class TransferAsked(forms.Form):
    """The site that sends what a line lacks, how many and until when, as the page showed them."""

    site = forms.IntegerField(min_value=1)
    units = forms.IntegerField(min_value=1)
    due_on = forms.DateField(required=False)
