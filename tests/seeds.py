"""The rows that migrations made come back after a test that commits.

Such a test ends with a flush, which empties every table: also of "no lot" and "no LPN", without which the next test
could not move a unit. Before the first of these tests the rows are remembered, after each they are put back.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase

# The flush makes these anew by itself.
MADE_BY_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}

_remembered: dict[str, bytes] | None = None


def keep_seeds() -> None:
    """Make Django's committing tests keep the seeds; called once for a test run."""
    setup = TransactionTestCase.__dict__["_fixture_setup"].__func__
    teardown = TransactionTestCase.__dict__["_fixture_teardown"]

    def remember_first(cls: type[TransactionTestCase]) -> None:
        global _remembered
        if _remembered is None:
            _remembered = _read()
        setup(cls)

    def restore_after(self: TransactionTestCase) -> None:
        teardown(self)
        _write(_remembered or {})

    TransactionTestCase._fixture_setup = classmethod(remember_first)
    TransactionTestCase._fixture_teardown = restore_after


def _read() -> dict[str, bytes]:
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - MADE_BY_DJANGO):
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                rows = b"".join(bytes(chunk) for chunk in copy)
            if rows:
                found[table] = rows
    return found


def _write(tables: dict[str, bytes]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in tables.items():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if not cursor.fetchone()[0]:
                with cursor.cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
