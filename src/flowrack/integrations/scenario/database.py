"""The throw-away database of a scenario run: made, migrated, used and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection

from flowrack.integrations.throw_away import drop_database


@contextmanager
def throw_away(name: str) -> Iterator[None]:
    """Work in a new database beside the configured one; drop it afterwards, whatever happened.

    The role of DATABASE_URL needs the right to create databases (the embedded one has it).
    """
    ours = dict(connection.settings_dict)
    with _server(ours) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours["NAME"]
        with _server(ours) as server:
            drop_database(server, name)


def _server(settings: dict[str, object]) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the configured database, in which each statement is a transaction of its own."""
    where = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    where |= {"password": settings["PASSWORD"]}
    options = settings["OPTIONS"]
    assert isinstance(options, dict), "Django's options are a map"
    where |= {key: value for key, value in options.items() if key.startswith("ssl")}
    given = {key: str(value) for key, value in where.items() if value}
    return psycopg.connect(dbname=str(settings["NAME"]), autocommit=True, **given)  # type: ignore[arg-type]
