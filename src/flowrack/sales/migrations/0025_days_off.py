"""Public holidays of carriers make the way longer: they are no weekdays on it."""

import django.contrib.postgres.fields
from django.db import migrations, models

_PAST = """
CREATE FUNCTION sales_there_on(day date, days int, off date[]) RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    found date := sales_after_weekdays(day, days);
    kept int := days;
    one date;
BEGIN
    FOREACH one IN ARRAY off LOOP
        IF days > 0 AND one > day AND one <= found AND extract(isodow FROM one) <= 5 THEN
            kept := kept + 1;
            found := sales_after_weekdays(day, kept);
        END IF;
    END LOOP;
    RETURN found;
END $$;
"""
_DAYS = """
CREATE OR REPLACE FUNCTION sales_leaves_for(site bigint, place text, way int, arrives date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT s."on" FROM sales_sendday s
         WHERE s.site_id = site AND s."on" <= arrives AND s."on" > arrives - 60
           AND s.region = CASE WHEN place <> '' AND EXISTS (
                   SELECT FROM sales_sendday r WHERE r.site_id = site AND r.region = place) THEN place ELSE '' END
           AND {there} <= arrives
         ORDER BY s."on" DESC LIMIT 1),
        sales_before_weekdays(arrives, coalesce(way, 1)))
$$;
CREATE OR REPLACE FUNCTION sales_arrives_from(site bigint, place text, way int, leaves date) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT {there} FROM sales_sendday s
         WHERE s.site_id = site AND s."on" >= leaves AND s."on" < leaves + 60
           AND s.region = CASE WHEN place <> '' AND EXISTS (
                   SELECT FROM sales_sendday r WHERE r.site_id = site AND r.region = place) THEN place ELSE '' END
         ORDER BY s."on" LIMIT 1),
        sales_after_weekdays(leaves, coalesce(way, 1)))
$$;
"""
_USUAL = 'sales_after_weekdays(s."on", coalesce(way, s.days))'
_WITH_OFF = f"""CASE WHEN s.off = '{{}}' THEN {_USUAL}
                ELSE sales_there_on(s."on", coalesce(way, s.days), s.off) END"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0024_any_site")]

    operations = [
        migrations.AddField(
            "sendday",
            "off",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(),
                db_default=[],
                default=list,
                help_text="public holidays of the carrier in the 60 days after",
                size=None,
            ),
        ),
        migrations.RunSQL(_PAST, "DROP FUNCTION sales_there_on(date, int, date[])"),
        migrations.RunSQL(_DAYS.format(there=_WITH_OFF), _DAYS.format(there=_USUAL)),
    ]
