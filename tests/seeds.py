"""A test that commits leaves the next one the house as migrations made it: empty, with their rows in place.

Django's own way, to truncate every table and to make content types and permissions anew, costs most of a second.
Here only tables with rows are emptied, row by row, and what migrations put into them ("no lot", "no LPN", without
which the next test could not move a unit) is put back.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.rights import all_rights

# Nothing but a migration writes here.
MADE_BY_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}

_remembered: dict[str, bytes] | None = None


def keep_seeds() -> None:
    """Make Django's committing tests keep the seeds, and their connection; called once for a test run.

    Django closes the connection after each of them. A new one knows no table and has compiled no function: that cost
    the server as much as a short test does. What a test set in its session, or locked for it, is given back instead.
    """
    setup = TransactionTestCase.__dict__["_fixture_setup"].__func__
    flush = TransactionTestCase.__dict__["_fixture_teardown"]

    def remember_first(cls: type[TransactionTestCase]) -> None:
        global _remembered
        if _remembered is None:
            with connection.cursor() as cursor:
                _remembered = {table: _rows(cursor, table) for table in _filled(cursor, _tables(cursor))}
        setup(cls)

    def restore_after(self: TransactionTestCase) -> None:
        seeds = _remembered or {}
        # Granted in a transaction of its own: one that has changed a table's entry in the catalogue and then waits for
        # the table deadlocks with an autovacuum that has the table and waits to change the entry.
        with all_rights():
            with transaction.atomic(), connection.cursor() as cursor:
                if _may_delete_anything(cursor):
                    _empty(cursor)
                    _put_back(cursor, seeds)
                    return
            flush(self)
        with transaction.atomic(), connection.cursor() as cursor:
            _put_back(cursor, seeds)

    def give_back(self: TransactionTestCase) -> None:
        restore_after(self)
        connection.ensure_connection()
        connection.connection.prepare_threshold = connection.settings_dict["OPTIONS"]["prepare_threshold"]
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")
            cursor.execute("SELECT pg_advisory_unlock_all()")

    TransactionTestCase._fixture_setup = classmethod(remember_first)
    TransactionTestCase._fixture_teardown = give_back
    TransactionTestCase._should_reload_connections = lambda self: False  # type: ignore[method-assign]


def _tables(cursor: Any) -> list[str]:
    return sorted(set(connection.introspection.table_names(cursor)) - MADE_BY_DJANGO)


def _rows(cursor: Any, table: str) -> bytes:
    with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _may_delete_anything(cursor: Any) -> bool:
    """Whether the role may pass over foreign keys and the triggers that make moves append-only."""
    cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    return bool(cursor.fetchone()[0])


def _empty(cursor: Any) -> None:
    """Wait until nobody writes any more, then delete all rows there are."""
    tables = _tables(cursor)
    cursor.execute("LOCK TABLE " + ", ".join(f'"{table}"' for table in tables) + " IN EXCLUSIVE MODE")
    filled = _filled(cursor, tables)
    cursor.execute("SET LOCAL session_replication_role = replica")
    for table in filled:
        cursor.execute(f'DELETE FROM "{table}"')
    cursor.execute("SET LOCAL session_replication_role = origin")


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    """Those with rows. Most have never had any: who has no page on the disk is not looked into, which would cost more
    than all the rest, as each of these tests has a connection of its own that knows no table yet."""
    cursor.execute(
        "SELECT relname::text FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid) AND relkind = 'r'"
        " AND pg_relation_size(oid) > 0 ORDER BY 1",
        (tables,),
    )
    written = [row[0] for row in cursor.fetchall()]
    if not written:
        return []
    cursor.execute("SELECT ARRAY[" + ", ".join(f'EXISTS (SELECT FROM "{table}")' for table in written) + "]")
    return [table for table, has_rows in zip(written, cursor.fetchone()[0], strict=True) if has_rows]


def _put_back(cursor: Any, seeds: dict[str, bytes]) -> None:
    filled = _filled(cursor, list(seeds))
    for table, rows in seeds.items():
        if table not in filled:
            with cursor.cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(rows)
