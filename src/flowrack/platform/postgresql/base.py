"""Django's PostgreSQL backend, with BEGIN and COMMIT sent as such, and where it can be together with other statements.

Django begins a transaction by switching psycopg's autocommit off and ends it by switching it on again; for the few
statements of a command these switches cost as much as a statement or two. Here psycopg stays in autocommit. A message
to the server and the wait for its answer cost as much again, so what needs no answer of its own travels with what does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError, generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

Send = Callable[[], None]  # puts one statement into the connection's pipeline
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def tell(raw: Any, command: bytes) -> None:
    """Send one command without parameters; raises psycopg's error when it fails."""
    raw.pgconn.send_query(command)
    answer = raw.wait(generators.execute(raw.pgconn))[-1]
    if answer.status != ExecStatus.COMMAND_OK:
        raise error_from_result(answer, encoding=raw.info.encoding)


def tell_together(raw: Any, sends: Sequence[Send]) -> list[Any]:
    """Send several statements in one message; their results. Raises the first error: the server skips all after it."""
    pgconn = raw.pgconn
    try:
        pgconn.enter_pipeline_mode()
        for send in sends:
            send()
        pgconn.pipeline_sync()
        answers: list[Any] = raw.wait(_answers(pgconn, len(sends)))
        pgconn.exit_pipeline_mode()
    except BaseException:
        raw.close()  # what it would say next belongs to no question
        raise
    for answer in answers:
        if answer.status not in DONE:
            raise error_from_result(answer, encoding=raw.info.encoding)
    return answers


def _answers(pgconn: Any, count: int) -> Generator[Any, Any, list[Any]]:
    yield from generators.send(pgconn)
    answers: list[Any] = []
    for _ in range(count + 1):  # the last one tells the end of the message
        answers += yield from generators.fetch_many(pgconn)
    if len(answers) != count + 1:
        raise OperationalError("The connection broke while the server answered.")
    return answers[:-1]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin with BEGIN and end with COMMIT.

    With `flowrack_begins_late` the BEGIN of the next transaction waits for its first statement, which must come through
    platform.sql. `flowrack_last` holds statements that travel with the COMMIT: what they lock is locked while the
    server works, never while it waits for this process. If one fails nothing is committed.
    """

    flowrack_begins_late: bool = False
    flowrack_begins: bool = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.flowrack_last: list[Send] = []

    def _set_autocommit(self, autocommit: bool) -> None:
        raw: Any = self.connection
        with self.wrap_database_errors:
            if not raw.autocommit:
                raw.autocommit = True
            if not autocommit and self.flowrack_begins_late:
                self.flowrack_begins = True
            elif not autocommit:
                tell(raw, b"BEGIN")

    def begin_of(self, raw: Any) -> Send | None:
        """What sends the BEGIN that still waits, if one does; it is the caller's to send now."""
        if not self.flowrack_begins:
            return None
        self.flowrack_begins = False
        return lambda: raw.pgconn.send_query_params(b"BEGIN", None)

    def _commit(self) -> None:
        last, self.flowrack_last = self.flowrack_last, []
        if self.connection is not None and last:
            raw: Any = self.connection
            with self.wrap_database_errors:
                tell_together(raw, [*last, lambda: raw.pgconn.send_query_params(b"COMMIT", None)])
        elif self.connection is not None and not self.queries_logged:
            with self.wrap_database_errors:
                tell(self.connection, b"COMMIT")
        else:
            super()._commit()  # type: ignore[misc]  # the stubs leave it out

    def _rollback(self) -> None:
        self.flowrack_last, self.flowrack_begins = [], False
        super()._rollback()  # type: ignore[misc]  # the stubs leave it out

    def _close(self) -> None:
        self.flowrack_last, self.flowrack_begins = [], False
        super()._close()  # type: ignore[misc]  # the stubs leave it out
