"""The last day is never before the wanted one, whatever the calendar says.

Where a later day to leave has a faster way (slow on Thursday, by express on Friday), the goods of an order that names
its day to leave come sooner by its last day than by its first: the check refused the whole change of the calendar.
"""

from django.db import migrations

_DAYS = """
CREATE OR REPLACE FUNCTION sales_order_days() RETURNS trigger LANGUAGE plpgsql AS $$
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
        NEW.latest_on := CASE WHEN NEW.latest_ship_on IS NOT NULL THEN {latest} END;
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
BEFORE = "sales_arrives_from(NEW.site_id, place, way, NEW.latest_ship_on)"
NEVER_BEFORE = f"greatest({BEFORE}, NEW.requested_on)"


class Migration(migrations.Migration):
    dependencies = [("sales", "0017_promised_of_item")]

    operations = [migrations.RunSQL(_DAYS.format(latest=NEVER_BEFORE), _DAYS.format(latest=BEFORE))]
