"""Reads of open quotes as things stand now: which of them cannot be kept any more, and what their days are by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation import queries_outlook, queries_pegs, rules_cover
from flowrack.platform import sql
from flowrack.promise import queries
from flowrack.promise.rules_kept import IN_STOCK, Changed, Cover, HeldPart, changed

Pair = tuple[int, int]  # item, site


def open_of(site_ids: Sequence[int], item_ids: Sequence[int] | None = None) -> list[int]:
    """Open quotes that hold items (None: any) at sites. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT q.id FROM promise_quote q JOIN promise_quotepart p ON p.quote_id = q.id AND p.is_open
        WHERE q.state = 'open' AND p.site_id = ANY(%s::bigint[])
          AND (%s::bigint[] IS NULL OR p.item_id = ANY(%s::bigint[])) ORDER BY q.id
        """,
        (list(site_ids), item_ids, item_ids),
    )
    return [row[0] for row in rows]


def open_for_lines(po_line_ids: Sequence[int]) -> list[int]:
    """Open quotes that hold goods to come of the items of PO lines at their sites. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT p.quote_id FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
        JOIN promise_quotepart p ON p.item_id = l.item_id AND p.site_id = po.site_id AND p.is_open
                                AND NOT p.is_committed
        WHERE l.id = ANY(%s::bigint[]) ORDER BY 1
        """,
        (list(po_line_ids),),
    )
    return [row[0] for row in rows]


def open_for_pos(po_ids: Sequence[int]) -> list[int]:
    """Open quotes that hold goods to come of the items of POs at their sites. One query."""
    rows = sql.fetch_all("SELECT id FROM purchasing_poline WHERE po_id = ANY(%s::bigint[])", (list(po_ids),))
    return open_for_lines([row[0] for row in rows])


@dataclass(frozen=True, slots=True)
class Doubt:
    """When the last of an open quote was to leave, and why it cannot be kept any more; "" where it can."""

    ships_on: date
    doubt: str


def doubts_of(quote_ids: Sequence[int]) -> dict[int, Doubt]:
    """What is said of open quotes. One query."""
    rows = sql.fetch_all(
        "SELECT id, ships_on, doubt FROM promise_quote WHERE id = ANY(%s::bigint[]) AND state = 'open'",
        (list(quote_ids),),
    )
    return {row[0]: Doubt(row[1], row[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class Doubted:
    """An open quote that cannot be kept any more."""

    id: int
    number: str
    customer: str
    doubt: str


def doubted_of(user_id: int, now: datetime) -> list[Doubted]:
    """The open quotes of a person that cannot be kept any more, the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT q.id, q.number, c.name, q.doubt FROM promise_quote q JOIN parties_party c ON c.id = q.customer_id
        WHERE q.state = 'open' AND q.doubt <> '' AND q.placed_by_id = %s AND q.expires_at > %s
        ORDER BY q.id DESC LIMIT 5
        """,
        (user_id, now),
    )
    return [Doubted(*row) for row in rows]


def changes(quote_ids: Sequence[int], now: datetime) -> dict[int, list[Changed]]:
    """What became of the days of open quotes; nothing of those that stand. A constant number of queries for a site."""
    parts = _parts(quote_ids)
    if not parts:
        return {}
    sites = queries.sites(sorted({part.site_id for part in parts}), now)
    covers = _covers(sorted({(part.item_id, part.site_id) for part in parts if not part.is_committed}), now)
    found: dict[int, list[Changed]] = {}
    for part in parts:
        one = changed(part, sites[part.site_id], covers.get(part.part_id, IN_STOCK))
        if one is not None:
            found.setdefault(part.quote_id, []).append(one)
    return found


def _parts(quote_ids: Sequence[int]) -> list[HeldPart]:
    rows = sql.fetch_all(
        """
        SELECT p.quote_id, p.id, p.item_id, i.sku, p.site_id, p.units, p.is_committed, p.ships_on,
               coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0))
        FROM promise_quotepart p JOIN promise_quote q ON q.id = p.quote_id JOIN catalog_item i ON i.id = p.item_id
        LEFT JOIN parties_customerterms t ON t.party_id = q.customer_id
        LEFT JOIN parties_address a ON a.party_id = q.customer_id AND a.is_default
        WHERE p.quote_id = ANY(%s::bigint[]) AND p.is_open ORDER BY p.id
        """,
        (list(quote_ids),),
    )
    return [HeldPart(*row) for row in rows]


def _covers(pairs: Sequence[Pair], now: datetime) -> dict[int, Cover]:
    """Of each part on goods to come, by its id: when it can leave, as runs of the allocation will give it."""
    found: dict[int, Cover] = {}
    if not pairs:
        return found
    scenes = queries_outlook.scenes(pairs, now)
    days: Mapping[int, date] = queries_outlook.days_of(pairs, now)
    for pair in pairs:
        wants, coming = scenes[pair]
        names = {one.po_line_id: one.number for one in coming if one.po_line_id}
        for line_id, cover in rules_cover.outlook(wants, coming, days[pair[1]]).items():
            if line_id < 0:
                on = max(cover.on, days[pair[1]]) if cover.on is not None else None
                found[queries_pegs.part_of(line_id)] = Cover(on, cover.late, names.get(cover.po_line_id, ""))
    return found
