"""A throw-away database goes even while somebody of ours is still in it."""

from __future__ import annotations

import os

import psycopg
import pytest

from flowrack.integrations.bench.harness import conninfo
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
