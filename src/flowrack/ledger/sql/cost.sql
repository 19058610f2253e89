-- Costing: what moves between accounts are worth. Books hold units and value per item, site and account (and lot, for
-- lot-actual costing); FIFO books also hold layers. Whoever empties a book or layer takes the whole rest of its value,
-- so that nothing is ever worth something without units, and rounding never accumulates: the k-th taker gets
-- round(V * c[k] / U) - round(V * c[k-1] / U), c the running sum of units taken.
--
-- Order: what comes in from outside gets its value, then what goes out is costed by the item's method (average,
-- standard and lot-actual share the book's value by units; FIFO eats layers), then transfers enter at that value.

CREATE OR REPLACE FUNCTION ledger_cost(
    p_booked date, p_move bigint[], p_item bigint[], p_lot bigint[], p_owner bigint[],
    p_costing text[], from_site bigint[], to_site bigint[], from_account text[], to_account text[], p_units bigint[],
    p_value numeric[], p_of_move bigint[], p_reversal boolean,
    OUT o_values numeric[], OUT o_variance numeric[]
) LANGUAGE plpgsql
AS $$
DECLARE
    from_book bigint[]; to_book bigint[]; known bigint[];
    k_id bigint[]; k_item bigint[]; k_site bigint[]; k_account text[]; k_lot bigint[];
    bad jsonb;
    v_changed int; v_made int; v_sound int; v_expected int;
