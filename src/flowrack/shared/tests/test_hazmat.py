"""The segregation table: complete, symmetric, the regulation's own; the strictest row where a class leaves it open."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from flowrack.shared import hazmat

REFERENCE = Path(__file__).resolve().parents[5] / "shared" / "data" / "compliance" / hazmat.TABLE


def test_the_table_is_complete_and_symmetric():
    table = hazmat.table()
    assert len(table) == 18 * 18 == 324
    assert Counter(table.values()) == {"X": 104, "O": 44, "*": 25, "": 151}
    assert all(table[column, row] == cell for (row, column), cell in table.items())


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference transcription is not beside this clone")
def test_every_cell_is_that_of_the_reference():
    head, *rows = csv.reader(REFERENCE.read_text().splitlines())
    reference = {(row[0], column): cell for row in rows for column, cell in zip(head[4:], row[4:], strict=True)}
    assert hazmat.table() == reference


@pytest.mark.parametrize(
    ("one", "other", "cell"),
    [
        ("3", "5.1", "O"),
        ("8", "4.2", "X"),
        ("7", "2.1", "O"),
        ("2.2", "1.3", ""),
        ("1.1", "1.4", "*"),
        ("9", "1.1", ""),
    ],
)
def test_cells_that_people_know(one, other, cell):
    assert hazmat.cell(one, other) == hazmat.cell(other, one) == cell


def test_a_class_that_leaves_the_row_open_counts_as_the_strictest():
    assert (hazmat.cell("2.3", "8"), hazmat.cell("2", "3"), hazmat.cell("6.1", "3")) == ("X", "X", "X")
    assert hazmat.cell("6.2", "1.1") == ""
    assert [hazmat.stricter("O", c) for c in ("", "X", "*")] == ["O", "X", "*"]
