"""The item history: what was ordered of each item at a site, kept as counts, so that no order entry reads orders."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales.rules_holds import EVERY_ITEM, LOG_OF_MOST, NORMAL, Rules

_DOUBTFUL = """
    CASE WHEN %(on)s::boolean AND lines >= %(least_lines)s THEN greatest(%(floor)s::bigint, least(
        greatest(%(times)s::bigint * greatest_units,
                 floor(exp(least(median + %(factor)s::numeric * %(spread)s::numeric, %(most)s::numeric)))::bigint),
        floor(exp(least(
            median + %(factor)s::numeric * greatest(deviation * %(normal)s::numeric, %(spread)s::numeric),
            %(most)s::numeric)))::bigint)) END
"""


def _values(rules: Rules) -> dict[str, object]:
    return {
        "on": rules.holds_quantity,
        "least_lines": rules.least_lines,
        "floor": rules.floor_units,
        "factor": rules.factor,
        "normal": NORMAL,
        "spread": rules.least_spread,
        "most": LOG_OF_MOST,
        "times": rules.most_times,
    }


def count_new_lines(site_id: int) -> tuple[int, list[int]]:
    """Count the lines of a site that came since the last time: how many, and of which items. Two statements.

    Held lines teach nothing. A line of a transaction that was still running then is left out for good: a median does
    not move for it.
    """
    mark = sql.fetch_value(
        """
        INSERT INTO sales_historymark AS m (site_id, line_id) VALUES (%s, 0)
        ON CONFLICT (site_id) DO UPDATE SET line_id = m.line_id RETURNING line_id
        """,
        (site_id,),
    )
    rows = sql.fetch_all(
        """
        WITH fresh AS (
            SELECT l.id, l.item_id, l.units - l.cancelled_units AS units
            FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
            WHERE l.id > %(mark)s AND o.site_id = %(site)s AND l.held_at_units IS NULL AND l.units > l.cancelled_units
        ), marked AS (
            UPDATE sales_historymark SET line_id = greatest(line_id, (SELECT max(id) FROM sales_orderline))
            WHERE site_id = %(site)s
        )
        INSERT INTO sales_orderedunits AS c (site_id, item_id, units, lines)
        SELECT %(site)s, item_id, units, count(*) FROM (
            SELECT item_id, units FROM fresh UNION ALL SELECT %(every)s, units FROM fresh
        ) AS told GROUP BY item_id, units ORDER BY item_id, units
        ON CONFLICT (site_id, item_id, units) DO UPDATE SET lines = c.lines + excluded.lines
        RETURNING c.item_id
        """,
        {"mark": mark, "site": site_id, "every": EVERY_ITEM},
    )
    items = [row[0] for row in rows if row[0] != EVERY_ITEM]
    return len(items), sorted(set(items))


def refresh(ctx: Context, site_id: int, item_ids: Sequence[int], rules: Rules) -> None:
    """Work out median and deviation of the logarithm of units of items and of all lines of the site, and what is in
    doubt. One statement."""
    sql.execute(
        f"""
        WITH counted AS (
            SELECT item_id, ln(units::numeric) AS x, lines, max(units) OVER (PARTITION BY item_id) AS greatest_units,
                   sum(lines) OVER (PARTITION BY item_id ORDER BY units) AS upto,
                   sum(lines) OVER (PARTITION BY item_id) AS total
            FROM sales_orderedunits WHERE site_id = %(site)s AND item_id = ANY(%(items)s::bigint[])
        ), middle AS (
            SELECT item_id, min(x) FILTER (WHERE upto * 2 >= total) AS median, max(total) AS total
            FROM counted GROUP BY item_id
        ), away AS (
            SELECT item_id, median, total, greatest_units, abs(x - median) AS distance,
                   sum(lines) OVER (PARTITION BY item_id ORDER BY abs(x - median), x) AS upto
            FROM counted c JOIN middle m USING (item_id, total)
        ), found AS (
            SELECT item_id, total AS lines, round(median, 4) AS median,
                   round(min(distance) FILTER (WHERE upto * 2 >= total), 4) AS deviation,
                   max(greatest_units) AS greatest_units
            FROM away GROUP BY item_id, total, median
        )
        INSERT INTO sales_itemhistory (site_id, item_id, lines, median, deviation, greatest_units, doubtful_units,
                                       refreshed_at)
        SELECT %(site)s, item_id, lines, median, deviation, greatest_units, {_DOUBTFUL}, %(now)s FROM found
        ON CONFLICT (item_id, site_id) DO UPDATE SET lines = excluded.lines, median = excluded.median,
            deviation = excluded.deviation, greatest_units = excluded.greatest_units,
            doubtful_units = excluded.doubtful_units,
            refreshed_at = excluded.refreshed_at
        """,  # noqa: S608 - our own text, the values are bound
        {"site": site_id, "items": [*item_ids, EVERY_ITEM], "now": ctx.now, **_values(rules)},
    )


def judge_items_anew(site_id: int, rules: Rules) -> None:
    """Work out what is in doubt under other rules. One statement."""
    sql.execute(
        f"UPDATE sales_itemhistory SET doubtful_units = {_DOUBTFUL} WHERE site_id = %(site)s",  # noqa: S608 - as above
        {"site": site_id, **_values(rules)},
    )