BEGIN
    SELECT b.from_book, b.to_book, b.o_known, b.o_new, b.o_new_item, b.o_new_site, b.o_new_account, b.o_new_lot
      INTO from_book, to_book, known, k_id, k_item, k_site, k_account, k_lot
      FROM ledger_books(p_item, p_lot, p_owner, from_site, to_site, from_account, to_account, p_units) b;
    PERFORM 1 FROM ledger_book b WHERE b.id = ANY (known) ORDER BY b.id FOR NO KEY UPDATE;

    SELECT v.o_values, v.o_variance INTO o_values, o_variance
      FROM ledger_value_receipts(from_book, to_book, known, from_account, to_account, p_item, p_costing, p_units,
                                 p_value, p_of_move, p_reversal) v;
    IF 'fifo' = ANY (p_costing) THEN
        INSERT INTO ledger_layer (book_id, move_id, units, value, units_left, value_left)
        SELECT m.book, m.move, m.units, m.value, m.units, m.value
          FROM (SELECT unnest(to_book) AS book, unnest(p_move) AS move, unnest(p_units) AS units,
                       unnest(o_values) AS value, unnest(p_costing) AS costing, unnest(from_account) AS facc,
                       unnest(to_account) AS tacc) AS m
         WHERE m.costing = 'fifo' AND m.units > 0 AND m.tacc IN ('inventory', 'in_transit') AND m.book IS NOT NULL
           AND m.facc NOT IN ('inventory', 'in_transit')
         ORDER BY m.move;
        PERFORM ledger_revalue_layers(from_book, to_book, from_account, to_account, p_costing, p_units, o_values,
                                      p_of_move);
    END IF;
    IF 'inventory' = ANY (from_account) OR 'in_transit' = ANY (from_account) THEN
        o_values := ledger_value_issues(from_book, to_book, known, from_account, to_account, p_costing, p_units,
                                        o_values, p_value, p_of_move, p_reversal);
        INSERT INTO ledger_layer (book_id, move_id, units, value, units_left, value_left)
        SELECT m.book, m.move, m.units, m.value, m.units, m.value
          FROM (SELECT unnest(to_book) AS book, unnest(p_move) AS move, unnest(p_units) AS units,
                       unnest(o_values) AS value, unnest(p_costing) AS costing, unnest(from_account) AS facc,
                       unnest(to_account) AS tacc) AS m
         WHERE m.costing = 'fifo' AND m.units > 0 AND m.tacc IN ('inventory', 'in_transit') AND m.book IS NOT NULL
           AND m.facc IN ('inventory', 'in_transit')
         ORDER BY m.move;
    END IF;

    -- Books are changed, or made with their first sums, where nothing stays worth something without units.
    WITH net AS MATERIALIZED (
        SELECT x.book, sum(x.units) AS units, sum(x.value) AS value FROM (
            SELECT m.book, -m.units AS units, -m.value AS value
              FROM (SELECT unnest(from_book) AS book, unnest(p_units) AS units, unnest(o_values) AS value) AS m
             WHERE m.book IS NOT NULL
            UNION ALL
            SELECT m.book, m.units, m.value
              FROM (SELECT unnest(to_book) AS book, unnest(p_units) AS units, unnest(o_values) AS value) AS m
             WHERE m.book IS NOT NULL
        ) x GROUP BY x.book
    ), changed AS (
        UPDATE ledger_book b
           SET units = b.units + net.units, value = b.value + net.value,
               unit_cost = CASE WHEN b.units + net.units > 0
                                THEN round((b.value + net.value) / (b.units + net.units), 6) ELSE b.unit_cost END
          FROM net
         WHERE b.id = net.book AND b.id = ANY (known)
           AND (b.account NOT IN ('inventory', 'in_transit')
                OR (b.units + net.units > 0 AND b.value + net.value >= 0)
                OR (b.units + net.units = 0 AND b.value + net.value = 0))
        RETURNING b.id
    ), sound AS MATERIALIZED (
        SELECT k.*, net.units, net.value,
               CASE WHEN net.units > 0 THEN round(net.value / net.units, 6) ELSE 0 END AS unit_cost
          FROM (SELECT unnest(k_id) AS id, unnest(k_item) AS item, unnest(k_site) AS site,
                       unnest(k_account) AS account, unnest(k_lot) AS lot) AS k
          JOIN net ON net.book = k.id
         WHERE k.account NOT IN ('inventory', 'in_transit') OR (net.units > 0 AND net.value >= 0)
               OR (net.units = 0 AND net.value = 0)
    ), made AS (
        INSERT INTO ledger_book (id, item_id, site_id, account, lot_id, units, value, unit_cost)
        OVERRIDING SYSTEM VALUE
        SELECT s.id, s.item, s.site, s.account, s.lot, s.units, s.value, s.unit_cost
          FROM sound s ORDER BY s.id
            ON CONFLICT ON CONSTRAINT book_one_row_per_key DO NOTHING
        RETURNING id
    ), monthly AS (
        INSERT INTO ledger_bookmonth AS bm (book_id, month, units, value)
        SELECT net.book, date_trunc('month', p_booked)::date, net.units, net.value FROM net ORDER BY net.book
            ON CONFLICT ON CONSTRAINT book_month_once
            DO UPDATE SET units = bm.units + excluded.units, value = bm.value + excluded.value
    )
    SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM made), (SELECT count(*) FROM sound),
           (SELECT count(*) FROM net)
      INTO v_changed, v_made, v_sound, v_expected;
    IF v_made < v_sound THEN
        PERFORM ledger_try_again();  -- somebody made one meanwhile
    END IF;
    IF v_changed + v_made <> v_expected THEN
        SELECT jsonb_agg(jsonb_build_object('line', m.n, 'sku', i.sku)) INTO bad
          FROM (SELECT unnest(p_item) AS item, unnest(from_book) AS book,
                       generate_series(1, cardinality(p_item)) AS n) AS m
          JOIN catalog_item i ON i.id = m.item WHERE m.book IS NOT NULL;
        PERFORM ledger_refuse('value_mismatch', bad);
    END IF;
END $$;

