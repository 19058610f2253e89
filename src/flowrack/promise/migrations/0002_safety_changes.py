"""Whoever changes safety stock is on record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import flowrack.platform.fields


def _named(model: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("promise", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SafetyChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", flowrack.platform.fields.UnitsField(help_text="0 = none")),
                ("after", flowrack.platform.fields.UnitsField(help_text="0 = none")),
                ("reason", models.CharField(db_default="", default="", max_length=200)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("item", _named("catalog.item")),
                ("site", _named("locations.site")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(before__gte=0, after__gte=0) & ~Q(before=F("after")),
                        name="promise_safety_change_differs",
                    ),
                ],
                "indexes": [models.Index(fields=["item", "site", "-id"], name="promise_safety_changes")],
            },
        ),
    ]
