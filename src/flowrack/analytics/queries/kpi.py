"""Measures of a period, each from ledger and document facts by one formula, with numerator and denominator.

The formulas are those of docs/stages/analytics.md. A period is two business days, both included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from flowrack.analytics import rules
from flowrack.analytics.queries.promises import kept
from flowrack.analytics.types import Kpi
from flowrack.counting import queries as counting
from flowrack.ledger import queries as stock
from flowrack.platform import sql

Period = tuple[date, date]
HUNDRED = Decimal(100)
ALL = 0


def kpis(site_id: int, start: date, end: date, *, with_cost: bool) -> list[Kpi]:
    """The measures of a site (0 = all) from `start` to `end`, those of money only on demand. Eight queries."""
    [found] = kpis_of(site_id, [(start, end)], with_cost=with_cost)
    return found


def kpis_of(site_id: int, periods: Sequence[Period], *, with_cost: bool) -> list[list[Kpi]]:
    """The measures of each period. Five queries for all of them, and three for each."""
    service = [fill_rates(site_id, periods), promises_kept(site_id, periods), order_cycle(site_id, periods)]
    stocks = stock_measures(site_id, periods) if with_cost else [[] for _ in periods]
    return [
        [
            *(kpi for measured in service for kpi in measured[n]),
            *received_to_stock(site_id, *period),
            *stocks[n],
            *accuracy(site_id, *period),
        ]
        for n, period in enumerate(periods)
    ]


def _bounds(periods: Sequence[Period]) -> tuple[list[date], list[date]]:
    return [start for start, _ in periods], [end for _, end in periods]


def _ratio(key: str, label: str, group: str, parts: tuple[int, int], target: str, formula: str) -> Kpi:
    share = rules.ratio(*parts)
    return Kpi(
        key, label, group, share.percent, "%", Decimal(target), False, share.numerator, share.denominator, formula
    )


def fill_rates(site_id: int, periods: Sequence[Period]) -> list[list[Kpi]]:
    """Share of lines, units and orders that were shipped in full in time for the day the customer wanted them at his
    door: by their ship-by day. One query.

    A line that is sent instead of another was not ordered: it counts only where substitutes are told apart. A quantity
    that is in doubt, and one that was cancelled as a slip, is due to nobody.
    """
    rows = sql.fetch_all(
        """
        WITH period AS (
            SELECT * FROM unnest(%s::date[], %s::date[]) WITH ORDINALITY AS p(since, until, n)
        ), line AS MATERIALIZED (
            SELECT p.n, o.id AS order_id, l.id, l.units,
                   (o.ship_by_on + 1)::timestamp AT TIME ZONE site.timezone AS too_late
            FROM period p
            JOIN sales_order o ON o.ship_by_on BETWEEN p.since AND p.until
            JOIN locations_site site ON site.id = o.site_id
            JOIN sales_orderline l ON l.order_id = o.id
            WHERE o.state <> 'cancelled' AND (%s = 0 OR o.site_id = %s)
              AND NOT EXISTS (SELECT FROM sales_substitution sub WHERE sub.line_id = l.id)
              AND NOT EXISTS (SELECT FROM sales_hold h WHERE h.line_id = l.id AND h.order_id = o.id
                              AND h.kind = 'quantity' AND (h.ended_at IS NULL OR h.ending = 'cancelled'))
        ), instead AS (
            SELECT line.n, sub.replaces * sum(sl.units)::bigint / max(stand.units) AS units
            FROM sales_substitution sub JOIN line ON line.id = sub.original_id
            JOIN sales_orderline stand ON stand.id = sub.line_id
            JOIN shipping_shipmentline sl ON sl.order_line_id = sub.line_id
            JOIN shipping_shipment s ON s.id = sl.shipment_id AND s.shipped_at < line.too_late
            GROUP BY line.n, sub.line_id, sub.replaces
        ), shipped AS (
            SELECT line.n, line.id, sum(sl.units) AS units
            FROM line JOIN shipping_shipmentline sl ON sl.order_line_id = line.id
            JOIN shipping_shipment s ON s.id = sl.shipment_id AND s.shipped_at < line.too_late
            GROUP BY 1, 2
        ), due AS (
            SELECT line.n, line.order_id, line.units, least(line.units, coalesce(shipped.units, 0)) AS sent
            FROM line LEFT JOIN shipped ON shipped.n = line.n AND shipped.id = line.id
        ), whole AS (
            SELECT n, order_id, bool_and(sent = units) AS is_full, count(*) FILTER (WHERE sent = units) AS full_lines,
                   count(*) AS lines, sum(sent) AS sent, sum(units) AS units
            FROM due GROUP BY 1, 2
        )
        SELECT coalesce(sum(w.full_lines), 0)::bigint, coalesce(sum(w.lines), 0)::bigint,
               coalesce(sum(w.sent), 0)::bigint, coalesce(sum(w.units), 0)::bigint,
               count(*) FILTER (WHERE w.is_full), count(w.n),
               (SELECT coalesce(sum(i.units), 0)::bigint FROM instead i WHERE i.n = p.n)
        FROM period p LEFT JOIN whole w ON w.n = p.n GROUP BY p.n ORDER BY p.n
        """,
        (*_bounds(periods), site_id, site_id),
    )
    both = "units and what substitutes stand for, by the day / units due"
    lines, orders = "lines in full by the ship-by day / lines due", "orders in full by the ship-by day / due"
    return [
        [
            _ratio("line_fill", "Line fill rate", "Service", row[0:2], "97.5", lines),
            _ratio("unit_fill", "Unit fill rate", "Service", row[2:4], "96.0", "units by the ship-by day / units due"),
            _ratio("unit_fill_both", "Unit fill, with substitutes", "Service", (row[2] + row[6], row[3]), "97.0", both),
            _ratio("order_fill", "Order fill rate", "Service", row[4:6], "95.0", orders),
        ]
        for row in rows
    ]


def promises_kept(site_id: int, periods: Sequence[Period]) -> list[list[Kpi]]:
    """Share of lines that left whole by the day that was promised: as told first, and as told last. One query."""
    return [
        [
            _ratio(
                "promise_first", "Promises kept, first", "Service", first, "95.0", "lines by first promise / promised"
            ),
            _ratio(
                "promise_latest", "Promises kept, latest", "Service", latest, "98.0", "by latest promise / promised"
            ),
        ]
        for first, latest in kept(site_id, periods)
    ]


def order_cycle(site_id: int, periods: Sequence[Period]) -> list[list[Kpi]]:
    """Hours from order entry to the last ship confirm, of orders that were finished in the period. One query.

    What left before all periods is not looked at: an order whose last goods left then is in none of them.
    """
    rows = sql.fetch_all(
        """
        WITH done AS (
            SELECT extract(epoch FROM max(s.shipped_at) - o.ordered_at) / 3600 AS hours,
                   (max(s.shipped_at) AT TIME ZONE site.timezone)::date AS day
            FROM shipping_shipment s
            JOIN shipping_shipmentorder so ON so.shipment_id = s.id
            JOIN sales_order o ON o.id = so.order_id AND o.state = 'shipped'
            JOIN locations_site site ON site.id = o.site_id
            WHERE s.shipped_at >= %s::date - 1 AND (%s = 0 OR o.site_id = %s)
            GROUP BY o.id, o.ordered_at, site.timezone
        )
        SELECT count(d.hours), percentile_cont(0.5) WITHIN GROUP (ORDER BY d.hours)::numeric,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY d.hours)::numeric
        FROM unnest(%s::date[], %s::date[]) WITH ORDINALITY AS p(since, until, n)
        LEFT JOIN done d ON d.day BETWEEN p.since AND p.until
        GROUP BY p.n ORDER BY p.n
        """,
        (min(start for start, _ in periods), site_id, site_id, *_bounds(periods)),
    )
    formula = "last ship confirm - order entered"
    return [
        [
            _time("cycle_p50", "Order cycle time, median", "Service", row[1], row[0], "h", "24", formula),
            _time("cycle_p90", "Order cycle time, 90th percentile", "Service", row[2], row[0], "h", "48", formula),
        ]
        for row in rows
    ]


def _time(
    key: str, label: str, group: str, value: Decimal | None, count: int, unit: str, target: str, formula: str
) -> Kpi:
    shown = None if value is None else Decimal(value).quantize(Decimal("0.1"))
    return Kpi(key, label, group, shown, unit, Decimal(target), True, shown or Decimal(0), Decimal(count), formula)


_PUT_AWAY = """
    SELECT extract(epoch FROM m.ended_at - r.received_at) / 60 AS minutes, m.done_units AS units,
           (m.ended_at AT TIME ZONE site.timezone)::date AS day
    FROM storage_plannedmove m
    JOIN inbound_receiptline r
      ON r.id = CASE WHEN m.origin LIKE 'inbound.line:%%' THEN substr(m.origin, 14)::bigint END
    JOIN locations_site site ON site.id = m.site_id
    WHERE m.kind = 'putaway' AND m.state = 'done' AND (%s = 0 OR m.site_id = %s)
      AND m.ended_at >= %s::date - 1 AND m.ended_at < %s::date + 2
      AND (m.ended_at AT TIME ZONE site.timezone)::date BETWEEN %s AND %s
