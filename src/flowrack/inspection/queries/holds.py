"""Reads of holds: which one is in the way, one of them, and lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold with the names of what it is on."""

    id: int
    number: str
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    lot_id: int
    lot: str
    lpn: str
    location: str
    quality: str
    units: int
    left_units: int
    reason: str
    cause: str
    owner_id: int
    owner: str
    due_at: datetime | None
    placed_by_id: int
    placed_by: str
    placed_at: datetime
    closed_at: datetime | None
    inspection_id: int
    inspection: str

    @property
    def state(self) -> str:
        """Open or released."""
        return "released" if self.closed_at else "open"

    @property
    def named(self) -> str:
        """The hold as a refusal names it."""
        return f"{self.number} ({self.reason}; {self.owner} decides)"


HOLD = """
    SELECT h.id, h.number, h.site_id, w.name AS site, h.item_id, i.sku, i.name, h.lot_id, t.code AS lot, p.code AS lpn,
           l.code AS location, h.quality, h.units, h.left_units, h.reason, h.cause, h.owner_id,
           o.full_name AS owner, h.due_at, h.placed_by_id, b.full_name AS placed_by, h.placed_at, h.closed_at,
           coalesce(h.inspection_id, 0) AS inspection_id, coalesce(n.number, '') AS inspection
    FROM inspection_hold h
    JOIN locations_site w ON w.id = h.site_id JOIN catalog_item i ON i.id = h.item_id
    JOIN catalog_lot t ON t.id = h.lot_id JOIN locations_lpn p ON p.id = h.lpn_id
    JOIN locations_location l ON l.id = h.location_id
    JOIN platform_user o ON o.id = h.owner_id JOIN platform_user b ON b.id = h.placed_by_id
    LEFT JOIN inspection_inspection n ON n.id = h.inspection_id
"""


def hold_row(hold_id: int) -> HoldRow | None:
    """One hold. One query."""
    row = sql.fetch_one(HOLD + " WHERE h.id = %s", (hold_id,))
    return HoldRow(*row) if row else None


def open_holds_of_site(site_ids: Sequence[int], *, limit: int = 200) -> list[HoldRow]:
    """Open holds at sites (0 = all), the oldest first. One query."""
    rows = sql.fetch_all(
        HOLD
        + """
        WHERE h.closed_at IS NULL AND (0 = ANY(%s::bigint[]) OR h.site_id = ANY(%s::bigint[])) ORDER BY h.id LIMIT %s
        """,
        (list(site_ids), list(site_ids), limit),
    )
    return [HoldRow(*row) for row in rows]


def open_holds_of(inspection_id: int) -> list[HoldRow]:
    """The open holds that the verdict of an inspection placed, the oldest first. One query."""
    rows = sql.fetch_all(HOLD + " WHERE h.closed_at IS NULL AND h.inspection_id = %s ORDER BY h.id", (inspection_id,))
    return [HoldRow(*row) for row in rows]


def holds_on(site_id: int, item_ids: Sequence[int]) -> dict[tuple[int, int], HoldRow]:
    """The oldest open hold on each (item, lot) at a site. One query."""
    rows = sql.fetch_all(
        HOLD + " WHERE h.closed_at IS NULL AND h.site_id = %s AND h.item_id = ANY(%s::bigint[]) ORDER BY h.id DESC",
        (site_id, list(item_ids)),
    )
    found = [HoldRow(*row) for row in rows]
    return {(hold.item_id, hold.lot_id): hold for hold in found}


def in_the_way_of(rows: Sequence[Sequence[Any]]) -> dict[int, tuple[str, str]]:
    """The answer of `ask_in_the_way`: (number, words) by item."""
    return {row[0]: (row[1], row[2]) for row in rows}


def ask_in_the_way(item_ids: Sequence[int], site_id: int) -> sql.Asked:
    """What keeps units of each item from being promised at a site: the largest of each. One query."""
    return (
        """
        SELECT DISTINCT ON (x.item_id) x.item_id, x.number, x.words
        FROM (
            SELECT h.item_id, h.left_units AS units, h.number, h.left_units || ' are held by ' || h.number || ' (' ||
                   h.reason || '; ' || u.full_name || ' decides)' AS words
            FROM inspection_hold h JOIN platform_user u ON u.id = h.owner_id
            WHERE h.closed_at IS NULL AND h.site_id = %s AND h.item_id = ANY(%s::bigint[])
            UNION ALL
            SELECT n.item_id, n.lot_units, n.number, n.lot_units || ' are in inspection ' || n.number
            FROM inspection_inspection n
            WHERE n.state IN ('open', 'started', 'sorting') AND n.quality = 'inspection' AND n.site_id = %s
              AND n.item_id = ANY(%s::bigint[])
        ) x ORDER BY x.item_id, x.units DESC, x.number
        """,
        (site_id, list(item_ids), site_id, list(item_ids)),
    )


@dataclass(frozen=True, slots=True)
class HoldReleaseRow:
    """Units of a hold that came free: why, by whom and when."""

    units: int
    reason: str
    released_by: str
    released_at: datetime


def releases_of_hold(hold_id: int, *, limit: int = 50) -> tuple[list[HoldReleaseRow], int]:
    """What came free of a hold, the newest first up to a limit, and how many releases there are. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.units, r.reason, u.full_name, r.released_at, count(*) OVER ()
        FROM inspection_holdrelease r JOIN platform_user u ON u.id = r.released_by_id
        WHERE r.hold_id = %s ORDER BY r.id DESC LIMIT %s
        """,
        (hold_id, limit),
    )
    return [HoldReleaseRow(*row[:4]) for row in rows], rows[0][4] if rows else 0


def hold_list(query: ListQuery) -> Page[HoldRow]:
    """Every hold, for its list."""
    return sql_page(query, HoldRow, HOLD, search=("number", "sku", "name", "lot", "reason"), site_column="site_id")


_LOOK_UP = numbered(
    "inspection_hold",
    "i.sku || ' ' || i.name || ', ' || CASE WHEN d.closed_at IS NULL THEN 'open' ELSE 'closed' END",
    joins="JOIN catalog_item i ON i.id = d.item_id",
)


def look_up_holds(text: str, sites: frozenset[int]) -> list[Found]:
    """Holds by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)
