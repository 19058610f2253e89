"""Numbers are drawn by a statement whose plan is kept; a dynamic one was planned at every call."""

from django.db import migrations

NEXT_NUMBERS = """
CREATE OR REPLACE FUNCTION platform_next_numbers(prefix text, how_many integer) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
DECLARE
    sequence_name text := 'platform_number_' || lower(prefix);
    drawn_from regclass;
BEGIN
    IF prefix !~ '^[A-Z][A-Z0-9]{0,11}$' THEN
        RAISE EXCEPTION 'a number prefix is up to 12 capital letters or digits, not "%"', prefix;
    END IF;
    drawn_from := to_regclass(sequence_name);
    IF drawn_from IS NULL THEN
        -- two first users of a prefix: the second waits here and then finds the sequence made
        PERFORM pg_advisory_xact_lock(hashtext('platform_next_numbers'), hashtext(prefix));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I START 1001', sequence_name);
        drawn_from := sequence_name::regclass;
    END IF;
    FOR n IN 1..how_many LOOP
        RETURN NEXT nextval(drawn_from);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0006_append_only_by_grant")]
    operations = [migrations.RunSQL(NEXT_NUMBERS, migrations.RunSQL.noop)]
