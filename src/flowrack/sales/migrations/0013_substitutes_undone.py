"""An accepted substitute can be taken back until it is picked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0012_customer_items"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="substitution",
            name="undone_at",
            field=models.DateTimeField(null=True, help_text="the original waits again for its units"),
        ),
        migrations.AddField(
            model_name="substitution",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(("undone_at", None), ("undone_by", None))
                | models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                name="substitution_undone_says_who",
            ),
        ),
    ]
