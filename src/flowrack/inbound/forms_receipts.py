"""The form that opens a closed receipt again."""

from __future__ import annotations

from django import forms


class ReopenForm(forms.Form):
    """Why it is opened again."""

    reason = forms.CharField(label="Why", max_length=200)
