-- The yardstick of the flow: the stock part of each document in hand-written SQL on bare tables, one call a document.
CREATE TABLE raw_balance (item bigint, bin bigint, on_hand bigint CHECK (on_hand >= 0), reserved bigint, PRIMARY KEY (item, bin));
CREATE TABLE raw_ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item bigint, bin bigint, units bigint, value numeric, doc bigint, at timestamptz DEFAULT now());
CREATE INDEX ON raw_ledger (item, id);
CREATE TABLE raw_layer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item bigint, units_left bigint, unit_cost numeric);
CREATE INDEX ON raw_layer (item, id) WHERE units_left > 0;
CREATE TABLE raw_doc (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text, state text, at timestamptz DEFAULT now());
CREATE TABLE raw_docline (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, doc bigint, item bigint, units bigint, price numeric, done bigint DEFAULT 0);
CREATE INDEX ON raw_docline (doc);
CREATE TABLE raw_allocation (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, docline bigint, item bigint, bin bigint, units bigint);
CREATE INDEX ON raw_allocation (docline);

CREATE FUNCTION raw_receive_document(p_items bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE d bigint;
BEGIN
    INSERT INTO raw_doc (kind, state) VALUES ('po', 'done') RETURNING id INTO d;
    INSERT INTO raw_docline (doc, item, units, price, done) SELECT d, i, 100, 2.5, 100 FROM unnest(p_items) AS i;
    INSERT INTO raw_ledger (item, bin, units, value, doc) SELECT i, 1, 100, 250, d FROM unnest(p_items) AS i;
    INSERT INTO raw_layer (item, units_left, unit_cost) SELECT i, 100, 2.5 FROM unnest(p_items) AS i;
    INSERT INTO raw_balance AS b (item, bin, on_hand, reserved) SELECT i, 1, 100, 0 FROM unnest(p_items) AS i
        ON CONFLICT (item, bin) DO UPDATE SET on_hand = b.on_hand + 100;
    RETURN d;
END $$;

CREATE FUNCTION raw_order_document(p_items bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE d bigint;
BEGIN
    INSERT INTO raw_doc (kind, state) VALUES ('order', 'confirmed') RETURNING id INTO d;
    INSERT INTO raw_docline (doc, item, units, price) SELECT d, i, 3, 5 FROM unnest(p_items) AS i;
    RETURN d;
END $$;

CREATE FUNCTION raw_reserve_document(p_doc bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM raw_balance b JOIN raw_docline l ON l.item = b.item AND b.bin = 1 WHERE l.doc = p_doc
      ORDER BY b.item FOR NO KEY UPDATE OF b;
    INSERT INTO raw_allocation (docline, item, bin, units)
    SELECT l.id, l.item, 1, l.units FROM raw_docline l JOIN raw_balance b ON b.item = l.item AND b.bin = 1
     WHERE l.doc = p_doc AND b.on_hand - b.reserved >= l.units;
    UPDATE raw_balance b SET reserved = b.reserved + a.units FROM raw_allocation a JOIN raw_docline l ON l.id = a.docline
     WHERE l.doc = p_doc AND b.item = a.item AND b.bin = a.bin;
    RETURN p_doc;
END $$;

CREATE FUNCTION raw_ship_document(p_doc bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM raw_balance b JOIN raw_docline l ON l.item = b.item AND b.bin = 1 WHERE l.doc = p_doc
      ORDER BY b.item FOR NO KEY UPDATE OF b;
    INSERT INTO raw_ledger (item, bin, units, value, doc)
    SELECT a.item, a.bin, -a.units, a.units * (SELECT y.unit_cost FROM raw_layer y WHERE y.item = a.item
           AND y.units_left > 0 ORDER BY y.id LIMIT 1), p_doc
      FROM raw_docline l JOIN raw_allocation a ON a.docline = l.id WHERE l.doc = p_doc;
    UPDATE raw_layer y SET units_left = y.units_left - a.units
      FROM raw_docline l JOIN raw_allocation a ON a.docline = l.id
     WHERE l.doc = p_doc AND y.id = (SELECT z.id FROM raw_layer z WHERE z.item = a.item AND z.units_left > 0
           AND z.units_left >= a.units ORDER BY z.id LIMIT 1);
    UPDATE raw_balance b SET on_hand = b.on_hand - a.units, reserved = b.reserved - a.units
      FROM raw_docline l JOIN raw_allocation a ON a.docline = l.id
     WHERE l.doc = p_doc AND b.item = a.item AND b.bin = a.bin;
    UPDATE raw_docline SET done = units WHERE doc = p_doc;
    UPDATE raw_doc SET state = 'shipped' WHERE id = p_doc;
    RETURN p_doc;
END $$;
