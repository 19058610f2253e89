"""Reads of planning: what it looks at before it proposes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.planning.types import Need
from flowrack.platform import sql

WINDOW_DAYS = 56


def needs(site_id: int, supplier_ids: Sequence[int], *, now: datetime, window_days: int = WINDOW_DAYS) -> list[Need]:
    """Items with a preferred supplier (one of those named, or any) as planning sees them at a site. One query.

    Demand is what customers ordered there in the days before `now`, whether or not it could be sent; the window is
    shorter when the first order is younger than it.
    """
    rows = sql.fetch_all(
        """
        WITH offers AS (
            SELECT s.item_id, s.supplier_id, s.moq, CASE WHEN s.multiple > 1 THEN s.multiple
                   ELSE coalesce(t.order_multiple_units, 1) END AS multiple,
                   coalesce(s.lead_time_days, t.lead_time_days, 7) AS lead_days
            FROM parties_supplieritem s JOIN parties_party p ON p.id = s.supplier_id AND p.is_active
            LEFT JOIN parties_supplierterms t ON t.party_id = s.supplier_id
            WHERE s.is_preferred AND s.is_active AND (%s::bigint[] = '{}' OR s.supplier_id = ANY(%s::bigint[]))
        ), ages AS (
            SELECT least(%s, greatest(7, extract(day FROM %s::timestamptz - min(ordered_at))::int + 1)) AS days
            FROM sales_order WHERE site_id = %s
        ), daily AS (
            SELECT l.item_id, o.ordered_at::date AS day, sum(l.units)::bigint AS units
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN offers f ON f.item_id = l.item_id
            WHERE o.site_id = %s AND o.ordered_at > %s::timestamptz - make_interval(days => %s)
              AND o.ordered_at <= %s::timestamptz
            GROUP BY l.item_id, o.ordered_at::date
        ), demand AS (
            SELECT item_id, sum(units)::bigint AS units, sum(units * units)::bigint AS squares
            FROM daily GROUP BY item_id
        ), open_demand AS (
            SELECT l.item_id,
                   sum(l.units - l.picked_units - l.shipped_units - l.cancelled_units)::bigint AS units
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN offers f ON f.item_id = l.item_id
            WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') GROUP BY l.item_id
        ), ordered AS (
            SELECT l.item_id, sum(greatest(l.units - l.received_units - l.short_units, 0))::bigint AS units
            FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
            WHERE po.site_id = %s AND po.state IN ('draft', 'approved', 'receiving') GROUP BY l.item_id
        ), there AS (
            SELECT item_id, sum(receiving + reserve + forward_pick + inspection)::bigint AS units
            FROM ledger_pool WHERE site_id = %s AND owner_id = 1 GROUP BY item_id
        )
        SELECT i.id, i.sku, f.supplier_id, coalesce(h.units, 0), coalesce(r.units, 0), coalesce(w.units, 0),
               coalesce(d.units, 0), coalesce(d.squares, 0), coalesce(ages.days, %s), f.lead_days, f.moq, f.multiple,
               i.reorder_point, i.order_up_to
        FROM offers f JOIN catalog_item i ON i.id = f.item_id AND i.is_active CROSS JOIN ages
        LEFT JOIN demand d ON d.item_id = i.id LEFT JOIN open_demand w ON w.item_id = i.id
        LEFT JOIN ordered r ON r.item_id = i.id LEFT JOIN there h ON h.item_id = i.id
        ORDER BY f.supplier_id, i.sku
        """,
        (
            list(supplier_ids),
            list(supplier_ids),
            window_days,
            now,
            site_id,
            site_id,
            now,
            window_days,
            now,
            site_id,
            site_id,
            site_id,
            window_days,
        ),
    )
    return [Need(*row) for row in rows]
