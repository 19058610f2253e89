"""What an import asks and answers: options, problems by row and column, counts and changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.shared.errors import BadLine, Invalid

MOST_PROBLEMS = 1_000  # kept one by one; the counts go on
MOST_REASONS = 100_000  # rows for which the reason is kept
MOST_ROWS_NAMED = 20  # rows named in one group


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file; what is empty is found out from the file itself."""

    mapping: dict[str, str] = field(default_factory=dict)  # header of the file -> column, "" = leave out
    sheet: str = ""
    date_order: str = ""  # dmy or mdy; ISO dates are always understood
    decimal_comma: bool | None = None
    only_good_rows: bool = False
    encoding: str = ""  # of a text file, one of encodings.CHOICES; empty = found out


def comma_of(numbers: str) -> bool | None:
    """Whether numbers have a decimal comma, as it was said; None where nobody said."""
    return {"point": False, "comma": True}.get(numbers)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A stored file to be imported: its digest (see `store_file`), its name and how to read it."""

    digest: str
    filename: str
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one cell: `row` is the line as a spreadsheet shows it, the header being row 1."""

    row: int
    column: str
    found: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The same mistake in many rows."""

    column: str
    message: str
    fix: str
    count: int
    rows: list[int]
    found: list[str]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """How many stored values of one field the file changes, and one example."""

    field: str
    count: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did. Nothing is written while `is_written` is false."""

    kind: str
    filename: str
    read_as: str
    rows: int
    created: int
    updated: int
    unchanged: int
    bad_rows: int
    is_written: bool
    mapping: dict[str, str]
    ignored_headers: list[str]
    changes: list[FieldChange]
    problem_count: int
    groups: list[ProblemGroup]
    problems: list[Problem]
    assumed: str = ""  # a word of the file that shows the encoding, where it was only assumed
    rejected: str = ""  # digest of the file with the rows that were left out (see `stored_file`)
    notes: list[ProblemGroup] = field(default_factory=list)  # what is told of good rows
    noted_rows: int = 0


@dataclass(frozen=True, slots=True)
class Examined:
    """A dry run as the wizard keeps it: the file's columns, and the report, or the refusal where there is none."""

    headers: list[str]
    report: ImportReport | None = None
    message: str = ""
    fix: str = ""


class ImportRefused(Invalid):
    """A file with mistakes; nothing was written."""

    code = "import_refused"


Counted = dict[tuple[str, str, str], tuple[list[int], list[str], list[int]]]


def _count(groups: Counted, key: tuple[str, str, str], row: int, found: str) -> None:
    rows, values, total = groups.setdefault(key, ([], [], [0]))
    total[0] += 1
    if len(rows) < MOST_ROWS_NAMED:
        rows.append(row)
    if found and len(values) < MOST_ROWS_NAMED and found[:80] not in values:
        values.append(found[:80])


def _grouped(counted: Counted) -> list[ProblemGroup]:
    groups = [
        ProblemGroup(column, message, fix, total[0], rows, values)
        for (column, message, fix), (rows, values, total) in counted.items()
    ]
    return sorted(groups, key=lambda g: (-g.count, g.rows[0] if g.rows else 0, g.column))


class Problems:
    """Collects problems: all are counted and grouped, the first thousand are kept one by one."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Problem] = []
        self.bad_rows: set[int] = set()
        self.reasons: dict[int, str] = {}
        self.noted_rows: set[int] = set()
        self._notes: Counted = {}
        self._groups: Counted = {}

    def add(self, row: int, column: str, found: str, message: str, fix: str, *, same: str = "") -> None:
        """Note one problem; `same` is the sentence under which it is grouped when `message` names the value."""
        self.count += 1
        self.bad_rows.add(row)
        if row in self.reasons or len(self.reasons) < MOST_REASONS:
            said = f"{column}: {message} {fix}".strip()
            self.reasons[row] = f"{self.reasons[row]} | {said}" if row in self.reasons else said
        if len(self.first) < MOST_PROBLEMS:
            self.first.append(Problem(row, column, found[:80], message, fix))
        _count(self._groups, (column, same or message, fix), row, found)

    def note(self, row: int, column: str, found: str, message: str, fix: str = "") -> None:
        """Tell something of a row that is good all the same, such as that what it enters waits for a person."""
        self.noted_rows.add(row)
        _count(self._notes, (column, message, fix), row, found)

    def groups(self) -> list[ProblemGroup]:
        """The problems by column and kind, the most frequent first."""
        return _grouped(self._groups)

    def notes(self) -> list[ProblemGroup]:
        """What is told of good rows, by column and kind, the most frequent first."""
        return _grouped(self._notes)

    def in_order(self) -> list[Problem]:
        """The first thousand, by row."""
        return sorted(self.first, key=lambda p: (p.row, p.column))

    def refusal(self) -> ImportRefused:
        """The refusal that names them."""
        lines = [BadLine(p.row, p.column, p.message, p.fix) for p in self.in_order()]
        rows = len(self.bad_rows)
        return ImportRefused(
            f"{self.count} problem{'' if self.count == 1 else 's'} in {rows} row{'' if rows == 1 else 's'};"
            " nothing was written.",
            lines=lines,
            fix="Correct the file, or import the good rows only.",
            problem_count=self.count,
        )
