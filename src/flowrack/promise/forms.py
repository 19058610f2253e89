"""Forms of promise: the working week, cut-offs, hands, policy, and quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from flowrack.platform.lookup import read_id
from flowrack.platform.web.grid import GridColumn
from flowrack.promise.queries_pages import CutOffLine, HandsLine
from flowrack.promise.rules_house import Hours, Policy
from flowrack.promise.types import CutOffOf, HoursOf, Question
from flowrack.shared.errors import BadLine

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
POLICY_LABELS: Mapping[str, tuple[str, str]] = {
    "counts_at_percent": ("A PO counts from the day by which", "percent of comparable deliveries were complete"),
    "unknown_days": ("Added where no delivery is on record", "days"),
    "shelf_days": ("From the dock to the shelf", "days"),
    "inspection_days": ("In inspection", "days more"),
    "line_seconds": ("Work of a line", "seconds of one person, pick to door"),
    "hundred_seconds": ("and for every hundred units", "seconds"),
    "prepare_minutes": ("An order takes at least", "minutes from entry to door"),
    "refill_minutes": ("A pick face is filled in", "minutes"),
    "transit_days": ("On the way without a service of its own", "weekdays"),
}
CUT_OFF_GRID = [
    GridColumn("at", "Ready by", placeholder="15:00"),
    GridColumn("service", "Service", code=True, placeholder="any"),
    GridColumn("region", "Region", placeholder="any"),
    GridColumn("weekdays", "Weekdays", placeholder="1-5"),
    GridColumn("transit_days", "Days on the way", kind="number", placeholder="the service's"),
]
HANDS_GRID = [
    GridColumn("kind", "Work", code=True, placeholder="pick"),
    GridColumn("weekday", "Weekday", kind="number", placeholder="1"),
    GridColumn("shift", "Shift", placeholder="day"),
    GridColumn("starts_at", "From", placeholder="08:00"),
    GridColumn("people", "People", kind="number"),
    GridColumn("hours", "Hours", kind="number", placeholder="8"),
]


def read_time(text: str) -> time | None:
    """A clock time such as 15:00; None when it is none."""
    try:
        return time.fromisoformat(text.strip() if len(text.strip()) == 5 else f"0{text.strip()}")
    except ValueError:
        return None


class HoursForm(forms.Form):
    """When a site works on each weekday."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS, 1):
            widget = forms.TextInput(attrs={"placeholder": "08:00-17:00"})
            self.fields[f"day_{number}"] = forms.CharField(label=name, required=False, max_length=40, widget=widget)
        self.fields[
            "day_1"
        ].help_text = "Several stretches with a comma. No hours on any day: Monday to Friday, 8 to 17."

    @staticmethod
    def initial_of(hours: Sequence[Hours]) -> dict[str, str]:
        """The working week as the form shows it."""
        found: dict[str, list[str]] = {}
        for one in hours:
            found.setdefault(f"day_{one.weekday}", []).append(f"{one.opens_at:%H:%M}-{one.closes_at:%H:%M}")
        return {name: ", ".join(spans) for name, spans in found.items()}

    def clean(self) -> dict[str, Any]:
        """The stretches of each day, as they are typed."""
        for number in range(1, 8):
            if self._spans(number) is None:
                self.add_error(f"day_{number}", "Write from and until by the clock: 08:00-17:00.")
        return self.cleaned_data

    def _spans(self, number: int) -> list[HoursOf] | None:
        found = []
        for part in self.cleaned_data.get(f"day_{number}", "").split(","):
            said = SPAN.fullmatch(part.strip())
            if not part.strip():
                continue
            try:
                assert said is not None
                found.append(HoursOf(number, time(int(said[1]), int(said[2])), time(int(said[3]), int(said[4]))))
            except (AssertionError, ValueError):
                return None
        return found

    def to_hours(self) -> list[HoursOf]:
        """The working week."""
        return [one for number in range(1, 8) for one in self._spans(number) or []]


