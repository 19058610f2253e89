"""Forms of the places' pages."""

from __future__ import annotations

import zoneinfo
from typing import Any, cast

from django import forms

from flowrack.locations.types import (
    CLIMATES,
    HAZARD_CLASSES,
    STORAGE_CLASSES,
    BinTemplate,
    BuildLocations,
    CreateSite,
    CreateZone,
    Kind,
    MakeTotes,
    Pattern,
    Role,
    SetSsccRange,
    UpdateLocation,
    UpdateSite,
    UpdateZone,
    ZoneRow,
)
from flowrack.platform.web.standins import readable
from flowrack.platform.web.viewer import SiteChoice

TIMEZONES = sorted(zoneinfo.available_timezones())
PLACES = [(str(kind), str(kind)) for kind in Kind if kind != Kind.VIRTUAL]


class SiteForm(forms.Form):
    """A site."""

    code = forms.CharField(max_length=20)
    name = forms.CharField(max_length=160)
    timezone = forms.ChoiceField(label="Time zone", choices=[(z, z) for z in TIMEZONES], initial="UTC")
    country = forms.RegexField("^[A-Z]{2}$", required=False, help_text="Two letters: GB, DE, FR.")

    def to_create(self) -> CreateSite:
        """The request for a new site."""
        return CreateSite(**readable(self))

    def to_update(self, site_id: int, version: int) -> UpdateSite:
        """The request for a changed site."""
        data = readable(self)
        return UpdateSite(site_id, version, data["name"], data["timezone"], data["country"])


class ZoneForm(forms.Form):
    """A zone of a site."""

    code = forms.CharField(max_length=20)
    name = forms.CharField(max_length=160)
    role = forms.ChoiceField(choices=[(r, r.replace("_", " ")) for r in Role])

    def to_create(self, site_id: int) -> CreateZone:
        """The request for a new zone."""
        data = readable(self)
        return CreateZone(site_id, data["code"], data["name"], Role(data["role"]))

    def to_update(self, zone_id: int, version: int) -> UpdateZone:
        """The request for a changed zone."""
        data = readable(self)
        return UpdateZone(zone_id, version, data["name"], Role(data["role"]))


class TemplateForm(forms.Form):
    """What a place can take."""

    kind = forms.ChoiceField(choices=PLACES, initial="bin")
    max_volume_ml = forms.IntegerField(label="Volume, ml", required=False, min_value=1)
    max_weight_g = forms.IntegerField(label="Weight, g", required=False, min_value=1)
    max_lpns = forms.IntegerField(label="License plates", required=False, min_value=1)
    max_height_mm = forms.IntegerField(label="Height, mm", required=False, min_value=1)
    max_beam_weight_g = forms.IntegerField(
        label="Beam weight, g", required=False, min_value=1, help_text="All places of this level of the bay together."
    )
    storage_classes = forms.MultipleChoiceField(
        required=False, choices=[(c, c) for c in STORAGE_CLASSES], help_text="None ticked: every class."
    )
    temperature = forms.ChoiceField(choices=[(c, c) for c in CLIMATES])
    hazard_classes = forms.MultipleChoiceField(
        label="Hazard classes allowed", required=False, choices=[(c, c) for c in HAZARD_CLASSES]
    )

    def template(self) -> BinTemplate:
        """The capacity part of the form."""
        data = readable(self)
        return BinTemplate(**{name: data[name] for name in BinTemplate.__dataclass_fields__})


class LocationForm(TemplateForm):
    """A place as it should be."""

    pick_sequence = forms.IntegerField(min_value=0)
    is_active = forms.BooleanField(label="In use", required=False)
    blocked_reason = forms.CharField(label="Blocked because", required=False, max_length=160)

    def to_request(self, location_id: int, version: int) -> UpdateLocation:
        """The command's request."""
        data = readable(self)
        return UpdateLocation(
            location_id, version, data["pick_sequence"], self.template(), data["is_active"], data["blocked_reason"]
        )


class BuilderForm(TemplateForm):
    """A pattern of aisles, bays, levels and slots in one zone."""

    zone = forms.TypedChoiceField(coerce=int)
    aisles = forms.CharField(max_length=200, initial="01-20", help_text="Ranges such as 01-20, A-F or 1,3,5.")
    bays = forms.CharField(max_length=200, initial="01-50")
    levels = forms.CharField(max_length=200, initial="1-5")
    slots = forms.CharField(max_length=200, required=False, initial="A-B")
    code = forms.CharField(max_length=80, initial="{aisle}-{bay}-{level}{slot}")
    is_serpentine = forms.BooleanField(label="Walk every second aisle backwards", required=False, initial=True)
    first_sequence = forms.IntegerField(label="First place in the walk", min_value=1, initial=1)

    field_order = (
        "zone", "aisles", "bays", "levels", "slots", "code", "is_serpentine", "first_sequence", "kind",
        "max_volume_ml", "max_weight_g", "max_lpns", "max_height_mm", "max_beam_weight_g", "storage_classes",
        "temperature", "hazard_classes",
    )  # fmt: skip

    def __init__(self, *args: Any, zones: list[ZoneRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(z.zone_id, f"{z.code} {z.name} ({z.role.replace('_', ' ')})") for z in zones]
        self.fields["zone"].choices = choices  # type: ignore[attr-defined]

    def to_request(self) -> BuildLocations:
        """The command's request."""
        data = readable(self)
        pattern = Pattern(**{name: data[name] for name in Pattern.__dataclass_fields__})
        return BuildLocations(data["zone"], pattern, self.template())


class SsccRangeForm(forms.Form):
    """The company's GS1 prefix."""

    gs1_prefix = forms.RegexField(
        "^[0-9]{4,12}$", label="GS1 company prefix", help_text="4 to 12 digits, from the GS1 certificate."
    )
    extension = forms.IntegerField(min_value=0, max_value=9, initial=0, help_text="The first digit of every SSCC.")

    def to_request(self) -> SetSsccRange:
        """The request."""
        data = readable(self)
        return SetSsccRange(data["gs1_prefix"], data["extension"])


class TotesForm(forms.Form):
    """New totes."""

    site = forms.TypedChoiceField(coerce=int)
    count = forms.IntegerField(label="How many", min_value=1, max_value=1_000, initial=24)
    first_letters = forms.CharField(
        max_length=12, initial="T-", label="Code begins with", help_text="Numbers go on from the last tote with it."
    )

    def __init__(self, *args: Any, sites: list[SiteChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.TypedChoiceField, self.fields["site"]).choices = [(s.id, f"{s.code} {s.name}") for s in sites]

    def to_request(self) -> MakeTotes:
        """The request."""
        data = readable(self)
        return MakeTotes(data["site"], data["count"], data["first_letters"].strip().upper())
