"""Hand-written SQL on a connection that may be watched, broken or gone."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def cut_the_connection() -> None:
    """What a restart of the server does to a connection that sleeps."""
    pid = sql.fetch_value("SELECT pg_backend_pid()")
    other = connection.copy()
    with other.cursor() as c:
        c.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()


def test_a_read_survives_a_restart_of_the_server():
    cut_the_connection()
    assert sql.fetch_value("SELECT 41 + 1") == 42


def test_a_write_or_a_read_in_a_transaction_is_never_sent_twice():
    cut_the_connection()
    with pytest.raises(OperationalError):
        sql.execute("DELETE FROM platform_loginattempt")
    connection.close()
    with pytest.raises(OperationalError), transaction.atomic():
        cut_the_connection()
        sql.fetch_value("SELECT 1")


def test_errors_are_djangos_and_break_the_transaction_as_always():
    with pytest.raises(IntegrityError):
        sql.execute("INSERT INTO platform_role (code) VALUES (NULL)")
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute("INSERT INTO platform_role (code) VALUES (NULL)")
        assert sql.fetch_value("SELECT 1") == 1
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            sql.fetch_value("SELECT 1")
    assert sql.fetch_value("SELECT 1") == 1


def test_watched_statements_are_counted():
    with CaptureQueriesContext(connection) as seen:
        assert sql.fetch_all("SELECT n FROM unnest(%s::bigint[]) n", ([1, 2],)) == [(1,), (2,)]
        assert sql.execute("UPDATE platform_role SET name = name WHERE false") == 0
    assert len(seen) == 2


@pytest.mark.parametrize("count", [1, 60])  # long lists of words take a shorter way
def test_lists_of_words_arrive_as_they_are(count: int):
    for word in ("plain", 'in "quotes"', '"', '","', "back\\slash", "{braces}, and commas", "", "NULL", "é"):
        for words in ([word] * count, ["plain"] * count + [word]):
            assert sql.fetch_value("SELECT %s::text[]", (words,)) == words
