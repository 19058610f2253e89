"""Reads an order history from CSV, plain or gzipped, one calendar day at a time, so that memory stays flat."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flowrack.integrations.orders.rules import classify_day
from flowrack.integrations.orders.types import BadOrderFile, Day, RawLine
from flowrack.shared.errors import BadLine

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
MAX_LINE = 20_000
MAX_PROBLEMS = 50
MAX_UNITS = 10_000_000
CODE = re.compile(r"[\w .&/+-]{1,40}")
DOCUMENT = re.compile(r"[AC]?\w{1,30}")


def read_days(path: Path) -> Iterator[Day]:
    """The days of the file in order. Refuses the file with every bad line (up to 50) named, before its day is given."""
    buffer: list[RawLine] = []
    problems: list[BadLine] = []
    on: date | None = None
    for line_no, cells in _rows(path):
        raw = _parse(line_no, cells, problems)
        if raw is None:
            if len(problems) >= MAX_PROBLEMS:
                break
            continue
        if on is not None and raw.at.date() != on:
            if raw.at.date() < on:
                problems.append(
                    BadLine(line_no, "InvoiceDate", "is earlier than the line before", "Sort the file by date.")
                )
                break
            if not problems:
                yield Day(datetime.combine(on, datetime.min.time()), classify_day(buffer))
            buffer = []
        on = raw.at.date()
        buffer.append(raw)
    if problems:
        raise BadOrderFile(
            f"{path.name} was not taken: {len(problems)} of its lines cannot be read.",
            lines=problems,
            fix="Mend the lines named and read the file again.",
        )
    if on is None:
        raise BadOrderFile(f"{path.name} holds no lines.", fix="Choose a file with at least one order line.")
    yield Day(datetime.combine(on, datetime.min.time()), classify_day(buffer))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with _open(path) as stream:
            reader = csv.reader(_bounded(stream, path), strict=True)
            header = next(reader, None)
            _check_header(path, header)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise BadOrderFile(
            f"{path.name} is not UTF-8: the byte at position {error.start} cannot be read.",
            fix="Save the file as CSV UTF-8 and read it again.",
        ) from None
    except (csv.Error, gzip.BadGzipFile, EOFError) as error:
        raise BadOrderFile(f"{path.name} is damaged: {error}.", fix="Export the file again.") from None
    except FileNotFoundError:
        raise BadOrderFile(f"There is no file {path}.", fix="Check the name.") from None


def _open(path: Path) -> io.TextIOBase:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("rt", encoding="utf-8-sig", newline="")


def _bounded(stream: io.TextIOBase, path: Path) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise BadOrderFile(
                f"Line {number} of {path.name} is longer than {MAX_LINE:,} characters.",
                fix="This is not an order history; check the file.",
            )
        if "\0" in line:
            raise BadOrderFile(f"Line {number} of {path.name} holds a NUL byte.", fix="Save the file as CSV UTF-8.")
        yield line


def _check_header(path: Path, header: list[str] | None) -> None:
    if header is None:
        raise BadOrderFile(f"{path.name} is empty.", fix="Choose a file with a header and order lines.")
    if [name.strip() for name in header] != COLUMNS:
        raise BadOrderFile(
            f"{path.name} does not have the columns of an order history.",
            fix="The first line must be: " + ",".join(COLUMNS),
        )


def _parse(line_no: int, cells: list[str], problems: list[BadLine]) -> RawLine | None:
    if len(cells) != len(COLUMNS):
        problems.append(
            BadLine(line_no, "", f"has {len(cells)} columns instead of {len(COLUMNS)}", "Check commas and quotes.")
        )
        return None
    document, code, description, units, at, price, customer, country = cells
    before = len(problems)
    document = document.strip()
    if not DOCUMENT.fullmatch(document):
        problems.append(BadLine(line_no, "InvoiceNo", f"“{document[:40]}” is not a number", "For example 489434."))
    if not CODE.fullmatch(code):
        problems.append(BadLine(line_no, "StockCode", f"“{code[:40]}” is not an item code", "For example 85123A."))
    for name, text in (("Description", description), ("Country", country)):
        if text.startswith(("=", "@", "\t")):
            problems.append(BadLine(line_no, name, "starts like a formula", "Take away the first character."))
    if customer and not customer.isalnum():
        problems.append(BadLine(line_no, "CustomerID", f"“{customer[:40]}” is not a customer", "For example 13085."))
    parsed_units = _units(line_no, units, problems)
    parsed_at = _moment(line_no, at, problems)
    parsed_price = _price(line_no, price, problems)
    if len(problems) > before or parsed_units is None or parsed_at is None or parsed_price is None:
        return None
    return RawLine(line_no, document, code, description, parsed_units, parsed_at, parsed_price, customer, country)


def _units(line_no: int, text: str, problems: list[BadLine]) -> int | None:
    try:
        units = int(text)
    except ValueError:
        problems.append(BadLine(line_no, "Quantity", f"“{text[:40]}” is not a whole number", "For example 12."))
        return None
    if abs(units) > MAX_UNITS:
        problems.append(BadLine(line_no, "Quantity", f"{units} is more than {MAX_UNITS:,}", "Check the quantity."))
        return None
    return units


def _moment(line_no: int, text: str, problems: list[BadLine]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        problems.append(
            BadLine(line_no, "InvoiceDate", f"“{text[:40]}” is not a local time", "For example 2009-12-01 07:45:00.")
        )
        return None
    return moment


def _price(line_no: int, text: str, problems: list[BadLine]) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite():
        problems.append(BadLine(line_no, "UnitPrice", f"“{text[:40]}” is not a price", "For example 6.95."))
        return None
    return price
