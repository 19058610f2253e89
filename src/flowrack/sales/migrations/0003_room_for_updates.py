from django.db import migrations


class Migration(migrations.Migration):
    """Lines are updated four times between entry and shipment: leave room on their pages, so that no index is touched."""

    dependencies = [("sales", "0002_line_lot")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE sales_orderline SET (fillfactor = 60); ALTER TABLE sales_order SET (fillfactor = 80)",
            "ALTER TABLE sales_orderline RESET (fillfactor); ALTER TABLE sales_order RESET (fillfactor)",
        )
    ]
