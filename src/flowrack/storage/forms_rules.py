"""Forms of the putaway rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from flowrack.locations.types import STORAGE_CLASSES, ZoneRow
from flowrack.storage.types_putaway import (
    BUILT_IN,
    NEVER_WITHIN,
    NUMBERS,
    VELOCITIES,
    ClassZone,
    KeptApart,
    PreferredZone,
    PutawayRules,
    WritePutawayRules,
)

LABELS = {
    "carry_percent": ("Way to the bin, %", "From the doors to the bin."),
    "face_percent": ("Way to the pick face, %", "From the bin to the pick face that it will refill."),
    "picks_percent": ("Ways of a week's picks, %", "Where an item has no pick face, people pick from the bin."),
    "consolidation_mm": ("Same item is worth, mm", "How far to walk for a bin that holds the item already."),
    "congestion_mm": ("A task in the aisle costs, mm", "For each task that somebody works on there."),
    "zone_mm": ("A rank of a zone costs, mm", "For each rank in the order of zones below."),
    "forward_mm": ("Leaving reserve costs, mm", "How far to walk in reserve before a forward bin is taken."),
    "picks_a": ("Picks a week, class A", ""),
    "picks_b": ("Picks a week, class B", ""),
    "picks_c": ("Picks a week, class C", ""),
    "bay_mm": ("Width of a bay, mm", ""),
    "separated_bays": ("Separated hazards: bays between", "Cell O of the table, and of the matrix below."),
    "volume_percent": ("Of a bin's volume, %", "How much goods may use."),
    "weight_percent": ("Of a bin's and a beam's weight, %", "How much goods may use."),
}


class PutawayRulesForm(forms.Form):
    """A version of the rules. Zones are written by their codes, best first."""

    name = forms.CharField(max_length=80)
    note = forms.CharField(max_length=200, required=False, help_text="Why there is a new version.")
    mixes_lots = forms.BooleanField(label="Lots of an item may lie together", required=False)
    mixes_owners = forms.BooleanField(label="Goods of several owners may lie together", required=False)
    never_within = forms.ChoiceField(
        label="Hazards that may never be together: not in the same",
        choices=[(word, word) for word in NEVER_WITHIN],
        help_text="Cells X and * of 49 CFR 177.848, and of the matrix below.",
    )

    def __init__(self, *args: Any, zones: list[ZoneRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_ids = {zone.code: zone.zone_id for zone in zones}
        for name in NUMBERS:
            label, words = LABELS[name]
            self.fields[name] = forms.IntegerField(label=label, help_text=words, min_value=1 if name == "bay_mm" else 0)
        for velocity in VELOCITIES:
            self.fields[f"zones_{velocity}"] = forms.CharField(
                label=f"Zones for class {velocity}", required=False, help_text="Codes, best first: P1, P2."
            )
        self.fields["classes"] = forms.CharField(
            label="Zones by storage class", required=False, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="A line each, as in food = P1, P2. Such goods go nowhere else.",
        )  # fmt: skip
        self.fields["apart"] = forms.CharField(
            label="Storage matrix", required=False, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="A line each, as in 3 x 5.1 = X. It adds to the regulation: the stricter counts.",
        )  # fmt: skip

    @staticmethod
    def initial_of(rules: PutawayRules, zones: list[ZoneRow]) -> dict[str, Any]:
        """The form's fields for existing rules."""
        codes = {zone.zone_id: zone.code for zone in zones}
        initial = {name: getattr(rules, name) for name in (*NUMBERS, "mixes_lots", "mixes_owners", "never_within")}
        for velocity in VELOCITIES:
            ranked = sorted((z for z in rules.zones if z.velocity == velocity), key=lambda z: z.rank)
            initial[f"zones_{velocity}"] = ", ".join(codes.get(z.zone_id, "?") for z in ranked)
        of_class: dict[str, list[str]] = {}
        for row in rules.classes:
            of_class.setdefault(row.storage_class, []).append(codes.get(row.zone_id, "?"))
        initial["classes"] = "\n".join(f"{name} = {', '.join(found)}" for name, found in of_class.items())
        initial["apart"] = "\n".join(f"{row.one} x {row.other} = {row.cell}" for row in rules.apart)
        return {**initial, "name": "" if rules is BUILT_IN else rules.name}

    def _codes(self, text: str) -> list[int]:
        found = [code.strip() for code in text.split(",") if code.strip()]
        unknown = [code for code in found if code not in self.zone_ids]
        if unknown:
            raise forms.ValidationError(f"This site has no zone {unknown[0]}.")
        return [self.zone_ids[code] for code in found]

    def clean(self) -> dict[str, Any]:
        """Zones, storage classes and the matrix, read from their lines."""
        data = super().clean() or {}
        zones: list[PreferredZone] = []
        for velocity in VELOCITIES:
            try:
                ids = self._codes(data.get(f"zones_{velocity}", ""))
                zones += [PreferredZone(velocity, zone_id, rank) for rank, zone_id in enumerate(ids)]
            except forms.ValidationError as error:
                self.add_error(f"zones_{velocity}", error)
        classes: list[ClassZone] = []
        for line in filter(None, (line.strip() for line in data.get("classes", "").splitlines())):
            name, _, codes = (part.strip() for part in line.partition("="))
            try:
                if name not in STORAGE_CLASSES:
                    raise forms.ValidationError(f"“{name}” is none of {', '.join(STORAGE_CLASSES)}.")
                classes += [ClassZone(name, zone_id) for zone_id in self._codes(codes)]
            except forms.ValidationError as error:
                self.add_error("classes", error)
        apart: list[KeptApart] = []
        for line in filter(None, (line.strip() for line in data.get("apart", "").splitlines())):
            pair, _, cell = (part.strip() for part in line.partition("="))
            one, _, other = (part.strip() for part in pair.partition("x"))
            if not (one and other and cell):
                self.add_error("apart", f"“{line}” is no cell. Write 3 x 5.1 = X.")
            apart.append(KeptApart(one, other, cell.upper()))
        return {**data, "zone_rows": zones, "class_rows": classes, "apart_rows": apart}

    def to_request(self, site_id: int, rule_set_id: int) -> WritePutawayRules:
        """The command's request."""
        data = self.cleaned_data
        plain = {name: data[name] for name in (*NUMBERS, "name", "mixes_lots", "mixes_owners", "never_within")}
        rules = PutawayRules(**plain, zones=data["zone_rows"], classes=data["class_rows"], apart=data["apart_rows"])
        return WritePutawayRules(site_id, rules, data["note"], rule_set_id)


class SimulateForm(forms.Form):
    """The days to try a version on."""

    from_on = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to_on = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.cleaned_data["from_on"], self.cleaned_data["to_on"]
