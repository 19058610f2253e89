"""Imports of large files as background jobs: with progress, to be stopped, their result on the wizard's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter

from flowrack.platform import jobs, sql
from flowrack.platform.importing.cli import Command
from flowrack.platform.importing.definition import Definition
from flowrack.platform.importing.report import ImportFile
from flowrack.platform.importing.stage import progress_to
from flowrack.platform.jobs import JobRun, job
from flowrack.platform.runner import Context

LARGE = 2_000  # rows; a file with more is written in the background
# How far along the whole work each part begins and ends, in percent.
PARTS = {"Reading": (0, 40), "Checking": (40, 40), "Comparing": (50, 50), "Writing": (60, 60), "Posting": (70, 99)}
FILE = TypeAdapter(ImportFile)


def kind_of(definition: Definition) -> str:
    """The kind of job that imports such files."""
    return f"import.{definition.kind}"


def add_import_job(definition: Definition, command: Command) -> None:
    """Make imports of this definition a kind of job; called in a stage's `jobs.py`."""

    @job(kind_of(definition), permission=definition.permission)
    def import_file(run: JobRun) -> dict[str, Any]:
        rows = int(run.arguments["rows"])

        def tell(done: int, what: str) -> None:
            begin, end = PARTS.get(what, (0, 99))
            part = min(done, rows) * (end - begin)
            run.progress((begin * rows + part) // 100, rows, what)

        key = str(run.arguments["key"])
        context = replace(run.context("import"), key=key)
        with progress_to(tell):
            report = command(context, FILE.validate_python(run.arguments["file"]))
        return {
            "rows": report.rows,
            "created": report.created,
            "changed": report.updated,
            "the_same": report.unchanged,
            "with_problems": report.bad_rows,
            "page": f"{run.arguments['page']}?{urlencode({'result': key})}",
        }


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
