"""The day by which an order must leave, kept by the database beside the day on which the customer wants it."""

from django.db import migrations, models
from django.db.models import Q

FUNCTIONS = """
CREATE FUNCTION sales_after_weekdays(day date, days int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN days <= 0 THEN day ELSE b.d + days + 2 * ((extract(isodow FROM b.d)::int - 1 + days) / 5) END
    FROM (SELECT day - greatest(extract(isodow FROM day)::int - 5, 0) AS d) AS b
$$;
CREATE FUNCTION sales_before_weekdays(day date, days int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT b.d - greatest(days, 0) - 2 * ((greatest(days - extract(isodow FROM b.d)::int + 1, 0) + 4) / 5)
    FROM (SELECT day - greatest(extract(isodow FROM day)::int - 5, 0) AS d) AS b
$$;
CREATE FUNCTION sales_leaves_for(site bigint, place text, way int, arrives date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT s."on" FROM sales_sendday s
         WHERE s.site_id = site AND s."on" <= arrives AND s."on" > arrives - 60
           AND s.region = CASE WHEN place <> '' AND EXISTS (
                   SELECT FROM sales_sendday r WHERE r.site_id = site AND r.region = place) THEN place ELSE '' END
           AND sales_after_weekdays(s."on", coalesce(way, s.days)) <= arrives
         ORDER BY s."on" DESC LIMIT 1),
        sales_before_weekdays(arrives, coalesce(way, 1)))
$$;
CREATE FUNCTION sales_arrives_from(site bigint, place text, way int, leaves date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT sales_after_weekdays(s."on", coalesce(way, s.days)) FROM sales_sendday s
         WHERE s.site_id = site AND s."on" >= leaves AND s."on" < leaves + 60
           AND s.region = CASE WHEN place <> '' AND EXISTS (
                   SELECT FROM sales_sendday r WHERE r.site_id = site AND r.region = place) THEN place ELSE '' END
         ORDER BY s."on" LIMIT 1),
        sales_after_weekdays(leaves, coalesce(way, 1)))
$$;
CREATE FUNCTION sales_order_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place text;
    way int;
    today date;
BEGIN
    SELECT coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0)) INTO place, way
    FROM (SELECT 1) AS one
    LEFT JOIN parties_address a ON a.id = NEW.ship_to_id
    LEFT JOIN parties_customerterms t ON t.party_id = NEW.customer_id;
    IF NEW.requested_on IS NULL AND NOT NEW.gives_ship_day THEN
        SELECT (NEW.ordered_at AT TIME ZONE s.timezone)::date INTO today FROM locations_site s WHERE s.id = NEW.site_id;
        NEW.requested_on := least(
            greatest(sales_arrives_from(NEW.site_id, place, way, today), today + 1), NEW.latest_on);
    END IF;
    IF NEW.gives_ship_day THEN
        NEW.requested_on := sales_arrives_from(NEW.site_id, place, way, NEW.ship_by_on);
        NEW.latest_on := CASE WHEN NEW.latest_ship_on IS NOT NULL
            THEN sales_arrives_from(NEW.site_id, place, way, NEW.latest_ship_on) END;
    ELSE
        NEW.ship_by_on := sales_leaves_for(NEW.site_id, place, way, NEW.requested_on);
        NEW.latest_ship_on := CASE WHEN NEW.latest_on IS NOT NULL
            THEN sales_leaves_for(NEW.site_id, place, way, NEW.latest_on) END;
    END IF;
    NEW.min_life_days := NEW.min_life_days - NEW.transit_days + (NEW.requested_on - NEW.ship_by_on);
    NEW.transit_days := NEW.requested_on - NEW.ship_by_on;
    RETURN NEW;
END $$;
CREATE TRIGGER sales_order_days
BEFORE INSERT OR UPDATE OF requested_on, latest_on, ship_by_on, latest_ship_on, gives_ship_day, ship_to_id, site_id,
                          customer_id
ON sales_order FOR EACH ROW EXECUTE FUNCTION sales_order_days();
UPDATE sales_order SET requested_on = requested_on;
"""
GONE = """
DROP TRIGGER sales_order_days ON sales_order;
DROP FUNCTION sales_order_days();
DROP FUNCTION sales_arrives_from(bigint, text, int, date);
DROP FUNCTION sales_leaves_for(bigint, text, int, date);
DROP FUNCTION sales_before_weekdays(date, int);
DROP FUNCTION sales_after_weekdays(date, int);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0013_substitutes_undone"),
        ("parties", "0005_customer_policies"),
        ("locations", "0004_storage_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="SendDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(db_default="", default="", max_length=120)),
                ("on", models.DateField()),
                ("days", models.SmallIntegerField(help_text="weekdays on the way, by the fastest service")),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="locations.site",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site", "region", "on"), name="sales_send_day_once"),
                    models.CheckConstraint(condition=Q(days__gte=0), name="sales_send_day_not_negative"),
                ]
            },
        ),
        migrations.AddField("order", "ship_by_on", models.DateField(null=True)),
        migrations.AddField(
            "order",
            "latest_ship_on",
            models.DateField(null=True, help_text="the last day to leave and be there on the latest day"),
        ),
        migrations.AddField(
            "order",
            "gives_ship_day",
            models.BooleanField(
                default=False,
                db_default=False,
                help_text="the customer names the day it leaves; the wanted day follows",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "order",
            "requested_on",
            models.DateField(help_text="the day on which the customer wants it at his door"),
        ),
        migrations.AlterField(
            "order",
            "latest_on",
            models.DateField(null=True, help_text="the customer takes nothing that arrives later"),
        ),
        migrations.AlterField(
            "order",
            "transit_days",
            models.IntegerField(
                default=0, db_default=0, help_text="from ship_by_on to requested_on; counted in min_life_days"
            ),
        ),
        migrations.AlterField(
            "order",
            "ship_by_on",
            models.DateField(help_text="the last day to leave and be there on the wanted day; kept by a trigger"),
        ),
        migrations.RemoveIndex("order", "sales_order_open"),
        migrations.AddIndex(
            "order",
            models.Index(
                fields=["site", "ship_by_on"],
                condition=Q(state__in=["confirmed", "released"]),
                name="sales_order_open",
            ),
        ),
    ]
