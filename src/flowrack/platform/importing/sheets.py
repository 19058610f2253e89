"""Opens CSV and XLSX files: finds the delimiter, and refuses what is too big, broken or something else."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

import python_calamine as calamine

from flowrack.platform.importing.encodings import FileRefused, decode

__all__ = ["FileRefused", "Sheet", "column_number", "open_sheet"]

MAX_BYTES = 50 * 2**20
MAX_COLUMNS = 200
MAX_ROWS = 1_000_000
MAX_UNPACKED_BYTES = 400 * 2**20
MAX_ZIP_ENTRIES = 2_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
MAGICS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf": "a 7-Zip file",
}
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*><f[ />]')


@dataclass(slots=True)
class Sheet:
    """A table: its headers and its rows of text. `row` numbers are those a spreadsheet shows, the header being 1."""

    read_as: str
    headers: list[str]
    rows: Iterator[tuple[int, list[str]]]
    size: int  # bytes, for progress
    delimiter: str = ""
    names: list[str] = field(default_factory=list)  # sheets of a workbook
    formulas: set[tuple[int, int]] = field(default_factory=set)  # (row, column from 0)
    assumed: str = ""  # a word that shows how the encoding was taken, where nothing proves it


def open_sheet(content: bytes, filename: str, *, sheet: str = "", encoding: str = "") -> Sheet:
    """The table in a file. Refuses with FileRefused, in words that say what to do."""
    if not content.strip():
        raise FileRefused("The file is empty.", fix="Choose a file with a header line and rows.")
    if len(content) > MAX_BYTES:
        raise FileRefused(
            f"The file has {len(content) // 2**20} MB; {MAX_BYTES // 2**20} MB is the most.", fix="Split the file."
        )
    for magic, what in MAGICS.items():
        if content.startswith(magic):
            raise FileRefused(f"“{filename}” is {what}.", fix="Save it as CSV (UTF-8) or as .xlsx.")
    if content.startswith(b"PK\x03\x04"):
        return _open_xlsx(content, filename, sheet)
    if filename.lower().endswith(WORKBOOKS):
        raise FileRefused(
            f"“{filename}” has the name of a workbook, but is none.",
            fix="Open it in Excel and save it as .xlsx, or give a text file the ending .csv.",
        )
    return _open_csv(content, filename, encoding)


def _open_csv(content: bytes, filename: str, said: str) -> Sheet:
    decoded = decode(content, filename, said)
    delimiter = _delimiter(decoded.text)
    records = _records(decoded.text, delimiter)
    row, headers = next(records, (0, []))
    headers = [header.strip() for header in headers]
    _check_headers(headers, row)
    read_as = f"CSV, {decoded.encoding}, {DELIMITERS[delimiter]}"
    return Sheet(
        read_as=read_as,
        headers=headers,
        rows=records,
        size=len(content),
        delimiter=delimiter,
        assumed=decoded.example,
    )


def _delimiter(text: str) -> str:
    """The delimiter that cuts the header into the most columns; comma when nothing does."""
    head = text[:100_000].lstrip("\r\n").split("\n", 1)[0]
    counts = {d: len(next(csv.reader([head], delimiter=d), [])) for d in DELIMITERS}
    best = max(counts, key=lambda d: counts[d])
    return best if counts[best] > 1 else ","


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of every line with something in it; the row is the line of the file on which the record starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    started = 1
    try:
        for cells in reader:
            if any(cells):
                if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
                    raise FileRefused(
                        f"Row {started} has {len(cells):,} columns; {MAX_COLUMNS} is the most.",
                        fix="Delete the columns that are not needed.",
                    )
                if started > 1 + MAX_ROWS * 2:
                    raise FileRefused(f"More than {MAX_ROWS:,} rows.", fix="Split the file.")
                yield started, cells
            started = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(
            f"Row {started} cannot be read: {error}.", fix="Check the quotation marks in this row.", row=started
        ) from None


def _check_headers(headers: list[str], row: int) -> None:
    if len(headers) > MAX_COLUMNS:
        raise FileRefused(
            f"The file has {len(headers):,} columns; {MAX_COLUMNS} is the most.",
            fix="Delete the columns that are not needed.",
        )
    named = [header for header in headers if header]
    if not named:
        raise FileRefused("The first row has no column names.", fix="Put the names of the columns into the first row.")
    twice = sorted({header for header in named if named.count(header) > 1})
    if twice:
        raise FileRefused(
            f"Row {row} names a column twice: {', '.join(twice)}.", fix="Rename or delete one of them.", row=row
        )


def _open_xlsx(content: bytes, filename: str, wanted: str) -> Sheet:
    parts = _sheet_parts(content, filename)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = wanted or book.sheet_names[0]
        if name not in book.sheet_names:
            raise FileRefused(f"The workbook has no sheet “{wanted}”.", fix=f"It has: {', '.join(book.sheet_names)}.")
        index = book.sheet_names.index(name)
        # The guard measured the sheets' parts in the order of their numbers; a broken workbook may name more sheets.
        formulas = parts[index] if index < len(parts) else set()
        table = book.get_sheet_by_name(name)
        # Rows come from A1 on, whatever the first used cell is, so that their numbers are those that Excel shows.
        records = ((row, [_text(cell) for cell in cells]) for row, cells in enumerate(table.iter_rows(), start=1))
        filled = (record for record in records if any(record[1]))
        row, headers = next(filled, (0, []))
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(
            f"“{filename}” is not a readable Excel workbook.", fix="Open it in Excel and save it again as .xlsx."
        ) from error
    while headers and not headers[-1].strip():
        headers.pop()
    headers = [header.strip() for header in headers]
    _check_headers(headers, row)
    return Sheet(
        read_as=f"XLSX, sheet “{name}”",
        headers=headers,
        rows=filled,
        size=len(content),
        names=list(book.sheet_names),
        formulas=formulas,
    )


def _sheet_parts(content: bytes, filename: str) -> list[set[tuple[int, int]]]:
    """Unpack once with counters before the real reader does: bombs and giant ranges are refused, formulas noted."""
    found: dict[int, set[tuple[int, int]]] = {}
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ZIP_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise _bomb(filename)
            for entry in entries:
                number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", entry.filename)
                formulas: set[tuple[int, int]] = set()
                for block in _blocks(archive, entry):
                    unpacked += len(block)
                    if unpacked > MAX_UNPACKED_BYTES * 1.1:
                        raise _bomb(filename)
                    if number:
                        formulas |= _measure(block)
                if number:
                    found[int(number[1])] = formulas
    except zipfile.BadZipFile as error:
        raise FileRefused(
            f"“{filename}” is not a readable Excel workbook.", fix="Open it in Excel and save it again as .xlsx."
        ) from error
    if not found:
        raise FileRefused(f"“{filename}” is a zip file, not an Excel workbook.", fix="Save it as CSV or as .xlsx.")
    return [found[number] for number in sorted(found)]


def _bomb(filename: str) -> FileRefused:
    limit = MAX_UNPACKED_BYTES // 2**20
    return FileRefused(f"“{filename}” unpacks to more than {limit} MB.", fix="Save only the needed sheet, or as CSV.")


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry in blocks of 4 MB that overlap a little, so that no cell's tag is cut in two."""
    with archive.open(entry) as part:
        tail = b""
        while block := part.read(4 * 2**20):
            yield tail + block
            tail = block[-64:]


def _measure(block: bytes) -> set[tuple[int, int]]:
    """Refuse cells beyond the limits (a reader would make room for all between); the cells that hold formulas."""
    letters: set[bytes] = set()
    last_row = 0
    for letter, row in CELL.findall(block):
        letters.add(letter)
        last_row = max(last_row, int(row))
    widest = max((column_number(letter) for letter in letters), default=0)
    if widest > MAX_COLUMNS:
        raise FileRefused(
            f"The sheet has {widest:,} columns; {MAX_COLUMNS} is the most.",
            fix="Delete the columns that are not needed.",
        )
    if last_row > MAX_ROWS + 1:
        raise FileRefused(f"The sheet has {last_row:,} rows; {MAX_ROWS:,} is the most.", fix="Split the file.")
    return {(int(row), column_number(letter) - 1) for letter, row in FORMULA.findall(block)}


def column_number(letters: bytes) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """A cell as a person sees it: whole numbers without a point, dates in ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
