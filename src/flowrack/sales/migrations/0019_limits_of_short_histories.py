"""Items with a short history have a limit too: they get it now, not when they are next ordered."""

from django.db import migrations

JUDGE_ANEW = """
    UPDATE sales_itemhistory h
    SET doubtful_units = greatest(coalesce(r.floor_units, 500), 10000, 20 * h.greatest_units)
    FROM sales_itemhistory x
    LEFT JOIN LATERAL (
        SELECT floor_units, least_lines, holds_quantity FROM sales_holdrules
        WHERE ended_at IS NULL AND (site_id = x.site_id OR site_id IS NULL) ORDER BY site_id NULLS LAST LIMIT 1
    ) AS r ON true
    WHERE x.id = h.id AND h.doubtful_units IS NULL AND h.lines < coalesce(r.least_lines, 20)
      AND coalesce(r.holds_quantity, true);
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0018_latest_day_never_before")]

    operations = [migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop)]
