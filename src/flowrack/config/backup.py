"""`flowrack backup` and `flowrack restore`: the whole company in one tar file, proved on the way back.

The file holds the database (pg_dump's custom format), the uploaded files and a manifest with hashes and the number of
rows of every table, all taken from one snapshot. Restoring is one transaction that also counts the rows: it happens
wholly and rightly, or not at all. The secret key is left out: a backup must not be able to sign sessions.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

import flowrack
from flowrack.config import launch
from flowrack.platform import sql
from flowrack.platform.embedded_place import wheel_binaries

FORMAT = 1
# Set by pg_dump's newer versions, unknown to older servers.
NEW_SETTINGS = re.compile(r"^SET (transaction_timeout|idle_session_timeout)\b")


class Backup(NamedTuple):
    """The manifest of a backup file."""

    format: int
    flowrack: str
    dumped_by: int
    made_at: str
    migrations: list[str]
    rows: dict[str, int]
    sha256: str


def register(subparsers: Any) -> None:
    """Add `flowrack backup` and `flowrack restore`."""
    parser = subparsers.add_parser("backup", help="write the whole company into one file")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=run_backup)
    parser = subparsers.add_parser("restore", help="read a company back from a backup file")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="delete the company that is there now")
    parser.set_defaults(run=run_restore, needs_tables=False, needs_company=False)


def run_backup(arguments: argparse.Namespace) -> int:
    """Back up; prints what went in."""
    made = backup(arguments.file)
    print(f"{arguments.file}: {sum(made.rows.values())} rows of {len(made.rows)} tables.")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Restore; prints what came back."""
    made = restore(arguments.file, replace=arguments.replace)
    print(f"Restored {sum(made.rows.values())} rows of {len(made.rows)} tables, as they were at {made.made_at}.")
    return 0