-- The books of both sides of each move that crosses accounts with our own stock; NULL for the others. Books that are
-- missing get an id: the caller makes them, with their first sums.
CREATE OR REPLACE FUNCTION ledger_books(
    p_item bigint[], p_lot bigint[], p_owner bigint[], from_site bigint[], to_site bigint[],
    from_account text[], to_account text[], p_units bigint[], OUT from_book bigint[], OUT to_book bigint[],
    OUT o_known bigint[], OUT o_new bigint[], OUT o_new_item bigint[], OUT o_new_site bigint[],
    OUT o_new_account text[], OUT o_new_lot bigint[]
) LANGUAGE plpgsql
AS $$
BEGIN
    WITH line AS MATERIALIZED (
        SELECT u.n, u.item, u.fsite, u.tsite, u.facc, u.tacc,
               CASE WHEN u.facc IN ('inventory', 'in_transit') THEN u.lot ELSE 0 END AS flot,
               CASE WHEN u.tacc IN ('inventory', 'in_transit') THEN u.lot ELSE 0 END AS tlot,
               u.owner = 1 AND (u.facc <> u.tacc OR u.fsite <> u.tsite OR u.units = 0) AS crosses
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                       unnest(from_site) AS fsite, unnest(to_site) AS tsite, unnest(from_account) AS facc,
                       unnest(to_account) AS tacc, unnest(p_units) AS units,
                       generate_series(1, cardinality(p_item)) AS n) AS u
    ), key AS MATERIALIZED (
        SELECT d.*, (SELECT b.id FROM ledger_book b WHERE b.item_id = d.item AND b.site_id = d.site
                        AND b.account = d.account AND b.lot_id = d.lot) AS known
          FROM (
            SELECT item, fsite AS site, facc AS account, flot AS lot FROM line WHERE crosses
             UNION
            SELECT item, tsite, tacc, tlot FROM line WHERE crosses
             ORDER BY 1, 2, 3, 4
          ) d
    ), book AS MATERIALIZED (
        SELECT k.*, coalesce(k.known, nextval('ledger_book_id_seq')) AS id FROM key k
    )
    SELECT a.fbook, a.tbook, coalesce(k.known, '{}'), k.new, k.item, k.site, k.account, k.lot
      INTO from_book, to_book, o_known, o_new, o_new_item, o_new_site, o_new_account, o_new_lot
      FROM (SELECT array_agg(r.fbook) AS fbook, array_agg(r.tbook) AS tbook
              FROM (SELECT f.id AS fbook, t.id AS tbook
                      FROM line m
                      LEFT JOIN book f ON m.crosses AND f.item = m.item AND f.site = m.fsite AND f.account = m.facc
                           AND f.lot = m.flot
                      LEFT JOIN book t ON m.crosses AND t.item = m.item AND t.site = m.tsite AND t.account = m.tacc
                           AND t.lot = m.tlot
                     ORDER BY m.n) r) a,
           (SELECT array_agg(b.known) FILTER (WHERE b.known IS NOT NULL) AS known,
                   array_agg(b.id) FILTER (WHERE b.known IS NULL) AS new,
                   array_agg(b.item) FILTER (WHERE b.known IS NULL) AS item,
                   array_agg(b.site) FILTER (WHERE b.known IS NULL) AS site,
                   array_agg(b.account) FILTER (WHERE b.known IS NULL) AS account,
                   array_agg(b.lot) FILTER (WHERE b.known IS NULL) AS lot
              FROM book b) k;
END $$;

-- The same for moves within one site, and those that are missing are made empty.
CREATE OR REPLACE FUNCTION ledger_make_books(
    p_item bigint[], p_lot bigint[], p_owner bigint[], p_site bigint[], from_account text[], to_account text[],
    p_units bigint[], OUT from_book bigint[], OUT to_book bigint[]
) LANGUAGE plpgsql
AS $$
DECLARE
    books record;
    v_made int;
BEGIN
    SELECT * INTO books FROM ledger_books(p_item, p_lot, p_owner, p_site, p_site, from_account, to_account, p_units);
    INSERT INTO ledger_book (id, item_id, site_id, account, lot_id, unit_cost)
    OVERRIDING SYSTEM VALUE
    SELECT k.* FROM (SELECT unnest(books.o_new) AS id, unnest(books.o_new_item), unnest(books.o_new_site),
                            unnest(books.o_new_account), unnest(books.o_new_lot), 0) AS k ORDER BY k.id
        ON CONFLICT ON CONSTRAINT book_one_row_per_key DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    IF v_made < cardinality(books.o_new) THEN
        PERFORM ledger_try_again();  -- somebody made one meanwhile
    END IF;
    from_book := books.from_book;
    to_book := books.to_book;
END $$;

-- Values of what comes in from outside, of value-only moves and of moves between outside places. Issues get 0 here.
CREATE OR REPLACE FUNCTION ledger_value_receipts(
    from_book bigint[], to_book bigint[], p_known bigint[], from_account text[], to_account text[], p_item bigint[],
    p_costing text[], p_units bigint[], p_value numeric[], p_of_move bigint[], p_reversal boolean,
    OUT o_values numeric[], OUT o_variance numeric[]
) LANGUAGE plpgsql
AS $$
DECLARE
    no_cost jsonb; too_many jsonb; returned bigint[] := '{}';
