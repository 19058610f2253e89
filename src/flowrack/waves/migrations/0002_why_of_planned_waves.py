"""Planned waves keep why they have another cut-off than they were planned for."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("waves", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="planwave",
            name="why",
            field=models.CharField(
                db_default="",
                default="",
                help_text="why it has another cut-off than it was planned for",
                max_length=300,
            ),
        ),
    ]
