"""Django's PostgreSQL backend, with BEGIN and COMMIT sent as such.

Django begins a transaction by switching psycopg's autocommit off and ends it by switching it on again; for the few
statements of a command these switches cost as much as a statement or two. Here psycopg stays in autocommit.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus


def tell(raw: Any, command: bytes) -> None:
    """Send one command without parameters; raises psycopg's error when it fails."""
    raw.pgconn.send_query(command)
    answer = raw.wait(generators.execute(raw.pgconn))[-1]
    if answer.status != ExecStatus.COMMAND_OK:
        raise error_from_result(answer, encoding=raw.info.encoding)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin with BEGIN and end with COMMIT."""

    def _set_autocommit(self, autocommit: bool) -> None:
        raw: Any = self.connection
        with self.wrap_database_errors:
            if not raw.autocommit:
                raw.autocommit = True
            if not autocommit:
                tell(raw, b"BEGIN")

    def _commit(self) -> None:
        if self.connection is not None and not self.queries_logged:
            with self.wrap_database_errors:
                tell(self.connection, b"COMMIT")
        else:
            super()._commit()  # type: ignore[misc]  # the stubs leave it out
