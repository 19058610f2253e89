"""Hand-written SQL on Django's connection, with server-side parameters and prepared statements.

Hot paths (kernels, commands in bulk, boards) use these few functions instead of the ORM: one set-based statement per
step. Parameters are bound by the server, so a statement is planned once per connection, and `%s::bigint[]` takes a
Python list. Queries pass Django's execute wrappers, so tests can count them. Django reads jsonb as text: select
`column::json` to get Python values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg import generators
from psycopg._preparing import Prepare
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from flowrack.platform.postgresql.base import Send, tell, tell_together

Asked = tuple[str, Sequence[Any] | dict[str, Any]]  # a statement and its parameters
FEW = 50  # elements; longer lists are worth a look of their own


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor with server-side binding in the current transaction."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    wrapped = connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)
    with wrapped as ready:
        yield ready


def _bound(params: Sequence[Any] | dict[str, Any]) -> Sequence[Any] | dict[str, Any]:
    """The parameters with every list as an array literal.

    psycopg looks at each element of a list in Python; for the short arrays of one document that costs more than the
    statement itself. The server reads the literal with the type that the statement casts it to.
    """
    if isinstance(params, dict):
        return {key: _array(value) if type(value) is list else value for key, value in params.items()}
    return [_array(value) if type(value) is list else value for value in params]


NUMBERS = {int, Decimal}


def _array(values: list[Any]) -> Any:
    if len(values) > FEW:
        kinds = set(map(type, values))
        if kinds <= NUMBERS:
            return "{" + ",".join(map(str, values)) + "}"
        if kinds == {str}:
            text = '","'.join(values)
            if "\\" not in text and text.count('"') == 2 * len(values) - 2:
                return '{"' + text + '"}'  # many words without a quote in them: a tenth of the time of the loop below
    parts: list[str] = []
    for value in values:
        kind = type(value)
        if kind is int:
            parts.append(str(value))
        elif value is None:
            parts.append("NULL")
        elif kind is str:
            parts.append('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
        elif kind is Decimal or kind is bool:
            parts.append(str(value))
        else:
            return values
    return "{" + ",".join(parts) + "}"


_TIMES: Any = psycopg.adapters.get_loader(psycopg.postgres.types["timestamptz"].oid, psycopg.pq.Format.TEXT)


class Answer(NamedTuple):
    """What one statement gave: its rows, and how many rows it returned or touched."""

    rows: list[tuple[Any, ...]]
    touched: int


class _Line:
    """A connection's way past psycopg's cursors, for statements that it has prepared already.

    A cursor does for every statement what is needed for all that a cursor can be asked for; for a small statement that
    costs more than to send it. Parameters, rows and errors are psycopg's own, and so is the list of what is prepared.
    Times, too, are read by psycopg itself: Django's loader says of each in Python that it is in UTC, as the connection
    is, and takes ten times as long.
    """

    __slots__ = ("adapter", "cursor", "raw")

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.cursor = psycopg.Cursor(raw)
        self.cursor.adapters.register_loader("timestamptz", _TIMES)
        self.adapter = Transformer(self.cursor)

    def run(self, statement: str, params: Sequence[Any] | dict[str, Any], begin: Send | None) -> Answer:
        """Execute one statement, with the BEGIN of its transaction before it where there is one to be sent."""
        raw = self.raw
        send = self.sender(statement, params)
        if send is None:
            if begin is not None:
                tell(raw, b"BEGIN")
            self.cursor.execute(statement, params)
            return answer_of(self.cursor)
        if begin is not None:
            result = tell_together(raw, [begin, send])[-1]
        else:
            send()
            [result] = raw.wait(generators.execute(raw.pgconn))
        if result.status == ExecStatus.TUPLES_OK:
            self.adapter.set_pgresult(result)
            rows = self.adapter.load_rows(0, result.ntuples, tuple)
            return Answer(rows, len(rows))
        if result.status == ExecStatus.COMMAND_OK:
            return Answer([], result.command_tuples or 0)
        raise error_from_result(result, encoding=raw.info.encoding)

    def run_together(self, sends: Sequence[Send], begin: Send | None) -> list[list[tuple[Any, ...]]]:
        """The rows of several statements in one message, with the BEGIN before them where there is one to be sent."""
        results = tell_together(self.raw, sends if begin is None else [begin, *sends])
        found = []
        for result in results[-len(sends) :]:
            self.adapter.set_pgresult(result)
            found.append(self.adapter.load_rows(0, result.ntuples, tuple))
        return found

    def sender(self, statement: str, params: Sequence[Any] | dict[str, Any]) -> Send | None:
        """What sends the statement, if it is prepared."""
        raw = self.raw
        query = PostgresQuery(self.adapter)
        query.convert(statement, params)
        state, name = raw._prepared.get(query)
        if state is not Prepare.YES:
            return None
        raw._prepared.maybe_add_to_cache(query, state, name)
        return partial(raw.pgconn.send_query_prepared, name, query.params, query.formats)


def answer_of(cursor: Any) -> Answer:
    """What a cursor gave."""
    return Answer(cursor.fetchall() if cursor.description else [], cursor.rowcount)


def _run(statement: str, params: Sequence[Any] | dict[str, Any]) -> Answer:
    """Execute one statement.

    When nobody watches the queries (tests count them, DEBUG logs them) Django's cursor wrappers are left out.
    Errors are translated all the same.
    """
    db: Any = connections[DEFAULT_DB_ALIAS]
    if db.connection is None:
        db.ensure_connection()
    raw = db.connection
    begin = db.begin_of(raw)
    if db.execute_wrappers or db.queries_logged:
        if begin is not None:
            with db.wrap_database_errors:
                tell(raw, b"BEGIN")
        watched: Any = psycopg.Cursor(raw)
        watched = db.make_debug_cursor(watched) if db.queries_logged else db.make_cursor(watched)
        watched.execute(statement, _bound(params))
        return answer_of(watched)
    db.validate_no_broken_transaction()
    try:
        with db.wrap_database_errors:
            return _line_of(db).run(statement, _bound(params), begin)
    except OperationalError:
        # The server was restarted while this connection slept: a read outside a transaction is simply sent again.
        if db.in_atomic_block or not raw.closed or not statement.lstrip().startswith("SELECT"):
            raise
        db.close()
        db.ensure_connection()
        with db.wrap_database_errors:
            return _line_of(db).run(statement, _bound(params), None)


def _line_of(db: Any) -> _Line:
    kept: _Line | None = getattr(db, "flowrack_line", None)
    if kept is None or kept.raw is not db.connection:
        kept = db.flowrack_line = _Line(db.connection)
    return kept


def fetch_all(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    return _run(sql, params).rows


def fetch_one(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> tuple[Any, ...] | None:
    """The first row of one statement, or None when there is none."""
    rows = _run(sql, params).rows
    return rows[0] if rows else None


def fetch_value(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> Any:
    """The single value of one statement; None when there is no row."""
    row = fetch_one(sql, params)
    return None if row is None else row[0]


def execute(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """Run one statement; the number of rows it touched."""
    return _run(sql, params).touched


def fetch_together(asked: Sequence[Asked]) -> list[list[tuple[Any, ...]]]:
    """The rows of several statements, in their order, asked for in one message: none needs another's answer.

    Each sees what is committed when it begins, as if it had been sent alone. Outside a transaction, while somebody
    watches the queries, and for the few times before all are prepared they are sent one after the other.
    """
    db: Any = connections[DEFAULT_DB_ALIAS]
    sends: list[Send | None] = [None]
    if (
        len(asked) > 1
        and db.in_atomic_block
        and db.connection is not None
        and not (db.execute_wrappers or db.queries_logged)
    ):
        db.validate_no_broken_transaction()
        line = _line_of(db)
        sends = [line.sender(statement, _bound(params)) for statement, params in asked]
    if None in sends:
        return [fetch_all(statement, params) for statement, params in asked]
    with db.wrap_database_errors:
        return line.run_together([send for send in sends if send is not None], db.begin_of(db.connection))


def execute_at_commit(statement: str, params: Sequence[Any]) -> None:
    """Run one statement as the last of the transaction, in one message with its COMMIT. Its errors come from there.

    Where there is no such COMMIT (outside a transaction, in one within another, or while somebody watches the queries)
    and for the few times before it is prepared it runs at once.
    """
    db: Any = connections[DEFAULT_DB_ALIAS]
    send = None
    if db.in_atomic_block and not (db.savepoint_ids or db.execute_wrappers or db.queries_logged):
        send = _line_of(db).sender(statement, _bound(params))
    if send is None:
        execute(statement, params)
    else:
        db.flowrack_last.append(send)


def execute_waiting() -> None:
    """Run now, in one message, what waits for the COMMIT: what follows must come after it."""
    db: Any = connections[DEFAULT_DB_ALIAS]
    last, db.flowrack_last = db.flowrack_last, []
    if last:
        with db.wrap_database_errors:
            tell_together(db.connection, last)


def listed(name: str, values: Sequence[Any]) -> str:
    """The array parameter of ids with this name, as the text of a statement for so many values.

    A short list stands behind a sub-select, where the planner cannot count it: then one plan serves all calls, instead
    of a new one each time, which costs small statements more than running them. A long list stays open: its length
    decides how tables are joined.
    """
    return f"(SELECT %({name})s::bigint[])::bigint[]" if len(values) <= FEW else f"%({name})s::bigint[]"
