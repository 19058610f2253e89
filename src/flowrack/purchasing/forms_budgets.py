"""The form of a budget."""

from __future__ import annotations

from django import forms

from flowrack.locations import queries as places
from flowrack.purchasing.queries_families import families
from flowrack.purchasing.rules_budgets import LENGTHS
from flowrack.purchasing.types import SetBudget


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


def _families() -> list[tuple[str, str]]:
    return [("", "Everything"), *((str(key), name) for key, name in families())]


class BudgetForm(forms.Form):
    """What a site may order in a period, in all or of one family."""

    site = forms.ChoiceField(label="Site", choices=_sites)
    family = forms.ChoiceField(label="For", choices=_families, required=False)
    months = forms.ChoiceField(
        label="Period", choices=[(str(n), name) for n, name in LENGTHS.items()], initial="1", required=False
    )
    month = forms.DateField(
        label="First month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text="For example 2026-05.",
    )
    amount = forms.DecimalField(label="Budget", min_value=0, max_digits=14, decimal_places=2)
    reason = forms.CharField(label="Why", max_length=200, required=False)

    def to_request(self) -> SetBudget:
        """The budget as the command wants it."""
        data = self.cleaned_data
        return SetBudget(
            int(data["site"]),
            data["month"],
            data["amount"],
            data["reason"],
            int(data["months"] or 1),
            int(data["family"]) if data["family"] else None,
        )
