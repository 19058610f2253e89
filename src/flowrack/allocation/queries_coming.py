"""What serves a line that waits, in words: goods at the dock, transfers on the way, purchase orders, late ones last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flowrack.allocation import queries
from flowrack.allocation.queries import WaitingLine
from flowrack.allocation.queries_supply import NO_LINES, TO_COME
from flowrack.allocation.reasons import day
from flowrack.allocation.rules_coming import Coming, as_of_now, in_words
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.web.query import ListQuery, Page
from flowrack.purchasing.queries import business_days

MOST_NAMED = 3  # of an item

_ORDER = "is_overdue, due_on NULLS FIRST, document_id"

# Rows of item, what Coming holds, and what they are ordered by: what comes by its day first, what is overdue last. What
# is in inspection is told as what is in the way. `{today}` is SQL.
_NAMED = f"""
    SELECT item_id, sum(units)::bigint AS units, number, due_on,
           coalesce(due_on < {{today}} AND NOT has_left, false) AS is_overdue, has_left, document_id
    FROM ({TO_COME}) AS s WHERE kind <> 'inspection' GROUP BY item_id, number, due_on, has_left, document_id
"""  # noqa: S608 - constants

# The first of what comes of one item, for a LATERAL join of later stages' queries; the columns are those of Coming.
FIRST_COMING = f"""
    SELECT units, number, due_on, is_overdue, has_left
    FROM ({
    _NAMED.format(items="ARRAY[{item}]", sites="ARRAY[{site}]", today="{today}", without=NO_LINES)
}) AS c ORDER BY {_ORDER} LIMIT 1
"""  # noqa: S608 - constants


def incoming(item_ids: Sequence[int], site_id: int, today: date) -> dict[int, str]:
    """What brings each item next, in words, three at most. One query; `today` is the site's."""
    return incoming_of(sql.fetch_all(*ask_incoming(item_ids, site_id, today)))


def waiting_list(query: ListQuery) -> Page[WaitingLine]:
    """Lines that wait for stock, with the stored reason and what comes next now. Two queries, one for the days of the
    sites, one for what was promised, and one for each site on the page."""
    found = queries.waiting_list(query)
    days = business_days(sorted({row.site_id for row in found.rows}), now=now()) if found.rows else {}
    coming: dict[tuple[int, int], str] = {}
    for site_id, today in days.items():
        items = sorted({row.item_id for row in found.rows if row.site_id == site_id})
        coming |= {(site_id, item_id): said for item_id, said in incoming(items, site_id, today).items()}
    promised = _promised_on([row.id for row in found.rows])
    rows = []
    for row in found.rows:
        first, told = coming.get((row.site_id, row.item_id), "").partition(", ")[0], promised.get(row.id)
        if first and told is not None and told >= days[row.site_id] and " is overdue since " not in first:
            first = f"it is promised to leave on {day(told)}"  # which need not hang on what comes next
        rows.append(replace(row, sentence=as_of_now(row.sentence, first)))
    return replace(found, rows=rows)


def _promised_on(line_ids: Sequence[int]) -> dict[int, date]:
    """The day on which lines leave, as it was told last. One query."""
    return dict(
        sql.fetch_all(
            "SELECT id, promised_on FROM sales_orderline WHERE id = ANY(%s::bigint[]) AND promised_on IS NOT NULL",
            (list(line_ids),),
        )
    )


def ask_incoming(item_ids: Sequence[int], site_id: int, today: date) -> sql.Asked:
    """The question of `incoming`."""
    named = _NAMED.format(
        items="%(items)s::bigint[]", sites="ARRAY[%(site)s::bigint]", today="%(today)s::date", without=NO_LINES
    )
    return (
        f"""
        SELECT item_id, units, number, due_on, is_overdue, has_left FROM (
            SELECT c.*, row_number() OVER (PARTITION BY item_id ORDER BY {_ORDER}) AS place FROM ({named}) AS c
        ) AS r WHERE place <= {MOST_NAMED} ORDER BY item_id, place
        """,  # noqa: S608 - constants
        {"items": list(item_ids), "site": site_id, "today": today},
    )


def incoming_of(rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """The answer of `incoming`."""
    found: dict[int, list[str]] = {}
    for item_id, *row in rows:
        found.setdefault(item_id, []).append(in_words(Coming(*row)))
    return {item_id: ", ".join(named) for item_id, named in found.items()}
