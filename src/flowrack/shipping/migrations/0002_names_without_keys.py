"""Shipment lines name what they are of without foreign keys; what they name is never deleted (ADR 0014)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0010_fewer_keys"),
        ("catalog", "0003_item_names"),
        ("locations", "0005_beams"),
        ("sales", "0005_names_without_keys"),
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="shipmentline",
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
            model_name="shipmentline",
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
            model_name="shipmentline",
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
            model_name="shipmentline",
            name="order_line",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.orderline"
            ),
        ),
        migrations.AlterField(
            model_name="shipmentline",
            name="shipment",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="shipping.shipment",
            ),
        ),
        migrations.AlterField(
            model_name="shipmentorder",
            name="order",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sales.order"
            ),
        ),
        migrations.AlterField(
            model_name="shipmentorder",
            name="shipment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="shipping.shipment",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER shipping_shipment_kept BEFORE DELETE ON shipping_shipment FOR EACH ROW EXECUTE FUNCTION platform_kept()",
            "DROP TRIGGER shipping_shipment_kept ON shipping_shipment",
        ),
    ]
