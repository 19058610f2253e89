"""The hold board: everything that nobody may sell now, why, whose it is, and who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class HeldRow:
    """Units of an item and lot that are held: by a hold, an inspection, a discrepancy that nobody has decided, or
    without a record of any."""

    id: int
    kind: str
    key: int
    number: str
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    lot: str
    quality: str
    units: int
    value: Decimal
    waiting_units: int
    waiting_lines: int
    since: datetime | None
    age_days: int
    reason: str
    cause: str
    owner: str
    due_at: datetime | None
    is_late: bool


# Held cells by kind of stock, what holds and inspections account for, and the rest that nobody recorded a reason for.
# The older counts first, but of goods that came damaged the newest: what was decided on long ago has most likely left.
HELD_UNITS = """
    WITH cells AS (
        SELECT c.site_id, c.item_id, c.lot_id, c.quality, sum(c.on_hand)::bigint AS units
        FROM ledger_cell c
        WHERE NOT c.is_virtual AND c.on_hand > 0 AND c.quality IN ('hold', 'inspection', 'quarantine', 'damaged')
        GROUP BY 1, 2, 3, 4
    ), known AS (
        SELECT 'hold' AS kind, h.id AS key, h.number, h.site_id, h.item_id, h.lot_id, h.quality, h.left_units AS units,
               h.placed_at AS since, h.reason, h.owner_id, h.due_at, h.cause
        FROM inspection_hold h WHERE h.closed_at IS NULL
        UNION ALL
        SELECT 'inspection', n.id, n.number, n.site_id, n.item_id, n.lot_id, n.quality, n.lot_units, n.opened_at,
               CASE n.state WHEN 'open' THEN 'waits for its inspection' WHEN 'sorting' THEN 'every unit is sorted'
                    ELSE 'is inspected' END, n.started_by_id, NULL, 'quality'
        FROM inspection_inspection n
        WHERE n.state IN ('open', 'started', 'sorting') AND n.quality = 'inspection'
        UNION ALL
        SELECT 'discrepancy', d.id, d.number, d.site_id, d.item_id, coalesce(d.lot_id, 0),
               coalesce(l.quality, 'quarantine'), d.units - d.sent_units, d.recorded_at, d.reason,
               coalesce((SELECT po.changed_by_id FROM purchasing_po po
                         WHERE po.supplier_id = d.supplier_id AND po.approved_at IS NOT NULL
                         ORDER BY po.id DESC LIMIT 1), d.recorded_by_id), NULL,
               CASE WHEN d.kind = 'no_po' THEN 'paper' WHEN d.responsible = 'house' THEN 'system' ELSE d.responsible END
        FROM inbound_discrepancy d LEFT JOIN inbound_receiptline l ON l.id = d.receipt_line_id
        WHERE d.state = 'open' AND d.outcome = 'hold' AND d.item_id IS NOT NULL AND d.units > d.sent_units
          AND coalesce(l.quality, 'quarantine') IN ('hold', 'quarantine')
        UNION ALL
        SELECT 'discrepancy', d.id, d.number, d.site_id, d.item_id, coalesce(d.lot_id, 0), 'damaged', d.units,
               d.recorded_at, d.reason || CASE WHEN d.state = 'open' THEN '' ELSE ' (' || d.state || ')' END,
               coalesce(d.decided_by_id, d.recorded_by_id), NULL,
               CASE WHEN d.responsible = 'house' THEN 'system' ELSE d.responsible END
        FROM inbound_discrepancy d
        WHERE d.kind = 'damaged' AND d.state IN ('open', 'accepted', 'claimed', 'debited')
          AND d.item_id IS NOT NULL AND d.units > 0
    ), filled AS (
        SELECT k.*, c.units AS there,
               coalesce(sum(k.units) OVER (
                   PARTITION BY k.site_id, k.item_id, k.lot_id, k.quality
                   ORDER BY k.is_old DESC, CASE WHEN k.is_old THEN k.since END, k.since DESC, k.key
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM (SELECT *, quality <> 'damaged' OR kind <> 'discrepancy' AS is_old FROM known) k
        JOIN cells c USING (site_id, item_id, lot_id, quality)
    ), held AS (
        SELECT kind, key, number, site_id, item_id, lot_id, quality, least(units, there - before)::bigint AS units,
               since, reason, owner_id, due_at, cause
        FROM filled WHERE there > before
        UNION ALL
        SELECT 'none', 0, '', c.site_id, c.item_id, c.lot_id, c.quality, c.units - coalesce(k.units, 0),
               (SELECT min(last.occurred_at) FROM ledger_cell s CROSS JOIN LATERAL (
                    SELECT p.occurred_at FROM ledger_move m JOIN ledger_posting p ON p.id = m.posting_id
                    WHERE m.to_cell_id = s.id AND m.units > 0 ORDER BY m.id DESC LIMIT 1) AS last
                WHERE s.site_id = c.site_id AND s.item_id = c.item_id AND s.lot_id = c.lot_id
                  AND s.quality = c.quality AND NOT s.is_virtual AND s.on_hand > 0),
               'no hold, inspection or discrepancy says why', NULL, NULL, ''
        FROM cells c LEFT JOIN (
            SELECT site_id, item_id, lot_id, quality, sum(units)::bigint AS units FROM known GROUP BY 1, 2, 3, 4
        ) k USING (site_id, item_id, lot_id, quality)
        WHERE c.units > coalesce(k.units, 0)
    )
"""
HELD_ROWS = """
    SELECT row_number() OVER (ORDER BY h.since, h.kind, h.key, h.item_id, h.lot_id) AS id, h.kind, h.key, h.number,
           h.site_id, w.name AS site, h.item_id, i.sku, i.name, t.code AS lot, h.quality, h.units,
           round(h.units * coalesce(b.value / nullif(b.units, 0), 0), 2) AS value,
           coalesce(d.units, 0)::bigint AS waiting_units, coalesce(d.lines, 0)::bigint AS waiting_lines, h.since,
           greatest(%s::date - h.since::date, 0) AS age_days, h.reason, h.cause,
           coalesce(u.full_name, '') AS owner, h.due_at,
           coalesce(h.due_at < %s::timestamptz, false) AS is_late
    FROM held h
    JOIN locations_site w ON w.id = h.site_id JOIN catalog_item i ON i.id = h.item_id
    JOIN catalog_lot t ON t.id = h.lot_id LEFT JOIN platform_user u ON u.id = h.owner_id
    LEFT JOIN LATERAL (
        SELECT sum(k.units) AS units, sum(k.value) AS value FROM ledger_book k
        WHERE k.item_id = h.item_id AND k.site_id = h.site_id AND k.account = 'inventory'
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT sum(l.open_units) AS units, count(*) AS lines FROM sales_orderline l
        JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
        WHERE l.item_id = h.item_id AND o.site_id = h.site_id AND l.open_units > 0
    ) d ON true
"""
HELD = HELD_UNITS + HELD_ROWS


def held_list(query: ListQuery, now: datetime) -> Page[HeldRow]:
    """Held stock, for the board."""
    return sql_page(
        query,
        HeldRow,
        HELD,
        [now.date(), now],
        search=("number", "sku", "name", "lot", "reason", "owner"),
        totals={"units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )
