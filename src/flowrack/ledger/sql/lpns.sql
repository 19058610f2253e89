-- An LPN stands at one location at a time. Whatever posts, a plate that would stand in two places refuses the posting:
-- units come off it first, or all of it moves. Cells without an LPN never come here (see the triggers' conditions).
--
-- A plate with thousands of lines comes here with each of them, and to look at all of its cells each time would take the
-- square of their number. So a transaction keeps where it found the plate alone: nothing can stand elsewhere until the
-- plate gains units in another place, which comes here and is looked at; its lock keeps others away. The note lives in
-- one of 64 settings of the transaction, and a savepoint that is rolled back takes it along.

CREATE OR REPLACE FUNCTION ledger_one_place_per_lpn() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
    v_elsewhere text;
    v_note CONSTANT text := 'flowrack.plate_' || NEW.lpn_id % 64;
    v_alone CONSTANT text := NEW.lpn_id || '@' || NEW.location_id;
BEGIN
    IF current_setting(v_note, true) = v_alone THEN
        RETURN NULL;
    END IF;
    -- One posting of a plate at a time, so that two cannot each put it into a place of their own.
    PERFORM 1 FROM locations_lpn WHERE id = NEW.lpn_id FOR NO KEY UPDATE;
    SELECT l.code INTO v_elsewhere
      FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
     WHERE c.lpn_id = NEW.lpn_id AND c.lpn_id <> 0 AND c.location_id <> NEW.location_id AND c.on_hand > 0
       AND NOT c.is_virtual
     LIMIT 1;
    IF v_elsewhere IS NOT NULL THEN
        PERFORM ledger_refuse('lpn_elsewhere', jsonb_build_array(jsonb_build_object(
            'lpn', (SELECT code FROM locations_lpn WHERE id = NEW.lpn_id), 'elsewhere', v_elsewhere,
            'location', (SELECT code FROM locations_location WHERE id = NEW.location_id))));
    END IF;
    PERFORM set_config(v_note, v_alone, true);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS ledger_cell_lpn_gains ON ledger_cell;
CREATE TRIGGER ledger_cell_lpn_gains AFTER UPDATE OF on_hand ON ledger_cell
    FOR EACH ROW WHEN (NEW.lpn_id <> 0 AND NOT NEW.is_virtual AND NEW.on_hand > OLD.on_hand)
    EXECUTE FUNCTION ledger_one_place_per_lpn();
DROP TRIGGER IF EXISTS ledger_cell_lpn_begins ON ledger_cell;
CREATE TRIGGER ledger_cell_lpn_begins AFTER INSERT ON ledger_cell
    FOR EACH ROW WHEN (NEW.lpn_id <> 0 AND NOT NEW.is_virtual AND NEW.on_hand > 0)
    EXECUTE FUNCTION ledger_one_place_per_lpn();
