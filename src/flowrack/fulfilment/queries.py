"""Reads of fulfilment: what is staged, the pick board, one picker's next pick, cartons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.fulfilment.types import StagedUnits
from flowrack.platform import sql
from flowrack.platform.lookup import Found, numbered
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page


def staged(order_ids: Sequence[int]) -> list[StagedUnits]:
    """What of the orders is picked and stands on the staging locations, from the ledger's reservations. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, e.item_id, e.lot_id, e.owner_id, e.id, e.location_id, e.lpn_id, e.quality, r.units
        FROM sales_orderline l
        JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        WHERE l.order_id = ANY(%s::bigint[])
        ORDER BY l.order_id, l.line_no, e.id
        """,
        (list(order_ids),),
    )
    return [StagedUnits(*row) for row in rows]


def orders_in_totes(tote_ids: Sequence[int]) -> dict[int, set[int]]:
    """Whose goods are in the totes: LPN -> order ids. One query."""
    rows = sql.fetch_all(
        """
        SELECT e.lpn_id, l.order_id
        FROM ledger_cell e JOIN ledger_reservation r ON r.cell_id = e.id AND r.ref LIKE 'sales.line:%%'
        JOIN sales_orderline l ON l.id = substr(r.ref, 12)::bigint
        WHERE e.lpn_id = ANY(%s::bigint[]) AND e.lpn_id <> 0 AND e.on_hand > 0
        """,
        (list(tote_ids),),
    )
    found: dict[int, set[int]] = {}
    for lpn_id, order_id in rows:
        found.setdefault(lpn_id, set()).add(order_id)
    return found


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One wave on the pick board."""

    id: int
    number: str
    site: str
    site_id: int
    released_at: datetime
    released_by: str
    orders: int
    picks: int
    open: int
    done: int
    short: int
    units: int
    units_done: int
    pickers: str
    last_done_at: datetime | None
    first_due: date | None
    standing: str


_WAVES = """
    SELECT w.id, w.number, s.name AS site, w.site_id, w.released_at,
           coalesce(nullif(u.full_name, ''), u.username) AS released_by, t.*,
           CASE WHEN t.open = 0 THEN 'done' WHEN t.done + t.short > 0 THEN 'picking' ELSE 'open' END AS standing
    FROM fulfilment_wave w JOIN locations_site s ON s.id = w.site_id JOIN platform_user u ON u.id = w.released_by_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT p.order_id) AS orders,
               count(*) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')) AS picks,
               count(*) FILTER (WHERE p.state = 'open') AS open, count(*) FILTER (WHERE p.state = 'picked') AS done,
               count(*) FILTER (WHERE p.state = 'short') AS short,
               coalesce(sum(p.units) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')), 0)::bigint AS units,
               coalesce(sum(p.units) FILTER (WHERE p.state = 'picked'), 0)::bigint AS units_done,
               coalesce(string_agg(DISTINCT coalesce(nullif(d.full_name, ''), d.username), ', ')
                        FILTER (WHERE p.state <> 'cancelled'), '') AS pickers,
               max(p.done_at) FILTER (WHERE p.state <> 'cancelled') AS last_done_at, min(o.ship_by_on) AS first_due
        FROM fulfilment_pickline p JOIN sales_order o ON o.id = p.order_id
        LEFT JOIN platform_user d ON d.id = p.done_by_id
        WHERE p.wave_id = w.id
    ) AS t
"""


def wave_list(query: ListQuery) -> Page[WaveRow]:
    """Waves with their progress. Two queries."""
    return sql_page(
        query,
        WaveRow,
        _WAVES,
        search=("number", "pickers"),
        totals={"units": "sum(units)", "units_done": "sum(units_done)"},
        site_column="site_id",
    )


