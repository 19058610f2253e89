"""Forms of the order builder."""

from __future__ import annotations

from django import forms

from flowrack.locations import queries as places
from flowrack.parties import queries as parties


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class BuilderForm(forms.Form):
    """For whom an order is built."""

    supplier = forms.CharField(label="Supplier code", max_length=40)
    site = forms.ChoiceField(label="Deliver to", choices=_sites)
    days = forms.IntegerField(
        label="Most days of cover", min_value=1, max_value=999, initial=180, help_text="Nothing is added beyond it."
    )

    def clean_supplier(self) -> int:
        """The supplier behind the code."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None or not found.is_supplier:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)
