"""How the database finds rows, asked before it knows how many there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from flowrack.platform import sql


def plan(statement: str, params: Any, *tables: str) -> list[dict[str, Any]]:
    """The nodes of the statement's plan, as if the tables (to which no other refers) were new and of unknown size.

    Call it in a test whose transaction is rolled back. Without that the settings do nothing; and what the statistics of
    earlier tests say of a handful of rows, which all of a table is soonest read for, would decide instead.
    """
    assert connection.in_atomic_block, "a test with a transaction of its own"
    sql.execute(f"TRUNCATE {', '.join(tables)}")
    sql.execute("SET LOCAL enable_seqscan = off")  # which is right for the few rows of a test
    sql.execute("SET LOCAL enable_bitmapscan = off")  # whose heap part names no index
    rows = sql.fetch_all("EXPLAIN (FORMAT JSON) " + statement, params)
    told = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])
    return list(_nodes(told[0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)
