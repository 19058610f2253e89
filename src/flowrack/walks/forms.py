"""Forms of the floor's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from django import forms

from flowrack.platform.web.grid import GridColumn
from flowrack.shared.errors import BadLine
from flowrack.walks.types import Aisle, AisleOf, Ends, Heading, OneWay, PlaceOf, Point, SetFloor

YES = {"yes", "y", "x", "1", "true", "cross"}
GRID = [
    GridColumn("zone", "Zone", code=True, placeholder="PICK"),
    GridColumn("code", "Aisle", code=True, placeholder="07"),
    GridColumn("is_cross", "Cross aisle", placeholder="no", options=("no", "yes")),
    GridColumn("x_mm", "Begins at x, mm", kind="number", placeholder="15000"),
    GridColumn("y_mm", "y, mm", kind="number", placeholder="0"),
    GridColumn("heading", "Runs", placeholder="north", options=tuple(Heading)),
    GridColumn("length_mm", "Length, mm", kind="number", placeholder="40000"),
    GridColumn("first_bay_mm", "First bay at, mm", kind="number", placeholder="3000"),
    GridColumn("bay_mm", "Bay to bay, mm", kind="number", placeholder="2700"),
    GridColumn("width_mm", "Width, mm", kind="number", placeholder="3000"),
    GridColumn("one_way", "One-way", placeholder="both", options=tuple(OneWay)),
    GridColumn("most_people", "People at most", kind="number", placeholder="0"),
]
NUMBERS = {"x_mm": 0, "y_mm": 0, "length_mm": 0, "first_bay_mm": 0, "bay_mm": 0, "width_mm": 3_000, "most_people": 0}


class FloorForm(forms.Form):
    """Where walks begin and end, and places with a point of their own; the aisles are a grid beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)
    start_x = forms.IntegerField(label="Walks begin at x, mm", initial=0)
    start_y = forms.IntegerField(label="Begin at y, mm", initial=0)
    end_x = forms.IntegerField(label="Walks end at x, mm", initial=0)
    end_y = forms.IntegerField(label="End at y, mm", initial=0)
    places = forms.CharField(
        label="Doors, staging and floor places",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: code, x, y in millimetres, as STAGE-1 20000 -6000.",
    )

    def clean_places(self) -> list[PlaceOf]:
        """The places of the lines."""
        found = []
        for n, line in enumerate(self.cleaned_data["places"].splitlines(), 1):
            words = line.replace(",", " ").replace(";", " ").split()
            if not words:
                continue
            if len(words) != 3 or _whole(words[1]) is None or _whole(words[2]) is None:
                raise forms.ValidationError(
                    f"Line {n}: write the code, x and y in millimetres, as STAGE-1 20000 -6000."
                )
            found.append(PlaceOf(words[0], int(words[1]), int(words[2])))
        return found

    def to_request(self, site_id: int, aisles: list[AisleOf]) -> SetFloor:
        """The whole floor."""
        data = self.cleaned_data
        start, end = (data["start_x"], data["start_y"]), (data["end_x"], data["end_y"])
        return SetFloor(site_id, data["version"], aisles, data["places"], start, end)


class WalkForm(forms.Form):
    """Places to walk to, to see how far it is."""

    places = forms.CharField(
        label="Places to visit", max_length=4_000, help_text="Codes with blanks or commas between."
    )


def initial_rows(aisles: Sequence[Aisle], zones: dict[int, str]) -> list[dict[str, str]]:
    """The grid's rows for aisles."""
    rows = []
    for aisle in aisles:
        row = {
            column.name: str(getattr(aisle, column.name)) for column in GRID if column.name not in ("zone", "is_cross")
        }
        rows.append({**row, "zone": zones.get(aisle.zone_id, ""), "is_cross": "yes" if aisle.is_cross else "no"})
    return rows


def initial_heads(ends: Ends, places: Mapping[str, Point]) -> dict[str, object]:
    """The form's values for a floor; places by their code."""
    points = [f"{code} {x} {y}" for code, (x, y) in places.items()]
    return {
        "start_x": ends.start[0], "start_y": ends.start[1], "end_x": ends.end[0], "end_y": ends.end[1],
        "places": "\n".join(points),
    }  # fmt: skip


def read_rows(rows: Sequence[dict[str, str]]) -> tuple[list[AisleOf], list[BadLine]]:
    """The aisles that the rows say, and what cannot be read."""
    found: list[AisleOf] = []
    bad: list[BadLine] = []
    for n, row in enumerate(rows, 1):
        numbers = {}
        for name, otherwise in NUMBERS.items():
            read = _whole(row[name]) if row[name] else otherwise
            if read is None:
                bad.append(BadLine(n, name, f"“{row[name]}” is no whole number.", "Write digits only."))
            numbers[name] = read or 0
        heading, one_way = row["heading"].lower() or Heading.NORTH, row["one_way"].lower() or OneWay.BOTH
        if heading not in set(Heading):
            bad.append(BadLine(n, "heading", f"“{heading}” is no direction.", f"Write {', '.join(Heading)}."))
        if one_way not in set(OneWay):
            bad.append(BadLine(n, "one_way", f"“{one_way}” is not known.", f"Write {', '.join(OneWay)}."))
        if any(fault.line == n for fault in bad):
            continue
        is_cross = row["is_cross"].lower() in YES
        found.append(AisleOf(code=row["code"], zone=row["zone"], heading=Heading(heading), one_way=OneWay(one_way),
                             is_cross=is_cross, **numbers))  # fmt: skip
    return found, bad


def _whole(text: str) -> int | None:
    bare = text.removeprefix("-")
    return int(text) if bare.isascii() and bare.isdigit() and len(bare) < 10 else None


assert {column.name for column in GRID} == {field.name for field in fields(AisleOf)}
