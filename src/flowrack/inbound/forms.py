"""Forms of inbound: the page's fields to a command's request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from flowrack.inbound.types_discrepancies import Outcome, Responsible, SetTolerance, Verdict
from flowrack.parties import queries as parties

KEEP = [("", "as recorded")]


class DecideForm(forms.Form):
    """What is decided about one discrepancy."""

    verdict = forms.ChoiceField(
        label="Verdict",
        choices=[
            (Verdict.ACCEPT, "Accept: nothing follows"),
            (Verdict.DEBIT, "Debit note to the supplier"),
            (Verdict.CLAIM, "Claim"),
        ],
    )
    responsible = forms.ChoiceField(
        label="Who answers for it", choices=KEEP + [(r, r) for r in Responsible], required=False
    )
    amount = forms.DecimalField(
        label="Money asked for",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        help_text="Empty: the value at stake. For a claim or a debit note.",
    )
    note = forms.CharField(label="Note", max_length=400, required=False)


class PutOnPoForm(forms.Form):
    """The order to which goods without a reference belong."""

    po = forms.CharField(label="Order number", max_length=20)


class PhotoForm(forms.Form):
    """A picture from the camera or the disk."""

    file = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP, at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
    )


def _outcome(label: str) -> Any:
    return forms.ChoiceField(label=label, choices=[(o, o) for o in Outcome], initial=Outcome.FLAG)


def _percent(label: str) -> Any:
    return forms.DecimalField(label=label, required=False, max_digits=5, decimal_places=2)


def _number(label: str, note: str = "") -> Any:
    return forms.IntegerField(label=label, required=False, help_text=note)


class ToleranceForm(forms.Form):
    """What is tolerated from now on, of whom and what."""

    supplier = forms.CharField(label="Supplier code", max_length=40, required=False, help_text="Empty: all suppliers.")
    family = forms.CharField(label="Item family", max_length=40, required=False, help_text="Empty: all items.")
    over_pct = _percent("Over, %")
    over_units = _number("Over, units at most", "Both empty: what the order agreed.")
    on_over = _outcome("More than that")
    under_pct = _percent("Short, %")
    under_units = _number("Short, units at most")
    on_under = _outcome("Shorter than that")
    early_days = _number("Days early", "Empty: any number.")
    on_early = _outcome("Earlier than that")
    late_days = _number("Days late", "Empty: any number.")
    on_late = _outcome("Later than that")
    min_life_days = _number("Days of life left, at least")
    on_short_dated = _outcome("Less life than that")
    reason = forms.CharField(label="Why", max_length=200, required=False)

    def clean_supplier(self) -> int:
        """The supplier behind the code; 0 for all."""
        code = self.cleaned_data["supplier"].strip()
        if not code:
            return 0
        found = parties.find_by_code([code]).get(code)
        if found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def to_request(self) -> SetTolerance:
        """The tolerance as the command wants it."""
        data = dict(self.cleaned_data)
        data["supplier_id"] = data.pop("supplier")
        data["min_life_days"] = data["min_life_days"] or 0
        data["family"] = data["family"].strip()
        return SetTolerance(**data)
