"""The largest line of an item bounds what is in doubt, however wide its lines spread."""

from django.db import migrations

from flowrack.platform.fields import UnitsField

FILL = """
    UPDATE sales_itemhistory h SET greatest_units = c.units
    FROM (SELECT site_id, item_id, max(units) AS units FROM sales_orderedunits GROUP BY 1, 2) AS c
    WHERE c.site_id = h.site_id AND c.item_id = h.item_id;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0010_substitutions")]

    operations = [
        migrations.AddField(
            model_name="itemhistory",
            name="greatest_units",
            field=UnitsField(db_default=0, default=0, help_text="the largest line"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
