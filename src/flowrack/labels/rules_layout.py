"""What lies where on a label, in the printer's dots: one layout from which ZPL, PDF and the preview are drawn.

A dot is the smallest step of the printer; bars are whole dots wide, so that what a screen shows is what is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import zxingcpp

from flowrack.labels import rules_code128 as code128
from flowrack.labels.rules_fields import filled, filled_gs1, names_in
from flowrack.labels.types import Element, LabelNotPrintable, Shape, Symbology
from flowrack.shared import gs1
from flowrack.shared.errors import BadLine

TENTHS_OF_INCH = 254
QUIET_MODULES = 10  # white at each end of the bars
LEAST_MODULE_UM, LEAST_SSCC_MODULE_UM = 250, 495
WIDEST_MODULE_UM = 1_020
ELLIPSIS = "…"
# Widths of letters in thousandths of the size, as Helvetica has them; what is not named is 556 wide.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 222), **dict.fromkeys(" .,:;!/\\ft[]()I", 278), **dict.fromkeys("-r`´°", 333),
    **dict.fromkeys("ckszvxyJ", 500), **dict.fromkeys("FTZ", 611), **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722), **dict.fromkeys("GOQ", 778), **dict.fromkeys("mM…", 833), "W": 944, "@": 1015,
    **dict.fromkeys("+=<>~×", 584), "%": 889,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ink:
    """A black rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text in a box; `size` is the height of the letters' body."""

    x: int
    y: int
    width: int
    height: int
    rotation: int
    size: int
    is_bold: bool
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A Code 128: its symbols, and how many dots wide a module is. The box is that of the bars, without the white."""

    x: int
    y: int
    width: int
    height: int
    rotation: int
    module: int
    symbols: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A GS1 DataMatrix of a bracketed text: rows of modules, dark where a byte is 1."""

    x: int
    y: int
    module: int
    rows: tuple[bytes, ...]
    text: str


Drawn = Ink | Words | Bars | Matrix


def dots(tenths_mm: int, dpi: int) -> int:
    """A length as dots, to the nearest."""
    return (tenths_mm * dpi * 2 + TENTHS_OF_INCH) // (2 * TENTHS_OF_INCH)


def lay_out(elements: Sequence[Element], values: Mapping[str, str], *, dpi: int) -> list[Drawn]:
    """Everything on the label. Refuses with LabelNotPrintable, naming every element that has no place for its value."""
    drawn: list[Drawn] = []
    bad: list[BadLine] = []
    for number, element in enumerate(elements, 1):
        try:
            drawn += lay(element, values, dpi=dpi)
        except LabelNotPrintable as refusal:
            bad.append(BadLine(number, element.name, refusal.message, refusal.fix))
    if bad:
        raise LabelNotPrintable(f"{bad[0].field}: {bad[0].message}", lines=bad, fix=bad[0].fix)
    return drawn


def lay(element: Element, values: Mapping[str, str], *, dpi: int) -> list[Drawn]:
    """One element. Refuses with LabelNotPrintable."""
    x, y, width, height = (
        dots(10 * mm, dpi) for mm in (element.x_mm, element.y_mm, element.width_mm, element.height_mm)
    )
    thick = max(dots(element.thick_tenths_mm, dpi), 1)
    if element.shape == Shape.LINE:
        return [Ink(x, y, width, thick) if width >= height else Ink(x, y, thick, height)]
    if element.shape == Shape.BOX:
        return [
            Ink(x, y, width, thick),
            Ink(x, y + height - thick, width, thick),
            Ink(x, y + thick, thick, height - 2 * thick),
            Ink(x + width - thick, y + thick, thick, height - 2 * thick),
        ]
    if element.shape == Shape.TEXT:
        return _text(element, filled(element.content, values), (x, y, width, height), dpi)
    if element.symbology == Symbology.GS1_DATAMATRIX:
        return [_matrix(data_of(element, values), (x, y, width, height), dpi)]
    return [_bars(element, data_of(element, values), (x, y, width, height), dpi)]


def data_of(element: Element, values: Mapping[str, str]) -> str:
    """What a barcode says: the text, or the bracketed elements. Refuses with LabelNotPrintable when it has nothing."""
    if element.symbology == Symbology.CODE_128:
        text = filled(element.content, values)
        if not text:
            raise LabelNotPrintable(_missing(element, values), fix="Print it when that is known.")
        return text
    text = filled_gs1(element.content, values)
    first = element.content.strip().partition(")")[0] + ")"
    if not text or not text.startswith(first):
        raise LabelNotPrintable(_missing(element, values), fix="Print it when that is known.")
    try:
        gs1.bracketed_elements(text)
    except gs1.BadCode as refusal:
        raise LabelNotPrintable(refusal.message, fix="Mend the data, or the content of the element.") from refusal
    return text


def _missing(element: Element, values: Mapping[str, str]) -> str:
    empty = [name for name in names_in(element.content) if not values.get(name)]
    return f"There is nothing to print: {', '.join(empty) or 'its content'} is empty."


