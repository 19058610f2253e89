"""Picks and carton lines name what they are of without foreign keys; what they name is never deleted (ADR 0014)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0010_fewer_keys"),
        ("catalog", "0003_item_names"),
        ("fulfilment", "0003_leaner_indexes"),
        ("locations", "0005_beams"),
        ("sales", "0004_order_reference"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="cartonline",
            name="carton",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="fulfilment.carton",
            ),
        ),
        migrations.AlterField(
            model_name="cartonline",
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
            model_name="cartonline",
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
            model_name="cartonline",
            name="order_line",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.orderline",
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
            name="done_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
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
            model_name="pickline",
            name="location",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.location",
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
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
            model_name="pickline",
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
            model_name="pickline",
            name="order",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.order"
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
            name="order_line",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.orderline",
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
            name="tote",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="locations.lpn",
            ),
        ),
        migrations.AlterField(
            model_name="pickline",
            name="wave",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="picks",
                to="fulfilment.wave",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER fulfilment_wave_kept BEFORE DELETE ON fulfilment_wave FOR EACH ROW EXECUTE FUNCTION platform_kept()",
            "DROP TRIGGER fulfilment_wave_kept ON fulfilment_wave",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER fulfilment_carton_kept BEFORE DELETE ON fulfilment_carton FOR EACH ROW EXECUTE FUNCTION platform_kept()",
            "DROP TRIGGER fulfilment_carton_kept ON fulfilment_carton",
        ),
    ]
