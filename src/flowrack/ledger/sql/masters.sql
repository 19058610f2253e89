-- What cells, pools and books name is never deleted: items, lots, places, plates, parties and sites are closed instead.
-- So the kernel's rows need no foreign keys, whose checks row by row cost more than the rows (ADR 0012).
CREATE OR REPLACE FUNCTION ledger_master_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted: the ledger may name them', TG_TABLE_NAME USING ERRCODE = 'FR002';
END $$;

DO $$
DECLARE
    master text;
BEGIN
    FOREACH master IN ARRAY ARRAY['catalog_item', 'catalog_lot', 'locations_site', 'locations_location',
                                  'locations_lpn', 'parties_party'] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS ledger_master_kept ON %I', master);
        EXECUTE format('CREATE TRIGGER ledger_master_kept BEFORE DELETE ON %I
                        FOR EACH ROW EXECUTE FUNCTION ledger_master_kept()', master);
    END LOOP;
END $$;