"""


def received_to_stock(site_id: int, start: date, end: date) -> list[Kpi]:
    """Minutes from the count at the dock to the putaway, each unit weighing the same. One query.

    Percentiles by unit: rows in order of time, the first whose running units reach the share. Dock to stock, from the
    check-in of the truck and by pallet, is in `inbound.py`: not all goods have a truck.
    """
    row = sql.fetch_one(
        f"""
        WITH done AS ({_PUT_AWAY}), running AS (
            SELECT minutes, sum(units) OVER (ORDER BY minutes, units) AS upto, sum(units) OVER () AS whole FROM done
        )
        SELECT coalesce(max(whole), 0)::bigint, min(minutes) FILTER (WHERE upto >= whole * 0.5),
               min(minutes) FILTER (WHERE upto >= whole * 0.9)
        FROM running
        """,  # noqa: S608 (a constant)
        (site_id, site_id, start, end, start, end),
    )
    assert row is not None
    formula = "put away - counted, by unit"
    return [
        _time("dock_p50", "Received to stock, median", "Inbound", row[1], row[0], "min", "150", formula),
        _time("dock_p90", "Received to stock, 90th percentile", "Inbound", row[2], row[0], "min", "360", formula),
    ]


def received_medians(site_id: int, start: date, end: date) -> list[Decimal | None]:
    """The same median on each day; None for a day without putaways. One query."""
    rows = sql.fetch_all(
        f"""
        WITH done AS ({_PUT_AWAY}), running AS (
            SELECT day, minutes, sum(units) OVER (PARTITION BY day ORDER BY minutes, units) AS upto,
                   sum(units) OVER (PARTITION BY day) AS whole FROM done
        )
        SELECT d.day::date, min(r.minutes) FILTER (WHERE r.upto >= r.whole * 0.5)
        FROM generate_series(%s::date, %s::date, interval '1 day') AS d(day) LEFT JOIN running r ON r.day = d.day
        GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 (a constant)
        (site_id, site_id, start, end, start, end, start, end),
    )
    return [row[1] for row in rows]


