"""Who was promised a day of an item is looked up by every run for named orders: the few rows have an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0016_limits_of_known_items")]

    operations = [
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(open_units__gt=0, promised_on__isnull=False),
                fields=["item"],
                name="sales_line_promised_of_item",
            ),
        ),
    ]
