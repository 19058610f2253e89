"""Forms of the dock's data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms

from flowrack.dock.types_appointments import CAPABILITIES, OpenHours, Policy, SetDoor, Terms

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
POLICY_LABELS: Mapping[str, tuple[str, str]] = {
    "slot_minutes": ("Slots begin every", "minutes: 5, 10, 15, 20, 30 or 60"),
    "setup_seconds": ("Docking and papers", "seconds for each truck"),
    "seconds_per_pallet": ("A pallet", "seconds of one person"),
    "seconds_per_case": ("A loose case", "seconds of one person"),
    "seconds_per_lot": ("A lot to write down", "seconds of one person"),
    "inspected_pct": ("Lots that are inspected at the door", "percent"),
    "seconds_per_inspection": ("An inspection", "seconds of one person"),
    "people_per_door": ("People at a door", ""),
    "no_show_minutes": ("A slot is freed when nobody came after", "minutes"),
}


class DoorForm(forms.Form):
    """What a dock door can take and when it is open."""

    live = forms.BooleanField(label="Live: the driver waits", required=False)
    drop = forms.BooleanField(label="Drop: the trailer stays", required=False)
    reefer = forms.BooleanField(label="Reefer: chilled and frozen goods", required=False)
    hazmat = forms.BooleanField(label="Hazmat: dangerous goods", required=False)
    is_active = forms.BooleanField(label="In use", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS, 1):
            self.fields[f"day_{number}"] = forms.CharField(
                label=name, required=False, max_length=20, widget=forms.TextInput(attrs={"placeholder": "06:00-22:00"})
            )
        self.fields["day_1"].help_text = "No hours on any day: always open. Hours on some days: closed on the others."

    @staticmethod
    def initial_of(door: SetDoor) -> dict[str, Any]:
        """A door's data as the form shows it."""
        hours = {f"day_{h.weekday}": f"{h.opens_at:%H:%M}-{h.closes_at:%H:%M}" for h in door.hours}
        return {**{word: word in door.capabilities for word in CAPABILITIES}, "is_active": door.is_active, **hours}

    def clean(self) -> dict[str, Any]:
        """Hours of each day, as they are typed."""
        for number in range(1, 8):
            text = self.cleaned_data.get(f"day_{number}", "").strip()
            if text and _hours(text) is None:
                self.add_error(f"day_{number}", "Write from and until by the clock: 06:00-22:00.")
        return self.cleaned_data

    def to_request(self, location_id: int) -> SetDoor:
        """The command's request."""
        data = self.cleaned_data
        hours = [
            OpenHours(number, *found)
            for number in range(1, 8)
            if (found := _hours(data[f"day_{number}"].strip())) is not None
        ]
        return SetDoor(location_id, [word for word in CAPABILITIES if data[word]], hours, data["is_active"])


def _hours(text: str) -> tuple[time, time] | None:
    found = HOURS.fullmatch(text)
    try:
        return (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else None
    except ValueError:
        return None


class PolicyForm(forms.Form):
    """How long things take at a site's doors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in fields(Policy):
            label, note = POLICY_LABELS[one.name]
            self.fields[one.name] = forms.IntegerField(label=label, help_text=note, min_value=0, max_value=86_400)

    @staticmethod
    def initial_of(policy: Policy) -> dict[str, Any]:
        """The policy that counts now."""
        return asdict(policy)

    def to_policy(self) -> Policy:
        """The policy that should count."""
        return Policy(**self.cleaned_data)


class TermsForm(forms.Form):
    """What a carrier asks for trucks that wait."""

    free_minutes = forms.IntegerField(label="Free of charge", help_text="minutes at the house", min_value=0)
    interval_minutes = forms.IntegerField(label="Then for each begun", help_text="minutes", min_value=1)
    amount = forms.DecimalField(label="he asks for", max_digits=12, decimal_places=2, min_value=Decimal(0))

    def to_terms(self) -> Terms:
        """The carrier's terms."""
        return Terms(**self.cleaned_data)
