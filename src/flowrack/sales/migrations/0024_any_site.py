import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A line has stock at the site of its order alone: neither moves while anything of it is promised, picked or gone.
GUARDS = """
CREATE FUNCTION sales_moves_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'sales_orderline' THEN
        IF NEW.allocated_units > 0 OR NEW.picked_units > 0 OR NEW.shipped_units > 0 THEN
            RAISE EXCEPTION 'line % is promised, picked or gone: it stays in its order', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_line_moves_empty';
        END IF;
    ELSIF EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = NEW.id
                  AND (l.allocated_units > 0 OR l.picked_units > 0 OR l.shipped_units > 0)) THEN
        RAISE EXCEPTION 'order % is promised, picked or gone: it stays at its site', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sales_order_moves_empty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sales_order_moves_empty BEFORE UPDATE OF site_id ON sales_order
FOR EACH ROW WHEN (OLD.site_id IS DISTINCT FROM NEW.site_id) EXECUTE FUNCTION sales_moves_empty();
CREATE TRIGGER sales_line_moves_empty BEFORE UPDATE OF order_id ON sales_orderline
FOR EACH ROW WHEN (OLD.order_id IS DISTINCT FROM NEW.order_id) EXECUTE FUNCTION sales_moves_empty();
"""
GONE = """
DROP TRIGGER sales_line_moves_empty ON sales_orderline;
DROP TRIGGER sales_order_moves_empty ON sales_order;
DROP FUNCTION sales_moves_empty();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("locations", "0005_beams"),
        ("parties", "0007_residential"),
        ("sales", "0023_quantity_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="any_site",
            field=models.BooleanField(
                db_default=False, default=False, help_text="the rules choose the site that sends it"
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="origin",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="the order whose lines it sends from another site",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.order",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("origin__isnull", False)), fields=["origin"], name="sales_order_beside"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("any_site", True), ("state", "confirmed")),
                fields=["site"],
                name="sales_order_any_site",
            ),
        ),
        migrations.RunSQL(GUARDS, GONE),
    ]
