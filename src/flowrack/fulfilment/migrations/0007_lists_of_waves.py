"""Picks of waves from before there were pick lists: one list a wave."""

import django.db.models.deletion
from django.db import migrations, models

LISTS_OF_WAVES = """
INSERT INTO fulfilment_picklist (number, wave_id, site_id, method, unit_kind, place_id, state, why, due_on,
                                 first_sequence, lines, weight_g, volume_ml, walk_method, finished_at, last_pick_at)
SELECT 'PL-' || platform_next_numbers('PL', 1), w.id, w.site_id, 'discrete', 'each', w.staging_id,
       CASE WHEN p.is_open THEN 'open' ELSE 'done' END, 'all picks of a wave from before there were lists',
       p.due_on, 0, p.lines, 0, 0, '', CASE WHEN NOT p.is_open THEN coalesce(p.last_at, w.released_at) END, p.last_at
FROM fulfilment_wave w CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(l.state = 'open'), false) AS is_open, count(*) AS lines, max(l.done_at) AS last_at,
           coalesce(min(o.ship_by_on), w.released_at::date) AS due_on
    FROM fulfilment_pickline l LEFT JOIN sales_order o ON o.id = l.order_id WHERE l.wave_id = w.id
) AS p ORDER BY w.id;
UPDATE fulfilment_pickline l SET pick_list_id = p.id, place = l.sequence
FROM fulfilment_picklist p WHERE p.wave_id = l.wave_id;
"""


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0006_pick_lists")]

    operations = [
        migrations.RunSQL(LISTS_OF_WAVES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="pickline",
            name="pick_list",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="fulfilment.picklist",
            ),
        ),
    ]
