"""Row 0 of the lots, GTIN check digits, and what stock in hand locks: factors, costing method, tracking."""

from django.db import migrations

# A GTIN is kept as 14 digits; weights 3 and 1 alternate from the left, the sum must end in 0 (GS1 General Specs 7.9).
GTIN_CHECK = """
ALTER TABLE catalog_packlevel ADD CONSTRAINT pack_gtin_check_digit CHECK (
    gtin IS NULL OR CASE WHEN gtin ~ '^[0-9]{14}$' THEN (
        3 * (substr(gtin, 1, 1)::int + substr(gtin, 3, 1)::int + substr(gtin, 5, 1)::int + substr(gtin, 7, 1)::int
             + substr(gtin, 9, 1)::int + substr(gtin, 11, 1)::int + substr(gtin, 13, 1)::int)
        + substr(gtin, 2, 1)::int + substr(gtin, 4, 1)::int + substr(gtin, 6, 1)::int + substr(gtin, 8, 1)::int
        + substr(gtin, 10, 1)::int + substr(gtin, 12, 1)::int + substr(gtin, 14, 1)::int
    ) % 10 = 0 ELSE false END
);
"""

# Which of these items have stock, in any building. The ledger comes after the catalogue, so its table is looked up
# when the function runs; before the ledger exists nothing is in stock.
STOCKED = """
CREATE FUNCTION catalog_stocked(items bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF to_regclass('ledger_cell') IS NOT NULL THEN
        RETURN QUERY EXECUTE
            'SELECT DISTINCT c.item_id FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
             WHERE c.item_id = ANY($1) AND c.on_hand > 0 AND NOT l.is_virtual' USING items;
    END IF;
END $$;

CREATE FUNCTION catalog_refuse_change_of_stocked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := CASE TG_TABLE_NAME WHEN 'catalog_item' THEN OLD.id ELSE (to_jsonb(OLD)->>'item_id')::bigint END;
BEGIN
    IF EXISTS (SELECT 1 FROM catalog_stocked(ARRAY[changed])) THEN
        RAISE EXCEPTION 'item % is in stock: % may not change', changed, TG_ARGV[0]
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[1], TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER pack_factor_locked BEFORE UPDATE OF factor ON catalog_packlevel FOR EACH ROW
    WHEN (OLD.factor IS DISTINCT FROM NEW.factor)
    EXECUTE FUNCTION catalog_refuse_change_of_stocked('the factor', 'pack_factor_locked_by_stock');
CREATE TRIGGER pack_row_locked BEFORE DELETE ON catalog_packlevel FOR EACH ROW
    EXECUTE FUNCTION catalog_refuse_change_of_stocked('the factor', 'pack_factor_locked_by_stock');
CREATE TRIGGER item_costing_locked BEFORE UPDATE OF costing ON catalog_item FOR EACH ROW
    WHEN (OLD.costing IS DISTINCT FROM NEW.costing)
    EXECUTE FUNCTION catalog_refuse_change_of_stocked('the costing method', 'item_costing_locked_by_stock');
CREATE TRIGGER item_tracking_locked BEFORE UPDATE OF tracking ON catalog_item FOR EACH ROW
    WHEN (OLD.tracking IS DISTINCT FROM NEW.tracking)
    EXECUTE FUNCTION catalog_refuse_change_of_stocked('tracking', 'item_tracking_locked_by_stock');
"""
UNDO_STOCKED = """
DROP TRIGGER item_tracking_locked ON catalog_item;
DROP TRIGGER item_costing_locked ON catalog_item;
DROP TRIGGER pack_row_locked ON catalog_packlevel;
DROP TRIGGER pack_factor_locked ON catalog_packlevel;
DROP FUNCTION catalog_refuse_change_of_stocked();
DROP FUNCTION catalog_stocked(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO catalog_lot (id, code) VALUES (0, '') ON CONFLICT DO NOTHING",
            "DELETE FROM catalog_lot WHERE id = 0",
        ),
        migrations.RunSQL(GTIN_CHECK, "ALTER TABLE catalog_packlevel DROP CONSTRAINT pack_gtin_check_digit"),
        migrations.RunSQL(STOCKED, UNDO_STOCKED),
    ]
