-- ledger_post_plain: the posting of every day, by a shorter way.
--
-- Much of what a small posting costs is starting its statements, so this path has fewer and simpler ones than the
-- general one in post.sql. It takes a batch in which every line is plain: cells of one site, no serial, no earlier move
-- named, a value where stock comes in, and no cell, pool or book twice. Anything else is left to the general path:
-- o_posting is NULL and nothing was changed (but for empty cells). Locks, guards, values and refusals are the general
-- path's; test_plain.py holds the two against each other.

CREATE OR REPLACE FUNCTION ledger_post_plain(
    p_actor bigint, p_command bigint, p_device text, p_occurred timestamptz,
    p_item bigint[], p_lot bigint[], p_owner bigint[],
    p_from_loc bigint[], p_from_lpn bigint[], p_from_quality text[],
    p_to_loc bigint[], p_to_lpn bigint[], p_to_quality text[],
    p_units bigint[], p_value numeric[], p_reason text[], p_origin text[], p_demand text[], p_claim text[],
    OUT o_posting bigint, OUT o_moves bigint[], OUT o_values numeric[]
) LANGUAGE plpgsql
AS $$
DECLARE
    n int := cardinality(p_item);
    from_cell bigint[]; to_cell bigint[]; pool bigint[]; from_book bigint[]; to_book bigint[];
    from_state text[]; to_state text[]; from_account text[]; to_account text[];
    costing text[]; book_lot bigint[];
    cell_net bigint[]; cell_held bigint[];
    v_site bigint; v_known int; v_items int; v_rows int; v_booked date;
    has_pool boolean; has_book boolean; lacks_book boolean; is_plain boolean;
    v_changed bigint[]; commitment bigint[]; committed bigint[]; reservation bigint[]; reserved bigint[];