BEGIN
    IF 0 <> ANY (p_of_move) THEN
        returned := ARRAY (SELECT DISTINCT o FROM unnest(p_of_move) AS o WHERE o <> 0);
    END IF;
    SELECT array_agg(coalesce(v.value, 0)), array_agg(v.variance),
           jsonb_agg(jsonb_build_object('line', v.n, 'sku', v.sku)) FILTER (WHERE v.value IS NULL AND v.comes_in),
           jsonb_agg(jsonb_build_object('line', v.n, 'sku', v.sku, 'sent', v.sent, 'back', v.back,
                                        'units', v.units)) FILTER (WHERE v.back + v.units > v.sent)
      INTO o_values, o_variance, no_cost, too_many
      FROM (
        SELECT w.n, w.sku, w.units, w.comes_in, w.sent, w.back,
               CASE WHEN w.is_standard THEN ledger_money(w.standard_cost * w.units) ELSE w.asked END AS value,
               CASE WHEN w.is_standard THEN coalesce(w.asked, ledger_money(w.standard_cost * w.units))
                                            - ledger_money(w.standard_cost * w.units) ELSE 0 END AS variance
          FROM (
            SELECT m.n, i.sku, m.units, i.standard_cost, m.comes_in, o.units AS sent, o.back + e.earlier AS back,
                   m.comes_in AND m.costing = 'standard' AND NOT p_reversal AS is_standard,
                   CASE
                     WHEN m.book IS NULL THEN 0
                     WHEN NOT m.comes_in AND m.units > 0 AND m.facc IN ('inventory', 'in_transit') THEN 0
                     WHEN m.value IS NOT NULL THEN ledger_money(m.value)
                     WHEN m.comes_in AND o.units > 0
                       THEN ledger_money(o.value * (o.back + e.earlier + m.units) / o.units)
                            - ledger_money(o.value * (o.back + e.earlier) / o.units)
                     WHEN NOT m.comes_in THEN 0
                     WHEN m.facc NOT IN ('grni', 'opening') AND b.units > 0
                       THEN ledger_money(b.value * m.units / b.units)
                     WHEN m.facc NOT IN ('grni', 'opening') AND b.unit_cost > 0 THEN ledger_money(b.unit_cost * m.units)
                     WHEN i.standard_cost > 0 THEN ledger_money(i.standard_cost * m.units)
                   END AS asked
              FROM (SELECT u.*, u.book IS NOT NULL AND u.units > 0 AND u.tacc IN ('inventory', 'in_transit')
                           AND u.facc NOT IN ('inventory', 'in_transit') AS comes_in
                      FROM (SELECT unnest(to_book) AS book, unnest(p_item) AS item, unnest(p_costing) AS costing,
                                   unnest(p_units) AS units, unnest(p_value) AS value, unnest(p_of_move) AS of_move,
                                   unnest(from_account) AS facc, unnest(to_account) AS tacc,
                                   generate_series(1, cardinality(to_book)) AS n) AS u) m
              JOIN catalog_item i ON i.id = m.item AND i.id = ANY (p_item)
              LEFT JOIN ledger_book b ON b.id = m.book AND b.id = ANY (p_known)
              LEFT JOIN (
                SELECT im.id, im.units, im.value,
                       (SELECT coalesce(sum(bm.units), 0) FROM ledger_move bm
                         WHERE bm.of_move_id = im.id AND bm.of_move_id <> 0) AS back
                  FROM ledger_move im WHERE im.id = ANY (returned)) o ON o.id = m.of_move AND m.comes_in
              LEFT JOIN (
                SELECT u.n, sum(u.units) OVER (PARTITION BY u.of_move ORDER BY u.n) - u.units AS earlier
                  FROM (SELECT unnest(p_units) AS units, unnest(p_of_move) AS of_move,
                               generate_series(1, cardinality(p_units)) AS n) AS u
                 WHERE u.of_move <> 0) e ON e.n = m.n
          ) w
         ORDER BY w.n
      ) v;
    IF too_many IS NOT NULL THEN
        PERFORM ledger_refuse('over_return', too_many);
    END IF;
    IF no_cost IS NOT NULL THEN
        PERFORM ledger_refuse('cost_missing', no_cost);
    END IF;
