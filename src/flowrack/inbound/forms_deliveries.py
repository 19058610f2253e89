"""The form that receives a whole ASN."""

from __future__ import annotations

from typing import Any

from django import forms


class ReceiveAsnForm(forms.Form):
    """Where the goods stand. `leave` are the lines that the page named as not to be received now."""

    place = forms.ChoiceField(label="Dock place")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The ids of the lines that are left out."""
        data = super().clean() or {}
        named = str(self.data.get("leave", "")).split(",")
        data["leave"] = [int(one) for one in named if one.isdecimal() and len(one) < 19]
        return data
