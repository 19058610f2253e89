"""A throw-away database goes even while somebody of ours is still in it."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from flowrack.integrations.bench.harness import conninfo
from flowrack.integrations.scenario import database
from flowrack.integrations.throw_away import drop_database

NAME = f"flowrack_thrown_away_{os.getpid()}"


@pytest.mark.django_db
def test_a_database_is_dropped_with_a_connection_of_ours_in_it_and_another_drop_does_nothing() -> None:
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{NAME}" TEMPLATE template0'.encode())
        with psycopg.connect(conninfo(NAME)) as inside:
            inside.execute("SELECT 1")
            drop_database(server, NAME)
            with pytest.raises(psycopg.OperationalError):
                inside.execute("SELECT 1")
        drop_database(server, NAME)
        assert server.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (NAME,)).fetchone() == (0,)


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_scenarios_work_in_a_migrated_database_of_their_own_that_goes_whatever_happens(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """That `migrate` makes the tables is shown where every test database comes from."""
    asked: list[str] = []
    monkeypatch.setattr(database, "call_command", lambda name, **options: asked.append(f"{name} {_here()}"))
    with django_db_blocker.unblock():
        ours = _here()
        try:
            with database.throw_away(NAME):
                assert (_here(), asked) == (NAME, [f"migrate {NAME}"])
                if ends == "badly":
                    raise LookupError
        except LookupError:
            pass
        assert _here() == ours
        with psycopg.connect(conninfo("postgres")) as server:
            assert server.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (NAME,)).fetchone() == (0,)
        connection.close()


def _here() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()::text")
        return str(cursor.fetchone()[0])
