"""What the control tower says of time that runs out: holds, decisions to review, quotes, next year's holidays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from flowrack.analytics.types import Trouble
from flowrack.platform import sql

# Quotes that end before their site's day does, in one row for a site; and sites of a country, or with closed days, of
# which nobody said anything about a holiday to come (closed, or worked on all the same): of any day at all, or from
# October on of one of next year.
_COMING = """
    SELECT * FROM (
        WITH site AS (
            SELECT s.id, s.code, s.country, s.timezone,
                   (%(now)s::timestamptz AT TIME ZONE s.timezone)::date AS today
            FROM locations_site s WHERE s.is_active AND (%(site)s = 0 OR s.id = %(site)s)
        ), ending AS (
            SELECT DISTINCT ON (q.id) q.id, q.number, q.expires_at, q.placed_at, q.doubt, site.code,
                   to_char(q.expires_at AT TIME ZONE site.timezone, 'HH24:MI') AS until
            FROM promise_quote q JOIN promise_quotepart p ON p.quote_id = q.id JOIN site ON site.id = p.site_id
            WHERE q.state = 'open' AND (q.expires_at AT TIME ZONE site.timezone)::date <= site.today
            ORDER BY q.id, p.id
        )
        SELECT 'quote', (array_agg(e.id ORDER BY e.expires_at, e.id))[1],
               (array_agg(e.number ORDER BY e.expires_at, e.id))[1], count(*), e.code,
               (array_agg(e.until ORDER BY e.expires_at, e.id))[1], min(e.placed_at), '',
               (count(*) FILTER (WHERE e.doubt <> ''))::numeric, NULL::date
        FROM ending e GROUP BY e.code
        UNION ALL
        SELECT 'calendar', site.id, site.code, CASE WHEN said.last_on IS NULL THEN 0 ELSE year.next END, '', '',
               %(now)s::timestamptz, '', NULL, NULL
        FROM site
        CROSS JOIN LATERAL (SELECT extract(year FROM site.today)::bigint + 1 AS next) AS year
        CROSS JOIN LATERAL (
            SELECT max(x.on) AS last_on FROM (SELECT c.on FROM promise_closedday c WHERE c.site_id = site.id
                                              UNION ALL
                                              SELECT d.on FROM promise_openday d WHERE d.site_id = site.id) AS x
            WHERE x.on >= site.today) AS said
        WHERE (site.country <> '' OR EXISTS (SELECT FROM promise_closedday c WHERE c.site_id = site.id))
          AND (said.last_on IS NULL
               OR extract(month FROM site.today) >= 10 AND said.last_on < make_date(year.next::int, 1, 1))
        ORDER BY 1, 5, 3
    ) AS coming
"""


def overdue(site_id: int, now: datetime, limit: int) -> list[Trouble]:
    """Holds over their time, the oldest first; decisions against the allocation rules that nobody has reviewed in time,
    the most at stake first; quotes that end today; calendars without a holiday of next year. One query."""
    rows = sql.fetch_all(
        f"""
        (SELECT 'hold', h.id, h.number, h.left_units, i.sku, h.reason, h.placed_at, u.full_name, NULL::numeric,
                NULL::date
         FROM inspection_hold h JOIN catalog_item i ON i.id = h.item_id JOIN platform_user u ON u.id = h.owner_id
         WHERE h.closed_at IS NULL AND h.due_at < %(now)s AND (%(site)s = 0 OR h.site_id = %(site)s)
         ORDER BY h.due_at LIMIT %(limit)s)
        UNION ALL
        (SELECT 'override', v.id, v.number, 0::bigint, '', v.reason, v.made_at,
                coalesce(nullif(u.full_name, ''), u.username), v.value, v.review_due_on
         FROM allocation_override v JOIN locations_site s ON s.id = v.site_id
         JOIN platform_user u ON u.id = v.made_by_id
         WHERE v.verdict = 'open' AND v.review_due_on < (%(now)s::timestamptz AT TIME ZONE s.timezone)::date
           AND (%(site)s = 0 OR v.site_id = %(site)s)
         ORDER BY v.value DESC, v.id LIMIT %(limit)s)
        UNION ALL ({_COMING})
        """,  # noqa: S608 - a constant
        {"now": now, "site": site_id, "limit": limit},
    )
    return [_ROWS[row[0]](*row[1:]) for row in rows]


def _hold(key: int, number: str, units: int, sku: str, reason: str, since: datetime, who: str, *_: object) -> Trouble:
    return Trouble("hold", "warn", "today", number, f"{units:,} × {sku}: {reason}", "inspection_hold", key, since, None,
                   None, "Hold over time", who, "Decide")  # fmt: skip


def _override(
    key: int, number: str, units: int, sku: str, reason: str, since: datetime, who: str, value: Decimal, due: date
) -> Trouble:
    return Trouble("override", "warn", "today", number, f"{who} decided against the rules: {reason}",
                   "allocation_override", key, since, value, due, "Not reviewed", "Sales manager",
                   "Review")  # fmt: skip


def _quotes(
    first: int, number: str, count: int, code: str, at: str, since: datetime, who: str, doubted: Decimal, *_: object
) -> Trouble:
    """ "12 quotes KW1: end today, QT-1003 first at 15:30; 2 cannot be kept"."""
    doubt = f"; {doubted:,} cannot be kept" if doubted else ""
    url, key = ("promise_quote", first) if count == 1 else ("promise_quotes", 0)
    said = f"ends today at {at}{doubt}" if count == 1 else f"end today, {number} first at {at}{doubt}"
    name = number if count == 1 else f"{count:,} quotes {code}"
    return Trouble("quote", "warn" if doubted else "wait", "today", name, said, url, key, since, None, None,
                   "Quote ends", "Customer service", "Ask the customer")  # fmt: skip


def _calendar(site_id: int, code: str, year: int, sku: str, reason: str, since: datetime, *_: object) -> Trouble:
    said = f"no day of {year} is closed yet" if year else "no holiday is set: promises take each for a working day"
    return Trouble("calendar", "wait", "week", f"Calendar {code}", said, "promise_holidays", site_id, since, None, None,
                   "No holidays", "Data steward", "Propose them")  # fmt: skip


_ROWS: dict[str, Callable[..., Trouble]] = {
    "hold": _hold,
    "override": _override,
    "quote": _quotes,
    "calendar": _calendar,
}
