"""Reads a delivery history: CSV, plain or gzipped, one line for each delivered line of an order."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from flowrack.integrations.deliveries.types import BadHistory, DeliveryLine, Fault, FaultyLine

# Our name of a column -> what others call it, in lower case.
KNOWN = {
    "supplier": ("supplier", "vendor", "vendor name", "supplier name"),
    "promised": ("promised on", "promised date", "due date", "scheduled delivery date"),
    "delivered": ("delivered on", "delivery date", "received on", "delivered to client date"),
    "ordered": ("ordered on", "order date", "po date", "po sent to vendor date"),
    "group": ("group", "fulfill via", "channel"),
}
NEEDED = ("supplier", "promised", "delivered")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
DAY_MONTH = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})")
MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")


def day_of(text: str) -> date | None:
    """A date as 2009-08-04, 4-Aug-09 or 8/4/2009 (month first); None for anything else."""
    text = text.strip()
    try:
        if found := ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if (found := DAY_MONTH.fullmatch(text)) and found[2].lower() in MONTHS:
            return date(_year(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))
        if found := MONTH_FIRST.fullmatch(text):
            return date(_year(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None
    return None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def columns_of(header: list[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Which column holds what: those chosen, else those whose name is known."""
    strange = [f"{name}={column}" for name, column in chosen.items() if name not in KNOWN or column not in header]
    if strange:
        raise BadHistory(
            f"No such column: {', '.join(strange)}.",
            fix=f"Map one of {', '.join(KNOWN)} to one of: {', '.join(header)}.",
        )
    lower = {column.strip().lower(): column for column in header}
    found = {
        name: next((lower[w] for w in words if w in lower), "") for name, words in KNOWN.items() if name not in chosen
    }
    columns = {**{name: column for name, column in found.items() if column}, **chosen}
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise BadHistory(
            f"Which column is {' and which is '.join(missing)}?",
            fix=f"Say so: {' '.join(f'--map {name}=COLUMN' for name in missing)}. There are: {', '.join(header)}.",
        )
    return columns


def read(path: Path, chosen: Mapping[str, str]) -> Iterator[DeliveryLine]:
    """The lines of the file in order; line numbers are those of the file, the header being 1."""
    try:
        with path.open("rb") as raw, gzip.open(raw) if path.suffix == ".gz" else raw as plain:
            rows = csv.DictReader(io.TextIOWrapper(plain, encoding="utf-8-sig", newline=""))
            columns = columns_of(list(rows.fieldnames or []), chosen)
            for row in rows:
                cells = {name: (row[column] or "").strip() for name, column in columns.items()}
                yield _line(rows.line_num, cells)
    except (csv.Error, gzip.BadGzipFile, EOFError, UnicodeDecodeError) as error:
        raise BadHistory(f"{path.name} cannot be read: {error}.", fix="Export it again as CSV UTF-8.") from None
    except (FileNotFoundError, IsADirectoryError):
        raise BadHistory(f"There is no file {path}.", fix="Check the name.") from None


def _line(number: int, cells: Mapping[str, str]) -> DeliveryLine:
    supplier = cells["supplier"]
    days = {name: day_of(cells.get(name, "")) for name in ("ordered", "promised", "delivered")}
    faults = [] if supplier else [FaultyLine(number, Fault.NO_SUPPLIER, "", "")]
    kinds = {
        "ordered": Fault.NO_ORDER_DATE,
        "promised": Fault.NO_PROMISED_DATE,
        "delivered": Fault.NO_DELIVERED_DATE,
    }
    faults += [
        FaultyLine(number, kind, cells[name], supplier)
        for name, kind in kinds.items()
        if name in cells and days[name] is None
    ]
    ordered, delivered = days["ordered"], days["delivered"]
    if ordered is not None and delivered is not None and delivered < ordered:
        text = f"ordered {ordered}, delivered {delivered}: {(delivered - ordered).days} days"
        faults.append(FaultyLine(number, Fault.DELIVERED_BEFORE_ORDER, text, supplier))
    return DeliveryLine(number, supplier, cells.get("group", ""), ordered, days["promised"], delivered, tuple(faults))
