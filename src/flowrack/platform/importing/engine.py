"""The engine: read, check, compare and (inside a command) write. Nothing is written while a problem stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flowrack.platform import sql
from flowrack.platform.importing import writing
from flowrack.platform.importing.cells import nearest
from flowrack.platform.importing.definition import STAGE, Definition, Lookup, Mapped, match
from flowrack.platform.importing.files import stored_file
from flowrack.platform.importing.rejected import keep_rejected
from flowrack.platform.importing.report import Examined, FieldChange, ImportFile, ImportReport, Options, Problems
from flowrack.platform.importing.sheets import FileRefused, Sheet, open_sheet
from flowrack.platform.importing.stage import drop_stage, fill_stage, make_stage, tell

NEAR_MOST = 50_000  # known words looked through for a suggestion
ASKED_MOST = 200  # unknown words for which one is looked for


def check(definition: Definition, content: bytes, filename: str, options: Options) -> ImportReport:
    """The dry run: all that is wrong, and what would be created, changed and left; nothing is written."""
    return _run(definition, content, filename, options, write=False)


def examine(definition: Definition, content: bytes, filename: str, options: Options) -> Examined:
    """The dry run as the wizard shows it: the columns of the file, and the report or why there is none."""
    headers: list[str] = []
    try:
        headers = open_sheet(content, filename, sheet=options.sheet, encoding=options.encoding).headers
        return Examined(headers, check(definition, content, filename, options))
    except FileRefused as refusal:
        return Examined(headers, None, refusal.message, refusal.fix)


def load(definition: Definition, request: ImportFile, write: Callable[[Problems], None] | None = None) -> ImportReport:
    """Import a stored file inside a command. Refuses with ImportRefused unless good rows only are asked for.

    `write` writes the good rows of the stage, for a kind that is more than rows of tables, and notes what there is to
    tell of them.
    """
    return _run(definition, stored_file(request.digest), request.filename, request.options, write=write or True)


def _run(
    definition: Definition,
    content: bytes,
    filename: str,
    options: Options,
    *,
    write: Callable[[Problems], None] | bool,
) -> ImportReport:
    sheet = open_sheet(content, filename, sheet=options.sheet, encoding=options.encoding)
    mapped = match(definition, sheet, options)
    problems = Problems()
    make_stage(mapped)
    rows = fill_stage(mapped, sheet, options, problems)
    if rows == 0:
        raise FileRefused("The file has a header but no rows.", fix="Add rows below the header.")
    tell(rows, "Checking")
    _find_twins(mapped, problems)
    for lookup in definition.lookups:
        if mapped.has(lookup.column):
            _look_up(lookup, mapped, problems)
    for statement in definition.prepare:
        sql.execute(statement.format(stage=STAGE))
    writing.find_targets(mapped)
    writing.apply_rules(mapped, problems)
    for own_check in definition.checks:
        own_check(problems, mapped)
    _mark_bad(problems)
    if write and problems.count and not options.only_good_rows:
        raise problems.refusal()
    tell(rows, "Comparing")
    changes = writing.compare(mapped)
    counts = sql.fetch_one(
        f"""
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new AND is_changed),
               count(*) FILTER (WHERE NOT is_new AND NOT is_changed)
        FROM {STAGE} WHERE NOT bad
        """  # noqa: S608 (a constant)
    )
    assert counts is not None
    if write:
        tell(rows, "Writing")
        if callable(write):
            write(problems)
        else:
            writing.write(mapped)
    drop_stage()
    rejected = keep_rejected(content, filename, options, problems) if write else ""
    report = _report(mapped, sheet, filename, problems, changes, rows=rows, counts=counts, is_written=bool(write))
    return replace(report, rejected=rejected)


def _report(
    mapped: Mapped,
    sheet: Sheet,
    filename: str,
    problems: Problems,
    changes: list[FieldChange],
    *,
    rows: int,
    counts: tuple[int, ...],
    is_written: bool,
) -> ImportReport:
    headers = {mapped.headers[place]: name for name, place in mapped.places.items()}
    return ImportReport(
        kind=mapped.definition.kind,
        filename=filename,
        read_as=sheet.read_as,
        assumed=sheet.assumed,
        rows=rows,
        created=counts[0],
        updated=counts[1],
        unchanged=counts[2],
        bad_rows=len(problems.bad_rows),
        is_written=is_written,
        mapping=headers,
        ignored_headers=[header for header in mapped.headers if header and header not in headers],
        changes=changes,
        problem_count=problems.count,
        groups=problems.groups(),
        problems=problems.in_order(),
        notes=problems.notes(),
        noted_rows=len(problems.noted_rows),
    )


def _find_twins(mapped: Mapped, problems: Problems) -> None:
    """Rows that name the same thing as an earlier row."""
    key = ", ".join(f's."{name}"' for name in mapped.definition.key)
    shown = ", ".join(f't."{name}"' for name in mapped.definition.key)
    needed = [name for name in mapped.definition.key if mapped.definition.column(name).required]
    some = " AND ".join(f's."{name}" IS NOT NULL' for name in needed)
    rows = sql.fetch_all(
        f"""
        SELECT row, first, concat_ws(' ', {shown}) FROM (
            SELECT s.*, min(s.row) OVER (PARTITION BY {key}) AS first FROM {STAGE} s WHERE {some}
        ) t WHERE row > first ORDER BY row
        """  # noqa: S608 (names of a definition)
    )
    label = mapped.label(needed[-1])
    fix = mapped.definition.twins
    for row, first, found in rows:
        problems.add(row, label, found, f"Row {first} has the same: {found}.", fix, same="The same twice.")


def _look_up(lookup: Lookup, mapped: Mapped, problems: Problems) -> None:
    """Put the id behind a code into the stage; unknown codes are problems with the nearest known one."""
    writing.look_up(lookup)
    if lookup.make:
        return
    others = [other.into for other in mapped.definition.lookups if f"s.{other.into}" in lookup.where]
    within = "".join(f' AND s."{into}" IS NOT NULL' for into in others)  # an unknown site is one problem, not two
    rows = sql.fetch_all(
        f'SELECT row, s."{lookup.column}" FROM {STAGE} s'  # noqa: S608
        f' WHERE s."{lookup.column}" IS NOT NULL AND s."{lookup.into}" IS NULL{within} ORDER BY row'
    )
    if not rows:
        return
    near_where = "true" if "s." in lookup.where else lookup.where
    words = f'SELECT DISTINCT t."{lookup.match}" FROM {lookup.table} t WHERE {near_where} ORDER BY 1 LIMIT {NEAR_MOST}'  # noqa: S608
    known = [row[0] for row in sql.fetch_all(words)]
    near = {code: nearest(code, known) for code in list(dict.fromkeys(row[1] for row in rows))[:ASKED_MOST]}
    label = mapped.label(lookup.column)
    for row, code in rows:
        like = near.get(code)
        fix = f"Did you mean {like}?" if like and like != code else f"Add the {lookup.what} first, or correct the code."
        problems.add(row, label, code, f"There is no {lookup.what} “{code}”.", fix, same=f"Unknown {lookup.what}.")


def _mark_bad(problems: Problems) -> None:
    if problems.bad_rows:
        sql.execute(
            f"UPDATE {STAGE} SET bad = true WHERE NOT bad AND row = ANY(%s::int[])",  # noqa: S608
            (sorted(problems.bad_rows),),
        )
