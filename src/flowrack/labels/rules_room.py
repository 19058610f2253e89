"""Whether what stands on a label has room: nothing lies over a barcode, and a text shows its whole sample."""

from __future__ import annotations

from flowrack.labels import rules_layout as layout
from flowrack.labels import rules_table
from flowrack.labels.rules_fields import SAMPLE_ROWS, filled, samples_of
from flowrack.labels.types import DraftLabelSpec, Element, Shape
from flowrack.shared.errors import BadLine

Area = tuple[int, int, int, int]  # left, top, right, bottom in tenths of a mm


def check(req: DraftLabelSpec) -> list[BadLine]:
    """What has no room, of a spec whose elements are good one by one."""
    values = samples_of(req.kind)
    bars = [one for one in req.elements if one.shape == Shape.BARCODE]
    bad = []
    for number, one in enumerate(req.elements, 1):
        under = next((other for other in bars if other.name != one.name and _lies_over(one, other)), None)
        if under is not None:
            said = f"{one.name}: it lies over the barcode {under.name}, which no scanner reads then."
            bad.append(BadLine(number, "y_mm", said, "Move one of them; a barcode needs all of its place."))
        if one.shape == Shape.TEXT:
            bad += _cut(one, number, filled(one.content, values), req.dpi)
        if one.shape == Shape.TABLE:
            cells = [cell for cell in rules_table.texts(one, SAMPLE_ROWS[:1]) if cell.shape == Shape.TEXT]
            bad += [fault for cell in cells for fault in _cut(cell, number, filled(cell.content, values), req.dpi)][:1]
    return bad


def _lies_over(one: Element, barcode: Element) -> bool:
    left, top, right, bottom = _whole(barcode)
    return any(x < right and left < end and y < bottom and top < low for x, y, end, low in _areas(one))


def _whole(one: Element) -> Area:
    x, y, width, height = (10 * mm for mm in (one.x_mm, one.y_mm, one.width_mm, one.height_mm))
    return x, y, x + width, y + height


def _areas(one: Element) -> list[Area]:
    """Where an element may be black; a box is empty inside."""
    left, top, right, bottom = _whole(one)
    thick = one.thick_tenths_mm
    if one.shape == Shape.LINE:
        is_level = one.width_mm >= one.height_mm
        return [(left, top, right, top + thick) if is_level else (left, top, left + thick, bottom)]
    if one.shape == Shape.BOX:
        return [
            (left, top, right, top + thick),
            (left, bottom - thick, right, bottom),
            (left, top, left + thick, bottom),
            (right - thick, top, right, bottom),
        ]
    return [(left, top, right, bottom)]


def _cut(one: Element, number: int, sample: str, dpi: int) -> list[BadLine]:
    is_upright = one.rotation in (0, 180)
    along, across = (one.width_mm, one.height_mm) if is_upright else (one.height_mm, one.width_mm)
    room = layout.room_of(layout.dots(10 * along, dpi), layout.dots(10 * across, dpi), size_pt=one.size_pt, dpi=dpi)
    if room.size > room.across:
        said = f"{one.name}: letters of {one.size_pt} pt are higher than its {across} mm."
        return [BadLine(number, "size_pt", said, "Make the letters smaller, or the place higher.")]
    rows = layout.wrapped(sample, size=room.size, width=room.along, rows=room.rows, is_bold=one.is_bold)
    shown = " ".join(rows)
    if shown == " ".join(sample.split()):
        return []
    said = f"{one.name}: “{sample}” is cut to “{shown}”."
    return [BadLine(number, "width_mm", said, "Make the letters smaller, or the place wider or higher.")]
