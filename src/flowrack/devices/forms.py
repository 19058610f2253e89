"""Forms of devices: approve, say why, choose a PIN, decide what a device could not do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flowrack.devices.types import ApproveDevice, DecideEntries, MoveDevice


class ApproveForm(forms.Form):
    """Name, site and zones of a device that asks; each zone is a box of its own."""

    name = forms.CharField(label="Name", max_length=60, help_text="As on the sticker on its back, such as Dock 2.")
    site = forms.TypedChoiceField(label="Site", coerce=int, help_text="Tick no zone for all of the site's zones.")

    def __init__(self, data: Any, *, sites: Sequence[tuple[int, str]], zones: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["site"].choices = list(sites)  # type: ignore[attr-defined]
        self.zone_ids = [zone_id for zone_id, _ in zones]
        for zone_id, label in zones:
            self.fields[f"zone_{zone_id}"] = forms.BooleanField(label=label, required=False)

    def to_request(self, device_id: int) -> ApproveDevice:
        """The command's request."""
        data = self.cleaned_data
        chosen = [zone_id for zone_id in self.zone_ids if data[f"zone_{zone_id}"]]
        return ApproveDevice(device_id, data["site"], data["name"], chosen)


class MoveForm(forms.Form):
    """Where a device works from now on, and why."""

    site = forms.TypedChoiceField(label="Site", coerce=int, help_text="Tick no zone for all of the site's zones.")
    reason = forms.CharField(label="Why", max_length=200)
    is_told = forms.BooleanField(
        label="Move it though it has scans that are not booked", required=False,
        help_text="They are booked at the site where they were made, when the device sends them.",
    )  # fmt: skip

    def __init__(self, data: Any, *, sites: Sequence[tuple[int, str]], zones: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["site"].choices = list(sites)  # type: ignore[attr-defined]
        self.zone_ids = [zone_id for zone_id, _ in zones]
        for zone_id, label in zones:
            self.fields[f"zone_{zone_id}"] = forms.BooleanField(label=label, required=False)

    def to_request(self, device_id: int) -> MoveDevice:
        """The command's request."""
        data = self.cleaned_data
        chosen = [zone_id for zone_id in self.zone_ids if data[f"zone_{zone_id}"]]
        return MoveDevice(device_id, data["site"], chosen, data["reason"], data["is_told"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why", max_length=200)


class HandOverForm(forms.Form):
    """To whom."""

    to = forms.TypedChoiceField(label="To", coerce=int)

    def __init__(self, data: Any, *, people: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["to"].choices = list(people)  # type: ignore[attr-defined]

    def to_request(self, entry_id: int) -> DecideEntries:
        """The command's request."""
        return DecideEntries([entry_id], "hand_over", to_id=self.cleaned_data["to"])


class PinForm(forms.Form):
    """A new PIN, twice."""

    pin = forms.CharField(
        label="New PIN",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Six digits. No repeats, rows or years: those are tried first.",
    )
    again = forms.CharField(
        label="The same again",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("pin") and data.get("again") and data["pin"] != data["again"]:
            self.add_error("again", "The two are not the same.")
        return data
