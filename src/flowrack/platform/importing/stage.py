"""From the file into the stage: every cell is read once, rows stream into a temporary table by COPY."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from flowrack.platform import sql
from flowrack.platform.importing.cells import BadCell, Parse, Style
from flowrack.platform.importing.definition import STAGE, Mapped
from flowrack.platform.importing.report import Options, Problems
from flowrack.platform.importing.sheets import MAX_ROWS, FileRefused, Sheet

REPORT_EVERY = 5_000
CACHE_MOST = 20_000

Progress = Callable[[int, str], None]
_progress: ContextVar[Progress | None] = ContextVar("import_progress", default=None)


@contextmanager
def progress_to(tell: Progress) -> Iterator[None]:
    """Tell `tell(rows done, what)` while the block imports; a job passes its own."""
    token = _progress.set(tell)
    try:
        yield
    finally:
        _progress.reset(token)


def tell(done: int, what: str) -> None:
    """Report progress to whoever asked for it, and let the server hear of us: it ends a transaction that idles."""
    if connection.in_atomic_block:
        sql.fetch_value("SELECT 1")
    _report(done, what)


def _report(done: int, what: str) -> None:
    report = _progress.get()
    if report is not None:
        report(done, what)


def make_stage(mapped: Mapped) -> None:
    """An empty stage with the file's columns, the row, whether it is bad, and an id for each lookup and target."""
    definition = mapped.definition
    columns = [f'"{c.name}" {c.sql_type}' for c in definition.columns]
    ids = [f'"{name}" bigint' for name in definition.ids()]
    sql.execute(f"DROP TABLE IF EXISTS {STAGE}")
    sql.execute(
        f"CREATE TEMPORARY TABLE {STAGE} (row int NOT NULL, bad boolean NOT NULL,"
        " is_new boolean NOT NULL DEFAULT false, is_changed boolean NOT NULL DEFAULT false,"
        f" {', '.join(columns + ids)})"
    )


def drop_stage() -> None:
    """Remove the stage."""
    sql.execute(f"DROP TABLE IF EXISTS {STAGE}")


def fill_stage(mapped: Mapped, sheet: Sheet, options: Options, problems: Problems) -> int:
    """Read all rows into the stage; the number of rows. Bad cells are noted and staged empty."""
    definition = mapped.definition
    names = [c.name for c in definition.columns if c.name in mapped.places]
    style = Style(
        decimal_comma=sheet.delimiter == ";" if options.decimal_comma is None else options.decimal_comma,
        date_order=options.date_order,
        is_told=options.decimal_comma is not None or not sheet.delimiter,  # a workbook holds numbers, not texts
    )
    reader = RowReader(mapped, names, style, problems, sheet.formulas)
    columns = ", ".join(f'"{name}"' for name in names)
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {STAGE} (row, bad, {columns}) FROM STDIN") as copy:
        for row, cells in sheet.rows:
            count += 1
            if count > MAX_ROWS:
                raise FileRefused(f"The file has more than {MAX_ROWS:,} rows.", fix="Split the file.")
            copy.write_row(reader.read(row, cells))
            if count % REPORT_EVERY == 0:
                _report(count, "Reading")  # in the midst of a COPY nothing else may be sent, and nothing idles
    sql.execute(f"ANALYZE {STAGE}")
    return count


class RowReader:
    """Reads the cells of one row after another; remembers what a repeated cell came to."""

    def __init__(
        self, mapped: Mapped, names: list[str], style: Style, problems: Problems, formulas: set[tuple[int, int]]
    ) -> None:
        columns = [mapped.definition.column(name) for name in names]
        self.width = len(mapped.headers)
        self.style = style
        self.problems = problems
        self.formulas = formulas
        self.places: list[tuple[int, str, Parse, bool, dict[str, str]]] = [
            (mapped.places[c.name], mapped.label(c.name), c.parse, c.required, {}) for c in columns
        ]

    def read(self, row: int, cells: list[str]) -> list[object]:
        """(row, bad, value or None of each column); each problem is noted."""
        before = self.problems.count
        values: list[object] = [row, "f"]
        given = len(cells)
        if given > self.width and any(cells[self.width :]):
            self.problems.add(
                row, "", "", f"{given} cells, but {self.width} columns.", "Put texts with a delimiter into quotes."
            )
        for place, label, parse, required, cache in self.places:
            cell = cells[place] if place < given else ""
            known = cache.get(cell)
            if known is not None:
                values.append(known)
                continue
            values.append(self._value(row, cell.strip(), label, parse, required, cache))
            if self.formulas and (row, place) in self.formulas:
                self.problems.add(row, label, cell, "This cell holds a formula.", "Paste the values only.")
        if self.problems.count > before:
            values[1] = "t"
        return values

    def _value(
        self, row: int, cell: str, label: str, parse: Parse, required: bool, cache: dict[str, str]
    ) -> str | None:
        if not cell:
            if required:
                self.problems.add(row, label, "", "This is empty.", "Fill it in.")
            return None
        try:
            value = parse(cell, self.style)
        except BadCell as bad:
            self.problems.add(row, label, cell, bad.message, bad.fix, same=bad.same)
            return None
        if len(cache) < CACHE_MOST and not self.formulas:
            cache[cell] = value
        return value
