"""Order lines name their order and item without foreign keys; what they name is never deleted (ADR 0014)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0010_fewer_keys"),
        ("catalog", "0003_item_names"),
        ("sales", "0004_order_reference"),
    ]

    operations = [
        migrations.AlterField(
            model_name="orderline",
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
            model_name="orderline",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="sales.order",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER sales_order_kept BEFORE DELETE ON sales_order FOR EACH ROW EXECUTE FUNCTION platform_kept()",
            "DROP TRIGGER sales_order_kept ON sales_order",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER sales_orderline_kept BEFORE DELETE ON sales_orderline FOR EACH ROW EXECUTE FUNCTION platform_kept()",
            "DROP TRIGGER sales_orderline_kept ON sales_orderline",
        ),
    ]
