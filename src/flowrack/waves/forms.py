"""Forms of waves: templates, penalties, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from django import forms

from flowrack.waves.types import WEEK, ChangeHands, HazardSplit, Mode, SetPolicy, TemplateOf, WaitsBy

WORDS: Mapping[str, tuple[str, str]] = {
    "services": ("Carrier services", "Their codes, with a comma."),
    "regions": ("Regions of the address", "With a comma."),
    "zones": ("Zones of the stock", "Codes of zones in which all its lines lie."),
    "temperatures": ("Temperatures", "Of ambient, chilled and frozen."),
    "hazards": ("Dangerous goods", "Write none, any, or classes such as 3, 2.1."),
    "label_needs": ("Labels that the customer needs", "Any of these, with a comma."),
    "order_types": ("Order types", "With a comma."),
    "channels": ("Channels", "By which orders come, with a comma."),
    "tiers": ("Customer tiers", "Of A, B and C."),
}
NUMBERS: Mapping[str, tuple[str, str]] = {
    "min_lines": ("Lines of an order, from", ""),
    "max_lines": ("to", "0 = no limit"),
    "min_units": ("Units of an order, from", ""),
    "max_units": ("to", "0 = no limit"),
    "limit_lines": ("A wave has at most, lines", "0 = no limit; then the next wave begins"),
    "limit_orders": ("Orders", "0 = no limit"),
    "limit_volume_ml": ("Volume, ml", "0 = no limit"),
    "limit_weight_g": ("Weight, g", "0 = no limit"),
    "staging_minutes": ("Staging takes", "minutes before the cut-off"),
    "loading_minutes": ("Loading takes", "minutes before the cut-off"),
    "wip_lines": ("Open lines in a zone, at most", "only for continuous release"),
}
METHOD_CHOICES = [
    ("", "as the pick lists choose"),
    ("discrete", "one order at a time"),
    ("batch", "several orders at once, sorted later"),
    ("cluster", "a cart with a tote for each order"),
    ("zone", "zone by zone"),
]


class TemplateForm(forms.Form):
    """A wave template."""

    name = forms.CharField(label="Name", max_length=60)
    position = forms.IntegerField(
        label="Place in the order of match", min_value=0, max_value=1000, required=False,
        help_text="the first template that takes an order wins; empty = the last",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, note) in WORDS.items():
            self.fields[name] = forms.CharField(
                label=label, help_text=f"{note} Empty takes all.", required=False, max_length=400
            )
        for name, (label, note) in NUMBERS.items():
            self.fields[name] = forms.IntegerField(
                label=label, help_text=note, min_value=0, max_value=1_000_000_000, required=False
            )
        self.fields["split_temperature"] = forms.BooleanField(label="Keep temperatures apart", required=False)
        self.fields["split_hazard"] = forms.ChoiceField(
            label="Dangerous goods",
            choices=[
                (HazardSplit.INCOMPATIBLE, "apart where they must not travel together (49 CFR 177.848)"),
                (HazardSplit.APART, "in waves of their own"),
                (HazardSplit.NO, "not kept apart"),
            ],
        )
        self.fields["split_labels"] = forms.BooleanField(label="Keep customers' label needs apart", required=False)
        self.fields["mode"] = forms.ChoiceField(
            label="Goes to the floor",
            choices=[(Mode.CUT_OFF, "as waves for a cut-off"), (Mode.CONTINUOUS, "order by order, as hands get free")],
        )
        self.fields["is_automatic"] = forms.BooleanField(
            label="Release by itself", required=False, help_text="every minute; only for continuous release"
        )
        self.fields["method"] = forms.ChoiceField(label="Pick method", choices=METHOD_CHOICES, required=False)
        self.fields["weekdays"] = forms.CharField(
            label="Weekdays", max_length=20, initial="1-7", help_text="1-5 or 1,3,5; 1 is Monday"
        )

    @staticmethod
    def initial_of(row: Mapping[str, Any] | None) -> dict[str, Any]:
        """A template as the form shows it."""
        if row is None:
            blank = TemplateOf("")
            row = {one.name: getattr(blank, one.name) for one in fields(TemplateOf)}
        shown = {name: row[name] for name in (one.name for one in fields(TemplateOf))}
        shown |= {name: ", ".join(row[name]) for name in WORDS}
        shown["weekdays"] = ",".join(map(str, row["weekdays"])) if row["weekdays"] != WEEK else "1-7"
        shown["position"] = row["position"] or ""
        return shown

    def clean_weekdays(self) -> list[int]:
        """1-5 or 1,3,5."""
        found = weekdays_of(self.cleaned_data["weekdays"])
        if found is None:
            raise forms.ValidationError("Write 1-5 or 1,3,5; 1 is Monday.")
        return found

    def to_template(self) -> TemplateOf:
        """What the command takes."""
        data = dict(self.cleaned_data)
        words = {name: [w.strip() for w in data[name].split(",") if w.strip()] for name in WORDS}
        numbers = {name: data[name] or 0 for name in (*NUMBERS, "position")}
        return TemplateOf(**{**data, **words, **numbers})


def weekdays_of(text: str) -> list[int] | None:
    """1-5 or 1,3,5; None when it is neither."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        last = last or first
        if not (first and first in "1234567" and last in "1234567"):
            return None
        found |= set(range(int(first), int(last) + 1))
    return sorted(found) or None


