"""The label sheet: a PDF with a Code 128 barcode for each place, to be stuck on the racks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from typing import Literal

import typst
import zxingcpp

from flowrack.locations.types import LocationRow, PatternRefused

TEMPLATE = Path(__file__).parent / "typst" / "label_sheet.typ"
MOST_LABELS = 2_400  # a hundred sheets


def label_sheet(places: Sequence[LocationRow], *, output: Literal["pdf", "png"] = "pdf") -> bytes:
    """The sheet for these places, in their order, as PDF (or the first page as PNG). Refuses none and too many."""
    if not places:
        raise PatternRefused("There are no places to print.", fix="Choose a zone with places in it.")
    if len(places) > MOST_LABELS:
        raise PatternRefused(
            f"{len(places):,} labels are more than {MOST_LABELS:,}.", fix="Print zone by zone, or aisle by aisle."
        )
    labels = [{"code": place.code, "note": place.zone_code, "svg": _barcode(place.code)} for place in places]
    with tempfile.TemporaryDirectory() as folder:
        copyfile(TEMPLATE, Path(folder) / TEMPLATE.name)
        (Path(folder) / "labels.json").write_text(json.dumps(labels))
        made = typst.compile(str(Path(folder) / TEMPLATE.name), root=folder, format=output, ppi=200)
    page = made[0] if isinstance(made, list) else made
    assert page is not None
    return bytes(page)


def _barcode(code: str) -> str:
    """Code 128 of a place's code; every hand scanner reads it."""
    return str(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_svg())
