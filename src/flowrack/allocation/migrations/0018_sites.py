import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0017_gap_of_every_site"),
        ("locations", "0005_beams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleSites",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.SmallIntegerField()),
                ("name", models.CharField(max_length=60)),
                ("site_ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "customer_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), size=None),
                ),
                ("is_only", models.BooleanField(help_text="from no other site")),
            ],
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="late_days",
            field=models.IntegerField(db_default=0, default=0, help_text="as late a line may be from the first site"),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="late_percent",
            field=models.IntegerField(db_default=1, default=1, help_text="of the price, for each day that it is late"),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="site_order",
            field=models.CharField(db_default="nearest", default="nearest", max_length=8),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="split_cost",
            field=flowrack.platform.fields.MoneyField(
                db_default=0,
                decimal_places=4,
                default=0,
                help_text="of each site more that sends goods of an order",
                max_digits=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("late_days__gte", 0),
                    ("site_order__in", ("nearest", "cheapest", "ordered")),
                    ("split_cost__gte", 0),
                    ("late_percent__gte", 0),
                    ("late_percent__lte", 100),
                ),
                name="allocation_rules_sites_make_sense",
            ),
        ),
        migrations.AddField(
            model_name="rulesites",
            name="rule_set",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="preferences",
                to="allocation.rulesetversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesites",
            constraint=models.UniqueConstraint(fields=("rule_set", "place"), name="allocation_sites_place_once"),
        ),
        migrations.AddConstraint(
            model_name="rulesites",
            constraint=models.UniqueConstraint(fields=("rule_set", "name"), name="allocation_sites_name_once"),
        ),
        migrations.AddConstraint(
            model_name="rulesites",
            constraint=models.CheckConstraint(
                condition=models.Q(("site_ids__len__gt", 0)), name="allocation_sites_named"
            ),
        ),
    ]
