"""The form of a customer's own number of an item."""

from __future__ import annotations

from django import forms

from flowrack.catalog.types import Level
from flowrack.platform.web.codes import CodeInput
from flowrack.sales.types_codes import SetCustomerItem


class CustomerItemForm(forms.Form):
    """What a customer calls an item, or a pack of it."""

    customer = forms.CharField(label="Customer", max_length=40, widget=CodeInput("customer"), help_text="Code or name.")
    code = forms.CharField(label="Their number", max_length=80, help_text="As it stands in the customer's orders.")
    item = forms.CharField(label="Item", max_length=60, required=False, widget=CodeInput("item"))
    pack = forms.ChoiceField(
        label="Pack",
        required=False,
        choices=[("", "base units"), *((level.value, level.value) for level in Level)],
        help_text="What one of it is in the customer's orders.",
    )

    def to_request(self) -> SetCustomerItem:
        """The request of the command."""
        data = self.cleaned_data
        return SetCustomerItem(data["customer"], data["code"], data["item"], data["pack"])