BEGIN
    -- Many lines, and two of them on one cell: not plain, which is seen here before anything is looked up or made.
    IF n > 20 THEN
        PERFORM 1 FROM (SELECT unnest(p_item || p_item) AS item, unnest(p_lot || p_lot) AS lot,
                               unnest(p_owner || p_owner) AS owner, unnest(p_from_loc || p_to_loc) AS loc,
                               unnest(p_from_lpn || p_to_lpn) AS lpn,
                               unnest(p_from_quality || p_to_quality) AS quality) AS m
          GROUP BY m.item, m.lot, m.owner, m.loc, m.lpn, m.quality HAVING count(*) > 1 LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    -- Where every line goes, and what it uses up. A cell that does not exist yet is made empty.
    FOR attempt IN 1..2 LOOP
        SELECT count(*), count(DISTINCT r.item), array_agg(r.fc ORDER BY r.n), array_agg(r.tc ORDER BY r.n),
               array_agg(r.pool ORDER BY r.n), array_agg(r.fbook ORDER BY r.n), array_agg(r.tbook ORDER BY r.n),
               array_agg(r.fstate ORDER BY r.n), array_agg(r.tstate ORDER BY r.n),
               array_agg(r.facc ORDER BY r.n), array_agg(r.tacc ORDER BY r.n),
               array_agg(r.costing ORDER BY r.n), array_agg(r.book_lot ORDER BY r.n),
               array_agg(-r.units ORDER BY r.n) || array_agg(r.units ORDER BY r.n),
               array_agg(CASE WHEN r.reserves THEN -r.units ELSE 0 END ORDER BY r.n)
               || array_agg(CASE WHEN r.claim IN ('pick', 'carry') THEN r.units ELSE 0 END ORDER BY r.n),
               array_agg(nextval('ledger_move_id_seq') ORDER BY r.n),
               min(r.site), bool_and(r.is_plain), bool_or(r.pooled), bool_or(r.crosses),
               bool_or(r.crosses AND (r.fbook IS NULL OR r.tbook IS NULL)),
               array_agg(r.commitment) FILTER (WHERE r.commits), array_agg(r.units) FILTER (WHERE r.commits),
               array_agg(r.reservation) FILTER (WHERE r.reserves), array_agg(r.units) FILTER (WHERE r.reserves),
               (SELECT (p_occurred AT TIME ZONE s.timezone)::date FROM locations_site s WHERE s.id = min(r.site))
          INTO v_known, v_items, from_cell, to_cell, pool, from_book, to_book, from_state, to_state, from_account,
               to_account, costing, book_lot, cell_net, cell_held, o_moves, v_site, is_plain, has_pool, has_book,
               lacks_book, commitment, committed, reservation, reserved, v_booked
          FROM (
            SELECT m.n, m.item, m.units, m.claim, fc.id AS fc, tc.id AS tc, fc.state AS fstate, tc.state AS tstate,
                   fc.account AS facc, tc.account AS tacc, i.costing, fc.site_id AS site, p.id AS pool,
                   fb.id AS fbook, tb.id AS tbook, x.crosses, x.book_lot, x.commits, x.reserves,
                   k.id AS commitment, v.id AS reservation, fc.state <> tc.state OR x.commits AS pooled,
                   m.units > 0 AND fc.id <> tc.id AND fc.site_id = tc.site_id AND NOT fc.is_serial
                   AND (i.tracking = 'none') = (m.lot = 0)
                   AND m.claim IN ('', 'pick', 'carry', 'ship', 'issue')
                   AND (NOT x.crosses OR (fc.account = 'inventory' AND tc.account <> 'in_transit')
                        OR (tc.account = 'inventory' AND fc.account <> 'in_transit' AND m.value IS NOT NULL
                            AND i.costing <> 'standard'))
                   AND (NOT x.commits OR k.units >= m.units) IS TRUE
                   AND (NOT x.reserves OR v.units >= m.units) IS TRUE AS is_plain
              FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                           unnest(p_from_loc) AS floc, unnest(p_from_lpn) AS flpn, unnest(p_from_quality) AS fq,
                           unnest(p_to_loc) AS tloc, unnest(p_to_lpn) AS tlpn, unnest(p_to_quality) AS tq,
                           unnest(p_units) AS units, unnest(p_value) AS value, unnest(p_claim) AS claim,
                           unnest(p_demand) AS demand, generate_series(1, cardinality(p_item)) AS n) AS m
              JOIN LATERAL (SELECT * FROM catalog_item i WHERE i.id = m.item OFFSET 0) i ON true
              JOIN LATERAL (
                SELECT * FROM ledger_cell c WHERE c.item_id = m.item AND c.location_id = m.floc AND c.lot_id = m.lot
                   AND c.lpn_id = m.flpn AND c.owner_id = m.owner AND c.quality = m.fq OFFSET 0) fc ON true
              JOIN LATERAL (
                SELECT * FROM ledger_cell c WHERE c.item_id = m.item AND c.location_id = m.tloc AND c.lot_id = m.lot
                   AND c.lpn_id = m.tlpn AND c.owner_id = m.owner AND c.quality = m.tq OFFSET 0) tc ON true
             CROSS JOIN LATERAL (
                SELECT fc.account <> tc.account AND m.owner = 1 AS crosses,
                       CASE WHEN i.costing = 'lot_actual' THEN m.lot ELSE 0 END AS book_lot,
                       m.claim IN ('pick', 'issue') AS commits, m.claim IN ('pick', 'carry', 'ship') AS reserves) x
              LEFT JOIN LATERAL (
                SELECT p.id FROM ledger_pool p WHERE p.item_id = m.item AND p.site_id = fc.site_id
                   AND p.lot_id = m.lot AND p.owner_id = m.owner OFFSET 0) p ON true
              LEFT JOIN LATERAL (SELECT t.id, t.units FROM ledger_commitment t
                                  WHERE x.commits AND t.pool_id = p.id AND t.ref = m.demand OFFSET 0) k ON true
              LEFT JOIN LATERAL (SELECT t.id, t.units FROM ledger_reservation t
                                  WHERE x.reserves AND t.cell_id = fc.id AND t.ref = m.demand OFFSET 0) v ON true
              LEFT JOIN LATERAL (
                SELECT b.id FROM ledger_book b WHERE x.crosses AND b.item_id = m.item AND b.site_id = fc.site_id
                   AND b.account = fc.account
                   AND b.lot_id = CASE fc.account WHEN 'inventory' THEN x.book_lot ELSE 0 END OFFSET 0) fb ON true
              LEFT JOIN LATERAL (
                SELECT b.id FROM ledger_book b WHERE x.crosses AND b.item_id = m.item AND b.site_id = tc.site_id
                   AND b.account = tc.account
                   AND b.lot_id = CASE tc.account WHEN 'inventory' THEN x.book_lot ELSE 0 END OFFSET 0) tb ON true
          ) r;
        EXIT WHEN v_known = n OR attempt = 2;
        PERFORM ledger_make_cells(p_item, p_lot, p_owner, p_from_loc || p_to_loc, p_from_lpn || p_to_lpn,
                                  p_from_quality || p_to_quality);
    END LOOP;
    IF v_known <> n OR NOT is_plain OR (has_pool AND array_position(pool, NULL) IS NOT NULL) THEN
        RETURN;
    END IF;
    IF v_items < n THEN
        -- Some item comes twice: does one of its cells, pools or books?
        SELECT (SELECT count(DISTINCT c) = 2 * n FROM unnest(from_cell || to_cell) AS c)
               AND (NOT has_pool OR count(DISTINCT m.pool) = n)
               AND count(DISTINCT m.item) FILTER (WHERE m.facc <> m.tacc AND m.owner = 1)
                   = count(*) FILTER (WHERE m.facc <> m.tacc AND m.owner = 1)
          INTO is_plain
          FROM (SELECT unnest(p_item) AS item, unnest(p_owner) AS owner, unnest(pool) AS pool,
                       unnest(from_account) AS facc, unnest(to_account) AS tacc) AS m;
        IF NOT is_plain THEN
            RETURN;
        END IF;
    END IF;

    -- Pools, then cells: changed by ascending id, where the stock covers it.
    IF has_pool THEN
        v_rows := ledger_change_plain_pools(p_occurred, pool, from_state, to_state, p_units, p_claim, from_cell);
        IF commitment IS NOT NULL THEN
            v_rows := ledger_use_commitments(commitment, committed);
        END IF;
    END IF;
    WITH changed AS (
        UPDATE ledger_cell c SET on_hand = c.on_hand + m.net, reserved = c.reserved + m.held
          FROM (SELECT t.cell, t.net, t.held
                  FROM (SELECT unnest(from_cell || to_cell) AS cell, unnest(cell_net) AS net,
                               unnest(cell_held) AS held) AS t ORDER BY t.cell) m
         WHERE c.id = m.cell AND c.id = ANY (from_cell || to_cell)
           AND (c.is_virtual OR (c.on_hand + m.net >= c.reserved + m.held AND c.reserved + m.held >= 0))
        RETURNING c.id
    )
    SELECT array_agg(id) INTO v_changed FROM changed;
    IF cardinality(v_changed) IS DISTINCT FROM 2 * n THEN
        PERFORM ledger_refuse_short(from_cell, p_units, p_claim, v_changed);
        PERFORM ledger_try_again();
    END IF;
    IF reservation IS NOT NULL THEN
        v_rows := ledger_use_reservations(reservation, reserved);
        INSERT INTO ledger_reservation AS r (cell_id, ref, units, command_id)
        SELECT m.cell, m.demand, m.units, p_command
          FROM (SELECT unnest(to_cell) AS cell, unnest(p_demand) AS demand, unnest(p_units) AS units,
                       unnest(p_claim) AS claim) AS m
         WHERE m.claim IN ('pick', 'carry')
            ON CONFLICT ON CONSTRAINT reservation_once_per_demand_and_cell
            DO UPDATE SET units = r.units + excluded.units;
    END IF;

    -- The value that the books give, then the facts.
    IF has_book THEN
        IF lacks_book THEN
            SELECT b.from_book, b.to_book INTO from_book, to_book
              FROM ledger_make_books(p_item, book_lot, p_owner, array_fill(v_site, ARRAY[n]), from_account, to_account,
                                     p_units) b;
        END IF;
        o_values := ledger_cost_plain(v_booked, from_book, to_book, o_moves, p_item, p_units, p_value, costing,
                                      from_account);
    ELSE
        o_values := array_fill(0::numeric, ARRAY[n]);
    END IF;
    o_posting := nextval('ledger_posting_id_seq');
    WITH head AS (
        INSERT INTO ledger_posting (id, command_id, actor_id, device, occurred_at, booked_on)
        OVERRIDING SYSTEM VALUE VALUES (o_posting, p_command, p_actor, p_device, p_occurred, v_booked)
    )
    INSERT INTO ledger_move (id, posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                             of_move_id)
    OVERRIDING SYSTEM VALUE
    SELECT m.id, o_posting, m.fc, m.tc, m.units, m.value, m.reason, m.origin, m.demand, m.claim, 0
      FROM (SELECT unnest(o_moves) AS id, unnest(from_cell) AS fc, unnest(to_cell) AS tc, unnest(p_units) AS units,
                   unnest(o_values) AS value, unnest(p_reason) AS reason, unnest(p_origin) AS origin,
                   unnest(p_demand) AS demand, unnest(p_claim) AS claim) AS m;