class PolicyForm(forms.Form):
    """What it costs that goods wait."""

    waits_by = forms.ChoiceField(
        label="When the hands do not reach",
        choices=[
            (WaitsBy.ORDER, "whole orders wait"),
            (WaitsBy.LINE, "single lines wait, where the customer takes parts"),
        ],
    )
    tier_a = forms.IntegerField(label="A late line of a customer of tier A", help_text="points", min_value=0)
    tier_b = forms.IntegerField(label="of tier B", help_text="points", min_value=0)
    tier_c = forms.IntegerField(label="of tier C", help_text="points", min_value=0)
    late_day = forms.IntegerField(label="Each day late", help_text="points more", min_value=0)
    value_100 = forms.IntegerField(label="Each 100 of value that is late", help_text="points more", min_value=0)
    age_day = forms.IntegerField(label="Each day since the order came in", help_text="points, late or not", min_value=0)

    def to_request(self, site_id: int) -> SetPolicy:
        """The command's request."""
        return SetPolicy(site_id, **self.cleaned_data)


class HandsForm(forms.Form):
    """More or fewer people today."""

    people = forms.IntegerField(
        label="People", help_text="-1 when one leaves, 2 when two come", min_value=-1000, max_value=1000
    )
    zone = forms.CharField(label="Zone", required=False, max_length=20, help_text="empty = people of any zone")
    from_at = forms.TimeField(label="From", required=False, help_text="empty = now", widget=forms.TimeInput(
        attrs={"type": "time"}, format="%H:%M"))  # fmt: skip
    until_at = forms.TimeField(label="Until", required=False, help_text="empty = the end of the day",
                                 widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))  # fmt: skip
    reason = forms.CharField(label="Why", max_length=200)

    def to_request(self, site_id: int, at: Any) -> ChangeHands:
        """The command's request; `at` makes a moment of today of a time."""
        data = self.cleaned_data
        return ChangeHands(
            site_id, data["people"], data["reason"], data["zone"].strip(), at(data["from_at"]), at(data["until_at"])
        )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why", max_length=200)


class CutOffForm(ReasonForm):
    """Another cut-off for a wave."""

    at = forms.DateTimeField(
        label="The truck leaves at", help_text="by the site's clock",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip
    field_order = ["at", "reason"]


class AddForm(ReasonForm):
    """An urgent order."""

    order = forms.CharField(label="Order", max_length=40, help_text="its number, such as SO-1001")
    field_order = ["order", "reason"]


class SplitForm(ReasonForm):
    """Orders of a wave that become a wave of their own."""

    field_order = ["orders", "reason"]

    def __init__(self, *args: Any, orders: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["orders"] = forms.MultipleChoiceField(
            label="Orders",
            choices=[(str(order_id), number) for order_id, number in orders],
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(self.field_order)
