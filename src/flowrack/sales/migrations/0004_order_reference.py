from django.db import migrations, models


class Migration(migrations.Migration):
    """An order is found by the number that the customer gave it, also by its first letters."""

    dependencies = [("sales", "0003_room_for_updates")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("reference", ""), _negated=True),
                fields=["reference"],
                name="sales_order_by_reference",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
