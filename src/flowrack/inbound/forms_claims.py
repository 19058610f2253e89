"""Forms of claims and debit notes."""

from __future__ import annotations

from decimal import Decimal

from django import forms


class SettleClaimForm(forms.Form):
    """What was agreed."""

    amount = forms.DecimalField(
        label="Money agreed",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        help_text="Empty: all that was asked for.",
    )
    note = forms.CharField(label="Note", max_length=200, required=False)


class CancelClaimForm(forms.Form):
    """Why nothing is asked for any more."""

    reason = forms.CharField(label="Why", max_length=200)
