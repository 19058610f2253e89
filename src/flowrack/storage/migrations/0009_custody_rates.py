"""What owners of goods in our house are charged."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0005_customer_policies"),
        ("storage", "0008_census_stamp"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustodyRates",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                ("pallet_day", flowrack.platform.fields.UnitCostField()),
                ("pallet_in", flowrack.platform.fields.UnitCostField()),
                ("pallet_out", flowrack.platform.fields.UnitCostField()),
                ("set_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "valid_from"), name="custody_rates_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("pallet_day__gte", 0), ("pallet_in__gte", 0), ("pallet_out__gte", 0)),
                        name="custody_rates_not_negative",
                    ),
                ],
            },
        ),
    ]
