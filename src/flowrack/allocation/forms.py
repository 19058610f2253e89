"""Forms of allocation: the page's fields to a command's request."""

from __future__ import annotations

from typing import Any

from django import forms

from flowrack.allocation.types_cross_docks import TIERS, SetCrossDocking
from flowrack.locations import queries as places


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class CrossDockingForm(forms.Form):
    """What is cross-docked at a site."""

    site = forms.TypedChoiceField(label="Site", choices=_sites, coerce=int)
    is_on = forms.TypedChoiceField(
        label="Cross-docking",
        choices=[("on", "On: received goods go straight to waiting orders"), ("off", "Off: all goods are put away")],
    )
    staging = forms.CharField(
        label="Staging place", max_length=40, required=False, help_text="Its code, in a zone of role staged."
    )
    door = forms.CharField(
        label="Outbound door", max_length=40, required=False, help_text="Its code; shown on screen and label."
    )
    families = forms.CharField(
        label="Item families", max_length=400, required=False, help_text="Codes with commas. Empty: every family."
    )
    min_tier = forms.ChoiceField(
        label="Orders", choices=[("C", "every tier"), ("B", "tier A and B"), ("A", "tier A only")]
    )
    reason = forms.CharField(label="Why", max_length=200)

    def clean(self) -> dict[str, Any]:
        """Places by their codes; each unknown one is named."""
        data = super().clean() or {}
        for name in ("staging", "door"):
            code = (data.get(name) or "").strip()
            found = places.find_by_code(data["site"], [code]).get(code) if code and data.get("site") else None
            if code and found is None:
                self.add_error(name, f"There is no place “{code}” at this site.")
            data[name] = found.location_id if found else 0
        return data

    def to_request(self) -> SetCrossDocking:
        """The request of the command."""
        data = self.cleaned_data
        assert data["min_tier"] in TIERS, "the field offers no other"
        return SetCrossDocking(
            site_id=data["site"],
            is_on=data["is_on"] == "on",
            reason=data["reason"],
            staging_id=data["staging"],
            door_id=data["door"],
            families=[code.strip() for code in data["families"].split(",") if code.strip()],
            min_tier=data["min_tier"],
        )
