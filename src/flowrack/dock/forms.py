"""Forms of the dock's pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django import forms

from flowrack.dock import queries
from flowrack.dock.types_appointments import NEEDS
from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput

LOADING = [("live", "Live: the driver waits"), ("drop", "Drop: the trailer stays")]


class TruckForm(forms.Form):
    """Whose truck it is and what it needs."""

    asns = forms.CharField(
        label="ASNs", max_length=400, required=False, help_text="Their numbers, with commas between them."
    )
    carrier = forms.CharField(label="Carrier", max_length=40, required=False, widget=CodeInput("carrier"))
    reference = forms.CharField(label="Truck or load", max_length=80, required=False, help_text="Plate, trailer, load.")
    reefer = forms.BooleanField(label="Needs a reefer door, whatever its goods", required=False)
    hazmat = forms.BooleanField(label="Needs a hazmat door, whatever its goods", required=False)
    loading = forms.ChoiceField(label="Loading", choices=LOADING, initial="live", required=False)

    def clean_asns(self) -> list[int]:
        """The ASNs behind the numbers."""
        numbers = [part.upper() for part in re.split(r"[,;\s]+", self.cleaned_data["asns"]) if part]
        found = queries.ids_of_asns(numbers)
        missing = [number for number in numbers if number not in found]
        if missing:
            raise forms.ValidationError(f"There is no ASN {', '.join(missing)}.")
        return [found[number] for number in dict.fromkeys(numbers)]

    @property
    def needs(self) -> list[str]:
        """What the truck needs besides what its goods need."""
        return [need for need in NEEDS if self.cleaned_data.get(need)]

    def clean_carrier(self) -> int:
        """The carrier behind the code; 0 = none."""
        code = self.cleaned_data["carrier"].strip()
        found = parties.find_by_code([code]).get(code) if code else None
        if code and (found is None or not found.is_carrier):
            raise forms.ValidationError(f"There is no carrier “{code}”.")
        return found.party_id if found else 0


class BookForm(TruckForm):
    """A truck for a free slot."""

    minutes = forms.IntegerField(
        label="Minutes at the door", required=False, min_value=1, max_value=1_440,
        help_text="Empty: as long as the content takes.",
    )  # fmt: skip
    first_on = forms.DateField(
        label="From day", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    slot = forms.CharField(label="Slot", widget=forms.Select)

    def offer(self, slots: Sequence[tuple[str, str]]) -> None:
        """The free slots to choose from."""
        self.fields["slot"].widget = forms.Select(choices=[("", "Choose a slot"), *slots])


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(label="Reason", max_length=200, required=False)


class MoveForm(forms.Form):
    """Another door or time, by list."""

    slot = forms.CharField(label="Slot", widget=forms.Select)

    def offer(self, slots: Sequence[tuple[str, str]]) -> None:
        """The free slots to choose from."""
        self.fields["slot"].widget = forms.Select(choices=slots)


def read_slot(text: str) -> tuple[int, datetime] | None:
    """(door, start) of a slot's value; None when it is none."""
    door, _, start = text.partition("@")
    try:
        starts_at = datetime.fromisoformat(start)
    except ValueError:
        return None
    return (int(door), starts_at) if door.isdigit() and len(door) < 19 and starts_at.tzinfo else None
