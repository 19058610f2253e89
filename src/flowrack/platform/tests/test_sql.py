"""Hand-written SQL on a connection that may be watched, broken or gone."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from flowrack.platform import sql
from flowrack.platform.constraints import sqlstate_of
from flowrack.platform.postgresql import base

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


def test_times_are_the_same_in_utc_however_they_are_read():
    """Unwatched statements read them by psycopg's loader, watched ones and cursors by Django's."""
    asked = "SELECT '2026-03-01 01:30:00.5+02'::timestamptz, ARRAY['2026-03-01 12:00-05'::timestamptz, NULL]"
    there = (datetime(2026, 2, 28, 23, 30, 0, 500_000, UTC), [datetime(2026, 3, 1, 17, 0, tzinfo=UTC), None])
    assert sql.fetch_all(asked) == [there]
    with CaptureQueriesContext(connection):
        assert sql.fetch_all(asked) == [there]
    with connection.cursor() as c:
        c.execute(asked)
        assert c.fetchall() == [there]
    assert sql.fetch_value(asked).tzinfo is UTC


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


@pytest.fixture
def notes(monkeypatch):
    """A table, on a connection that prepares every statement at once, so that they can travel together."""
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
    sql.execute("CREATE TABLE notes (n int)")
    yield lambda: [row[0] for row in sql.fetch_all("SELECT n FROM notes ORDER BY n")]
    sql.execute("DROP TABLE notes")


NOTE = "INSERT INTO notes VALUES (%s)"
SHARE = "SELECT 12 / %s::int"


def test_the_last_statement_travels_with_the_commit(notes):
    for n in (1, 2):
        with transaction.atomic(durable=True):
            sql.execute_at_commit(NOTE, (n,))
            seen = notes()
    assert seen == [1], "the second time it is prepared and waits"
    assert notes() == [1, 2]


def test_what_fails_with_the_commit_leaves_nothing(notes):
    sql.fetch_all(SHARE, (3,))
    with pytest.raises(DatabaseError) as failed, transaction.atomic(durable=True):
        sql.execute(NOTE, (1,))
        sql.execute_at_commit(SHARE, (0,))
        sql.execute_at_commit(NOTE, (2,))
    assert sqlstate_of(failed.value) == "22012"
    assert notes() == []


def test_what_was_rolled_back_does_not_wait_for_the_next_commit(notes):
    for n in (1, 2):
        with pytest.raises(KeyError), transaction.atomic(durable=True):
            sql.execute_at_commit(NOTE, (n,))
            raise KeyError
    with transaction.atomic(durable=True):
        sql.execute(NOTE, (3,))
    assert notes() == [3]


@pytest.mark.parametrize("is_prepared", [False, True])
def test_a_begin_that_travels_with_the_first_statement_begins(notes, is_prepared):
    if is_prepared:
        sql.execute(NOTE, (0,))
        sql.execute("DELETE FROM notes")
    with pytest.raises(KeyError), begun_late():
        sql.execute(NOTE, (1,))
        raise KeyError
    assert notes() == []
    with begun_late():
        sql.execute(NOTE, (2,))
    assert notes() == [2]


def test_a_begin_on_a_cut_connection_says_that_it_is_cut(notes):
    sql.execute(NOTE, (0,))
    cut_the_connection()
    with pytest.raises(OperationalError) as failed, begun_late():
        sql.execute(NOTE, (1,))
    assert sqlstate_of(failed.value) in {None, "57P01"}, "the door takes either for a lost connection"
    connection.close()
    assert notes() == [0]


ALL = "SELECT n FROM notes ORDER BY n"
KEPT = "INSERT INTO notes VALUES (%s) RETURNING n"


def messages(monkeypatch):
    """How many statements each message carried that is sent from now on."""
    sent: list[int] = []
    together = base.tell_together

    def noted(raw, sends):
        sent.append(len(sends))
        return together(raw, sends)

    monkeypatch.setattr(sql, "tell_together", noted)
    return sent


def test_what_is_asked_together_is_one_message_and_each_sees_what_came_before(notes, monkeypatch):
    asked = [(KEPT, (1,)), (ALL, ()), (NOTE, (2,)), (ALL, ())]
    with transaction.atomic(durable=True):
        assert sql.fetch_together(asked) == [[(1,)], [(1,)], [], [(1,), (2,)]], "one by one, to be prepared"
    sent = messages(monkeypatch)
    with begun_late():
        assert sql.fetch_together(asked)[3] == [(1,), (1,), (2,), (2,)]
        assert sql.fetch_together([]) == []
    assert sent == [5], "with the BEGIN"
    assert notes() == [1, 1, 2, 2]


def test_of_what_is_asked_together_the_first_error_is_told_and_nothing_after_it_is_done(notes, monkeypatch):
    for n in (1, 2):
        sql.fetch_all(SHARE, (n,))
        sql.execute(NOTE, (n,))
    sent = messages(monkeypatch)
    with pytest.raises(DatabaseError) as failed, transaction.atomic(durable=True):
        sql.fetch_together([(NOTE, (3,)), (SHARE, (0,)), (NOTE, (4,))])
    assert sqlstate_of(failed.value) == "22012"
    assert sent == [3]
    assert notes() == [1, 2]


def test_what_waits_for_the_commit_can_be_run_before_what_follows(notes):
    sql.execute(NOTE, (1,))
    with transaction.atomic(durable=True):
        sql.execute_at_commit(NOTE, (2,))
        assert notes() == [1]
        sql.execute_waiting()
        assert notes() == [1, 2]
    assert notes() == [1, 2]


@contextmanager
def begun_late():
    """A transaction as the door begins it."""
    connection.flowrack_begins_late = True
    with transaction.atomic(durable=True):
        connection.flowrack_begins_late = False
        yield
