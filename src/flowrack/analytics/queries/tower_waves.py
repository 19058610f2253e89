"""Waves that cannot make their cut-off, for the control tower."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flowrack.analytics.types import Trouble
from flowrack.platform import sql


def slipped_waves(site_id: int, now: datetime, limit: int) -> list[Trouble]:
    """Waves past the time by which they had to be picked, with what of them is not; the earliest cut-off first."""
    rows = sql.fetch_all(
        """
        SELECT w.id, w.number, r.template, r.pick_until, r.cut_off_at, s.timezone, t.picks, t.orders, t.value,
               (r.cut_off_at AT TIME ZONE s.timezone)::date
        FROM waves_run r JOIN fulfilment_wave w ON w.id = r.wave_id JOIN locations_site s ON s.id = w.site_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS picks, count(DISTINCT p.order_id) AS orders, sum(p.units * l.unit_price) AS value
            FROM fulfilment_pickline p JOIN sales_orderline l ON l.id = p.order_line_id
            WHERE p.wave_id = w.id AND p.state = 'open'
        ) AS t
        WHERE r.pick_until < %(now)s AND r.pick_until > %(now)s::timestamptz - interval '7 days' AND t.picks > 0
          AND (%(site)s = 0 OR w.site_id = %(site)s)
        ORDER BY r.cut_off_at, w.id LIMIT %(limit)s
        """,
        {"now": now, "site": site_id, "limit": limit},
    )
    found = []
    for key, number, template, until, cut_off, timezone, picks, orders, value, day in rows:
        at = f"{cut_off.astimezone(ZoneInfo(timezone)):%H:%M}"
        text = f"{template}: {picks:,} {'pick' if picks == 1 else 'picks'} of {orders:,} "
        text += f"{'order' if orders == 1 else 'orders'} open, cut-off {at}"
        found.append(
            Trouble("wave", "bad", "now", number, text, "fulfilment_wave", key, until, value, day, "Wave slipped",
                    "Planner", "Re-plan")
        )  # fmt: skip
    return found
