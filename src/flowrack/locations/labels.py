"""The label sheet: a PDF with a Code 128 barcode for each place or tote, to be stuck on racks and boxes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from typing import Literal

import typst
import zxingcpp

from flowrack.locations.types import LocationRow, LpnRow, PatternRefused

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
    return _sheet([(place.code, place.zone_code) for place in places], output)


def tote_sheet(totes: Sequence[LpnRow]) -> bytes:
    """The sheet for totes, as PDF. Refuses none and too many."""
    if not totes:
        raise PatternRefused("There are no totes to print.", fix="Make totes first.")
    if len(totes) > MOST_LABELS:
        raise PatternRefused(f"More than {MOST_LABELS:,} labels do not fit.", fix="Choose one site.")
    return _sheet([(tote.code, "tote") for tote in totes], "pdf")


def _sheet(codes: Sequence[tuple[str, str]], output: Literal["pdf", "png"]) -> bytes:
    labels = [{"code": code, "note": note, "svg": _barcode(code)} for code, note in codes]
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
