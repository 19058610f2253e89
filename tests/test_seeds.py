"""Tests that commit leave the next test a house with its seeds and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection

from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from tests.cast import ADA, signed_in

pytestmark = pytest.mark.xdist_group("seeds")


def seeds() -> tuple[int, int]:
    return (
        sql.fetch_value("SELECT count(*) FROM catalog_lot WHERE id = 0"),
        sql.fetch_value("SELECT count(*) FROM locations_lpn WHERE id = 0"),
    )


def rows() -> dict[str, int]:
    """How many rows each table has."""
    tables = sorted(connection.introspection.table_names())
    return {table: sql.fetch_value(f'SELECT count(*) FROM "{table}"') for table in tables}


at_first: list[dict[str, int]] = []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_finds_the_seeds_whoever_came_before(turn: int) -> None:
    assert seeds() == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_moves_that_nobody_may_delete_are_gone_when_the_next_test_begins(turn: int) -> None:
    found = rows()
    at_first.append(found)
    assert (found, found["ledger_move"]) == (at_first[0], 0)
    h.receive(h.house(), h.item("TEA"), 10, "1")
    signed_in(ADA)
    assert rows()["ledger_move"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_finds_the_session_as_it_begins(turn):
    """The connection is kept from one to the next; what one set or locked in its session is not."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    assert (sql.fetch_value("SHOW lock_timeout"), sql.fetch_value(held)) == ("3s", 0)
    assert connection.connection.prepare_threshold == 5
    connection.connection.prepare_threshold = 0
    sql.execute("SET lock_timeout = '7s'")
    sql.fetch_value("SELECT pg_advisory_lock(4711)")
    assert (sql.fetch_value("SHOW lock_timeout"), sql.fetch_value(held)) == ("7s", 1)
