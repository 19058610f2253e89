from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("locations", "0005_beams"),
        ("sales", "0022_given_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="holdrules",
            name="most_times",
            field=models.IntegerField(db_default=5, default=5, help_text="times an item's largest line"),
        ),
        migrations.AddField(
            model_name="holdrules",
            name="short_units",
            field=flowrack.platform.fields.UnitsField(
                db_default=10000, default=10000, help_text="while a site has few lines"
            ),
        ),
        migrations.AddConstraint(
            model_name="holdrules",
            constraint=models.CheckConstraint(
                condition=models.Q(("most_times__gt", 0), ("short_units__gt", 0)),
                name="sales_hold_rules_limits_positive",
            ),
        ),
    ]
