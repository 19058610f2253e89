"""`flowrack doctor`: what is wrong with an installation and how to mend it."""

from __future__ import annotations

import argparse
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from flowrack.config import launch, operations, serve
from flowrack.platform import embedded, sql

MIN_FREE_BYTES = 2_000_000_000
MIN_POSTGRESQL = 15
MAX_CLOCK_DIFFERENCE_S = 2
MAX_EVENT_AGE_S = 300
MAX_BEAT_AGE_S = 60
MIN_LOCKS = 20_000  # the embedded server has 25,600; PostgreSQL alone starts with 6,400
EXTENSIONS = ("pg_trgm", "btree_gist")
SETTINGS = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class Finding(NamedTuple):
    """One line: what was looked at, whether it is well, what was found, and the way to mend it."""

    subject: str
    is_well: bool
    found: str
    mend: str = ""


def register(subparsers: Any) -> None:
    """Add `flowrack doctor`."""
    parser = subparsers.add_parser("doctor", help="say what is wrong with this installation and how to mend it")
    operations.add_address(parser)
    parser.set_defaults(run=run_doctor, needs_database=False, needs_tables=False)


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when something is to be mended."""
    findings = []
    with ExitStack() as until_the_end:
        for finding in examine(arguments.host, arguments.port, until_the_end):
            findings.append(finding)
            print(line_of(finding, colour=sys.stdout.isatty()), flush=True)
    broken = sum(not finding.is_well for finding in findings)
    print(f"{len(findings) - broken} of {len(findings)} are well." + (f" {broken} to mend." if broken else ""))
    return 1 if broken else 0


def line_of(finding: Finding, *, colour: bool) -> str:
    """One finding as text; red where it is bad and the terminal can show it."""
    mark = "ok  " if finding.is_well else "BAD "
    if colour and not finding.is_well:
        mark = f"\033[31m{mark}\033[0m"
    way_out = "" if finding.is_well else f"\n      Mend: {finding.mend}"
    return f"{mark}{finding.subject}: {finding.found}{way_out}"


def examine(host: str, port: int, until_the_end: ExitStack) -> Iterator[Finding]:
    """All findings, from the machine up to the application."""
    version = sys.version_info
    yield Finding(
        "Python", version >= (3, 11), f"{version.major}.{version.minor}.{version.micro}",
        "Install Python 3.11 or later, delete .venv and run make setup.",
    )  # fmt: skip
    yield _disk()
    yield _secret_key()
    yield _port(host, port)
    reachable = _database(until_the_end)
    yield reachable
    if reachable.is_well:
        yield from _server_findings()
        yield from _table_findings(served=_is_flowrack(host, port))


def _disk() -> Finding:
    home = Path(settings.HOME)
    free = shutil.disk_usage(next(p for p in (home, *home.parents) if p.exists())).free
    return Finding(
        "Disk space", free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free for {home}",
        "Free at least 2 GB: a full disk stops every write.",
    )  # fmt: skip


def _secret_key() -> Finding:
    path = Path(settings.HOME) / "secret-key"
    if not path.exists():
        return Finding("Secret key", True, "from FLOWRACK_SECRET_KEY")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Finding("Secret key", mode & 0o077 == 0, f"{path} has mode {mode:o}", f"chmod 600 {path}")


def _port(host: str, port: int) -> Finding:
    try:
        serve.check_port(host, port)
    except launch.CannotStart as error:
        if _is_flowrack(host, port):
            return Finding("Port", True, f"{port} is served by Flowrack")
        return Finding("Port", False, str(error), "Stop the other program, or set PORT.")
    return Finding("Port", True, f"{port} on {host} is free")


def _is_flowrack(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as talk:
            talk.sendall(b"GET /api/v1/openapi.json HTTP/1.0\r\nHost: localhost\r\n\r\n")
            told = b""
            while len(told) < 2000 and (more := talk.recv(2000)):
                told += more
    except OSError:
        return False
    return b"Flowrack" in told


def _database(until_the_end: ExitStack) -> Finding:
    try:
        until_the_end.enter_context(launch.database())
        connection.ensure_connection()
    except (embedded.EmbeddedError, launch.CannotStart) as error:
        return Finding("Database", False, str(error), "See the text above.")
    kind = "embedded" if launch.is_embedded() else "DATABASE_URL"
    return Finding("Database", True, f"{kind}, answers")


def _server_findings() -> Iterator[Finding]:
    number = sql.fetch_value("SHOW server_version_num")
    major = int(number) // 10_000
    yield Finding(
        "PostgreSQL", major >= MIN_POSTGRESQL, f"version {sql.fetch_value('SHOW server_version')}",
        f"Flowrack needs PostgreSQL {MIN_POSTGRESQL} or later: upgrade the server.",
    )  # fmt: skip
    for name, wanted in SETTINGS.items():
        found = sql.fetch_value("SELECT setting FROM pg_settings WHERE name = %s", [name])
        well = found == wanted or (name == "synchronous_commit" and found in ("remote_apply", "remote_write", "local"))
        yield Finding(name, well, found, f"ALTER SYSTEM SET {name} = {wanted}: without it committed work can be lost.")
    sums = sql.fetch_value("SHOW data_checksums")
    yield Finding("data_checksums", sums == "on", sums, "Stop the server and run pg_checksums --enable.")
    for name in EXTENSIONS:
        there = sql.fetch_value("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = %s)", [name])
        yield Finding(
            f"Extension {name}", there, "available" if there else "missing",
            "Install PostgreSQL's contrib package on the server.",
        )  # fmt: skip
    yield room_for_locks(
        sql.fetch_value(
            "SELECT (SELECT setting::int FROM pg_settings WHERE name = 'max_locks_per_transaction') * "
            "(SELECT sum(setting::int) FROM pg_settings WHERE name IN ('max_connections', 'max_prepared_transactions'))"
        )
    )
    before = time.time()
    theirs = float(sql.fetch_value("SELECT extract(epoch FROM clock_timestamp())"))
    difference = abs(theirs - (before + time.time()) / 2)
    yield Finding(
        "Clocks", difference <= MAX_CLOCK_DIFFERENCE_S, f"{difference:.2f} s apart from the database server",
        "Keep both machines' clocks by NTP.",
    )  # fmt: skip


def room_for_locks(locks: int) -> Finding:
    """Whether the server's table of locks holds those of one very large order: two for each of its items."""
    return Finding(
        "Locks", locks >= MIN_LOCKS, f"room for {locks:,}",
        f"ALTER SYSTEM SET max_locks_per_transaction = 256, and restart the server: an order of more than some "
        f"{locks // 2:,} items would be refused.",
    )  # fmt: skip


