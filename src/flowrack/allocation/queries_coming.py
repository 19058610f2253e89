"""What serves a line that waits, in words: goods at the dock, transfers on the way, purchase orders, late ones last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flowrack.allocation import queries
from flowrack.allocation.queries import WaitingLine
from flowrack.allocation.rules_coming import Coming, as_of_now, in_words
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.web.query import ListQuery, Page
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.queries_confirmations import SAID, SAID_ON, SAID_OWED
from flowrack.storage.queries_transfers import COMING

MOST_NAMED = 3  # of an item


# Rows of item, what Coming holds, and what they are ordered by; `{items}`, `{site}` and `{today}` are SQL.
_FROM_INSIDE = f"""
    SELECT p.item_id, sum(p.receiving)::bigint AS units, '' AS number, NULL::date AS due_on, false AS is_overdue,
           false AS has_left, 0::bigint AS id
    FROM ledger_pool p
    WHERE p.item_id = ANY({{items}}) AND p.site_id = {{site}} AND p.owner_id = 1 AND p.receiving > 0
    GROUP BY p.item_id
    UNION ALL
    SELECT l.item_id, sum(l.units - l.received_units)::bigint, t.number, coalesce(t.due_on, t.sent_at::date),
           coalesce(t.due_on < {{today}}, false), t.due_on IS NULL, t.id
    FROM storage_transfer t JOIN storage_transferline l ON l.transfer_id = t.id
    WHERE t.to_site_id = {{site}} AND {COMING} AND l.item_id = ANY({{items}}) AND l.quality = 'available'
      AND l.units > l.received_units
    GROUP BY l.item_id, t.id
"""  # noqa: S608 - constants

_BOUGHT = f"""
    SELECT l.item_id, {SAID_OWED} AS units, o.number, {SAID_ON} AS due_on, {SAID_ON} < {{today}} AS is_overdue,
           false AS has_left, o.id
    FROM purchasing_poline l JOIN purchasing_po o ON o.id = l.po_id {SAID}
    WHERE l.item_id = {{item}} AND o.site_id = {{site}} AND o.state IN ('approved', 'receiving')
      AND l.received_units < l.units - l.short_units AND {SAID_OWED} > 0
"""  # noqa: S608 - constants

_ORDER = "is_overdue, due_on NULLS FIRST, id"

# The first of what comes of one item, for a LATERAL join of later stages' queries; the columns are those of Coming.
FIRST_COMING = f"""
    SELECT units, number, due_on, is_overdue, has_left
    FROM ({_FROM_INSIDE.replace("{items}", "ARRAY[{item}]")} UNION ALL {_BOUGHT}) AS c ORDER BY {_ORDER} LIMIT 1
"""  # noqa: S608 - constants


def incoming(item_ids: Sequence[int], site_id: int, today: date) -> dict[int, str]:
    """What brings each item next, in words, three at most. One query; `today` is the site's."""
    return incoming_of(sql.fetch_all(*ask_incoming(item_ids, site_id, today)))


def waiting_list(query: ListQuery) -> Page[WaitingLine]:
    """Lines that wait for stock, with the stored reason and what comes next now. Two queries, one for the days of the
    sites, and one for each site on the page."""
    found = queries.waiting_list(query)
    days = business_days(sorted({row.site_id for row in found.rows}), now=now()) if found.rows else {}
    coming: dict[tuple[int, int], str] = {}
    for site_id, today in days.items():
        items = sorted({row.item_id for row in found.rows if row.site_id == site_id})
        coming |= {(site_id, item_id): said for item_id, said in incoming(items, site_id, today).items()}
    rows = [
        replace(row, sentence=as_of_now(row.sentence, coming.get((row.site_id, row.item_id), "").partition(", ")[0]))
        for row in found.rows
    ]
    return replace(found, rows=rows)


def ask_incoming(item_ids: Sequence[int], site_id: int, today: date) -> sql.Asked:
    """The question of `incoming`."""
    inside = _FROM_INSIDE.format(items="%(items)s::bigint[]", site="%(site)s", today="%(today)s::date")
    bought = _BOUGHT.format(item="w.item_id", site="%(site)s", today="%(today)s::date")
    return (
        f"""
        SELECT item_id, units, number, due_on, is_overdue, has_left FROM (
            {inside}
            UNION ALL
            SELECT b.* FROM unnest(%(items)s::bigint[]) AS w(item_id)
            CROSS JOIN LATERAL ({bought} ORDER BY {_ORDER} LIMIT {MOST_NAMED}) AS b
        ) AS c ORDER BY item_id, {_ORDER}
        """,  # noqa: S608 - constants
        {"items": list(item_ids), "site": site_id, "today": today},
    )


def incoming_of(rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """The answer of `incoming`."""
    found: dict[int, list[str]] = {}
    for item_id, *row in rows:
        named = found.setdefault(item_id, [])
        if len(named) < MOST_NAMED:
            named.append(in_words(Coming(*row)))
    return {item_id: ", ".join(named) for item_id, named in found.items()}
