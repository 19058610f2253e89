"""What is known of bins has a stamp and says where something is coming; planned moves name rows without keys."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_item_names"),
        ("locations", "0005_beams"),
        ("parties", "0004_order_holds"),
        ("storage", "0007_transfer_due"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="binstate",
            name="bin_state_walk",
        ),
        migrations.AddField(
            model_name="bincensus",
            name="stamp",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                help_text="another one whenever counts of shapes may be others",
            ),
        ),
        migrations.AddField(
            model_name="binstate",
            name="is_coming",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="ended_in",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.location",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="from_location",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.location",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="item",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.item",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="lot",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.lot",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="lpn",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.lpn",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.party",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.site",
            ),
        ),
        migrations.AlterField(
            model_name="plannedmove",
            name="to_location",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.location",
            ),
        ),
        migrations.AddIndex(
            model_name="binstate",
            index=models.Index(fields=["shape", "filling", "is_coming", "walk", "location"], name="bin_state_walk"),
        ),
        migrations.AddIndex(
            model_name="plannedmove",
            index=models.Index(condition=models.Q(("state", "open")), fields=["item"], name="planned_move_item"),
        ),
        # Nothing is known of what is coming until the next count: let it be the next thing that is done.
        migrations.RunSQL("UPDATE storage_bincensus SET layout_version = -1", migrations.RunSQL.noop),
    ]
