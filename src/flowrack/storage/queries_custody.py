"""Reads of goods that belong to others: what stands there, pallets by day from the moves, and what is charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.storage.rules_custody import Rates, Standing
from flowrack.storage.types_custody import IN, OUT

OWN = 1


@dataclass(frozen=True, slots=True)
class CustodyRow:
    """Goods of another owner at one place."""

    id: int
    owner: str
    owner_id: int
    sku: str
    name: str
    units: int
    location: str
    pallet: str
    lot: str
    quality: str
    site: str
    site_id: int


_STOCK = """
    SELECT c.id, p.name AS owner, p.id AS owner_id, i.sku, i.name, c.on_hand AS units, l.code AS location,
           n.code AS pallet, t.code AS lot, c.quality, s.code AS site, c.site_id
    FROM ledger_cell c JOIN parties_party p ON p.id = c.owner_id JOIN catalog_item i ON i.id = c.item_id
    JOIN locations_location l ON l.id = c.location_id JOIN locations_lpn n ON n.id = c.lpn_id
    JOIN catalog_lot t ON t.id = c.lot_id JOIN locations_site s ON s.id = c.site_id
    WHERE c.owner_id <> 1 AND NOT c.is_virtual AND c.on_hand > 0
"""


def stock_page(query: ListQuery) -> Page[CustodyRow]:
    """Goods of others, place by place. Two queries."""
    return sql_page(
        query, CustodyRow, _STOCK, search=("owner", "sku", "name", "location", "pallet"), site_column="site_id",
        totals={"units": "sum(units)"},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner who is not our own company."""

    id: int
    code: str
    name: str


def owners() -> list[OwnerRow]:
    """Companies whose goods may lie here, by name. One query."""
    rows = sql.fetch_all(
        "SELECT id, code, name FROM parties_party WHERE is_owner AND is_active AND id <> 1 ORDER BY name, id LIMIT 500"
    )
    return [OwnerRow(*row) for row in rows]


def rates_of(owner_id: int) -> list[Rates]:
    """The rates that were agreed with an owner, by day. One query."""
    rows = sql.fetch_all(
        "SELECT valid_from, pallet_day, pallet_in, pallet_out FROM storage_custodyrates WHERE owner_id = %s ORDER BY 1",
        (owner_id,),
    )
    return [Rates(*row) for row in rows]


_DAYS = """
    WITH change AS MATERIALIZED (
        SELECT c.lpn_id, c.item_id, p.booked_on AS on, m.reason, x.sign * m.units AS units, p.id AS posting_id
        FROM ledger_cell c
        CROSS JOIN LATERAL (
            SELECT m.id, 1 AS sign FROM ledger_move m WHERE m.to_cell_id = c.id
            UNION ALL
            SELECT m.id, -1 FROM ledger_move m WHERE m.from_cell_id = c.id
        ) AS x
        JOIN ledger_move m ON m.id = x.id JOIN ledger_posting p ON p.id = m.posting_id
        WHERE c.owner_id = %(owner)s AND c.site_id = %(site)s AND NOT c.is_virtual AND p.booked_on <= %(until)s
    ), days AS (
        SELECT d::date AS on FROM generate_series(%(since)s::date, %(until)s::date, interval '1 day') AS d
    ), full_pallet AS (
        SELECT item_id, factor FROM catalog_packlevel WHERE level = 'pallet'
    ), standing AS (
        SELECT d.on, c.lpn_id, c.item_id, sum(c.units)::bigint AS units
        FROM days d JOIN change c ON c.on <= d.on GROUP BY 1, 2, 3 HAVING sum(c.units) > 0
    ), handled AS (
        SELECT c.on, c.reason, c.lpn_id, c.item_id, abs(sum(c.units))::bigint AS units
        FROM change c WHERE c.reason IN (%(came)s, %(left)s) AND c.on >= %(since)s
          AND NOT EXISTS (SELECT FROM ledger_posting r WHERE r.reverses_id = c.posting_id)
        GROUP BY 1, 2, 3, 4
    )
    SELECT d.on,
           (SELECT count(DISTINCT s.lpn_id) FILTER (WHERE s.lpn_id <> 0)
                   + coalesce(sum(ceil(s.units::numeric / coalesce(f.factor, s.units))) FILTER (WHERE s.lpn_id = 0), 0)
            FROM standing s LEFT JOIN full_pallet f ON f.item_id = s.item_id WHERE s.on = d.on)::bigint,
           (SELECT coalesce(sum(s.units), 0) FROM standing s WHERE s.on = d.on)::bigint,
           {came}, {left}
    FROM days d ORDER BY d.on
"""
_HANDLED = """
    (SELECT count(DISTINCT h.lpn_id) FILTER (WHERE h.lpn_id <> 0)
            + coalesce(sum(ceil(h.units::numeric / coalesce(f.factor, h.units))) FILTER (WHERE h.lpn_id = 0), 0)
     FROM handled h LEFT JOIN full_pallet f ON f.item_id = h.item_id
     WHERE h.on = d.on AND h.reason = %({reason})s AND h.units > 0)::bigint"""


def days_of(owner_id: int, site_id: int, since: date, until: date) -> list[Standing]:
    """Pallets of an owner at a site day by day, from the moves of his goods. One query.

    A pallet with a code is one; loose goods count as started pallets of their item, one for an item that has no size of
    a pallet. What was reversed stood there until then, but did not come or leave.
    """
    rows = sql.fetch_all(
        _DAYS.format(came=_HANDLED.format(reason="came"), left=_HANDLED.format(reason="left")),
        {"owner": owner_id, "site": site_id, "since": since, "until": until, "came": IN, "left": OUT},
    )
    return [Standing(*row) for row in rows]
