"""The throw-away database of a scenario run: made, migrated, used and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection


@contextmanager
def throw_away(name: str) -> Iterator[None]:
    """Work in a new database beside the configured one; drop it afterwards, whatever happened.

    The role of DATABASE_URL needs the right to create databases (the embedded one has it).
    """
    ours = dict(connection.settings_dict)
    _in_server(ours, f'CREATE DATABASE "{name}" TEMPLATE template0')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours["NAME"]
        _in_server(ours, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _in_server(settings: dict[str, object], statement: str) -> None:
    """Run one statement in the server's own database, outside a transaction."""
    where = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    where |= {"password": settings["PASSWORD"]}
    options = settings["OPTIONS"]
    assert isinstance(options, dict), "Django's options are a map"
    where |= {key: value for key, value in options.items() if key.startswith("ssl")}
    given = {key: str(value) for key, value in where.items() if value}
    with psycopg.connect(dbname=str(settings["NAME"]), autocommit=True, **given) as server:  # type: ignore[arg-type]
        server.execute(statement.encode())