END $$;

-- Values of what goes out of inventory or transit, by the item's costing method; other values pass through.
CREATE OR REPLACE FUNCTION ledger_value_issues(
    from_book bigint[], to_book bigint[], p_known bigint[], from_account text[], to_account text[], p_costing text[],
    p_units bigint[], p_values numeric[], p_asked numeric[], p_of_move bigint[], p_reversal boolean
) RETURNS numeric[] LANGUAGE plpgsql
AS $$
DECLARE
    result numeric[];
    line int[]; book bigint[]; units bigint[]; of_move bigint[];
    worth numeric[];
    bad jsonb;
BEGIN
    -- Average, standard, lot-actual: a share of the book, what came in with this batch included.
    SELECT array_agg(CASE
               WHEN s.goes_out AND p_reversal THEN s.asked
               WHEN s.goes_out AND s.costing <> 'fifo' THEN
                   ledger_money(s.book_value * s.upto / s.book_units)
                   - ledger_money(s.book_value * (s.upto - s.units) / s.book_units)
               ELSE s.value END ORDER BY s.n)
      INTO result
      FROM (
        SELECT m.n, m.costing, m.units, m.value, m.asked, g.goes_out,
               coalesce(b.value, 0) + coalesce(inn.value, 0) AS book_value,
               nullif(coalesce(b.units, 0) + coalesce(inn.units, 0), 0) AS book_units,
               sum(m.units) FILTER (WHERE g.goes_out) OVER (PARTITION BY m.book ORDER BY m.n) AS upto
          FROM (SELECT unnest(from_book) AS book, unnest(p_costing) AS costing, unnest(p_units) AS units,
                       unnest(p_values) AS value, unnest(p_asked) AS asked, unnest(from_account) AS facc,
                       generate_series(1, cardinality(from_book)) AS n) AS m
         CROSS JOIN LATERAL (
            SELECT m.book IS NOT NULL AND m.units > 0 AND m.facc IN ('inventory', 'in_transit') AS goes_out) g
          LEFT JOIN (SELECT * FROM ledger_book WHERE id = ANY (p_known)) b ON b.id = m.book AND g.goes_out
          LEFT JOIN (
            SELECT t.book, sum(t.units) AS units, sum(t.value) AS value
              FROM (SELECT unnest(to_book) AS book, unnest(p_units) AS units, unnest(p_values) AS value,
                           unnest(from_account) AS facc) AS t
             WHERE t.book IS NOT NULL AND t.facc NOT IN ('inventory', 'in_transit') GROUP BY 1) inn
            ON inn.book = m.book AND g.goes_out
      ) s;

    -- FIFO: the oldest layers, or for a return to the supplier or a reversal the receipt's own layer.
    SELECT array_agg(m.n::int ORDER BY m.n), array_agg(m.book ORDER BY m.n), array_agg(m.units ORDER BY m.n),
           array_agg(m.of_move ORDER BY m.n)
      INTO line, book, units, of_move
      FROM (SELECT unnest(from_book) AS book, unnest(p_costing) AS costing, unnest(p_units) AS units,
                   unnest(from_account) AS facc, unnest(p_of_move) AS of_move,
                   generate_series(1, cardinality(from_book)) AS n) AS m
     WHERE m.book IS NOT NULL AND m.units > 0 AND m.facc IN ('inventory', 'in_transit') AND m.costing = 'fifo';
    IF line IS NOT NULL THEN
        worth := ledger_take_layers(book, units, of_move);
        SELECT array_agg(coalesce(w.value, r.value) ORDER BY r.n) INTO result
          FROM unnest(result) WITH ORDINALITY AS r(value, n)
          LEFT JOIN (SELECT unnest(line) AS n, unnest(worth) AS value) AS w ON w.n = r.n;
    END IF;
    IF p_reversal THEN
        SELECT jsonb_agg(jsonb_build_object('line', m.n, 'asked', m.asked, 'now', m.value) ORDER BY m.n) INTO bad
          FROM (SELECT unnest(result) AS value, unnest(p_asked) AS asked, unnest(from_account) AS facc,
                       unnest(from_book) AS book, unnest(p_units) AS units,
                       generate_series(1, cardinality(result)) AS n) AS m
         WHERE m.book IS NOT NULL AND m.units > 0 AND m.facc IN ('inventory', 'in_transit') AND m.value <> m.asked;
        IF bad IS NOT NULL THEN
            PERFORM ledger_refuse('already_used', bad);
        END IF;
    END IF;
    RETURN result;