END $$;

-- Somebody changed a claim between reading and locking it: the command runs again.
CREATE OR REPLACE FUNCTION ledger_try_again() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger changed meanwhile' USING ERRCODE = '40001';
END $$;

-- Empty cells for places that have none yet. Items come once, places twice: all sources, then all targets.
CREATE OR REPLACE FUNCTION ledger_make_cells(
    p_item bigint[], p_lot bigint[], p_owner bigint[], p_loc bigint[], p_lpn bigint[], p_quality text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                             is_virtual, is_serial)
    SELECT DISTINCT m.item, m.lot, l.id, m.lpn, m.owner, m.quality,
           CASE WHEN l.is_virtual THEN '' WHEN m.quality <> 'available' THEN m.quality ELSE l.role END, l.site_id,
           l.account, l.is_virtual, coalesce(t.is_serial, false)
      FROM (SELECT unnest(p_item || p_item) AS item, unnest(p_lot || p_lot) AS lot,
                   unnest(p_owner || p_owner) AS owner, unnest(p_loc) AS loc, unnest(p_lpn) AS lpn,
                   unnest(p_quality) AS quality) AS m
      JOIN LATERAL (SELECT FROM catalog_item WHERE id = m.item OFFSET 0) i ON true
      JOIN LATERAL (SELECT * FROM locations_location WHERE id = m.loc OFFSET 0) l ON true
      JOIN LATERAL (SELECT FROM locations_lpn WHERE id = m.lpn OFFSET 0) p ON true
      JOIN LATERAL (SELECT FROM parties_party WHERE id = m.owner OFFSET 0) o ON true
      LEFT JOIN LATERAL (SELECT t.id, t.is_serial FROM catalog_lot t
                          WHERE t.id = m.lot AND t.item_id = m.item AND m.lot <> 0 OFFSET 0) t ON true
     WHERE m.lot = 0 OR t.id IS NOT NULL
     ORDER BY 1, 3, 2, 4, 5, 6
        ON CONFLICT ON CONSTRAINT cell_one_row_per_key DO NOTHING;
