"""Waves that cannot make their cut-off and trucks that missed it, for the control tower."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flowrack.analytics.types import Trouble
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class _Late:
    """A wave or a truck that is late; `count` are open picks, or plates that are on it."""

    kind: str
    key: int
    number: str
    who: str
    since: datetime
    cut_off: datetime
    timezone: str
    count: int
    orders: int
    value: Decimal | None
    day: date

    @property
    def trouble(self) -> Trouble:
        """As the control tower shows it."""
        at = f"{self.cut_off.astimezone(ZoneInfo(self.timezone)):%H:%M}"
        of = f"{self.orders:,} {'order' if self.orders == 1 else 'orders'}"
        if self.kind == "load":
            text = f"{self.who} was due to leave at {at}: {self.count:,} on it, {of}"
            return Trouble("load", "bad", "now", self.number, text, "shipping_load", self.key, self.since, self.value,
                           self.day, "Truck not closed", "Shipping", "Close it")  # fmt: skip
        text = f"{self.who}: {self.count:,} {'pick' if self.count == 1 else 'picks'} of {of} open, cut-off {at}"
        return Trouble("wave", "bad", "now", self.number, text, "fulfilment_wave", self.key, self.since, self.value,
                       self.day, "Wave slipped", "Planner", "Re-plan")  # fmt: skip


def late_departures(site_id: int, now: datetime, limit: int) -> list[Trouble]:
    """Waves past the time by which they had to be picked, with what of them is not; and trucks past their cut-off that
    are not closed. Of each the earliest cut-off first. One query.
    """
    rows = sql.fetch_all(
        """
        (SELECT 'wave', w.id, w.number, r.template, r.pick_until, r.cut_off_at, s.timezone, t.picks, t.orders, t.value,
                (r.cut_off_at AT TIME ZONE s.timezone)::date
         FROM waves_run r JOIN fulfilment_wave w ON w.id = r.wave_id JOIN locations_site s ON s.id = w.site_id
         CROSS JOIN LATERAL (
             SELECT count(*) AS picks, count(DISTINCT p.order_id) AS orders, sum(p.units * l.unit_price) AS value
             FROM fulfilment_pickline p JOIN sales_orderline l ON l.id = p.order_line_id
             WHERE p.wave_id = w.id AND p.state = 'open'
         ) AS t
         WHERE r.pick_until < %(now)s AND r.pick_until > %(now)s::timestamptz - interval '7 days' AND t.picks > 0
           AND (%(site)s = 0 OR w.site_id = %(site)s)
         ORDER BY r.cut_off_at, w.id LIMIT %(limit)s)
        UNION ALL
        (SELECT 'load', h.id, h.number, coalesce(c.name, 'The truck'), h.cut_off_at, h.cut_off_at, s.timezone,
                (SELECT count(*) FROM shipping_loadedplate y WHERE y.load_id = h.id AND y.state = 'on'), t.orders,
                t.value, (h.cut_off_at AT TIME ZONE s.timezone)::date
         FROM shipping_load h JOIN locations_site s ON s.id = h.site_id LEFT JOIN parties_party c ON c.id = h.carrier_id
         CROSS JOIN LATERAL (
             SELECT count(DISTINCT x.order_id) AS orders,
                    sum((l.allocated_units + l.picked_units) * l.unit_price) AS value
             FROM shipping_loadorder x JOIN sales_orderline l ON l.order_id = x.order_id
             WHERE x.load_id = h.id AND x.is_live
         ) AS t
         WHERE h.state IN ('open', 'loading') AND h.cut_off_at < %(now)s AND (%(site)s = 0 OR h.site_id = %(site)s)
         ORDER BY h.cut_off_at, h.id LIMIT %(limit)s)
        """,
        {"now": now, "site": site_id, "limit": limit},
    )
    return [_Late(*row).trouble for row in rows]
