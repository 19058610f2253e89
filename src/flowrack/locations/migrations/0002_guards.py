"""Row 0 of the license plates, virtual locations made with their site, and the zone's role kept true below it."""

from django.db import migrations

VIRTUAL = """
CREATE FUNCTION locations_make_virtual() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO locations_location (site_id, code, kind, account, is_virtual, role)
    SELECT s.id, v.code, 'virtual', v.account, v.role = '', v.role
    FROM new_sites s CROSS JOIN (VALUES
        ('SUPPLIER', 'grni', ''), ('CUSTOMER', 'cogs', ''), ('ADJUSTMENT', 'adjustment', ''), ('SCRAP', 'scrap', ''),
        ('OPENING', 'opening', ''), ('VARIANCE', 'variance', ''), ('CLEARING', 'clearing', ''),
        ('STOCK-VALUE', 'inventory', ''), ('TRANSIT', 'in_transit', 'in_transit')
    ) AS v(code, account, role);
    RETURN NULL;
END $$;
CREATE TRIGGER site_makes_virtual_locations AFTER INSERT ON locations_site
    REFERENCING NEW TABLE AS new_sites FOR EACH STATEMENT EXECUTE FUNCTION locations_make_virtual();
"""

ROLE_OF_ZONE = """
ALTER TABLE locations_location ADD CONSTRAINT location_site_and_role_of_zone
    FOREIGN KEY (zone_id, site_id, role) REFERENCES locations_zone (id, site_id, role) ON UPDATE CASCADE;
"""

# Stock is counted by the role of its location (see the ledger), so a role may not change over stock.
STOCKED = """
CREATE FUNCTION locations_stocked(places bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF to_regclass('ledger_cell') IS NOT NULL THEN
        RETURN QUERY EXECUTE
            'SELECT DISTINCT location_id FROM ledger_cell WHERE location_id = ANY($1) AND on_hand <> 0' USING places;
    END IF;
END $$;
CREATE FUNCTION locations_refuse_change_of_stocked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM locations_stocked(ARRAY[OLD.id])) THEN
        RAISE EXCEPTION 'location % holds stock: role, site, account and kind may not change', OLD.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'location_locked_by_stock', TABLE = 'locations_location';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER location_locked BEFORE UPDATE ON locations_location FOR EACH ROW
    WHEN ((OLD.site_id, OLD.role, OLD.account, OLD.is_virtual) IS DISTINCT FROM
          (NEW.site_id, NEW.role, NEW.account, NEW.is_virtual))
    EXECUTE FUNCTION locations_refuse_change_of_stocked();
"""


class Migration(migrations.Migration):
    dependencies = [("locations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO locations_lpn (id, code) VALUES (0, '') ON CONFLICT DO NOTHING",
            "DELETE FROM locations_lpn WHERE id = 0",
        ),
        migrations.RunSQL(
            VIRTUAL,
            "DROP TRIGGER site_makes_virtual_locations ON locations_site; DROP FUNCTION locations_make_virtual()",
        ),
        migrations.RunSQL(
            ROLE_OF_ZONE, "ALTER TABLE locations_location DROP CONSTRAINT location_site_and_role_of_zone"
        ),
        migrations.RunSQL(
            STOCKED,
            "DROP TRIGGER location_locked ON locations_location; DROP FUNCTION locations_refuse_change_of_stocked();"
            " DROP FUNCTION locations_stocked(bigint[])",
        ),
    ]