def backup(target: Path) -> Backup:
    """Write the backup beside its place first, so that a failed one never stands under the wanted name."""
    if not target.parent.is_dir():
        raise launch.CannotStart(f"There is no directory {target.parent}.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        work = Path(name)
        work.chmod(0o700)
        dump = work / "database.dump"
        with launch.own_connection() as reader:
            reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            made = _manifest(reader, dump)
            reader.execute("COMMIT")
        whole = work / "whole.tar"
        with tarfile.open(whole, "w") as tar:
            _add_text(tar, "manifest.json", json.dumps(made._asdict(), indent=1))
            tar.add(dump, "database.dump")
            if Path(settings.MEDIA_ROOT).is_dir():
                tar.add(settings.MEDIA_ROOT, "files")
        whole.chmod(0o600)
        whole.replace(target)
    return made


def _manifest(reader: psycopg.Connection[tuple[Any, ...]], dump: Path) -> Backup:
    """Dump, count and list what one snapshot sees."""

    def first(query: str) -> Any:
        return next(row[0] for row in reader.execute(query.encode()))

    program, dumped_by = _program("pg_dump", _server_major())
    snapshot = first("SELECT pg_export_snapshot()")
    rows = {table: first(f'SELECT count(*) FROM public."{table}"') for table in _tables()}  # noqa: S608
    made_at = first("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
    applied = [f"{app}.{name}" for app, name in reader.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")]
    _run(program, "-Fc", "--no-owner", "--no-comments", f"--snapshot={snapshot}", "-f", str(dump))
    return Backup(FORMAT, flowrack.__version__, dumped_by, made_at, applied, rows, _sha256(dump))


def restore(source: Path, *, replace: bool) -> Backup:
    """Put the backup into the database; refuses to overwrite a company unless `replace`."""
    if not source.is_file():
        raise launch.CannotStart(f"There is no file {source}.")
    if _holds_a_company() and not replace:
        raise launch.CannotStart("The database already holds a company. Add --replace to delete it first.")
    with tempfile.TemporaryDirectory(prefix="flowrack-restore-") as name:
        work = Path(name)
        made = _unpack(source, work)
        connection.close()
        _load(work / "database.dump", made)
        files = Path(settings.MEDIA_ROOT)
        if (work / "files").is_dir():
            shutil.rmtree(files, ignore_errors=True)
            files.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(work / "files", files)
    launch.migrate()
    sql.fetch_value("SELECT platform_keep_append_only()")
    return made


def _unpack(source: Path, work: Path) -> Backup:
    try:
        with tarfile.open(source) as tar:
            for entry in tar:
                _extract(tar, entry, work)
        made = Backup(**json.loads((work / "manifest.json").read_text()))
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise launch.CannotStart(f"{source} is not a whole backup of Flowrack: {name} is missing in it.") from error
    except (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise launch.CannotStart(
            f"{source} is not a whole backup of Flowrack: it is no tar file, or its end is missing.\n"
            f"Name a file that `flowrack backup` wrote, or copy it here once more."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise launch.CannotStart(f"{source} is not a whole backup of Flowrack: {error}") from error
    if made.format != FORMAT:
        raise launch.CannotStart(f"{source} has format {made.format}; this Flowrack reads format {FORMAT}.")
    if _sha256(work / "database.dump") != made.sha256:
        raise launch.CannotStart(f"{source} is damaged: its database does not have the hash of the manifest.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or {}}
    newer = sorted(set(made.migrations) - known)
    if newer:
        raise launch.CannotStart(
            f"{source} was made by Flowrack {made.flowrack}, which is newer than this one: it does not know "
            f"{newer[0]}. Install that version, then restore."
        )
    return made


def _extract(tar: tarfile.TarFile, entry: tarfile.TarInfo, work: Path) -> None:
    """Plain files below known names only: a tar file can hold links and paths that lead elsewhere."""
    parts = PurePosixPath(entry.name).parts
    if entry.isdir():
        return
    known = entry.name in ("manifest.json", "database.dump") or (len(parts) > 1 and parts[0] == "files")
    body = tar.extractfile(entry) if entry.isreg() and known and ".." not in parts else None
    if body is None:
        raise ValueError(f"it holds {entry.name!r}, which no backup does")
    target = work.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(body, file)


def _load(dump: Path, made: Backup) -> None:
    """One transaction: drop what is there, run the dump's script, count the rows."""
    script = dump.with_suffix(".sql")
    with script.open("w") as whole:
        whole.write("DROP SCHEMA IF EXISTS public CASCADE;\n")
        # The dump brings no search path; the schema itself is in it when it was not the default one.
        whole.write("CREATE SCHEMA public;\n")
        plain = dump.with_suffix(".plain")
        _run(_program("pg_restore", made.dumped_by)[0], "--no-owner", "--no-privileges", "-f", str(plain), str(dump))
        with plain.open() as lines:
            whole.writelines(_older_servers_understand(line) for line in lines)
        plain.unlink()
        whole.write("\n" + _count_check(made.rows))
    _run(
        _program("psql", _server_major())[0],
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "--single-transaction",
        "-f",
        str(script),
    )
    connection.close()


def _older_servers_understand(line: str) -> str:
    if NEW_SETTINGS.match(line) or line.startswith("CREATE SCHEMA public;"):
        return ""
    return line


def _count_check(rows: dict[str, int]) -> str:
    """SQL that fails, and with it the whole restore, when a table has another number of rows than the backup says."""
    lines = [  # the names come from pg_class and are checked in _tables
        f"  IF (SELECT count(*) FROM public.\"{table}\") <> {count:d} THEN RAISE EXCEPTION 'rows of {table}'; END IF;"  # noqa: S608
        for table, count in rows.items()
    ]
    return "DO $count$ BEGIN\n" + "\n".join(lines) + "\nEND $count$;\n"


def _tables() -> list[str]:
    rows = sql.fetch_all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return [name for (name,) in rows if re.fullmatch(r"[a-z0-9_]+", name)]


def _holds_a_company() -> bool:
    if not sql.fetch_value("SELECT to_regclass('public.platform_commandrecord') IS NOT NULL"):
        return bool(_tables())
    return bool(sql.fetch_value("SELECT EXISTS (SELECT FROM platform_commandrecord)"))


def _server_major() -> int:
    return int(sql.fetch_value("SHOW server_version_num")) // 10_000


def _program(name: str, major: int) -> tuple[str, int]:
    """The program of that major version where the machine has it, else a newer one; and its version."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), f"/usr/lib/postgresql/{major}/bin"]
    newer = None
    for program in [*(Path(place) / name for place in places), wheel_binaries() / name]:
        if program.is_file() and os.access(program, os.X_OK):
            told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
            version = re.search(r"(\d+)", told.partition(")")[2])
            if version and int(version[1]) == major:
                return str(program), major
            if version and int(version[1]) > major:
                newer = newer or (str(program), int(version[1]))
    if newer is None:
        raise launch.CannotStart(f"No {name} for PostgreSQL {major} here. Install postgresql-client-{major}.")
    return newer


ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "passfile": "PGPASSFILE",
}


def _run(program: str, *arguments: str) -> None:
    """Run a PostgreSQL client; the password goes by environment, where other users cannot read it."""
    parameters = connection.get_connection_params()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment |= {name: str(parameters[key]) for key, name in ENVIRONMENT.items() if parameters.get(key)}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise launch.CannotStart(f"{Path(program).name} failed:\n{done.stderr.strip()[-2000:]}")


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    body = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(body)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(body))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
