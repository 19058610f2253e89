"""Planned waves keep when they were to leave before the planner moved them, and why he did."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("waves", "0002_why_of_planned_waves")]

    operations = [
        migrations.AddField(
            model_name="planwave",
            name="moved_from",
            field=models.DateTimeField(help_text="its cut-off by the plan, where the planner moved it", null=True),
        ),
        migrations.AddField(
            model_name="planwave",
            name="moved_because",
            field=models.CharField(db_default="", default="", max_length=200),
        ),
    ]
