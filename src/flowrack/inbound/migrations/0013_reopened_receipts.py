"""A closed receipt can be opened again: by whom, when, why."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbound", "0012_blind_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="reopened_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="reopened_at",
            field=models.DateTimeField(help_text="the last time", null=True),
        ),
        migrations.AddField(
            model_name="receipt",
            name="reopen_reason",
            field=models.CharField(db_default="", default="", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("reopen_reason", ""), ("reopened_at", None), ("reopened_by", None))
                | (
                    models.Q(("reopened_at__isnull", False), ("reopened_by__isnull", False))
                    & models.Q(("reopen_reason", ""), _negated=True)
                ),
                name="receipt_reopened_says_who_and_why",
            ),
        ),
    ]
