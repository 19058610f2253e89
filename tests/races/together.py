"""Runs two or more pieces of work at the same instant, each on its own connection, and collects what came of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from django.db import connection

from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError


def waiting() -> int:
    """How many statements of this test's own database have waited for a lock for so long that they wait for somebody
    who waits for them to wait; tests beside it have databases of their own. A wait that passes by itself is none."""
    sql.fetch_value("SELECT pg_stat_clear_snapshot()")  # else a transaction sees who waited when it first looked
    return int(
        sql.fetch_value(
            """
            SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE NOT l.granted AND a.datname = current_database() AND a.backend_type = 'client backend'
              AND l.waitstart < clock_timestamp() - interval '300 ms'
            """
        )
    )


def at_the_same_time(work: Sequence[Callable[[], object]]) -> list[object]:
    """What each piece returned, or the refusal it got; anything else it raised is raised here."""
    gate = threading.Barrier(len(work))
    outcomes: list[object] = [None] * len(work)

    def run(n: int, body: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            outcomes[n] = body()
        except FlowrackError as refusal:
            outcomes[n] = refusal
        except BaseException as error:
            outcomes[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, body)) for n, body in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, FlowrackError):
            raise outcome
    return outcomes
