"""Reads of modes and suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.allocation.types_modes import DAYS
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


def is_watched(site_id: int) -> bool:
    """Whether anything happens by itself at a site. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM allocation_allocationmode
                           WHERE ended_at IS NULL AND mode <> 'off' AND (site_id = %s OR site_id IS NULL))
            """,
            (site_id,),
        )
    )


def modes_of(item_ids: Sequence[int], site_id: int) -> dict[int, tuple[str, str]]:
    """(Mode, velocity class) of each item at a site: the site's own before the company's, the class before all. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, coalesce(m.mode, 'off'), i.velocity FROM catalog_item i
        LEFT JOIN LATERAL (
            SELECT m.mode FROM allocation_allocationmode m
            WHERE m.ended_at IS NULL AND (m.site_id = %s OR m.site_id IS NULL) AND m.velocity IN ('', i.velocity)
            ORDER BY m.site_id IS NULL, m.velocity = '' LIMIT 1
        ) AS m ON true
        WHERE i.id = ANY(%s::bigint[]) ORDER BY i.id
        """,
        (site_id, list(item_ids)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def mode_in_force(site_id: int, velocity: str) -> tuple[int, int, str]:
    """(Id, newest version, mode) that was set for exactly this site (0 = the company) and class. One query."""
    row = sql.fetch_one(
        """
        SELECT coalesce(max(id) FILTER (WHERE ended_at IS NULL), 0), coalesce(max(version), 0),
               coalesce(max(mode) FILTER (WHERE ended_at IS NULL), 'off')
        FROM allocation_allocationmode WHERE site_id IS NOT DISTINCT FROM nullif(%s, 0) AND velocity = %s
        """,
        (site_id, velocity),
    )
    assert row is not None, "an aggregate gives one row"
    return row[0], row[1], row[2]


def agreement(site_id: int, velocity: str, *, now: datetime) -> tuple[int, int]:
    """(Agreed, decided) suggestions of a site (0 = all) and class ("" = all) in the last months. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE state = 'agreed'), count(*) FROM allocation_suggestion
        WHERE state IN ('agreed', 'changed', 'dropped') AND (%(site)s = 0 OR site_id = %(site)s)
          AND (%(velocity)s::text = '' OR velocity = %(velocity)s)
          AND decided_at > %(now)s - make_interval(days => %(days)s)
        """,
        {"site": site_id, "velocity": velocity, "now": now, "days": DAYS},
    )
    assert row is not None, "an aggregate gives one row"
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class SuggestedFor:
    """An open suggestion: its site and item, and units by order line."""

    id: int
    site_id: int
    item_id: int
    lines: dict[int, int]


def open_suggestions(suggestion_ids: Sequence[int]) -> list[SuggestedFor]:
    """Open suggestions, by id. One query."""
    found: dict[int, SuggestedFor] = {}
    for key, site_id, item_id, line_id, units in sql.fetch_all(
        """
        SELECT s.id, s.site_id, s.item_id, l.order_line_id, l.units FROM allocation_suggestion s
        JOIN allocation_suggestedline l ON l.suggestion_id = s.id
        WHERE s.id = ANY(%s::bigint[]) AND s.state = 'open' ORDER BY s.id, l.id
        """,
        (list(suggestion_ids),),
    ):
        found.setdefault(key, SuggestedFor(key, site_id, item_id, {})).lines[line_id] = units
    return list(found.values())


def items_of(line_ids: Sequence[int]) -> dict[int, list[int]]:
    """By site the items of order lines. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT l.item_id ORDER BY l.item_id) FROM sales_orderline l
        JOIN sales_order o ON o.id = l.order_id WHERE l.id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY 1
        """,
        (list(line_ids),),
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A suggestion in a list."""

    id: int
    item_id: int
    sku: str
    name: str
    velocity: str
    site: str
    site_id: int
    units: int
    lines: int
    first: str
    mode: str
    cause: str
    state: str
    made_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str


_SUGGESTIONS = """
    SELECT g.id, i.id AS item_id, i.sku, i.name, g.velocity, s.code AS site, g.site_id, g.units, f.lines, f.first,
           coalesce(m.mode, 'off') AS mode, g.cause, g.state, g.made_at,
           coalesce(nullif(u.full_name, ''), u.username, '') AS decided_by, g.decided_at, g.reason
    FROM allocation_suggestion g JOIN catalog_item i ON i.id = g.item_id JOIN locations_site s ON s.id = g.site_id
    LEFT JOIN platform_user u ON u.id = g.decided_by_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, string_agg(o.number || ' ' || l.units, ', ' ORDER BY l.id) FILTER (WHERE l.n <= 3)
               AS first
        FROM (SELECT x.*, row_number() OVER (ORDER BY x.id) AS n FROM allocation_suggestedline x
              WHERE x.suggestion_id = g.id) AS l
        JOIN sales_orderline ol ON ol.id = l.order_line_id JOIN sales_order o ON o.id = ol.order_id
    ) AS f
    LEFT JOIN LATERAL (
        SELECT m.mode FROM allocation_allocationmode m
        WHERE m.ended_at IS NULL AND (m.site_id = g.site_id OR m.site_id IS NULL) AND m.velocity IN ('', g.velocity)
        ORDER BY m.site_id IS NULL, m.velocity = '' LIMIT 1
    ) AS m ON true
    WHERE g.state <> 'replaced'
"""


def open_list(site_ids: frozenset[int], *, limit: int = 500) -> list[SuggestionRow]:
    """Open suggestions at sites (0 = all), the oldest first. One query."""
    rows = sql.fetch_all(
        f"""
        {_SUGGESTIONS} AND g.state = 'open'
          AND (0 = ANY(%(sites)s::bigint[]) OR g.site_id = ANY(%(sites)s::bigint[])) ORDER BY g.id LIMIT %(limit)s
        """,
        {"sites": sorted(site_ids), "limit": limit},
    )
    return [SuggestionRow(*row) for row in rows]


def suggestion_page(query: ListQuery) -> Page[SuggestionRow]:
    """Suggestions, open and decided. Two queries."""
    return sql_page(
        query,
        SuggestionRow,
        _SUGGESTIONS,
        search=("sku", "name", "first"),
        totals={"units": "sum(units)"},
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class ModeRow:
    """A mode with how often people agreed under it."""

    id: int
    site: str
    velocity: str
    mode: str
    version: int
    agreed: int
    decided: int
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


def modes(*, now: datetime) -> list[ModeRow]:
    """All modes, in force first. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, coalesce(s.code, 'every site'), coalesce(nullif(m.velocity, ''), 'all'), m.mode, m.version,
               a.agreed, a.decided, m.reason, coalesce(nullif(u.full_name, ''), u.username), m.set_at, m.ended_at
        FROM allocation_allocationmode m JOIN platform_user u ON u.id = m.set_by_id
        LEFT JOIN locations_site s ON s.id = m.site_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE g.state = 'agreed') AS agreed, count(*) AS decided
            FROM allocation_suggestion g
            WHERE g.state IN ('agreed', 'changed', 'dropped') AND (m.site_id IS NULL OR g.site_id = m.site_id)
              AND (m.velocity = '' OR g.velocity = m.velocity) AND g.decided_at > %s - make_interval(days => %s)
        ) AS a
        ORDER BY m.ended_at NULLS FIRST, m.id DESC LIMIT 500
        """,
        (now, DAYS),
    )
    return [ModeRow(*row) for row in rows]
