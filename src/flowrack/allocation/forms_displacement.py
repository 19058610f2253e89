"""The form of an urgent order."""

from __future__ import annotations

from django import forms


class UrgentForm(forms.Form):
    """Why an order cannot wait."""

    reason = forms.CharField(
        label="Why it cannot wait", max_length=200, help_text="Read by whoever decides, and kept with the order."
    )