def stock_measures(site_id: int, periods: Sequence[Period]) -> list[list[Kpi]]:
    """Turns and cost of goods sold, from the ledger's totals by month. One query."""
    days = [sorted({start - timedelta(days=1), *month_ends(start, end), end}) for start, end in periods]
    at = stock.trial_balances_at(sorted({day for some in days for day in some}), site_id)
    return [
        [_turns(start, end, [at.get(day, []) for day in some])]
        for (start, end), some in zip(periods, days, strict=True)
    ]


def _turns(start: date, end: date, balances: Sequence[Sequence[stock.BalanceRow]]) -> Kpi:
    values = [sum((b.value for b in rows if b.account in ("inventory", "in_transit")), Decimal(0)) for rows in balances]
    cogs = [sum((b.value for b in rows if b.account == "cogs"), Decimal(0)) for rows in balances]
    sold = cogs[-1] - cogs[0]
    mean = sum(values, Decimal(0)) / len(values)
    length = (end - start).days + 1
    turned = rules.turns(sold, values, length)
    return Kpi(
        "turns", "Inventory turns, a year", "Stock", turned, "×", Decimal(6), False, sold, mean,
        f"cost of goods sold × 365 / {length} days / mean value of stock",
    )  # fmt: skip


def month_ends(start: date, end: date) -> list[date]:
    """The last days of the months that end within the period."""
    found: list[date] = []
    day = start.replace(day=1)
    while True:
        day = (day + timedelta(days=32)).replace(day=1)
        last = day - timedelta(days=1)
        if last > end:
            return found
        found.append(last)


