"""Entering many lines: a grid that takes a paste from a spreadsheet and gives every bad line back in its place.

    entry = GridForm([GridColumn("item", "Item", code=True), GridColumn("units", "Units", kind="number")],
                     request.POST if request.method == "POST" else None)
    req = EnterOrder(lines=[Line(r["item"], r["units"]) for r in entry.rows])
    ... on refusal: render_form(request, form, title=..., verb=..., refusal=refusal,
                                template="patterns/grid.html", grid=entry.with_refusal(refusal))

`rows` holds the filled rows in order; a refusal's line number counts them from 1, as the commands do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import doubt

MOST_ROWS = 500
# Commas part thousands as on every page here; points do where there are several, or a comma follows them. One comma
# that parts no thousands is a decimal one. One point before three digits may be either, and is asked about (doubts).
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
POINTS = re.compile(r"[+-]?[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)")
COMMA = re.compile(r"[+-]?\d*,\d+")


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of the grid: text or number; `code` trims blanks inside; `options` offers a list while typing; `look`
    names the codes that are looked up while typing (flowrack.platform.web.codes); `names` are other words for it in the
    first row of what is pasted."""

    name: str
    label: str
    kind: str = "text"
    code: bool = False
    options: Sequence[str] = ()
    placeholder: str = ""
    look: str = ""
    names: Sequence[str] = ()

    @property
    def short(self) -> str:
        """The label without what explains it: "Price" of "Price, if not the list's"."""
        return re.split(r"[:,(]", self.label, maxsplit=1)[0].strip()

    @property
    def known_as(self) -> str:
        """All words for it in the first row of what is pasted, with a bar between."""
        words = (self.name.replace("_", " "), self.label, self.short, *self.names)
        return "|".join(dict.fromkeys(word.lower() for word in words))


@dataclass(slots=True)
class GridLine:
    """One row as drawn: its cells with their values and faults, and the sentences below it."""

    number: int
    cells: list[tuple[GridColumn, str, bool]]
    faults: list[str] = field(default_factory=list)


class GridForm:
    """The posted rows, or blank ones."""

    def __init__(
        self,
        columns: Sequence[GridColumn],
        data: QueryDict | None = None,
        *,
        initial: Sequence[dict[str, str]] = (),
        blank: int = 8,
        most: int = MOST_ROWS,
        says: bool = False,
    ) -> None:
        """A grid of at most so many rows; with `says` each row has room for what was understood of it."""
        self.columns = list(columns)
        self.blank = blank
        self.most = most
        self.says = says
        self.places: list[int] = []  # where each filled row was posted, from 1
        self.refusal: FlowrackError | None = None
        self.rows = list(initial) if data is None else self._read(data)

    def _read(self, data: QueryDict) -> list[dict[str, str]]:
        lists = {c.name: data.getlist(f"grid-{c.name}") for c in self.columns}
        height = max((len(values) for values in lists.values()), default=0)
        rows = []
        for at in range(height):
            row = {c.name: self._cell(c, lists[c.name][at] if at < len(lists[c.name]) else "") for c in self.columns}
            if any(row.values()):
                rows.append(row)
                self.places.append(at + 1)
        return rows

    def too_many(self) -> list[BadLine]:
        """The fault of more rows than the grid takes; none is left out in silence."""
        if len(self.rows) <= self.most:
            return []
        said = f"{len(self.rows):,} lines: {self.most:,} are the most here."
        return [BadLine(0, "lines", said, "Import them from a file.")]

    @staticmethod
    def _cell(column: GridColumn, text: str) -> str:
        text = text.strip()
        if column.kind == "number":
            bare = "".join(text.split()).replace("’", "").replace("'", "")
            if THOUSANDS.fullmatch(bare):
                return bare.replace(",", "")
            if POINTS.fullmatch(bare):
                return bare.replace(".", "").replace(",", ".")
            return bare.replace(",", ".") if COMMA.fullmatch(bare) else bare
        return "".join(text.split()) if column.code else text

    def doubts(self, *names: str) -> list[BadLine]:
        """Numbers of these columns that may be read in two ways, such as 1.000; each is told with both."""
        return [
            fault
            for number, row in enumerate(self.rows, 1)
            for column in self.columns
            if column.name in names
            for fault in doubt(number, column.name, row.get(column.name, ""))
        ]

    def with_refusal(self, refusal: FlowrackError | None) -> GridForm:
        """The same grid with the refusal's lines shown at their rows."""
        self.refusal = refusal
        return self

    @property
    def width(self) -> int:
        """How many columns stand beside the number of a row."""
        return len(self.columns) + self.says

    @property
    def lines(self) -> list[GridLine]:
        """Filled rows, then blank ones."""
        mine = {c.name for c in self.columns}
        bad = [line for line in (self.refusal.lines if self.refusal else []) if line.field in mine]
        drawn = []
        for number, row in enumerate([*self.rows, *({} for _ in range(self.blank))], 1):
            faults = [line for line in bad if line.line == number]
            fields = {line.field for line in faults}
            cells = [(c, row.get(c.name, ""), c.name in fields) for c in self.columns]
            drawn.append(GridLine(number, cells, [f"{f.message} {f.fix}".strip() for f in faults]))
        return drawn
