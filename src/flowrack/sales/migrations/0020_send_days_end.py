"""Who orders without a day after the last cut-off is not promised what leaves today: days end at a time."""

from django.db import migrations, models

_DAYS = """
CREATE OR REPLACE FUNCTION sales_order_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place text;
    way int;
    today date;
    {clock_of}
BEGIN
    SELECT coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0)) INTO place, way
    FROM (SELECT 1) AS one
    LEFT JOIN parties_address a ON a.id = NEW.ship_to_id
    LEFT JOIN parties_customerterms t ON t.party_id = NEW.customer_id;
    IF NEW.requested_on IS NULL AND NOT NEW.gives_ship_day THEN
        SELECT (NEW.ordered_at AT TIME ZONE s.timezone)::date INTO today FROM locations_site s WHERE s.id = NEW.site_id;
        {late}
        NEW.requested_on := least(
            greatest(sales_arrives_from(NEW.site_id, place, way, {start}), today + 1), NEW.latest_on);
    END IF;
    IF NEW.gives_ship_day THEN
        NEW.requested_on := sales_arrives_from(NEW.site_id, place, way, NEW.ship_by_on);
        NEW.latest_on := CASE WHEN NEW.latest_ship_on IS NOT NULL
            THEN greatest(sales_arrives_from(NEW.site_id, place, way, NEW.latest_ship_on), NEW.requested_on) END;
    ELSE
        NEW.ship_by_on := sales_leaves_for(NEW.site_id, place, way, NEW.requested_on);
        NEW.latest_ship_on := CASE WHEN NEW.latest_on IS NOT NULL
            THEN sales_leaves_for(NEW.site_id, place, way, NEW.latest_on) END;
    END IF;
    NEW.min_life_days := NEW.min_life_days - NEW.transit_days + (NEW.requested_on - NEW.ship_by_on);
    NEW.transit_days := NEW.requested_on - NEW.ship_by_on;
    RETURN NEW;
END $$
"""
_LATE = """SELECT today + 1 INTO start FROM sales_sendday d JOIN locations_site s ON s.id = d.site_id
        WHERE d.site_id = NEW.site_id AND d."on" = today
          AND d.until <= (NEW.ordered_at AT TIME ZONE s.timezone)::time
          AND d.region = CASE WHEN place <> '' AND EXISTS (
                  SELECT FROM sales_sendday r WHERE r.site_id = NEW.site_id AND r.region = place) THEN place ELSE '' END;
        start := coalesce(start, today);"""
BEFORE = _DAYS.format(clock_of="", late="", start="today")
NOW = _DAYS.format(clock_of="start date;", late=_LATE, start="start")


class Migration(migrations.Migration):
    dependencies = [("sales", "0019_limits_of_short_histories")]

    operations = [
        migrations.AddField(
            "sendday",
            "until",
            models.TimeField(help_text="the last cut-off of the day, by the clock of the site", null=True),
        ),
        migrations.RunSQL(NOW, BEFORE),
    ]
