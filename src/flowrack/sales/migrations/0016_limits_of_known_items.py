"""What was worked out before the largest line counted is bounded by it now, not when an item is next ordered."""

from django.db import migrations

JUDGE_ANEW = """
    UPDATE sales_itemhistory h
    SET doubtful_units = greatest(coalesce(r.floor_units, 500), least(h.doubtful_units, greatest(
        20 * h.greatest_units,
        floor(exp(least(h.median + coalesce(r.factor, 6) * coalesce(r.least_spread, 0.7), 20.7)))::bigint)))
    FROM sales_itemhistory x
    LEFT JOIN LATERAL (
        SELECT floor_units, factor, least_spread FROM sales_holdrules
        WHERE ended_at IS NULL AND (site_id = x.site_id OR site_id IS NULL) ORDER BY site_id NULLS LAST LIMIT 1
    ) AS r ON true
    WHERE x.id = h.id AND h.doubtful_units IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0015_channels")]

    operations = [migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop)]