END $$;

-- Take units from one state of each pool to another, where what is promised allows it. Every pool comes once.
CREATE OR REPLACE FUNCTION ledger_change_plain_pools(
    p_occurred timestamptz, p_pool bigint[], from_state text[], to_state text[], p_units bigint[], p_claim text[],
    from_cell bigint[]
) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_changed bigint[];
BEGIN
    WITH changed AS (
        UPDATE ledger_pool p
           SET receiving = p.receiving + m.receiving, inspection = p.inspection + m.inspection,
               quarantine = p.quarantine + m.quarantine, reserve = p.reserve + m.reserve,
               forward_pick = p.forward_pick + m.forward_pick, staged = p.staged + m.staged,
               return_review = p.return_review + m.return_review, damaged = p.damaged + m.damaged,
               hold = p.hold + m.hold, expired = p.expired + m.expired, committed = p.committed - m.used,
               arrived_at = CASE
                   WHEN m.source <> '' OR m.target = '' THEN p.arrived_at
                   WHEN p.receiving + p.inspection + p.quarantine + p.reserve + p.forward_pick + p.staged + p.in_transit
                        + p.return_review + p.damaged + p.hold + p.expired = 0 THEN p_occurred
                   ELSE least(p.arrived_at, p_occurred) END
          FROM (
            SELECT t.pool, t.source, t.target,
                   CASE t.target WHEN 'receiving' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'receiving' THEN t.units ELSE 0 END AS receiving,
                   CASE t.target WHEN 'inspection' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'inspection' THEN t.units ELSE 0 END AS inspection,
                   CASE t.target WHEN 'quarantine' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'quarantine' THEN t.units ELSE 0 END AS quarantine,
                   CASE t.target WHEN 'reserve' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'reserve' THEN t.units ELSE 0 END AS reserve,
                   CASE t.target WHEN 'forward_pick' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'forward_pick' THEN t.units ELSE 0 END AS forward_pick,
                   CASE t.target WHEN 'staged' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'staged' THEN t.units ELSE 0 END AS staged,
                   CASE t.target WHEN 'return_review' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'return_review' THEN t.units ELSE 0 END AS return_review,
                   CASE t.target WHEN 'damaged' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'damaged' THEN t.units ELSE 0 END AS damaged,
                   CASE t.target WHEN 'hold' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'hold' THEN t.units ELSE 0 END AS hold,
                   CASE t.target WHEN 'expired' THEN t.units ELSE 0 END
                   - CASE t.source WHEN 'expired' THEN t.units ELSE 0 END AS expired,
                   CASE WHEN t.claim IN ('pick', 'issue') THEN t.units ELSE 0 END AS used
              FROM (SELECT unnest(p_pool) AS pool, unnest(from_state) AS source, unnest(to_state) AS target,
                           unnest(p_units) AS units, unnest(p_claim) AS claim) AS t
             ORDER BY t.pool
          ) m
         WHERE p.id = m.pool AND p.id = ANY (p_pool)
           AND least(p.receiving + m.receiving, p.inspection + m.inspection, p.quarantine + m.quarantine,
                     p.reserve + m.reserve, p.forward_pick + m.forward_pick, p.staged + m.staged,
                     p.return_review + m.return_review, p.damaged + m.damaged, p.hold + m.hold, p.expired + m.expired,
                     p.committed - m.used) >= 0
           AND p.committed - m.used <= p.reserve + m.reserve + p.forward_pick + m.forward_pick
        RETURNING p.id
    )
    SELECT array_agg(id) INTO v_changed FROM changed;
    IF cardinality(v_changed) IS DISTINCT FROM cardinality(p_pool) THEN
        PERFORM ledger_refuse_short(from_cell, p_units, p_claim, '{}');
        PERFORM ledger_refuse_promised(p_pool, p_pool, from_state, to_state, p_units, p_claim, v_changed);
    END IF;
    RETURN cardinality(v_changed);
