"""Tables of slips: one row for each line, with a heading, over as many pages as the rows need.

A table's content lists its columns, apart by bars, each as heading:width in mm:content, such as
`Item:25:{row.sku}|Description:90:{row.name}|Units:15:{row.units}`. It is turned into texts before anything is drawn, so
that labels and slips share one layout, in PDF and in ZPL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowrack.labels import rules_layout as layout
from flowrack.labels.rules_fields import ROW, names_in
from flowrack.labels.types import Element, Shape
from flowrack.shared.errors import Invalid

MOST_COLUMNS, MOST_ROWS = 12, 1_000
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


def pages(elements: Sequence[Element], values: Mapping[str, str]) -> Iterator[Page]:
    """The elements and values of each page: tables as texts, everything else on every page."""
    tables = [one for one in elements if one.shape == Shape.TABLE]
    rows = count_of(values)
    room = min((max(rows_on_page(one), 1) for one in tables), default=0)
    many = max(-(-rows // room), 1) if tables else 1
    for number in range(many):
        shown: list[Element] = []
        for one in elements:
            if one.shape == Shape.TABLE:
                shown += texts(one, range(number * room + 1, min((number + 1) * room, rows) + 1))
            else:
                shown.append(one)
        yield shown, {**values, "page": str(number + 1), "pages": str(many)}


def texts(one: Element, rows: Sequence[int]) -> list[Element]:
    """A table as texts: its heading, a line below it, and these rows."""
    found: list[Element] = []
    x, step = one.x_mm, row_mm(one)
    for column in columns(one.content):
        if column.heading:
            found.append(
                _cell(one, f"{one.name} {column.heading}", x, 0, column.width_mm, column.heading, is_bold=True)
            )
        for n, number in enumerate(rows, 1):
            content = column.content
            for name in names_in(content):
                if name.startswith(ROW):
                    content = content.replace(f"{{{name}}}", f"{{{row_field(name, number)}}}")
            found.append(_cell(one, f"{one.name} {number}", x, n, column.width_mm, content, is_bold=one.is_bold))
        x += column.width_mm
    under = replace(one, name=f"{one.name} rule", shape=Shape.LINE, y_mm=one.y_mm + step, height_mm=1, content="")
    return [*found, replace(under, thick_tenths_mm=2)]


def _cell(one: Element, name: str, x: int, row: int, width: int, content: str, *, is_bold: bool) -> Element:
    # A row begins a little below the rule under the heading; a blank of 1 mm keeps columns apart.
    y = one.y_mm + row * row_mm(one) + (1 if row else 0)
    return replace(
        one, name=name, shape=Shape.TEXT, x_mm=x, y_mm=y, width_mm=max(width - 1, 1), height_mm=row_mm(one),
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
    return [layout.lay_out(shown, said, dpi=dpi) for shown, said in pages(elements, values)]
