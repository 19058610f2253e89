"""What customers call items in their orders."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_substitutes"),
        ("parties", "0005_customer_policies"),
        ("sales", "0011_greatest_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80)),
                (
                    "pack",
                    models.CharField(
                        db_default="", default="", help_text="level of the pack; empty = base units", max_length=10
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "code"), name="customer_item_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="customer_item_has_code"
                    ),
                ],
            },
        ),
    ]
