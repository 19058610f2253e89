"""Tables of slips: one row for each line, with a heading, over as many pages as the rows need. A long
text goes on in the next line of its row.

A table's content lists its columns, apart by bars, each as heading:width in mm:content, such as
`Item:25:{row.sku}|Description:90:{row.name}|Units:15:{row.units}`. It is turned into texts before anything is drawn, so
that labels and slips share one layout, in PDF and in ZPL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowrack.labels import rules_layout as layout
from flowrack.labels.rules_fields import ROW, filled, names_in
from flowrack.labels.types import Element, Shape
from flowrack.shared.errors import Invalid

MOST_COLUMNS, MOST_ROWS = 12, 1_000
MOST_LINES = 3  # of a row whose text is too wide for its column
SCREEN_DPI = 203
Page = tuple[list[Element], dict[str, str]]


class BadColumns(Invalid):
    """Columns of a table that cannot be read."""

    code = "bad_columns"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands above it, how wide it is, what it says of each line."""

    heading: str
    width_mm: int
    content: str


def columns(content: str) -> list[Column]:
    """The columns of a table. Refuses with BadColumns, naming the first that is none."""
    found = []
    for part in content.split("|"):
        pieces = [piece.strip() for piece in part.split(":", 2)]
        if len(pieces) < 3 or not (pieces[1].isascii() and pieces[1].isdigit()) or not 1 <= int(pieces[1][:4]) <= 300:
            raise BadColumns(f"“{part.strip()[:40]}” is no column.", fix="Write heading:width in mm:content.")
        found.append(Column(pieces[0], int(pieces[1][:4]), pieces[2]))
    if len(found) > MOST_COLUMNS:
        raise BadColumns(f"{MOST_COLUMNS} columns are the most.", fix="Leave out what nobody reads.")
    return found


def row_mm(one: Element) -> int:
    """How high a row of the table is: a line of its letters, in whole mm."""
    return -(-one.size_pt * 12 * 254 // (10 * 72 * 10)) or 1


def rows_on_page(one: Element) -> int:
    """How many lines have room below the heading."""
    return one.height_mm // row_mm(one) - 1


def row_field(name: str, number: int) -> str:
    """The name of a line's value: row.sku of the third line is 3.sku."""
    return f"{number}.{name.removeprefix(ROW)}"


def count_of(values: Mapping[str, str]) -> int:
    """How many lines there are values for."""
    numbers = (name.partition(".")[0] for name in values if "." in name)
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def pages(elements: Sequence[Element], values: Mapping[str, str], *, dpi: int = SCREEN_DPI) -> Iterator[Page]:
    """The elements and values of each page: tables as texts, everything else on every page.

    What is too wide for its column goes on below it, in three lines at the most.
    """
    tables = [one for one in elements if one.shape == Shape.TABLE]
    heights = [
        max((lines_of(one, number, values, dpi=dpi) for one in tables), default=1)
        for number in range(1, count_of(values) + 1)
    ]
    room = min((max(rows_on_page(one), 1) for one in tables), default=0)
    parts = _parts(heights, room) if tables else [[]]
    for place, rows in enumerate(parts, 1):
        shown: list[Element] = []
        for one in elements:
            if one.shape == Shape.TABLE:
                shown += texts(one, [number for number, _ in rows], [height for _, height in rows])
            else:
                shown.append(one)
        yield shown, {**values, "page": str(place), "pages": str(len(parts))}


def _parts(heights: Sequence[int], room: int) -> list[list[tuple[int, int]]]:
    """The rows of each page, with how many lines each takes; a row is never torn apart."""
    found: list[list[tuple[int, int]]] = [[]]
    taken = 0
    for number, height in enumerate(heights, 1):
        if found[-1] and taken + height > room:
            found.append([])
            taken = 0
        found[-1].append((number, min(height, room)))
        taken += height
    return found


def lines_of(one: Element, number: int, values: Mapping[str, str], *, dpi: int) -> int:
    """How many lines a row takes: as many as its longest text needs."""
    most = 1
    for column in columns(one.content):
        text = filled(_of_row(column, number), values)
        along = layout.dots(10 * max(column.width_mm - 1, 1), dpi)
        size = layout.room_of(along, 1, size_pt=one.size_pt, dpi=dpi).size
        lines = layout.wrapped(text, size=size, width=along, rows=MOST_LINES, is_bold=one.is_bold)
        most = max(most, len(lines))
    return most


def _of_row(column: Column, number: int) -> str:
    """The content of a column, with the fields of that line."""
    content = column.content
    for name in names_in(content):
        if name.startswith(ROW):
            content = content.replace(f"{{{name}}}", f"{{{row_field(name, number)}}}")
    return content


def texts(one: Element, rows: Sequence[int], heights: Sequence[int] = ()) -> list[Element]:
    """A table as texts: its heading, a line below it, and these rows, each as high as so many lines."""
    found: list[Element] = []
    x, step = one.x_mm, row_mm(one)
    high = heights or [1] * len(rows)
    for column in columns(one.content):
        if column.heading:
            found.append(
                _cell(one, f"{one.name} {column.heading}", x, 0, 1, column.width_mm, column.heading, is_bold=True)
            )
        at = 1
        for number, lines in zip(rows, high, strict=True):
            content = _of_row(column, number)
            cell = _cell(one, f"{one.name} {number}", x, at, lines, column.width_mm, content, is_bold=one.is_bold)
            found.append(cell)
            at += lines
        x += column.width_mm
    under = replace(one, name=f"{one.name} rule", shape=Shape.LINE, y_mm=one.y_mm + step, height_mm=1, content="")
    return [*found, replace(under, thick_tenths_mm=2)]


def _cell(one: Element, name: str, x: int, row: int, lines: int, width: int, content: str, *, is_bold: bool) -> Element:
    # A row begins a little below the rule under the heading; a blank of 1 mm keeps columns apart.
    y = one.y_mm + row * row_mm(one) + (1 if row else 0)
    return replace(
        one, name=name, shape=Shape.TEXT, x_mm=x, y_mm=y, width_mm=max(width - 1, 1), height_mm=lines * row_mm(one),
        content=content, is_bold=is_bold,
    )  # fmt: skip


def faults(one: Element, known: set[str]) -> list[tuple[str, str, str]]:
    """What is wrong with a table: its columns, its width, its fields."""
    try:
        listed = columns(one.content)
    except BadColumns as refusal:
        return [("content", refusal.message, refusal.fix)]
    width = sum(column.width_mm for column in listed)
    bad = []
    if one.rotation:
        bad.append(("rotation", "a table is not turned.", "Turn the paper in the printer."))
    if width > one.width_mm:
        bad.append(("width_mm", f"its columns are {width} mm wide, and it has {one.width_mm} mm.", "Narrow one."))
    if rows_on_page(one) < 1:
        bad.append(("height_mm", "it has no room for a line below its heading.", "Make it higher."))
    unknown = [name for column in listed for name in names_in(column.content) if name not in known]
    if unknown:
        told = ", ".join(f"{{{name}}}" for name in unknown)
        bad.append(("content", f"a line has no field {told}.", "Its fields begin with row."))
    return bad


def drawn_of(elements: Sequence[Element], values: Mapping[str, str], *, dpi: int) -> list[list[layout.Drawn]]:
    """What lies where, page by page. Refuses with LabelNotPrintable, naming every element without a place."""
    return [layout.lay_out(shown, said, dpi=dpi) for shown, said in pages(elements, values, dpi=dpi)]
