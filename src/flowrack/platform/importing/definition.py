"""How a stage describes what it imports: columns, lookups, target tables and its own checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from flowrack.platform.importing.cells import Parse
from flowrack.platform.importing.report import Options, Problems
from flowrack.platform.importing.sheets import FileRefused, Sheet

STAGE = "import_stage"
SURE = 87  # percent of likeness from which a header is taken for a column

Check = Callable[[Problems, "Mapped"], None]


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a file may have. `default` is the SQL value that a new row gets when the cell is empty."""

    name: str
    label: str
    parse: Parse
    sql_type: str = "text"
    required: bool = False
    aliases: Sequence[str] = ()
    default: str = "''"
    help: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A column that names a row of another table: `column` is looked up and its id put into the stage's `into`.

    `where` narrows the rows (alias t for the table, s for the stage); `column` must be one that the file may have.
    With `make` (an INSERT from {stage}) unknown ones are added when the file is written, instead of being problems.
    """

    column: str
    table: str
    match: str
    into: str
    what: str
    where: str = "true"
    make: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A table that rows go to: its natural key, its columns (target -> column of the file) and who takes part.

    `key` maps target columns to SQL over the stage (alias s); a column with a lookup gives its id. `create` gives SQL
    for further columns of new rows, `always` for columns that are so after every import, `where` says which rows of
    the file reach this table. With `id_into` the row's id is kept in the stage for the targets that follow.
    `versioned` tables count their changes.
    """

    table: str
    key: dict[str, str]
    columns: dict[str, str]
    create: dict[str, str] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    where: str = "true"
    needs: Sequence[str] = ()
    id_into: str = ""
    versioned: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What must not be in a row, looked at with what is stored already (alias e has every column of the first target).

    `when` is SQL that is true for a bad row; the problem is shown at `column`.
    """

    when: str
    column: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind of import. `key` are the columns whose values name a row; the first target is the row itself.

    `prepare`, `before` and `finish` are statements on {stage}: after the lookups, before and after the writing.
    `also_changed` is SQL over s that is true for rows that change something outside the targets.
    """

    kind: str
    title: str
    permission: str
    columns: Sequence[Column]
    key: Sequence[str]
    targets: Sequence[Target]
    lookups: Sequence[Lookup] = ()
    rules: Sequence[Rule] = ()
    checks: Sequence[Check] = ()
    prepare: Sequence[str] = ()
    before: Sequence[str] = ()
    finish: Sequence[str] = ()
    also_changed: str = ""
    help: str = ""
    twins: str = "Delete one of the two."  # the way out of two rows that name the same

    def column(self, name: str) -> Column:
        """A column by name."""
        return next(column for column in self.columns if column.name == name)

    def lookup(self, name: str) -> Lookup | None:
        """The lookup of a column, if it has one."""
        return next((look for look in self.lookups if look.column == name), None)

    def ids(self) -> list[str]:
        """The stage's id columns."""
        return list(
            dict.fromkeys([*(look.into for look in self.lookups), *(t.id_into for t in self.targets if t.id_into)])
        )


@dataclass(frozen=True, slots=True)
class Mapped:
    """A definition met by a file: which columns it has and where."""

    definition: Definition
    places: dict[str, int]  # column name -> position in the file
    headers: list[str]

    def has(self, name: str) -> bool:
        """Whether the file has the column."""
        return name in self.places

    def label(self, name: str) -> str:
        """The header of the column in the file, else its label."""
        return self.headers[self.places[name]] if name in self.places else self.definition.column(name).label


def normal(header: str) -> str:
    """A header without case, blanks and signs."""
    return re.sub(r"[^a-z0-9]+", "", header.lower())


def suggest(definition: Definition, headers: list[str]) -> dict[str, tuple[str, int]]:
    """For each header the column that it most likely means and how sure that is, in percent; unlikely ones left out."""
    names: dict[str, str] = {}
    for column in definition.columns:
        for name in (column.name, column.label, *column.aliases):
            names.setdefault(normal(name), column.name)
    found: dict[str, tuple[str, int]] = {}
    taken: set[str] = set()
    for header in headers:
        exact = names.get(normal(header))
        if header and exact and exact not in taken:
            found[header] = (exact, 100)
            taken.add(exact)
    for header in headers:
        if not header or header in found:
            continue
        hit = process.extractOne(normal(header), list(names), scorer=fuzz.ratio, score_cutoff=SURE)
        if hit and names[hit[0]] not in taken:
            found[header] = (names[hit[0]], int(hit[1]))
            taken.add(names[hit[0]])
    return found


def match(definition: Definition, sheet: Sheet, options: Options) -> Mapped:
    """Which column of the file is which. Refuses with FileRefused when a needed one is missing or the map is wrong."""
    mapping = {header: name for header, (name, _) in suggest(definition, sheet.headers).items()}
    known = {column.name for column in definition.columns}
    for header, name in options.mapping.items():
        if header not in sheet.headers or (name and name not in known):
            raise FileRefused(
                f"Column “{header}” cannot be read as “{name}”.", fix=f"The file has: {', '.join(sheet.headers)}."
            )
        mapping = {h: n for h, n in mapping.items() if h != header and n != name}
        if name:
            mapping[header] = name
    missing = [c for c in definition.columns if c.required and c.name not in mapping.values()]
    if missing:
        names = ", ".join(f"“{c.label}”" for c in missing)
        raise FileRefused(
            f"The file has no column {names}.",
            fix=f"Name a column so, or say which one it is. The file has: {', '.join(h for h in sheet.headers if h)}.",
            missing=[c.name for c in missing],
        )
    places = {name: sheet.headers.index(header) for header, name in mapping.items()}
    return Mapped(definition=definition, places=places, headers=sheet.headers)
