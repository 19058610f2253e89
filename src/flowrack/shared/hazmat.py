"""Which hazardous goods may be together: the segregation table of 49 CFR 177.848(d), shipped as data.

The table's rows are finer than what an item says (a poison gas has a zone, a corrosive is liquid or solid). Goods
whose class leaves that open count as each row they could belong to, and the strictest cell decides. Classes 9 and 6.2
have no row and so no restriction. It is a transport rule and no legal advice.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

CITATION = "49 CFR 177.848(d)"
TABLE = "segregation_49cfr177_848.csv"
NEVER, SEPARATED, GROUPS, FREE = "X", "O", "*", ""
STRICTNESS = {FREE: 0, SEPARATED: 1, GROUPS: 2, NEVER: 3}
ROWS: dict[str, tuple[str, ...]] = {
    "1": ("1.1-1.2", "1.3", "1.4", "1.5", "1.6"),
    "1.1": ("1.1-1.2",),
    "1.2": ("1.1-1.2",),
    "2": ("2.1", "2.2", "2.3A", "2.3B"),
    "2.3": ("2.3A", "2.3B"),
    "4": ("4.1", "4.2", "4.3"),
    "5": ("5.1", "5.2"),
    "6": ("6.1I-A",),
    "6.1": ("6.1I-A",),
    "6.2": (),
    "8": ("8L",),
    "9": (),
}


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, str], str]:
    """Every cell of the table by row and column."""
    text = files("flowrack.shared").joinpath("data", TABLE).read_text(encoding="utf-8")
    head, *rows = csv.reader(text.splitlines())
    return {(row[0], column): cell for row in rows for column, cell in zip(head[1:], row[1:], strict=True)}


def rows_of(hazard: str) -> tuple[str, ...]:
    """The rows of the table to which goods of a class or division may belong: "3", "2.1", "8"."""
    return ROWS.get(hazard, (hazard,))


@lru_cache(maxsize=4096)
def cell(one: str, other: str) -> str:
    """The strictest cell for goods of two classes or divisions: X, O, * or nothing."""
    known = table()
    cells = [known.get((a, b), FREE) for a in rows_of(one) for b in rows_of(other)]
    return max(cells, key=STRICTNESS.__getitem__, default=FREE)


def stricter(one: str, other: str) -> str:
    """The stricter of two cells."""
    return max(one, other, key=STRICTNESS.__getitem__)
