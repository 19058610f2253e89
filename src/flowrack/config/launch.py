"""What must be true before a program may work: the database runs and its tables are up to date."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flowrack.config.secrets import keep
from flowrack.platform import embedded

MIGRATION_LOCK = 7_262_513


class CannotStart(Exception):
    """Something that the person at the command line must mend; the text says what and how."""


def is_embedded() -> bool:
    """Whether the database is our own; otherwise DATABASE_URL names it."""
    return not os.environ.get("DATABASE_URL")


def refuse_without_company() -> None:
    """Refuse where the embedded database has never been made: a typing slip in a path must not make an empty company.

    Of a server that DATABASE_URL names, `ready_tables` says what it lacks.
    """
    try:
        is_there = not is_embedded() or (settings.HOME / "postgres" / "data").exists()
    except PermissionError:
        return  # the database says whose home it is
    if not is_there:
        raise CannotStart(
            f"There is no company in {settings.HOME}.\n"
            f"Go to the directory where yours lies, or name its home: FLOWRACK_HOME=DIRECTORY (or DATABASE_URL for a "
            f"server of your own).\nA new company is made by `flowrack serve`, the sample company by `flowrack demo`."
        )


@contextmanager
def database() -> Iterator[None]:
    """The database is reachable inside the block; an embedded one is started, and stopped by the last who leaves."""
    if not is_embedded():
        check_reachable()
        yield
        return
    with embedded.running(settings.HOME):
        settings.SECRET_KEY = keep(settings.HOME, settings.SECRET_KEY)
        try:
            yield
        finally:
            connection.close()


def check_reachable() -> None:
    """Refuse with a sentence where the server that DATABASE_URL names does not answer."""
    try:
        connection.ensure_connection()
    except Exception as error:
        raise CannotStart(
            f"The database that DATABASE_URL names does not answer: {str(error).strip().splitlines()[0]}\n"
            f"Start it or correct DATABASE_URL; without DATABASE_URL Flowrack uses its own database."
        ) from error


def pending_migrations() -> list[str]:
    """The migrations that the database has not had yet, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> int:
    """Bring the tables up to date; the number of migrations applied. Programs that start at once take turns."""
    if not pending_migrations():
        return 0
    with own_connection() as turn:
        turn.execute("SET lock_timeout = 0")
        turn.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        todo = pending_migrations()
        if todo:
            call_command("migrate", interactive=False, verbosity=0)
        return len(todo)


def own_connection() -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the same database beside Django's, without its time limits."""
    wanted = ("dbname", "user", "password", "host", "port", "passfile", "sslmode", "sslrootcert")
    parameters = {k: v for k, v in connection.get_connection_params().items() if k in wanted}
    return psycopg.connect(**parameters, autocommit=True)


def ready_tables() -> None:
    """Tables are up to date: ours are brought there, a server of the company's own is only ever changed when asked."""
    todo = pending_migrations()
    if todo and not is_embedded():
        raise CannotStart(f"The database lacks {len(todo)} migrations, first {todo[0]}. Run: flowrack migrate")
    if todo:
        migrate()
