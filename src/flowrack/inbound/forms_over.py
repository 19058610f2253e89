"""The form that asks for more than an order takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from flowrack.inbound.types_over import AskOverReceipt
from flowrack.shared.quantity import Units


class AskOverForm(forms.Form):
    """Which item, how many units beyond, and why."""

    item = forms.TypedChoiceField(label="Item", coerce=int)
    units = forms.IntegerField(label="Units beyond what the order takes", min_value=1, max_value=10**9)
    reason = forms.CharField(label="Why", max_length=200, required=False)

    def __init__(self, *args: Any, items: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(items.items())

    def to_request(self, po_id: int) -> AskOverReceipt:
        """What was asked."""
        said = self.cleaned_data
        return AskOverReceipt(po_id, said["item"], Units(said["units"]), said["reason"])
