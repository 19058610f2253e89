"""Forms of the labels' pages: a spec's head with its elements in a grid, a file, and labels to print."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms

from flowrack.labels.types import DraftLabelSpec, Element, Kind, PrintLabels, Shape, Symbology
from flowrack.platform.web.grid import GridColumn
from flowrack.shared.errors import BadLine

KIND_WORDS = [(kind.value, kind.value.capitalize()) for kind in Kind]
WHOLE = ("x_mm", "y_mm", "width_mm", "height_mm", "rotation", "size_pt", "thick_tenths_mm")
GRID = [
    GridColumn("name", "Name", placeholder="order"),
    GridColumn("shape", "Shape", options=list(Shape), placeholder="text"),
    GridColumn("x_mm", "From left, mm", kind="number", placeholder="5"),
    GridColumn("y_mm", "From top, mm", kind="number", placeholder="5"),
    GridColumn("width_mm", "Width", kind="number", placeholder="60"),
    GridColumn("height_mm", "Height", kind="number", placeholder="6"),
    GridColumn("content", "Says", placeholder="Order {order}"),
    GridColumn("symbology", "Barcode", options=list(Symbology)),
    GridColumn("rotation", "Turned", kind="number", placeholder="0"),
    GridColumn("size_pt", "Letters, pt", kind="number", placeholder="10"),
    GridColumn("is_bold", "Bold", options=["yes"], placeholder=""),
    GridColumn("thick_tenths_mm", "Line, 0.1 mm", kind="number", placeholder="3"),
]
USUAL = {"rotation": 0, "size_pt": 10, "thick_tenths_mm": 3}


class SpecForm(forms.Form):
    """The head of a spec."""

    code = forms.CharField(max_length=40, help_text="BEACON-CARTON; a known code gets its next version.")
    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=KIND_WORDS)
    customer = forms.CharField(required=False, max_length=40, help_text="Customer's code; empty: of the house.")
    carrier = forms.CharField(required=False, max_length=40, help_text="Code. A customer's own spec goes before his.")
    width_mm = forms.IntegerField(label="Width, mm", initial=105)
    height_mm = forms.IntegerField(label="Height, mm", initial=148)
    dpi = forms.TypedChoiceField(
        label="Printer, dpi", coerce=int, choices=[(203, "203"), (300, "300"), (600, "600")], initial=203
    )
    copies = forms.IntegerField(initial=1)
    placement = forms.CharField(label="Where it sticks", required=False, max_length=200)
    is_scanned = forms.BooleanField(
        label="Counts only when it was scanned after printing", required=False, help_text="Of cartons."
    )
    valid_from = forms.DateField(label="From", required=False, help_text="Empty: from approval on.")
    valid_until = forms.DateField(label="Until", required=False, help_text="Empty: without end.")

    @staticmethod
    def initial_of(spec: DraftLabelSpec) -> dict[str, Any]:
        """The form's values for a spec."""
        return {name: getattr(spec, name) for name in SpecForm.base_fields}

    def to_request(self, elements: list[Element]) -> DraftLabelSpec:
        """The command's request."""
        said = self.cleaned_data
        return DraftLabelSpec(elements=elements, **{name: said[name] for name in self.base_fields})


def rows_of(elements: list[Element]) -> list[dict[str, str]]:
    """The grid's rows for elements; what is as usual stays empty."""
    rows = []
    for one in elements:
        row = {name: str(value) for name, value in asdict(one).items()}
        for name, usual in USUAL.items():
            if row[name] == str(usual):
                row[name] = ""
        row["is_bold"] = "yes" if one.is_bold else ""
        rows.append(row)
    return rows


def read(rows: list[dict[str, str]]) -> tuple[list[Element], list[BadLine]]:
    """The elements that the rows say, and what is no number."""
    elements, bad = [], []
    for n, row in enumerate(rows, 1):
        numbers: dict[str, int] = {}
        for name in WHOLE:
            text = row[name] or str(USUAL.get(name, 0))
            if text.isascii() and text.isdigit() and len(text) < 7:
                numbers[name] = int(text)
            else:
                bad.append(BadLine(n, name, f"“{text}” is no whole number.", "Write digits only."))
        is_bold = row["is_bold"].lower()
        if is_bold not in ("", "yes", "no"):
            bad.append(BadLine(n, "is_bold", f"“{row['is_bold']}” is neither yes nor no.", "Write yes, or nothing."))
        if len(numbers) == len(WHOLE):
            elements.append(
                Element(
                    name=row["name"].lower(),
                    shape=row["shape"].lower(),
                    content=row["content"],
                    symbology=row["symbology"].lower(),
                    is_bold=is_bold == "yes",
                    **numbers,
                )
            )
    return elements, bad


class FileForm(forms.Form):
    """A spec as a file."""

    file = forms.FileField(label="YAML file", required=False)
    text = forms.CharField(label="Or its text", required=False, widget=forms.Textarea(attrs={"rows": 16}))

    def said(self) -> str:
        """The text of the file, or what was pasted."""
        sent = self.cleaned_data.get("file")
        return str(sent.read(200_000), "utf-8", "replace") if sent else str(self.cleaned_data["text"])


class PrintForm(forms.Form):
    """Labels of places, totes or items."""

    kind = forms.ChoiceField(choices=[("bin", "Places"), ("tote", "Totes"), ("item", "Items")])
    codes = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 8}), help_text="Codes of places or totes, or SKUs; one on each line."
    )
    copies = forms.IntegerField(required=False, min_value=1, max_value=20, help_text="Empty: as the spec says.")

    def to_request(self, site_id: int) -> PrintLabels:
        """The command's request."""
        data = self.cleaned_data
        return PrintLabels(data["kind"], data["codes"].split(), site_id, data["copies"] or 0)