def waves(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[WaveRow]:
    """Waves with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _WAVES
        + """ WHERE w.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR w.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY w.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [WaveRow(*row) for row in rows]


def wave_id_of(number: str) -> int | None:
    """The id behind a wave number. One query."""
    found: int | None = sql.fetch_value("SELECT id FROM fulfilment_wave WHERE number = %s", (number,))
    return found


@dataclass(frozen=True, slots=True)
class PickRow:
    """One pick as the board and the scanner show it."""

    id: int
    wave_id: int
    wave: str
    sequence: int
    site_id: int
    order_id: int
    order: str
    customer: str
    line_id: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot_id: int
    lot: str
    expires_on: date | None
    location_id: int
    location: str
    lpn_id: int
    lpn: str
    units: int
    state: str
    tote_id: int | None
    tote: str
    done_by: str
    done_at: datetime | None
    short_reason: str


_PICK = """
    SELECT p.id, p.wave_id, w.number, p.sequence, w.site_id, p.order_id, o.number, c.name, p.order_line_id, p.item_id,
           i.sku, i.name, i.base_uom, p.lot_id, t.code, t.expires_on, p.location_id, b.code, p.lpn_id, n.code, p.units,
           p.state, p.tote_id, coalesce(x.code, ''), coalesce(nullif(u.full_name, ''), u.username, ''), p.done_at,
           p.short_reason
    FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id JOIN sales_order o ON o.id = p.order_id
    JOIN parties_party c ON c.id = o.customer_id JOIN catalog_item i ON i.id = p.item_id
    JOIN catalog_lot t ON t.id = p.lot_id JOIN locations_location b ON b.id = p.location_id
    JOIN locations_lpn n ON n.id = p.lpn_id LEFT JOIN locations_lpn x ON x.id = p.tote_id
    LEFT JOIN platform_user u ON u.id = p.done_by_id
"""


def picks_of_wave(wave_id: int, *, limit: int = 500) -> list[PickRow]:
    """The picks of a wave in walking order. One query."""
    rows = sql.fetch_all(_PICK + "WHERE p.wave_id = %s ORDER BY p.sequence, p.id LIMIT %s", (wave_id, limit))
    return [PickRow(*row) for row in rows]


def picks_of_order(order_id: int, *, limit: int = 500) -> list[PickRow]:
    """The picks of an order, newest first. One query."""
    rows = sql.fetch_all(_PICK + "WHERE p.order_id = %s ORDER BY p.id DESC LIMIT %s", (order_id, limit))
    return [PickRow(*row) for row in rows]


def pick(pick_id: int) -> PickRow | None:
    """One pick. One query."""
    row = sql.fetch_one(_PICK + "WHERE p.id = %s", (pick_id,))
    return PickRow(*row) if row else None


def first_pick(which: str, key: int, skip: Sequence[int]) -> PickRow | None:
    """The first of the picks in walking order; skipped ones come last. One query."""
    row = sql.fetch_one(
        _PICK + f"WHERE {which} ORDER BY p.id = ANY(%s::bigint[]), p.place, p.id LIMIT 1", (key, list(skip))
    )
    return PickRow(*row) if row else None


def picks_done(which: str, key: int, actor_id: int, *, limit: int) -> list[PickRow]:
    """What a person picked last of these, newest first. One query."""
    rows = sql.fetch_all(
        _PICK
        + f"WHERE {which} AND p.done_by_id = %s AND p.state = 'picked' ORDER BY p.done_at DESC, p.id DESC LIMIT %s",
        (key, actor_id, limit),
    )
    return [PickRow(*row) for row in rows]


def access_wave(wave_id: int, site_ids: frozenset[int]) -> tuple[int, str, int] | None:
    """(id, number, site) of a wave that the person may see; None otherwise. One query."""
    row = sql.fetch_one("SELECT id, number, site_id FROM fulfilment_wave WHERE id = %s", (wave_id,))
    if row is None or not (0 in site_ids or row[2] in site_ids):
        return None
    return (row[0], row[1], row[2])


@dataclass(frozen=True, slots=True)
class CartonRow:
    """One carton of an order."""

    id: int
    lpn_id: int
    sscc: str
    order_id: int
    state: str
    weight_g: int
    packed_by: str
    packed_at: datetime
    units: int
    lines: int


def cartons(order_ids: Sequence[int]) -> list[CartonRow]:
    """The cartons of orders that were not unpacked. One query."""
    rows = sql.fetch_all(
        """
        SELECT k.id, k.lpn_id, k.sscc, k.order_id, k.state, k.weight_g, coalesce(nullif(u.full_name, ''), u.username),
               k.packed_at, coalesce(sum(l.units), 0)::bigint, count(l.id)
        FROM fulfilment_carton k JOIN platform_user u ON u.id = k.packed_by_id
        LEFT JOIN fulfilment_cartonline l ON l.carton_id = k.id
        WHERE k.order_id = ANY(%s::bigint[]) AND k.state <> 'unpacked'
        GROUP BY k.id, u.id ORDER BY k.id
        """,
        (list(order_ids),),
    )
    return [CartonRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StagedRow:
    """Picked units of an order in words, for the pack station."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    name: str
    lot_id: int
    lot: str
    lpn_id: int
    lpn: str
    location: str
    units: int
    is_packed: bool


def staged_in_words(order_id: int) -> list[StagedRow]:
    """What of an order is picked, with item, lot and LPN in words. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.line_no, e.item_id, i.sku, i.name, e.lot_id, t.code, e.lpn_id, n.code, b.code, r.units,
               EXISTS (SELECT FROM fulfilment_carton k WHERE k.lpn_id = e.lpn_id AND k.state = 'packed')
        FROM sales_orderline l
        JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        JOIN catalog_item i ON i.id = e.item_id JOIN catalog_lot t ON t.id = e.lot_id
        JOIN locations_lpn n ON n.id = e.lpn_id JOIN locations_location b ON b.id = e.location_id
        WHERE l.order_id = %s ORDER BY l.line_no, e.id
        """,
        (order_id,),
    )
    return [StagedRow(*row) for row in rows]


_LOOK_UP = numbered("fulfilment_wave", "s.name", joins="JOIN locations_site s ON s.id = d.site_id")


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Waves by number. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