def _append_only() -> Finding:
    may = sql.fetch_value(
        "SELECT bool_or(has_table_privilege(t, 'UPDATE, DELETE, TRUNCATE')) "
        "FROM unnest(ARRAY['ledger_move', 'ledger_posting', 'platform_seal']) AS t"
    )
    return Finding(
        "Append-only", not may, "moves may be changed by this role" if may else "moves cannot be changed by this role",
        "Let DATABASE_URL name a role that is no superuser, and run SELECT platform_keep_append_only() as the owner.",
    )  # fmt: skip


def _table_findings(*, served: bool) -> Iterator[Finding]:
    todo = launch.pending_migrations()
    yield Finding(
        "Migrations", not todo, f"{len(todo)} pending, first {todo[0]}" if todo else "all applied", "flowrack migrate"
    )
    if todo:
        return
    yield _append_only()
    waits = sql.fetch_value(
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(next_try_at)), 0)::int "
        "FROM platform_outboxevent WHERE done_at IS NULL AND parked_reason = ''"
    )
    beat = sql.fetch_value("SELECT extract(epoch FROM clock_timestamp() - max(seen_at))::int FROM platform_workerbeat")
    works = beat is not None and beat <= MAX_BEAT_AGE_S
    yield Finding(
        "Worker", waits <= MAX_EVENT_AGE_S and (works or not served),
        f"{f'seen {beat} s ago' if works else 'none runs'}; the oldest event waits {max(0, waits)} s",
        "Nobody delivers events: run flowrack serve, or flowrack worker.",
    )  # fmt: skip
    parked = sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE done_at IS NULL AND parked_reason <> ''")
    yield Finding("Parked events", parked == 0, f"{parked}", "See Administration > Events for what failed, and retry.")
