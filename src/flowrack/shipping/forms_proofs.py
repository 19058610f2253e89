"""Forms of proofs of delivery and of notices to customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.timezone import localtime

from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput
from flowrack.shipping.forms import WHEN
from flowrack.shipping.queries_proofs import SentLine
from flowrack.shipping.types_proofs import KEPT_WORDS, NotTaken

OUTCOMES = [
    ("delivered", "All of it was taken"),
    ("partial", "A part was not taken"),
    ("refused", "Nothing was taken"),
]
MOST_LINES = 40
E7 = 10_000_000


class ProofForm(forms.Form):
    """Who took it, when and where; units that were not taken, line by line. Signature and photos come beside it."""

    outcome = forms.ChoiceField(label="How did it end?", choices=OUTCOMES)
    received_by = forms.CharField(label="Name of who took it", max_length=120)
    happened_at = forms.DateTimeField(label="When", widget=WHEN, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    place = forms.CharField(label="Where", max_length=160, required=False, help_text="Door, gate, person's room.")
    latitude = forms.DecimalField(required=False, max_digits=10, decimal_places=7, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, max_digits=10, decimal_places=7, widget=forms.HiddenInput)
    note = forms.CharField(label="Note", max_length=400, required=False)

    def __init__(self, *args: Any, lines: Sequence[SentLine], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].initial = "delivered"
        self.fields["happened_at"].initial = localtime(at).replace(tzinfo=None, second=0, microsecond=0)
        self.lines = list(lines)[:MOST_LINES]
        for line in self.lines:
            name = f"{line.order}/{line.line_no} {line.sku} {line.name[:60]}" + (
                f", lot {line.lot}" if line.lot else ""
            )
            self.fields[f"units_{line.line_id}"] = forms.IntegerField(
                label=name, required=False, min_value=0, max_value=line.units,
                help_text=f"not taken, of {line.units:,} {line.base_uom}",
            )  # fmt: skip
            self.fields[f"reason_{line.line_id}"] = forms.ChoiceField(
                label="Because", required=False, choices=[(str(code), words) for code, words in KEPT_WORDS.items()]
            )

    def is_multipart(self) -> bool:
        """Photos come along."""
        return True

    def clean_latitude(self) -> int | None:
        """In 10^-7 degrees."""
        return _e7(self.cleaned_data["latitude"])

    def clean_longitude(self) -> int | None:
        """In 10^-7 degrees."""
        return _e7(self.cleaned_data["longitude"])

    def not_taken(self) -> list[NotTaken]:
        """The lines of which units were not taken; none when all or nothing was."""
        data = self.cleaned_data
        if data["outcome"] != "partial":
            return []
        return [
            NotTaken(line.line_id, data[f"units_{line.line_id}"], data[f"reason_{line.line_id}"] or "refused")
            for line in self.lines
            if data.get(f"units_{line.line_id}")
        ]

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields that are not of a line."""
        return [field for field in self if not field.name.startswith(("units_", "reason_"))]

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each line."""
        return [(self[f"units_{line.line_id}"], self[f"reason_{line.line_id}"]) for line in self.lines]


def _e7(value: Decimal | None) -> int | None:
    return None if value is None else int(value * E7)


class AnswerForm(forms.Form):
    """What a customer's system said."""

    answer = forms.ChoiceField(label="Answer", choices=[("accepted", "Accepted"), ("rejected", "Rejected")])
    reference = forms.CharField(label="Reference of the answer", max_length=80, required=False)
    note = forms.CharField(label="Note", max_length=200, required=False)


class NoticeTermsForm(forms.Form):
    """A customer and his hours."""

    customer = forms.CharField(label="Customer", max_length=40, widget=CodeInput("customer"))
    hours = forms.IntegerField(
        label="Hours in which he confirms", min_value=0, max_value=720, help_text="0: he is told no more."
    )
    edi_sender = forms.CharField(
        label="Our EDI id", max_length=15, required=False, help_text="As his system knows us. Empty: no EDI 856."
    )
    edi_receiver = forms.CharField(label="His EDI id", max_length=15, required=False)
    edi_qualifier = forms.ChoiceField(
        label="Kind of ids", required=False,
        choices=[("ZZ", "ZZ, as agreed"), ("01", "01, D-U-N-S"), ("08", "08, UCC"), ("14", "14, GLN")],
    )  # fmt: skip
    is_edi_test = forms.BooleanField(label="Marked as a test", required=False)
    edi_folder = forms.CharField(
        label="Folder for EDI 856", max_length=40, required=False,
        help_text="One name, such as NORTH: each message is put there. Empty: a system fetches it through the API.",
    )  # fmt: skip

    def clean_customer(self) -> int:
        """The customer behind the code."""
        code = self.cleaned_data["customer"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None or not found.is_customer:
            raise forms.ValidationError(f"There is no customer “{code}”.")
        return found.party_id
