"""Imports of large files as background jobs: with progress, to be stopped, their result on the wizard's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter

from flowrack.platform import jobs, sql
from flowrack.platform.importing.cli import Command
from flowrack.platform.importing.definition import Definition
from flowrack.platform.importing.engine import examine
from flowrack.platform.importing.files import stored_file
from flowrack.platform.importing.report import Examined, ImportFile
from flowrack.platform.importing.stage import progress_to
from flowrack.platform.jobs import JobRun, job
from flowrack.platform.runner import Context

LARGE = 2_000  # rows; a file with more is checked and written in the background
LARGE_WORKBOOK = 150_000  # bytes; about so many rows, which cannot be counted without unpacking
# How far along the whole work each part begins and ends, in percent.
PARTS = {"Reading": (0, 40), "Checking": (40, 40), "Comparing": (50, 50), "Writing": (60, 60), "Posting": (70, 99)}
# The dry run ends with the comparison.
CHECK_PARTS = {"Reading": (0, 60), "Checking": (60, 60), "Comparing": (90, 99)}
FILE = TypeAdapter(ImportFile)
EXAMINED = TypeAdapter(Examined)


def kind_of(definition: Definition) -> str:
    """The kind of job that imports such files."""
    return f"import.{definition.kind}"


def check_kind_of(definition: Definition) -> str:
    """The kind of job that checks such files."""
    return f"check.{definition.kind}"


def is_large(content: bytes) -> int:
    """About how many rows a file has when it is too large to be checked while somebody waits, else 0."""
    if content[:2] == b"PK":
        return len(content) * LARGE // LARGE_WORKBOOK if len(content) > LARGE_WORKBOOK else 0
    lines = content.count(b"\n")
    return lines if lines > LARGE else 0


def add_import_job(definition: Definition, command: Command) -> None:
    """Make imports of this definition a kind of job; called in a stage's `jobs.py`."""

    @job(check_kind_of(definition), permission=definition.permission)
    def check_file(run: JobRun) -> dict[str, Any]:
        req = FILE.validate_python(run.arguments["file"])
        with progress_to(_teller(run, CHECK_PARTS)):
            found = examine(definition, stored_file(req.digest), req.filename, req.options)
        counts = {"refused": found.message} if found.report is None else {
            "rows": found.report.rows, "to_create": found.report.created, "to_change": found.report.updated,
            "the_same": found.report.unchanged, "with_problems": found.report.bad_rows,
        }  # fmt: skip
        page = f"{run.arguments['page']}?{urlencode({'checked': run.id})}"
        return {**counts, "page": page, "kept": EXAMINED.dump_python(found, mode="json")}

    @job(kind_of(definition), permission=definition.permission)
    def import_file(run: JobRun) -> dict[str, Any]:
        key = str(run.arguments["key"])
        context = replace(run.context("import"), key=key)
        with progress_to(_teller(run, PARTS)):
            report = command(context, FILE.validate_python(run.arguments["file"]))
        return {
            "rows": report.rows,
            "created": report.created,
            "changed": report.updated,
            "the_same": report.unchanged,
            "with_problems": report.bad_rows,
            "page": f"{run.arguments['page']}?{urlencode({'result': key})}",
        }


def _teller(run: JobRun, parts: dict[str, tuple[int, int]]) -> Callable[[int, str], None]:
    """Turns rows of a part of the work into rows of the whole."""
    rows = int(run.arguments["rows"])

    def tell(done: int, what: str) -> None:
        begin, end = parts.get(what, (0, 99))
        part = min(done, rows) * (end - begin)
        run.progress((begin * rows + part) // 100, rows, what)

    return tell


def start_check(ctx: Context, definition: Definition, req: ImportFile, *, rows: int, page: str) -> int:
    """Queue the check of a large file; the id of the job."""
    arguments = {"file": FILE.dump_python(req, mode="json"), "rows": rows, "page": page}
    title = f"Check {definition.title.lower()}: {req.filename}"
    return jobs.start(ctx, check_kind_of(definition), arguments, title=title, total=rows)


def checked(definition: Definition, actor_id: int, job_id: int) -> tuple[ImportFile, Examined] | None:
    """What a check of one's own found; None where there is no such check, or it is not done."""
    row = sql.fetch_one(
        """
        SELECT (arguments->'file')::text, (result->'kept')::text FROM platform_job
        WHERE id = %s AND actor_id = %s AND kind = %s AND state = 'done'
        """,
        (job_id, actor_id, check_kind_of(definition)),
    )
    return (FILE.validate_json(row[0]), EXAMINED.validate_json(row[1])) if row else None


def start_import(ctx: Context, definition: Definition, req: ImportFile, *, rows: int, page: str) -> int:
    """Queue the import of a file under the form's key; the id of the job. The same form twice is one job."""
    kind = kind_of(definition)
    known = sql.fetch_value(
        "SELECT id FROM platform_job WHERE actor_id = %s AND kind = %s AND arguments->>'key' = %s ORDER BY id LIMIT 1",
        (ctx.actor_id, kind, ctx.key),
    )
    if known is not None:
        return int(known)
    arguments = {"file": FILE.dump_python(req, mode="json"), "rows": rows, "key": ctx.key, "page": page}
    return jobs.start(ctx, kind, arguments, title=f"Import {definition.title.lower()}: {req.filename}", total=rows)
