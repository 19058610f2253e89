"""`flowrack import KIND FILE`: the same engine as the pages, for people at a terminal and for scripts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.importing.definition import Definition
from flowrack.platform.importing.encodings import CHOICES
from flowrack.platform.importing.engine import check
from flowrack.platform.importing.files import store_file, stored_file
from flowrack.platform.importing.report import ImportFile, ImportReport, Options, comma_of
from flowrack.platform.importing.stage import progress_to
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.shared.errors import NotFound
from flowrack.shared.ids import uuid7

Command = Callable[[Context, ImportFile], ImportReport]


def kinds_of(subparsers: Any) -> Any:
    """The sub-commands of `flowrack import`, shared by all stages: made by the first one that asks."""
    parser = subparsers.choices.get("import")
    if parser is None:
        parser = subparsers.add_parser("import", help="read master data or history from a file")
        parser.kinds = parser.add_subparsers(metavar="KIND", required=True)
    return parser.kinds


def register(subparsers: Any, definition: Definition, command: Command) -> None:
    """Add `flowrack import <kind>`."""
    parser = kinds_of(subparsers).add_parser(definition.kind, help=f"{definition.title.lower()} from CSV or XLSX")
    parser.add_argument("file", type=Path, help="a .csv or .xlsx file with a header row")
    parser.add_argument("--dry-run", action="store_true", help="check and compare only; write nothing, ask nothing")
    parser.add_argument("--yes", action="store_true", help="write without showing the dry run and asking first")
    parser.add_argument("--good-rows-only", action="store_true", help="leave out rows with problems")
    parser.add_argument("--map", action="append", default=[], metavar="HEADER=COLUMN", help="say what a column is")
    parser.add_argument("--sheet", default="", help="sheet of a workbook (default: the first)")
    parser.add_argument("--date-order", choices=["dmy", "mdy"], default="", help="how 01/02/2026 is meant")
    parser.add_argument(
        "--numbers", choices=["point", "comma"], default="", help="1,234.5 or 1.234,5 (default: found out)"
    )
    parser.add_argument("--encoding", choices=list(CHOICES), default="", help="of a text file (default: found out)")
    parser.add_argument("--user", default="", help="on whose behalf (default: the only data steward)")
    parser.add_argument("--key", default="", help="idempotency key, to make a retry safe")
    parser.add_argument("--rejected", type=Path, metavar="FILE", help="write the rows that were left out to this CSV")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=lambda arguments: _run(arguments, definition, command))


def _run(arguments: argparse.Namespace, definition: Definition, command: Command) -> int:
    if not arguments.file.is_file():
        raise NotFound(f"There is no file {arguments.file}.", fix="Check the path.")
    content = arguments.file.read_bytes()
    mapping = dict(pair.rpartition("=")[::2] for pair in arguments.map)
    options = Options(
        mapping=mapping,
        sheet=arguments.sheet,
        date_order=arguments.date_order,
        decimal_comma=comma_of(arguments.numbers),
        only_good_rows=arguments.good_rows_only,
        encoding=arguments.encoding,
    )
    with progress_to(_tell):
        if not arguments.yes:
            report = check(definition, content, arguments.file.name, options)
        if not arguments.dry_run and (arguments.yes or _agreed(report)):
            digest = store_file(content, arguments.file.name)
            context = _context(arguments, definition.permission)
            report = command(context, ImportFile(digest, arguments.file.name, options))
    if arguments.rejected and report.rejected:
        arguments.rejected.write_bytes(stored_file(report.rejected))
    if arguments.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        print(in_words(report))
    if not report.is_written and not arguments.dry_run:
        print(f"Nothing was written. {_how_to_write(report, arguments)}", file=sys.stderr)
        return 1
    return 1 if report.problem_count and not report.is_written else 0


def _agreed(report: ImportReport) -> bool:
    """Show a person at a terminal what the dry run found, and ask; nobody else is asked, they say --yes."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    print(f"\n{in_words(report)}", file=sys.stderr)
    print("Write this? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _how_to_write(report: ImportReport, arguments: argparse.Namespace) -> str:
    if report.problem_count and not arguments.good_rows_only:
        return "Mend the rows with problems, or leave them out: --good-rows-only."
    return "This was the dry run. If it is what you want, run it again with --yes."


def _tell(done: int, what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{what} {done:,} rows ", end="", file=sys.stderr, flush=True)


def _context(arguments: argparse.Namespace, permission: str) -> Context:
    """The person on whose behalf the import runs."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT u.id, u.username FROM platform_user u
        LEFT JOIN platform_userrole held ON held.user_id = u.id LEFT JOIN platform_role r ON r.id = held.role_id
        WHERE u.is_active AND CASE WHEN %s <> '' THEN u.username = %s ELSE r.code = 'data_steward' END
        """,
        (arguments.user, arguments.user),
    )
    if len(rows) != 1:
        raise NotFound(
            f"There is no user “{arguments.user}”." if arguments.user else f"{len(rows)} people are data stewards.",
            fix=f"Name a person with the permission {permission}: --user NAME.",
        )
    user_id = rows[0][0]
    return Context(
        actor_id=user_id,
        key=arguments.key or f"cli:{uuid7()}",
        now=now(),
        grants=grants_of(user_id),
        device="command line",
    )


def in_words(report: ImportReport) -> str:
    """The report for a terminal."""
    verb = "" if report.is_written else "would be "
    lines = [
        f"{report.filename}: {report.rows:,} rows read as {report.read_as}",
        f"  {report.created:,} {verb}created, {report.updated:,} {verb}changed, {report.unchanged:,} the same,"
        f" {report.bad_rows:,} with problems",
    ]
    if report.ignored_headers:
        lines.append(f"  columns left out: {', '.join(report.ignored_headers)}")
    lines += [f"  {c.field}: {c.count:,} changes, for example “{c.before}” to “{c.after}”" for c in report.changes]
    for note in report.notes:
        lines.append(f"  will wait, {note.column}: {note.message} ({note.count:,})")
    for group in report.groups:
        rows = ", ".join(str(row) for row in group.rows[:10]) + (" ..." if group.count > 10 else "")
        lines.append(f"  {group.column}: {group.message} {group.fix} ({group.count:,} x, rows {rows})")
    return "\n".join(lines)