END $$;

-- Eat FIFO layers for each taker in order; the values, in order. A taker that names a receipt (of_move) takes what is
-- left of that receipt's layer, before all others, and only the rest from the oldest.
CREATE OR REPLACE FUNCTION ledger_take_layers(p_book bigint[], p_units bigint[], p_of_move bigint[])
RETURNS numeric[] LANGUAGE plpgsql
AS $$
DECLARE
    own numeric[]; own_units bigint[];
    layer bigint[]; taken bigint[]; worth numeric[]; result numeric[];
BEGIN
    IF (SELECT bool_or(o <> 0) FROM unnest(p_of_move) AS o) THEN
        WITH piece AS (
            SELECT m.n, l.id, l.units_left, l.value_left,
                   least(l.units_left, sum(m.units) OVER (PARTITION BY l.id ORDER BY m.n) - m.units) AS a,
                   least(l.units_left, sum(m.units) OVER (PARTITION BY l.id ORDER BY m.n)) AS b
              FROM (SELECT unnest(p_book) AS book, unnest(p_units) AS units, unnest(p_of_move) AS of_move,
                           generate_series(1, cardinality(p_book)) AS n) AS m
              LEFT JOIN LATERAL (SELECT * FROM ledger_layer y WHERE y.move_id = m.of_move AND y.book_id = m.book
                                    AND m.of_move <> 0 AND y.is_open OFFSET 0) l ON true
        ), priced AS (
            SELECT n, id, CASE WHEN id IS NULL THEN 0 ELSE b - a END::bigint AS units,
                   CASE WHEN id IS NULL THEN 0 ELSE ledger_money(value_left * b / units_left)
                                                    - ledger_money(value_left * a / units_left) END AS value
              FROM piece
        ), eaten AS (
            UPDATE ledger_layer l SET units_left = l.units_left - e.units, value_left = l.value_left - e.value
              FROM (SELECT id, sum(units) AS units, sum(value) AS value FROM priced
                     WHERE id IS NOT NULL GROUP BY 1) e
             WHERE l.id = e.id AND l.id = ANY (ARRAY (SELECT x.id FROM priced x WHERE x.id IS NOT NULL))
        )
        SELECT array_agg(p.value ORDER BY p.n), array_agg(p.units ORDER BY p.n) INTO own, own_units FROM priced p;
    ELSE
        own := array_fill(0::numeric, ARRAY[cardinality(p_book)]);
        own_units := array_fill(0::bigint, ARRAY[cardinality(p_book)]);
    END IF;
    SELECT e.layer, e.taken, e.worth, e.result INTO layer, taken, worth, result
      FROM ledger_share_layers(
        p_book, ARRAY (SELECT m.units - m.own FROM (SELECT unnest(p_units) AS units, unnest(own_units) AS own,
                                                           generate_series(1, cardinality(p_units)) AS n) AS m
                        ORDER BY m.n),
        ARRAY (SELECT CASE WHEN m.units = m.own THEN 0 END
                 FROM (SELECT unnest(p_units) AS units, unnest(own_units) AS own,
                              generate_series(1, cardinality(p_units)) AS n) AS m ORDER BY m.n)) e;
    UPDATE ledger_layer l SET units_left = l.units_left - e.units, value_left = l.value_left - e.value
      FROM (SELECT m.id, sum(m.units) AS units, sum(m.value) AS value
              FROM (SELECT unnest(layer) AS id, unnest(taken) AS units, unnest(worth) AS value) AS m GROUP BY 1) e
     WHERE l.id = e.id AND l.id = ANY (layer);
    RETURN ARRAY (SELECT m.own + m.rest FROM (SELECT unnest(own) AS own, unnest(result) AS rest,
                                                     generate_series(1, cardinality(own)) AS n) AS m ORDER BY m.n);
