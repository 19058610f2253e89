-- Postings and moves are append-only: a correction is another move that names what it corrects.
CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: post a reversal instead', TG_TABLE_NAME USING ERRCODE = 'FR002';
END $$;

DROP TRIGGER IF EXISTS ledger_move_append_only ON ledger_move;
CREATE TRIGGER ledger_move_append_only BEFORE UPDATE OR DELETE ON ledger_move
    FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
DROP TRIGGER IF EXISTS ledger_posting_append_only ON ledger_posting;
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_append_only();

-- What moves name stays: these rows are never deleted, so moves need no foreign key checked row by row.
CREATE OR REPLACE FUNCTION ledger_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted: moves name them', TG_TABLE_NAME USING ERRCODE = 'FR002';
END $$;

DROP TRIGGER IF EXISTS ledger_cell_kept ON ledger_cell;
CREATE TRIGGER ledger_cell_kept BEFORE DELETE ON ledger_cell FOR EACH ROW EXECUTE FUNCTION ledger_kept();
DROP TRIGGER IF EXISTS ledger_pool_kept ON ledger_pool;
CREATE TRIGGER ledger_pool_kept BEFORE DELETE ON ledger_pool FOR EACH ROW EXECUTE FUNCTION ledger_kept();
DROP TRIGGER IF EXISTS ledger_book_kept ON ledger_book;
CREATE TRIGGER ledger_book_kept BEFORE DELETE ON ledger_book FOR EACH ROW EXECUTE FUNCTION ledger_kept();

-- Counters change in place: leave room on the page so that updates stay heap-only.
ALTER TABLE ledger_cell SET (fillfactor = 70);
ALTER TABLE ledger_pool SET (fillfactor = 70);
ALTER TABLE ledger_book SET (fillfactor = 70);
ALTER TABLE ledger_layer SET (fillfactor = 80);