class PolicyForm(forms.Form):
    """How a site promises."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, note) in POLICY_LABELS.items():
            self.fields[name] = forms.IntegerField(label=label, help_text=note, min_value=0, max_value=86_400)
        self.fields["kinds"] = forms.CharField(
            label="Tasks that stand before an order", help_text="kinds, with a comma: pick, pack", max_length=200
        )

    @staticmethod
    def initial_of(policy: Policy) -> dict[str, Any]:
        """The policy that counts now."""
        return {**asdict(policy), "kinds": ", ".join(policy.kinds)}

    def to_fields(self) -> dict[str, Any]:
        """The values, as the command takes them."""
        data = dict(self.cleaned_data)
        data["kinds"] = [kind.strip() for kind in data["kinds"].split(",") if kind.strip()]
        assert set(data) == {one.name for one in fields(Policy)}, "the form has every field of the policy"
        return data


class MoveForm(forms.Form):
    """Why the promise of lines moves, and perhaps to when."""

    ships_on = forms.DateField(
        label="To leave on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: each as early as it can.",
    )
    reason = forms.CharField(label="Why", max_length=200, help_text="Customers read this in the letter.")

    def __init__(self, data: Any, *, initial: dict[str, Any], has_lines: bool = True) -> None:
        super().__init__(data, initial=initial)
        self._has_lines = has_lines

    def clean(self) -> dict[str, Any]:
        """At least one line was ticked."""
        if not self._has_lines:
            self.add_error(None, "Nothing would move: tick a line.")
        return super().clean() or {}


class TakeForm(forms.Form):
    """The order that a quote becomes."""

    reference = forms.CharField(label="The customer's number", max_length=60, required=False)
    new_day = forms.DateField(required=False, widget=forms.HiddenInput)


def cut_off_rows(found: Sequence[CutOffLine]) -> list[dict[str, str]]:
    """Cut-offs as the grid shows them."""
    return [
        {
            "at": f"{one.at:%H:%M}",
            "service": one.service,
            "region": one.region,
            "weekdays": ",".join(map(str, one.weekdays)),
            "transit_days": "" if one.transit_days is None else str(one.transit_days),
        }
        for one in found
    ]


def read_cut_offs(rows: Sequence[dict[str, str]], services: Mapping[str, int]) -> tuple[list[CutOffOf], list[BadLine]]:
    """What the grid says, and what is wrong with it."""
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        at = read_time(row["at"])
        days = _weekdays(row["weekdays"] or "1-5")
        if at is None:
            bad.append(BadLine(n, "at", "This is no time.", "Write 15:00."))
        if days is None:
            bad.append(BadLine(n, "weekdays", "These are no weekdays.", "Write 1-5 or 1,3,5; 1 is Monday."))
        if row["service"] and row["service"] not in services:
            known = ", ".join(list(services)[:6]) or "none yet"
            bad.append(BadLine(n, "service", f"There is no service “{row['service']}”.", f"Services: {known}."))
        transit = row["transit_days"]
        if transit and not transit.isdigit():
            bad.append(BadLine(n, "transit_days", "This is no number of days.", "Write 0, 1, 2 ..."))
        if at is not None and days is not None:
            service_id = services.get(row["service"], 0)
            whole = int(transit[:4]) if transit.isdigit() else None
            found.append(CutOffOf(service_id, at, days, row["region"].strip(), whole))
    return found, bad


def _weekdays(text: str) -> list[int] | None:
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        last = last or first
        if not (first in "1234567" and last in "1234567" and first and last):
            return None
        found += range(int(first), int(last) + 1)
    return sorted(set(found))


def hands_rows(found: Sequence[HandsLine]) -> list[dict[str, str]]:
    """Hands as the grid shows them."""
    return [
        {
            "kind": one.kind,
            "weekday": str(one.weekday),
            "shift": one.shift,
            "starts_at": f"{one.starts_at:%H:%M}" if one.starts_at else "",
            "people": str(one.people),
            "hours": f"{one.hours.normalize():f}",
        }
        for one in found
    ]


def read_hands(rows: Sequence[dict[str, str]]) -> tuple[list[HandsLine], list[BadLine]]:
    """What the grid says, and what is wrong with it."""
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        starts = read_time(row["starts_at"]) if row["starts_at"] else None
        hours = _decimal(row["hours"])
        weekday, people = row["weekday"], row["people"]
        if not row["kind"]:
            bad.append(BadLine(n, "kind", "Which work?", "pick, pack, putaway ..."))
        if weekday not in tuple("1234567"):
            bad.append(BadLine(n, "weekday", "This is no weekday.", "1 is Monday, 7 Sunday."))
        if row["starts_at"] and starts is None:
            bad.append(BadLine(n, "starts_at", "This is no time.", "Write 08:00, or nothing: from the opening."))
        if not people.isdigit() or len(people) > 5:
            bad.append(BadLine(n, "people", "How many people?", "Write 0 or more."))
        if hours is None or not 0 <= hours <= 24:
            bad.append(BadLine(n, "hours", "A shift has 0 to 24 hours.", "Write 8."))
        if not any(line.line == n for line in bad):
            assert hours is not None
            found.append(HandsLine(row["kind"], int(weekday), row["shift"] or "day", starts, int(people), hours))
    return found, bad


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text).quantize(Decimal("0.01")) if text else None
    except InvalidOperation:
        return None


def read_day(text: str) -> date | None:
    """A day in an address; None when it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def read_question(data: Mapping[str, Any]) -> Question:
    """The question as its fields say it; a quantity that is no number is asked as nothing, and refused so."""
    typed = data.get("quantity", "").strip()
    try:
        quantity = Decimal(typed or "0")
    except InvalidOperation:
        quantity = Decimal(0)
    if not quantity.is_finite() or abs(quantity) > Decimal(10) ** 12:
        quantity = Decimal(0)
    return Question(
        data.get("customer", "").strip()[:40],
        data.get("item", "").strip()[:80],
        quantity,
        data.get("pack", "").strip()[:40],
        read_day(data.get("wanted_on", "")),
        read_id(data.get("site", "")),
        typed=typed[:40],
    )