END $$;

-- Which layer gives how much to whom: the overlap of running totals of takers and of layers. Takers with a value of
-- their own (p_own) keep it and take nothing. Reads only.
CREATE OR REPLACE FUNCTION ledger_share_layers(
    p_book bigint[], p_units bigint[], p_own numeric[],
    OUT layer bigint[], OUT taken bigint[], OUT worth numeric[], OUT result numeric[]
) LANGUAGE plpgsql
AS $$
BEGIN
    WITH want AS (
        SELECT m.n, m.book, m.units, sum(m.units) OVER (PARTITION BY m.book ORDER BY m.n) AS hi
          FROM (SELECT unnest(p_book) AS book, unnest(p_units) AS units, unnest(p_own) AS own,
                       generate_series(1, cardinality(p_book)) AS n) AS m WHERE m.own IS NULL
    ), open_layer AS (
        SELECT l.id, l.book_id, l.units_left, l.value_left,
               sum(l.units_left) OVER (PARTITION BY l.book_id ORDER BY l.id) AS hi
          FROM ledger_layer l WHERE l.book_id = ANY (p_book) AND l.is_open
    ), piece AS (
        SELECT w.n, l.id, l.units_left, l.value_left,
               greatest(w.hi - w.units, l.hi - l.units_left) - (l.hi - l.units_left) AS a,
               least(w.hi, l.hi) - (l.hi - l.units_left) AS b
          FROM want w
          JOIN open_layer l ON l.book_id = w.book AND l.hi - l.units_left < w.hi AND w.hi - w.units < l.hi
    ), priced AS (
        SELECT p.n, p.id, (p.b - p.a)::bigint AS units,
               ledger_money(p.value_left * p.b / p.units_left) - ledger_money(p.value_left * p.a / p.units_left)
                   AS value
          FROM piece p
    ), per_taker AS (
        SELECT x.n, sum(x.value) AS value FROM priced x GROUP BY x.n
    )
    SELECT (SELECT array_agg(x.id ORDER BY x.n, x.id) FROM priced x),
           (SELECT array_agg(x.units ORDER BY x.n, x.id) FROM priced x),
           (SELECT array_agg(x.value ORDER BY x.n, x.id) FROM priced x),
           (SELECT array_agg(coalesce(m.own, t.value, 0) ORDER BY m.n)
              FROM unnest(p_own) WITH ORDINALITY AS m(own, n) LEFT JOIN per_taker t ON t.n = m.n)
      INTO layer, taken, worth, result;
END $$;

-- Value-only moves of FIFO items: spread over the open layers by units left, or onto one receipt's layer.
CREATE OR REPLACE FUNCTION ledger_revalue_layers(
    from_book bigint[], to_book bigint[], from_account text[], to_account text[], p_costing text[], p_units bigint[],
    p_values numeric[], p_of_move bigint[]
) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    IF array_position(p_units, 0) IS NULL THEN
        RETURN;
    END IF;
    WITH change AS (
        SELECT x.book, x.of_move, sum(x.value) AS value FROM (
            SELECT m.book, m.of_move, m.value FROM (SELECT unnest(to_book) AS book, unnest(p_of_move) AS of_move,
                                                           unnest(p_values) AS value, unnest(p_units) AS units,
                                                           unnest(to_account) AS acc,
                                                           unnest(p_costing) AS costing) AS m
             WHERE m.units = 0 AND m.acc IN ('inventory', 'in_transit') AND m.costing = 'fifo'
            UNION ALL
            SELECT m.book, m.of_move, -m.value
              FROM (SELECT unnest(from_book) AS book, unnest(p_of_move) AS of_move, unnest(p_values) AS value,
                           unnest(p_units) AS units, unnest(from_account) AS acc, unnest(p_costing) AS costing) AS m
             WHERE m.units = 0 AND m.acc IN ('inventory', 'in_transit') AND m.costing = 'fifo') x GROUP BY 1, 2
    ), spread AS (
        SELECT l.id, c.value, l.units_left, sum(l.units_left) OVER w AS upto,
               sum(l.units_left) OVER (PARTITION BY c.book, c.of_move) AS whole
          FROM change c
          JOIN (SELECT * FROM ledger_layer WHERE book_id = ANY (from_book || to_book) AND is_open) l
            ON l.book_id = c.book AND (c.of_move = 0 OR l.move_id = c.of_move)
        WINDOW w AS (PARTITION BY c.book, c.of_move ORDER BY l.id)
    )
    UPDATE ledger_layer l SET value_left = l.value_left + s.value
      FROM (SELECT id, sum(ledger_money(value * upto / whole) - ledger_money(value * (upto - units_left) / whole))
                   AS value FROM spread GROUP BY 1) s
     WHERE l.id = s.id AND l.id = ANY (ARRAY (SELECT x.id FROM spread x));
