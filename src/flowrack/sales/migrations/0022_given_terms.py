"""Which terms of an order are its own, and not those of its customer."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

NAMES = [
    *("policy", "max_shipments", "last_shipment", "min_shipment_value", "cancel_after_days", "substitutes"),
    *("life_days", "lot_rule"),
]


class Migration(migrations.Migration):
    dependencies = [("sales", "0021_history_of_all_lines")]

    operations = [
        migrations.AddField(
            "order",
            "given_terms",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                db_default=[],
                default=list,
                help_text="the terms that are not its customer's",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(name="sales_order_given_terms_known", condition=Q(given_terms__contained_by=NAMES)),
        ),
    ]