# What is missing of a pick of which some was found is a row of its own, and no pick that anybody made.
REST = """(p.state = 'short' AND EXISTS (
    SELECT FROM fulfilment_shortpick s WHERE s.pick_list_id = p.pick_list_id AND s.rest_id = p.id AND s.pick_id <> p.id
                                         AND s.found_at IS NULL))"""

# A pick is made before its list is done: what was picked since a day is in lists that were done since, or are not yet.
_RIGHT_PICKS = f"""
    SELECT
      (SELECT count(*) FROM (
           SELECT id, site_id FROM fulfilment_picklist WHERE state = 'done' AND finished_at >= %(start)s::date - 1
           UNION ALL
           SELECT id, site_id FROM fulfilment_picklist WHERE state IN ('open', 'taken', 'parked')
       ) AS l JOIN locations_site site ON site.id = l.site_id JOIN fulfilment_pickline p ON p.pick_list_id = l.id
       WHERE p.state IN ('picked', 'short') AND NOT {REST}
         AND p.done_at >= %(start)s::date - 1 AND p.done_at < %(end)s::date + 2
         AND (p.done_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s AND %(end)s
         AND (%(site)s = 0 OR l.site_id = %(site)s)),
      (SELECT count(*) FROM returns_rmaline l JOIN returns_rma r ON r.id = l.rma_id
       JOIN locations_site site ON site.id = r.site_id
       WHERE r.reason IN ('wrong_item', 'too_many') AND l.order_line_id IS NOT NULL AND r.state <> 'cancelled'
         AND r.created_at >= %(start)s::date - 1 AND r.created_at < %(end)s::date + 2
         AND (r.created_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s AND %(end)s
         AND (%(site)s = 0 OR r.site_id = %(site)s))
"""  # noqa: S608 - our own text


def accuracy(site_id: int, start: date, end: date) -> list[Kpi]:
    """Picks that were right, and books that agreed with counts. Two queries.

    The base is every pick that was made, as that of short picks: those that found less or nothing are among them. A
    wrong pick is one that a customer sent back as a wrong item or too many (features 13: errors that somebody found).
    A pick that its picker undid, or put back because its order was not to leave, misled nobody.
    """
    row = sql.fetch_one(_RIGHT_PICKS, {"start": start, "end": end, "site": site_id})
    assert row is not None
    made, wrong = row
    right = max(0, made - wrong)
    counted = counting.accuracy(None if site_id == ALL else [site_id], start, end)
    right_units = max(0, counted.expected_units - counted.wrong_units)
    return [
        _ratio("pick", "Pick accuracy", "Outbound", (right, made), "99.7", "1 - wrong picks / picks made"),
        _ratio(
            "units", "Inventory accuracy, units", "Stock", (right_units, counted.expected_units), "99.5",
            "1 - sum of absolute differences / units in the books of counted bins",
        ),
        _ratio(
            "bins", "Inventory accuracy, bins", "Stock", (counted.good_bins, counted.counted_bins), "98.0",
            "bins without a difference outside tolerance / bins counted",
        ),
    ]  # fmt: skip
