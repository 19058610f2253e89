"""Promises that cannot hold."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import flowrack.platform.fields


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0001_cross_docks"),
        ("purchasing", "0009_confirmations"),
        ("sales", "0004_order_reference"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PromiseException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("promised_on", models.DateField()),
                (
                    "covered_before",
                    models.DateField(help_text="by when all its waiting units were covered; empty = not", null=True),
                ),
                (
                    "covered_on",
                    models.DateField(help_text="by when they are covered now; empty = not all of them", null=True),
                ),
                ("units", flowrack.platform.fields.UnitsField(help_text="that come after the promise, or not at all")),
                ("reason", models.CharField(max_length=300)),
                ("raised_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closing", models.CharField(default="", help_text="what was done, or why it is over", max_length=200)),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.orderline"
                    ),
                ),
                (
                    "po_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purchasing.poline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("order_line",),
                        name="promise_exception_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("units__gt", 0)), name="promise_exception_units_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None)),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("closing", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="promise_exception_closed_says_who",
                    ),
                ],
            },
        ),
    ]
