"""Writes of the days on which sites send goods, from which the days of orders follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from flowrack.platform import sql
from flowrack.sales import locks


def write_send_days(
    site_id: int, rows: Sequence[tuple[str, date, int]], *, today: date, until: Sequence[time | None] = (),
    off: Sequence[Sequence[date]] = (),
) -> int:  # fmt: skip
    """The days on which a site sends goods, as (region, day, weekdays on the way), in place of those before: none = the
    usual ones. `until` are their last cut-offs, `off` the holidays of the carrier after each. Open orders
    that are wanted from today on get their days anew, where days or ways are others; so many of them. Three statements.
    """
    since = sql.fetch_value(
        """
        WITH wanted AS (
            SELECT w.region, w.on, w.days, w.until, string_to_array(w.off, ',')::date[] AS off
            FROM unnest(%(regions)s::text[], %(days)s::date[], %(way)s::int[], %(until)s::time[], %(off)s::text[])
                 AS w(region, "on", days, until, off)
        ), gone AS (
            DELETE FROM sales_sendday d WHERE d.site_id = %(site)s
               AND NOT EXISTS (SELECT FROM wanted w WHERE w.region = d.region AND w.on = d.on)
            RETURNING d.on
        ), ended AS (
            UPDATE sales_sendday d SET until = w.until FROM wanted w
            WHERE d.site_id = %(site)s AND d.region = w.region AND d.on = w.on AND d.days = w.days AND d.off = w.off
              AND d.until IS DISTINCT FROM w.until
        ), kept AS (
            INSERT INTO sales_sendday AS d (site_id, region, "on", days, until, off)
            SELECT %(site)s, w.region, w.on, w.days, w.until, w.off FROM wanted w
            ON CONFLICT (site_id, region, "on")
            DO UPDATE SET days = excluded.days, until = excluded.until, off = excluded.off
            WHERE d.days <> excluded.days OR d.off <> excluded.off RETURNING d.on
        )
        SELECT min(x.on) FROM (SELECT * FROM gone UNION ALL SELECT * FROM kept) AS x WHERE x.on >= %(today)s
        """,
        {
            "site": site_id,
            "today": today,
            "regions": [row[0] for row in rows],
            "days": [row[1] for row in rows],
            "way": [row[2] for row in rows],
            "until": list(until) or [None] * len(rows),
            "off": [",".join(day.isoformat() for day in days) for days in off] or [""] * len(rows),
        },
    )
    if since is None:
        return 0
    order_ids = locks.orders_wanted_from(site_id, since)
    return sql.execute("UPDATE sales_order SET requested_on = requested_on WHERE id = ANY(%s::bigint[])", (order_ids,))
