"""What test databases and test homes are copies of: a copy takes a tenth of a second, migrating ten seconds.

The template stays on the test server, the home beside it, from one run to the next. Their names tell what they were
made of; when a migration changes, or what migrations take from the code, others are made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from flowrack.platform import embedded
from flowrack.platform.embedded_place import Place

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "flowrack"
TEST_HOME = Path(os.environ.get("FLOWRACK_TEST_HOME", ROOT / ".flowrack-test"))
MADE_OF = (
    "*/migrations/*.py", "**/*.sql", "*/models.py", "*/models/*.py", "*/types.py", "*/states.py", "*/fields.py",
    "shared/*.py",
)  # fmt: skip
PREFIX = "flowrack_migrated_"
LOCK = 7_301_944  # whoever makes the template keeps the others waiting


def template() -> str:
    """The name of a migrated, empty database that nobody is connected to; made first where there is none."""
    name = PREFIX + _fingerprint()
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        found = server.execute(
            "SELECT datname::text FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", (PREFIX,)
        )
        there = [str(row[0]) for row in found]
        if name not in there:
            for outdated in there[:-1]:  # a run of yesterday's code may still copy the last one
                server.execute(f'DROP DATABASE IF EXISTS "{outdated}"')
            unfinished = f"unfinished_{name}"
            server.execute(f'DROP DATABASE IF EXISTS "{unfinished}"')
            server.execute(f'CREATE DATABASE "{unfinished}" TEMPLATE template0')
            with _connected_to(unfinished):
                call_command("migrate", verbosity=0, interactive=False)
            server.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@contextmanager
def copied(name: str) -> Iterator[None]:
    """Work in a migrated, empty database of this name; dropped afterwards, whatever happened."""
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template()}"')
    try:
        with _connected_to(name):
            yield
    finally:
        with _server() as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def copy_of_migrated_home(home: Path) -> None:
    """Make a home whose own server has the tables of today: what `flowrack migrate` leaves in a new home."""
    made = TEST_HOME / "homes" / _fingerprint()
    made.parent.mkdir(parents=True, exist_ok=True)
    with (made.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "migrated").exists():
            for outdated in made.parent.glob("*/"):
                embedded.remove(outdated)
                shutil.rmtree(outdated)
            environment = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_URL", "FLOWRACK"))}
            environment |= {"FLOWRACK_HOME": str(made), "PYTHONPATH": str(SOURCE.parent)}
            with embedded.running(made):
                subprocess.run([sys.executable, "-m", "flowrack", "migrate"], env=environment, check=True)
            (made / "migrated").touch()
    Place(home).prepare()
    theirs, ours = Place(made).data, Place(home).data
    shutil.copytree(theirs, ours, symlinks=True)
    if Place(home).drops_rights:
        for path in (ours, *ours.rglob("*")):
            shutil.chown(path, Place(home).user.uid, Place(home).user.gid)
    ours.chmod(0o700)


def _fingerprint() -> str:
    made_of = hashlib.sha256(django.get_version().encode())
    for path in sorted({path for pattern in MADE_OF for path in SOURCE.glob(pattern)}):
        made_of.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes())
    return made_of.hexdigest()[:16]


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def _server() -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own to the server: no statement of it waits for a lock in vain or runs in a transaction."""
    settings = connection.settings_dict
    where = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    where |= {"password": settings["PASSWORD"], "dbname": "postgres"}
    where |= {key: value for key, value in settings["OPTIONS"].items() if key.startswith("ssl")}
    return psycopg.connect(autocommit=True, **{key: str(value) for key, value in where.items() if value})
