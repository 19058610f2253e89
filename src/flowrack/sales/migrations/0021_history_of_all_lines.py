"""All lines of a site get a history too, by which items with a short one are judged, and limits are those of the rule."""

from django.db import migrations

# The lines of all items together stand under item 0: their median, and the deviation from it, as of an item.
COUNT = """
    INSERT INTO sales_orderedunits (site_id, item_id, units, lines)
    SELECT site_id, 0, units, sum(lines) FROM sales_orderedunits WHERE item_id <> 0 GROUP BY site_id, units
    ON CONFLICT (site_id, item_id, units) DO NOTHING;

    WITH counted AS (
        SELECT site_id, ln(units::numeric) AS x, lines, max(units) OVER (PARTITION BY site_id) AS greatest_units,
               sum(lines) OVER (PARTITION BY site_id ORDER BY units) AS upto,
               sum(lines) OVER (PARTITION BY site_id) AS total
        FROM sales_orderedunits WHERE item_id = 0
    ), middle AS (
        SELECT site_id, min(x) FILTER (WHERE upto * 2 >= total) AS median, max(total) AS total
        FROM counted GROUP BY site_id
    ), away AS (
        SELECT site_id, median, total, greatest_units, abs(x - median) AS distance,
               sum(lines) OVER (PARTITION BY site_id ORDER BY abs(x - median), x) AS upto
        FROM counted c JOIN middle m USING (site_id, total)
    )
    INSERT INTO sales_itemhistory (site_id, item_id, lines, median, deviation, greatest_units, refreshed_at)
    SELECT site_id, 0, total, round(median, 4), round(min(distance) FILTER (WHERE upto * 2 >= total), 4),
           max(greatest_units), now()
    FROM away GROUP BY site_id, total, median
    ON CONFLICT (item_id, site_id) DO NOTHING;
"""

JUDGE_ANEW = """
    UPDATE sales_itemhistory h
    SET doubtful_units = CASE WHEN coalesce(r.holds_quantity, true) AND h.lines >= coalesce(r.least_lines, 20)
        THEN greatest(coalesce(r.floor_units, 500), least(
            greatest(5 * h.greatest_units,
                     floor(exp(least(h.median + coalesce(r.factor, 5) * coalesce(r.least_spread, 0.7), 20.7)))::bigint),
            floor(exp(least(h.median + coalesce(r.factor, 5) * greatest(h.deviation * 1.4826,
                                                                        coalesce(r.least_spread, 0.7)), 20.7)))::bigint))
        END
    FROM sales_itemhistory x
    LEFT JOIN LATERAL (
        SELECT * FROM sales_holdrules
        WHERE ended_at IS NULL AND (site_id = x.site_id OR site_id IS NULL) ORDER BY site_id NULLS LAST LIMIT 1
    ) AS r ON true
    WHERE x.id = h.id;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0020_send_days_end")]

    operations = [migrations.RunSQL(COUNT + JUDGE_ANEW, migrations.RunSQL.noop)]
