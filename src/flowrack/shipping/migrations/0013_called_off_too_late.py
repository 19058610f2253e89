"""What a truck was to take that was called off after its cut-off is kept as left behind; each row says when and by whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REASONS = ["no_room", "damaged", "not_found", "not_ready", "kept_apart", "customer", "called_off"]
BY = {
    "db_constraint": False,
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0012_envelopes_of_messages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="loadbehind", name="stayed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="loadbehind", name="stayed_by", field=models.ForeignKey(null=True, **BY)),
        migrations.RunSQL(
            """
            UPDATE shipping_loadbehind b SET stayed_at = h.closed_at, stayed_by_id = h.closed_by_id
            FROM shipping_load h WHERE h.id = b.load_id
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(model_name="loadbehind", name="stayed_at", field=models.DateTimeField()),
        migrations.AlterField(model_name="loadbehind", name="stayed_by", field=models.ForeignKey(**BY)),
        migrations.RemoveConstraint(model_name="loadbehind", name="load_behind_says_why"),
        migrations.AddConstraint(
            model_name="loadbehind",
            constraint=models.CheckConstraint(condition=models.Q(("reason__in", REASONS)), name="load_behind_says_why"),
        ),
    ]
