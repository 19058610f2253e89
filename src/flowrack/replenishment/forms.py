"""Forms of replenishment: the policy of a site, pick faces as a grid, draws that somebody tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from flowrack.platform.web.grid import GridColumn
from flowrack.replenishment.queries_board import FaceLine, HandOverLine
from flowrack.replenishment.types import SetRefillPolicy
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units
from flowrack.storage.types import FACE_TRIGGERS, PickFaceSetting

TRIGGER_WORDS = {"run_out": "before it runs out", "min_max": "under its minimum", "by_hand": "by hand"}
FACE_GRID = [
    GridColumn("bin", "Bin", code=True, look="bin"),
    GridColumn("item", "Item", code=True, look="item"),
    GridColumn("min_units", "At least", kind="number"),
    GridColumn("max_units", "At most, 0 ends it", kind="number"),
    GridColumn("trigger", "Refilled", options=list(TRIGGER_WORDS.values()), placeholder="before it runs out"),
]
HAND_OVER_GRID = [
    GridColumn("zone", "Goods from zone", code=True),
    GridColumn("bin", "are handed over at", code=True, look="bin"),
]


class PolicyForm(forms.Form):
    """How a site refills."""

    task_seconds = forms.IntegerField(
        label="One refill takes", help_text="seconds, from the rack to the face", min_value=1
    )
    spare_seconds = forms.IntegerField(label="To be on the safe side", help_text="seconds more", min_value=0)
    people = forms.IntegerField(
        label="Who refill at a time", help_text="people, where the hands of the site do not say so", min_value=1
    )
    draws_until = forms.TimeField(
        label="Orders of a day are picked until", help_text="where no wave says when",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip
    waits_for_refill = forms.BooleanField(
        label="A release waits for the refill", required=False,
        help_text="instead of sending pickers to the rack for a part of a pallet",
    )  # fmt: skip
    quiet_from = forms.TimeField(
        label="Quiet hours from", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="until", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    top_off_percent = forms.IntegerField(
        label="In quiet hours fill faces under", help_text="percent of what they hold; 0 fills none", min_value=0,
        max_value=100,
    )  # fmt: skip

    def to_request(self, site_id: int, overs: Sequence[tuple[int, int]]) -> SetRefillPolicy:
        """The policy, as the command takes it; what could not be read counts as it is by itself."""
        data = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return SetRefillPolicy(site_id, **data, hand_overs=list(overs))


class DrawForm(forms.Form):
    """Units that will leave a face, which no order knows of."""

    origin = forms.CharField(label="What draws it", max_length=60, help_text="such as: counter sale, kitting job 12")
    units = forms.IntegerField(label="Units", min_value=1)
    from_at = forms.DateTimeField(label="From", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until_at = forms.DateTimeField(label="Until", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


def face_rows(faces: Sequence[FaceLine]) -> list[dict[str, str]]:
    """The faces as grid rows."""
    return [
        {
            "bin": face.code, "item": face.sku, "min_units": str(face.min_units), "max_units": str(face.max_units),
            "trigger": TRIGGER_WORDS[face.trigger],
        }
        for face in faces
    ]  # fmt: skip


def read_faces(
    rows: Sequence[dict[str, str]], bins: Mapping[str, int], items: Mapping[str, int]
) -> tuple[list[PickFaceSetting], list[BadLine]]:
    """What the grid says, and what is wrong with it. `bins` and `items` are by their codes in capitals."""
    triggers = {words: code for code, words in TRIGGER_WORDS.items()} | {code: code for code in FACE_TRIGGERS}
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        wrong = []
        if row["bin"].upper() not in bins:
            wrong.append(BadLine(n, "bin", f"There is no bin “{row['bin'][:40]}” here.", "Write its code."))
        if row["item"].upper() not in items:
            wrong.append(BadLine(n, "item", f"Nobody knows “{row['item'][:40]}”.", "Write the item's SKU."))
        for name in ("min_units", "max_units"):
            if not row[name].isdecimal() or len(row[name]) > 9:
                wrong.append(BadLine(n, name, f"“{row[name][:20]}” is no count.", "Write whole units."))
        trigger = triggers.get(row["trigger"].strip().lower() or "run_out", "")
        if not trigger:
            options = ", ".join(TRIGGER_WORDS.values())
            wrong.append(BadLine(n, "trigger", f"“{row['trigger'][:30]}” asks for nothing.", f"Write {options}."))
        bad += wrong
        if not wrong:
            low, high = Units(int(row["min_units"])), Units(int(row["max_units"]))
            setting = PickFaceSetting(bins[row["bin"].upper()], items[row["item"].upper()], low, high, trigger)
            found.append(setting)
    places = [face.location_id for face in found]
    if len(set(places)) < len(places):
        bad.append(BadLine(len(rows), "bin", "A bin stands twice.", "Keep one line for each."))
    return found, bad


def hand_over_rows(lines: Sequence[HandOverLine]) -> list[dict[str, str]]:
    """Where zones hand over, as grid rows."""
    return [{"zone": line.zone, "bin": line.place} for line in lines]


def read_hand_overs(
    rows: Sequence[dict[str, str]], zones: Mapping[str, int], bins: Mapping[str, int]
) -> tuple[list[tuple[int, int]], list[BadLine]]:
    """What the grid says, and what is wrong with it."""
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        zone, place = zones.get(row["zone"].upper(), 0), bins.get(row["bin"].upper(), 0)
        if not zone:
            bad.append(BadLine(n, "zone", f"There is no zone “{row['zone'][:40]}” here.", "Write its code."))
        if not place:
            bad.append(BadLine(n, "bin", f"There is no bin “{row['bin'][:40]}” here.", "Write its code."))
        if zone and place:
            found.append((zone, place))
    return found, bad


def initial_of(policy: SetRefillPolicy) -> dict[str, Any]:
    """The policy that counts now."""
    names = (
        "task_seconds", "spare_seconds", "people", "draws_until", "waits_for_refill", "quiet_from", "quiet_until",
        "top_off_percent",
    )  # fmt: skip
    return {name: getattr(policy, name) for name in names}


def in_site_time(moment: datetime) -> datetime:
    """What a form says by the site's clock."""
    return moment if moment.tzinfo else timezone.make_aware(moment)
