"""What leaves a site until a day beyond what is there: what of the coming goods is spoken for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from flowrack.planning.queries import WINDOW_DAYS
from flowrack.platform import sql
from flowrack.purchasing.types_cover import Key


def claims(until: Mapping[Key, date], now: datetime) -> dict[Key, int]:
    """Units of (site, item) that leave until a day and are not on hand. One query.

    = max(0, the larger of what customers wait for and of daily demand x days until then, less what is on hand fit for
    sale). Daily demand is what customers ordered at the site in the last 56 days, or since its first order if that is
    shorter, but at least 7 days; part units count as whole ones.
    """
    keys = list(until)
    rows = sql.fetch_all(
        """
        WITH asked AS (
            SELECT a.site, a.item, greatest(0, a.day - (%(now)s::timestamptz AT TIME ZONE s.timezone)::date) AS days
            FROM unnest(%(sites)s::bigint[], %(items)s::bigint[], %(days)s::date[]) AS a(site, item, day)
            JOIN locations_site s ON s.id = a.site
        ), ages AS (
            SELECT a.site, least(%(window)s, greatest(7, extract(day FROM %(now)s::timestamptz
                   - (SELECT min(ordered_at) FROM sales_order o WHERE o.site_id = a.site))::int + 1)) AS days
            FROM (SELECT DISTINCT site FROM asked) AS a
        )
        SELECT a.site, a.item,
               greatest(0, greatest(w.units, ceil(d.units::numeric * a.days / g.days)) - h.units)::bigint
        FROM asked a JOIN ages g ON g.site = a.site AND g.days IS NOT NULL
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.units), 0) AS units FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.item_id = a.item AND o.site_id = a.site AND o.ordered_at <= %(now)s::timestamptz
              AND o.ordered_at > %(now)s::timestamptz - make_interval(days => %(window)s)
              AND (l.held_at_units IS NULL OR NOT EXISTS (
                    SELECT FROM sales_hold q WHERE q.order_id = l.order_id AND q.line_id = l.id AND q.kind = 'quantity'
                    AND q.ended_at IS NULL))
        ) AS d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.units - l.picked_units - l.shipped_units - l.cancelled_units), 0) AS units
            FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.item_id = a.item AND o.site_id = a.site AND o.state IN ('confirmed', 'released')
              AND (l.held_at_units IS NULL OR NOT EXISTS (
                    SELECT FROM sales_hold q WHERE q.order_id = l.order_id AND q.line_id = l.id AND q.kind = 'quantity'
                    AND q.ended_at IS NULL))
        ) AS w
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(receiving + reserve + forward_pick + inspection), 0) AS units
            FROM ledger_pool p WHERE p.site_id = a.site AND p.item_id = a.item AND p.owner_id = 1
        ) AS h
        """,
        {
            "now": now,
            "sites": [site for site, _ in keys],
            "items": [item for _, item in keys],
            "days": [until[key] for key in keys],
            "window": WINDOW_DAYS,
        },
    )
    return {(row[0], row[1]): row[2] for row in rows if row[2]}