END $$;

-- Price variance of standard-cost receipts: value-only moves from the source to VARIANCE, in the same posting.
CREATE OR REPLACE FUNCTION ledger_post_variance(
    p_posting bigint, p_booked date, p_cell bigint[], p_variance numeric[], p_origin text[]
) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                             is_virtual, is_serial)
    SELECT DISTINCT c.item_id, c.lot_id, l.id, 0, c.owner_id, 'available', '', c.site_id, l.account, true, c.is_serial
      FROM (SELECT unnest(p_cell) AS cell, unnest(p_variance) AS variance) AS m
      JOIN (SELECT * FROM ledger_cell WHERE id = ANY (p_cell)) c ON c.id = m.cell
      JOIN LATERAL (SELECT * FROM locations_location WHERE site_id = c.site_id AND code = 'VARIANCE' OFFSET 0) l ON true
     WHERE m.variance <> 0
        ON CONFLICT ON CONSTRAINT cell_one_row_per_key DO NOTHING;
    INSERT INTO ledger_move (posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                             of_move_id)
    SELECT p_posting, c.id, ledger_cell_id(c.item_id, l.id, c.lot_id, 0, c.owner_id, 'available'), 0, m.variance,
           'price_variance', m.origin, '', '', 0
      FROM (SELECT unnest(p_cell) AS cell, unnest(p_variance) AS variance, unnest(p_origin) AS origin) AS m
      JOIN (SELECT * FROM ledger_cell WHERE id = ANY (p_cell)) c ON c.id = m.cell
      JOIN LATERAL (SELECT * FROM locations_location WHERE site_id = c.site_id AND code = 'VARIANCE' OFFSET 0) l ON true
     WHERE m.variance <> 0;
    INSERT INTO ledger_book (item_id, lot_id, site_id, account, unit_cost)
    SELECT DISTINCT c.item_id, 0::bigint, c.site_id, 'variance', 0
      FROM (SELECT unnest(p_cell) AS cell, unnest(p_variance) AS variance) AS m
      JOIN (SELECT * FROM ledger_cell WHERE id = ANY (p_cell)) c ON c.id = m.cell WHERE m.variance <> 0
        ON CONFLICT ON CONSTRAINT book_one_row_per_key DO NOTHING;
    WITH net AS (
        SELECT b.id AS book, sum(CASE WHEN b.account = 'variance' THEN m.variance ELSE -m.variance END) AS value
          FROM (SELECT unnest(p_cell) AS cell, unnest(p_variance) AS variance) AS m
          JOIN (SELECT * FROM ledger_cell WHERE id = ANY (p_cell)) c ON c.id = m.cell
          JOIN LATERAL (SELECT * FROM ledger_book WHERE item_id = c.item_id AND site_id = c.site_id
                           AND account IN ('variance', c.account) AND lot_id = 0 OFFSET 0) b ON true
         WHERE m.variance <> 0 GROUP BY 1
    ), changed AS (
        UPDATE ledger_book b SET value = b.value + net.value FROM net
         WHERE b.id = net.book AND b.id = ANY (ARRAY (SELECT x.book FROM net x))
    )
    INSERT INTO ledger_bookmonth AS bm (book_id, month, units, value)
    SELECT net.book, date_trunc('month', p_booked)::date, 0, net.value FROM net ORDER BY net.book
        ON CONFLICT ON CONSTRAINT book_month_once DO UPDATE SET value = bm.value + excluded.value;
END $$;