END $$;

-- Use up commitments that were seen to hold as much.
CREATE OR REPLACE FUNCTION ledger_use_commitments(p_id bigint[], p_units bigint[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_gone int; v_less int := 0;
BEGIN
    DELETE FROM ledger_commitment c USING (SELECT unnest(p_id) AS id, unnest(p_units) AS units) AS m
     WHERE c.id = m.id AND c.id = ANY (p_id) AND c.units = m.units;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    IF v_gone < cardinality(p_id) THEN
        UPDATE ledger_commitment c SET units = c.units - m.units
          FROM (SELECT unnest(p_id) AS id, unnest(p_units) AS units) AS m
         WHERE c.id = m.id AND c.id = ANY (p_id) AND c.units > m.units;
        GET DIAGNOSTICS v_less = ROW_COUNT;
    END IF;
    IF v_gone + v_less <> cardinality(p_id) THEN
        PERFORM ledger_try_again();
    END IF;
    RETURN v_gone + v_less;
END $$;

-- Use up reservations that were seen to hold as much.
CREATE OR REPLACE FUNCTION ledger_use_reservations(p_id bigint[], p_units bigint[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_gone int; v_less int := 0;
BEGIN
    DELETE FROM ledger_reservation r USING (SELECT unnest(p_id) AS id, unnest(p_units) AS units) AS m
     WHERE r.id = m.id AND r.id = ANY (p_id) AND r.units = m.units;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    IF v_gone < cardinality(p_id) THEN
        UPDATE ledger_reservation r SET units = r.units - m.units
          FROM (SELECT unnest(p_id) AS id, unnest(p_units) AS units) AS m
         WHERE r.id = m.id AND r.id = ANY (p_id) AND r.units > m.units;
        GET DIAGNOSTICS v_less = ROW_COUNT;
    END IF;
    IF v_gone + v_less <> cardinality(p_id) THEN
        PERFORM ledger_try_again();
    END IF;
    RETURN v_gone + v_less;
END $$;

-- Values of plain moves that cross accounts, 0 for the others: what comes in brings its value, what goes out takes a
-- share of its book or the oldest layers. Every book comes once; NULL where a move crosses none.
CREATE OR REPLACE FUNCTION ledger_cost_plain(
    p_booked date, from_book bigint[], to_book bigint[], p_move bigint[], p_item bigint[], p_units bigint[],
    p_value numeric[], p_costing text[], from_account text[]
) RETURNS numeric[] LANGUAGE plpgsql AS $$
DECLARE
    v_layer bigint[]; result numeric[];
    v_expected int; v_changed int; has_receipt boolean; has_split boolean;
BEGIN
    PERFORM 1 FROM ledger_book b WHERE b.id = ANY (from_book || to_book) ORDER BY b.id FOR NO KEY UPDATE;

    SELECT array_agg(CASE WHEN m.fbook IS NULL THEN 0
                          WHEN m.facc <> 'inventory' THEN ledger_money(m.value)
                          WHEN m.costing <> 'fifo' THEN ledger_money(b.value * m.units / nullif(b.units, 0))
                          WHEN y.units_left >= m.units THEN ledger_money(y.value_left * m.units / y.units_left)
                     END ORDER BY m.n),
           array_agg(y.id ORDER BY m.n), 2 * count(m.fbook),
           bool_or(m.fbook IS NOT NULL AND m.facc <> 'inventory' AND m.costing = 'fifo'),
           bool_or(m.fbook IS NOT NULL AND m.facc = 'inventory' AND m.costing = 'fifo'
                   AND (y.units_left >= m.units) IS NOT TRUE)
      INTO result, v_layer, v_expected, has_receipt, has_split
      FROM (SELECT unnest(from_book) AS fbook, unnest(p_units) AS units, unnest(p_value) AS value,
                   unnest(p_costing) AS costing, unnest(from_account) AS facc,
                   generate_series(1, cardinality(from_book)) AS n) AS m
      LEFT JOIN LATERAL (SELECT t.units, t.value FROM ledger_book t WHERE t.id = m.fbook OFFSET 0) b ON true
      LEFT JOIN LATERAL (
        SELECT l.id, l.units_left, l.value_left FROM ledger_layer l
         WHERE l.book_id = m.fbook AND l.is_open AND m.facc = 'inventory' AND m.costing = 'fifo'
         ORDER BY l.book_id, l.id LIMIT 1) y ON true;
    IF has_split THEN
        result := ledger_take_split(from_book, p_units, p_costing, from_account, result);
        v_layer := '{}';
    END IF;
    IF has_receipt THEN
        INSERT INTO ledger_layer (book_id, move_id, units, value, units_left, value_left)
        SELECT m.book, m.move, m.units, m.value, m.units, m.value
          FROM (SELECT unnest(to_book) AS book, unnest(p_move) AS move, unnest(p_units) AS units,
                       unnest(result) AS value, unnest(p_costing) AS costing, unnest(from_account) AS facc,
                       generate_series(1, cardinality(to_book)) AS n) AS m
         WHERE m.book IS NOT NULL AND m.costing = 'fifo' AND m.facc <> 'inventory' ORDER BY m.n;
    END IF;

    WITH net AS (
        SELECT m.book, -m.units AS units, -m.value AS value
          FROM (SELECT unnest(from_book) AS book, unnest(p_units) AS units, unnest(result) AS value) AS m
         WHERE m.book IS NOT NULL
        UNION ALL
        SELECT m.book, m.units, m.value
          FROM (SELECT unnest(to_book) AS book, unnest(p_units) AS units, unnest(result) AS value) AS m
         WHERE m.book IS NOT NULL
    ), changed AS (
        UPDATE ledger_book b
           SET units = b.units + net.units, value = b.value + net.value,
               unit_cost = CASE WHEN b.units + net.units > 0
                                THEN round((b.value + net.value) / (b.units + net.units), 6) ELSE b.unit_cost END
          FROM net
         WHERE b.id = net.book AND b.id = ANY (from_book || to_book)
           AND (b.account <> 'inventory' OR (b.units + net.units > 0 AND b.value + net.value >= 0)
                OR (b.units + net.units = 0 AND b.value + net.value = 0))
        RETURNING b.id
    ), eaten AS (
        UPDATE ledger_layer l SET units_left = l.units_left - m.units, value_left = l.value_left - m.value
          FROM (SELECT unnest(v_layer) AS layer, unnest(p_units) AS units, unnest(result) AS value) AS m
         WHERE l.id = m.layer AND l.id = ANY (v_layer)
    ), monthly AS (
        INSERT INTO ledger_bookmonth AS bm (book_id, month, units, value)
        SELECT net.book, date_trunc('month', p_booked)::date, net.units, net.value FROM net
            ON CONFLICT ON CONSTRAINT book_month_once
            DO UPDATE SET units = bm.units + excluded.units, value = bm.value + excluded.value
    )
    SELECT count(*) INTO v_changed FROM changed;
    IF v_changed <> v_expected THEN
        PERFORM ledger_refuse('value_mismatch', (
            SELECT jsonb_agg(jsonb_build_object('line', m.n, 'sku', i.sku))
              FROM (SELECT unnest(p_item) AS item, unnest(from_book) AS book,
                           generate_series(1, cardinality(p_item)) AS n) AS m
              JOIN catalog_item i ON i.id = m.item WHERE m.book IS NOT NULL));
    END IF;
    RETURN result;
END $$;

-- The values of a batch of which some line takes from several FIFO layers: all FIFO issues eat theirs.
CREATE OR REPLACE FUNCTION ledger_take_split(
    from_book bigint[], p_units bigint[], p_costing text[], from_account text[], p_values numeric[]
) RETURNS numeric[] LANGUAGE plpgsql AS $$
DECLARE
    line int[]; book bigint[]; units bigint[]; worth numeric[];
BEGIN
    SELECT array_agg(m.n::int ORDER BY m.n), array_agg(m.book ORDER BY m.n), array_agg(m.units ORDER BY m.n)
      INTO line, book, units
      FROM (SELECT unnest(from_book) AS book, unnest(p_costing) AS costing, unnest(p_units) AS units,
                   unnest(from_account) AS facc, generate_series(1, cardinality(from_book)) AS n) AS m
     WHERE m.book IS NOT NULL AND m.facc = 'inventory' AND m.costing = 'fifo';
    worth := ledger_take_layers(book, units, array_fill(0::bigint, ARRAY[cardinality(line)]));
    RETURN ARRAY (SELECT coalesce(w.value, r.value) FROM unnest(p_values) WITH ORDINALITY AS r(value, n)
                    LEFT JOIN (SELECT unnest(line) AS n, unnest(worth) AS value) AS w ON w.n = r.n ORDER BY r.n);
END $$;