def _text(element: Element, text: str, box: tuple[int, int, int, int], dpi: int) -> list[Drawn]:
    x, y, width, height = box
    is_upright = element.rotation in (0, 180)
    along, across = (width, height) if is_upright else (height, width)
    room = room_of(along, across, size_pt=element.size_pt, dpi=dpi)
    size, step = room.size, room.step
    rows = wrapped(text, size=size, width=along, rows=room.rows, is_bold=element.is_bold)
    found: list[Drawn] = []
    for n, row in enumerate(rows):
        off = n * step
        place = {
            0: (x, y + off, along, step),
            180: (x, y + height - off - step, along, step),
            90: (x + width - off - step, y, step, along),
            270: (x + off, y, step, along),
        }[element.rotation]
        found.append(Words(*place, element.rotation, size, element.is_bold, row))
    return found


@dataclass(frozen=True, slots=True)
class Room:
    """The place of a text in dots: along and across its lines, the letters' height, from line to line, how many."""

    along: int
    across: int
    size: int
    step: int
    rows: int


def room_of(along: int, across: int, *, size_pt: int, dpi: int) -> Room:
    """How many lines of these letters have room; one is always drawn."""
    size = max(size_pt * dpi // 72, 1)
    step = size * 6 // 5
    return Room(along, across, size, step, max(across // step, 1))


def width_of(text: str, *, size: int, is_bold: bool = False) -> int:
    """How many dots wide a text is about; what a bold letter needs more is counted."""
    return sum(_WIDTHS.get(char, 556) for char in text) * size // (920 if is_bold else 1000)


def wrapped(text: str, *, size: int, width: int, rows: int, is_bold: bool = False) -> list[str]:
    """The text in lines that fit; what has no room ends in an ellipsis."""

    def fits(line: str) -> bool:
        return width_of(line, size=size, is_bold=is_bold) <= width

    lines: list[str] = []
    for word in text.split():
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    kept = lines[:rows]
    if len(lines) > rows:
        kept[-1] += ELLIPSIS
    return [_cut(line, fits) for line in kept]


def _cut(line: str, fits: object) -> str:
    assert callable(fits)
    while len(line) > 1 and not fits(line):
        line = line.rstrip(ELLIPSIS)[:-1] + ELLIPSIS
    return line


def _bars(element: Element, data: str, box: tuple[int, int, int, int], dpi: int) -> Bars:
    x, y, width, height = box
    text = data if element.symbology == Symbology.CODE_128 else element_string(data)
    try:
        row = code128.symbols(text)
    except code128.Unprintable as error:
        raise LabelNotPrintable(
            f"“{error}” cannot be drawn as a barcode.", fix="Use plain letters, digits and signs."
        ) from error
    is_upright = element.rotation in (0, 180)
    along, across = (width, height) if is_upright else (height, width)
    wide = code128.modules(row)
    module = min(along // (wide + 2 * QUIET_MODULES), dots(WIDEST_MODULE_UM // 100, dpi))
    least = LEAST_SSCC_MODULE_UM if data.startswith("(00)") else LEAST_MODULE_UM
    needed = -(-least * dpi // 25_400)  # dots, up: 0.495 mm is 3.96 dots at 203 dpi
    if module < needed:
        mm = -(-(wide + 2 * QUIET_MODULES) * needed * 254 // (dpi * 10))
        raise LabelNotPrintable(
            f"The barcode is too wide: it needs {mm} mm and has {along * 254 // (dpi * 10)} mm.",
            fix="Make it wider, turn it, shorten its content, or use gs1-datamatrix.",
        )
    long = wide * module
    start = (along - long) // 2
    if is_upright:
        return Bars(x + start, y, long, across, element.rotation, module, tuple(row))
    return Bars(x, y + start, across, long, element.rotation, module, tuple(row))


def element_string(bracketed: str) -> str:
    """The bracketed elements as the bars say them: FNC1 first, and after each element that has no fixed length."""
    found = gs1.bracketed_elements(bracketed)
    said = code128.FNC1
    for n, element in enumerate(found, 1):
        is_open = element.ai.separator_required and n < len(found)
        said += element.ai.ai + element.value + (code128.FNC1 if is_open else "")
    return said


def _matrix(data: str, box: tuple[int, int, int, int], dpi: int) -> Matrix:
    x, y, width, height = box
    made = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    grey: Any = made.to_image(scale=1, add_quiet_zones=False)
    levels: Any = memoryview(grey).tolist()
    rows = tuple(bytes(1 if level == 0 else 0 for level in row) for row in levels)
    white = 2  # modules around it
    module = min(width, height) // (len(rows) + white)
    needed = -(-LEAST_MODULE_UM * dpi // 25_400)
    if module < needed:
        mm = -(-(len(rows) + white) * needed * 254 // (dpi * 10))
        raise LabelNotPrintable(
            f"The barcode is too wide: it needs {mm} mm each way.", fix="Make it larger, or shorten its content."
        )
    return Matrix(x + module, y + module, module, rows, data)
