-- ledger_post: one batch of moves, all or nothing, in a constant number of statements whatever its size.
--
-- Order inside: refuse what makes no sense, find or make cells, pools and books, lock and change pools, then cells,
-- then books (costing), then write posting and moves. Locks are always taken in this order and by ascending id.
-- Refusals leave through ledger_refuse as SQLSTATE FR001 with a JSON detail that names every bad line.
--
-- No plan depends on statistics: keys are looked up by a correlated subquery (OFFSET 0 keeps it one), one index descent
-- a line; rows are changed through "id = ANY" and a hash join with the request; scans of whole tables and joins in
-- nested loops are off, by the settings of the functions that are called from outside; those within inherit them. So a
-- fresh database, or one that was analysed while empty, is as fast as a grown one. Debits are
-- guarded UPDATEs, never upserts: a CHECK judges the proposed row of an upsert before the
-- conflict is seen.

CREATE OR REPLACE FUNCTION ledger_refuse(code text, lines jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger refused: %', code
        USING ERRCODE = 'FR001', DETAIL = jsonb_build_object('code', code, 'lines', lines)::text;
END $$;

CREATE OR REPLACE FUNCTION ledger_money(numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN round($1, 2);

CREATE OR REPLACE FUNCTION ledger_post(
    p_actor bigint, p_command bigint, p_device text, p_occurred timestamptz, p_reverses bigint,
    p_item bigint[], p_lot bigint[], p_owner bigint[],
    p_from_loc bigint[], p_from_lpn bigint[], p_from_quality text[],
    p_to_loc bigint[], p_to_lpn bigint[], p_to_quality text[],
    p_units bigint[], p_value numeric[], p_reason text[], p_origin text[], p_demand text[], p_claim text[],
    p_of_move bigint[],
    OUT o_posting bigint, OUT o_moves bigint[], OUT o_values numeric[]
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    IF cardinality(p_item) <= 500 AND p_reverses IS NULL AND 0 = ALL (p_of_move) THEN
        SELECT p.o_posting, p.o_moves, p.o_values INTO o_posting, o_moves, o_values
          FROM ledger_post_plain(p_actor, p_command, p_device, p_occurred, p_item, p_lot, p_owner, p_from_loc,
                                 p_from_lpn, p_from_quality, p_to_loc, p_to_lpn, p_to_quality, p_units, p_value,
                                 p_reason, p_origin, p_demand, p_claim) p;
    END IF;
    IF o_posting IS NULL THEN
        SELECT p.o_posting, p.o_moves, p.o_values INTO o_posting, o_moves, o_values
          FROM ledger_post_any(p_actor, p_command, p_device, p_occurred, p_reverses, p_item, p_lot, p_owner, p_from_loc,
                               p_from_lpn, p_from_quality, p_to_loc, p_to_lpn, p_to_quality, p_units, p_value,
                               p_reason, p_origin, p_demand, p_claim, p_of_move) p;
    END IF;
END $$;

-- The general path: lines of every kind, any number of them on one cell, pool or book.
CREATE OR REPLACE FUNCTION ledger_post_any(
    p_actor bigint, p_command bigint, p_device text, p_occurred timestamptz, p_reverses bigint,
    p_item bigint[], p_lot bigint[], p_owner bigint[],
    p_from_loc bigint[], p_from_lpn bigint[], p_from_quality text[],
    p_to_loc bigint[], p_to_lpn bigint[], p_to_quality text[],
    p_units bigint[], p_value numeric[], p_reason text[], p_origin text[], p_demand text[], p_claim text[],
    p_of_move bigint[],
    OUT o_posting bigint, OUT o_moves bigint[], OUT o_values numeric[]
) LANGUAGE plpgsql
AS $$
DECLARE
    bad jsonb;
    from_cell bigint[]; to_cell bigint[]; settled bigint[] := '{}'; touched bigint[]; all_settled boolean := false;
    from_site bigint[]; to_site bigint[];
    from_state text[]; to_state text[];
    from_account text[]; to_account text[];
    book_lot bigint[]; costing text[];
    serial boolean[];
    has_book boolean; has_claim boolean; has_serial boolean; has_pool boolean;
    v_booked date;
    variance numeric[];
    v_changed bigint[]; v_expected int;
    n int := cardinality(p_item);
BEGIN
    -- 1. What makes no sense is refused, every line at once. A cell knows its place; places are read where none is.
    SELECT jsonb_agg(b.line) FILTER (WHERE b.line IS NOT NULL), array_agg(b.from_cell), array_agg(b.to_cell),
           array_agg(b.from_site), array_agg(b.to_site), array_agg(b.from_state), array_agg(b.to_state),
           array_agg(b.from_account), array_agg(b.to_account), array_agg(b.book_lot), array_agg(b.costing),
           array_agg(b.is_serial),
           bool_or((b.from_account <> b.to_account OR b.from_site <> b.to_site OR b.units = 0) AND b.owner = 1),
           bool_or(b.claim NOT IN ('', 'issue')), bool_or(b.is_serial),
           bool_or(b.from_state <> b.to_state OR b.claim IN ('pick', 'unpick', 'issue') OR b.from_site <> b.to_site)
      INTO bad, from_cell, to_cell, from_site, to_site, from_state, to_state, from_account, to_account,
           book_lot, costing, serial, has_book, has_claim, has_serial, has_pool
      FROM (
        SELECT m.n, m.owner, m.units, m.claim, fc.id AS from_cell, tc.id AS to_cell,
               coalesce(fc.site_id, fl.site_id) AS from_site, coalesce(tc.site_id, tl.site_id) AS to_site,
               coalesce(fc.state, CASE WHEN fl.is_virtual THEN '' WHEN m.fq <> 'available' THEN m.fq ELSE fl.role END)
                   AS from_state,
               coalesce(tc.state, CASE WHEN tl.is_virtual THEN '' WHEN m.tq <> 'available' THEN m.tq ELSE tl.role END)
                   AS to_state,
               coalesce(fc.account, fl.account) AS from_account, coalesce(tc.account, tl.account) AS to_account,
               CASE WHEN i.costing = 'lot_actual' THEN m.lot ELSE 0 END AS book_lot,
               i.costing, coalesce(l.is_serial, false) AS is_serial,
               CASE
                 WHEN i.id IS NULL THEN jsonb_build_object('line', m.n, 'what', 'item', 'id', m.item)
                 WHEN fc.id IS NULL AND fl.id IS NULL
                   THEN jsonb_build_object('line', m.n, 'what', 'source', 'id', m.floc)
                 WHEN tc.id IS NULL AND tl.id IS NULL
                   THEN jsonb_build_object('line', m.n, 'what', 'target', 'id', m.tloc)
                 WHEN (fc.id IS NULL AND m.flpn NOT IN (SELECT id FROM locations_lpn WHERE id = ANY (p_from_lpn)))
                      OR (tc.id IS NULL AND m.tlpn NOT IN (SELECT id FROM locations_lpn WHERE id = ANY (p_to_lpn)))
                   THEN jsonb_build_object('line', m.n, 'what', 'lpn', 'sku', i.sku)
                 WHEN fc.id IS NULL AND m.owner NOT IN (SELECT id FROM parties_party WHERE id = ANY (p_owner))
                   THEN jsonb_build_object('line', m.n, 'what', 'owner', 'id', m.owner, 'sku', i.sku)
                 WHEN m.lot <> 0 AND l.item_id IS DISTINCT FROM m.item
                   THEN jsonb_build_object('line', m.n, 'what', 'lot', 'id', m.lot, 'sku', i.sku)
                 WHEN m.units < 0 OR (m.units = 0 AND coalesce(m.value, 0) = 0)
                   THEN jsonb_build_object('line', m.n, 'what', 'units', 'sku', i.sku, 'units', m.units)
                 WHEN (m.floc, m.flpn, m.fq) = (m.tloc, m.tlpn, m.tq)
                   THEN jsonb_build_object('line', m.n, 'what', 'same_place', 'sku', i.sku, 'location',
                                           (SELECT code FROM locations_location WHERE id = m.floc))
                 WHEN coalesce(fc.site_id, fl.site_id) <> coalesce(tc.site_id, tl.site_id)
                      AND 'in_transit' NOT IN (coalesce(fc.account, fl.account), coalesce(tc.account, tl.account))
                   THEN jsonb_build_object('line', m.n, 'what', 'between_sites', 'sku', i.sku, 'location',
                                           (SELECT code FROM locations_location WHERE id = m.floc))
                 WHEN i.tracking <> 'none' AND m.lot = 0 AND m.units > 0
                   THEN jsonb_build_object('line', m.n, 'what', 'lot_required', 'sku', i.sku)
                 WHEN i.tracking = 'none' AND m.lot <> 0
                   THEN jsonb_build_object('line', m.n, 'what', 'lot_unwanted', 'sku', i.sku)
               END AS line
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                       unnest(p_from_loc) AS floc, unnest(p_from_lpn) AS flpn, unnest(p_from_quality) AS fq,
                       unnest(p_to_loc) AS tloc, unnest(p_to_lpn) AS tlpn, unnest(p_to_quality) AS tq,
                       unnest(p_units) AS units, unnest(p_value) AS value, unnest(p_claim) AS claim,
                       generate_series(1, cardinality(p_item)) AS n) AS m
          LEFT JOIN catalog_item i ON i.id = m.item AND i.id = ANY (p_item)
          LEFT JOIN catalog_lot l ON l.id = m.lot AND l.id = ANY (p_lot) AND l.id <> 0
          LEFT JOIN LATERAL (
            SELECT * FROM ledger_cell c WHERE c.item_id = m.item AND c.location_id = m.floc AND c.lot_id = m.lot
               AND c.lpn_id = m.flpn AND c.owner_id = m.owner AND c.quality = m.fq OFFSET 0) fc ON true
          LEFT JOIN LATERAL (
            SELECT * FROM ledger_cell c WHERE c.item_id = m.item AND c.location_id = m.tloc AND c.lot_id = m.lot
               AND c.lpn_id = m.tlpn AND c.owner_id = m.owner AND c.quality = m.tq OFFSET 0) tc ON true
          LEFT JOIN locations_location fl ON fl.id = m.floc AND fl.id = ANY (p_from_loc) AND fc.id IS NULL
          LEFT JOIN locations_location tl ON tl.id = m.tloc AND tl.id = ANY (p_to_loc) AND tc.id IS NULL
         ORDER BY m.n
      ) b;
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('bad_move', bad);
    END IF;

    -- 2. Cells that do not exist yet are made, in key order, most with what the batch puts there.
    IF array_position(from_cell, NULL) IS NOT NULL OR array_position(to_cell, NULL) IS NOT NULL THEN
        SELECT c.from_cell, c.to_cell, c.o_settled, c.o_all_settled INTO from_cell, to_cell, settled, all_settled
          FROM ledger_new_cells(p_item, p_lot, p_owner, p_from_loc, p_from_lpn, p_from_quality, p_to_loc, p_to_lpn,
                                p_to_quality, from_state, to_state, from_site, to_site, from_account, to_account,
                                serial, p_units, p_claim, from_cell, to_cell) c;
    END IF;

    -- 3. Pools: only moves that change a state or use a commitment touch them.
    IF has_pool THEN
        PERFORM ledger_change_pools(p_occurred, p_item, p_lot, p_owner, from_site, to_site, from_state, to_state,
                                    p_units, p_claim, p_demand, from_cell);
    END IF;

    -- 4. Cells: locked by id, then changed where the stock covers it. Those just made hold their sums already.
    touched := CASE WHEN all_settled THEN '{}' ELSE from_cell || to_cell END;
    IF cardinality(settled) > 0 AND NOT all_settled THEN
        SELECT coalesce(array_agg(DISTINCT t.cell), '{}') INTO touched
          FROM unnest(touched) AS t(cell) LEFT JOIN unnest(settled) AS d(cell) ON d.cell = t.cell
         WHERE d.cell IS NULL;
    END IF;
    IF cardinality(touched) > 0 THEN
        PERFORM 1 FROM ledger_cell c WHERE c.id = ANY (touched) ORDER BY c.id FOR NO KEY UPDATE;
        WITH net AS (
            SELECT x.cell, sum(x.units) AS units, sum(x.held) AS held
              FROM (
                SELECT m.cell, -m.units AS units, CASE WHEN m.claim NOT IN ('', 'issue') THEN -m.units ELSE 0 END
                       AS held
                  FROM (SELECT unnest(from_cell) AS cell, unnest(p_units) AS units, unnest(p_claim) AS claim) AS m
                UNION ALL
                SELECT m.cell, m.units, CASE WHEN m.claim IN ('pick', 'carry', 'unpick') THEN m.units ELSE 0 END
                  FROM (SELECT unnest(to_cell) AS cell, unnest(p_units) AS units, unnest(p_claim) AS claim) AS m
              ) x LEFT JOIN unnest(settled) AS d(cell) ON d.cell = x.cell
             WHERE d.cell IS NULL GROUP BY x.cell
        ), changed AS (
            UPDATE ledger_cell c SET on_hand = c.on_hand + net.units, reserved = c.reserved + net.held
              FROM net
             WHERE c.id = net.cell AND c.id = ANY (touched)
               AND (c.is_virtual OR (c.on_hand + net.units >= c.reserved + net.held AND c.reserved + net.held >= 0))
            RETURNING c.id
        )
        SELECT (SELECT coalesce(array_agg(id), '{}') FROM changed), (SELECT count(*) FROM net)
          INTO v_changed, v_expected;
        IF cardinality(v_changed) <> v_expected THEN
            PERFORM ledger_refuse_short(from_cell, p_units, p_claim, settled || v_changed);
        END IF;
    END IF;
    IF has_claim THEN
        PERFORM ledger_move_reservations(p_command, from_cell, to_cell, p_units, p_claim, p_demand);
    END IF;
    IF has_serial THEN
        PERFORM ledger_place_serials(p_lot, serial, from_cell, to_cell, from_state, to_state);
    END IF;

    -- 5. Books and FIFO layers: only moves between accounts, and value-only moves.
    SELECT (p_occurred AT TIME ZONE s.timezone)::date INTO v_booked
      FROM locations_site s WHERE s.id = to_site[1];
    o_values := array_fill(0::numeric, ARRAY[n]);
    o_moves := ledger_next_ids('ledger_move_id_seq', n);
    IF has_book THEN
        SELECT c.o_values, c.o_variance INTO o_values, variance
          FROM ledger_cost(v_booked, o_moves, p_item, book_lot, p_owner, costing, from_site, to_site,
                           from_account, to_account, p_units, p_value, p_of_move, p_reverses IS NOT NULL) c;
    END IF;

    -- 6. The facts themselves.
    INSERT INTO ledger_posting (command_id, actor_id, device, occurred_at, booked_on, reverses_id)
    VALUES (p_command, p_actor, p_device, p_occurred, v_booked, p_reverses)
    RETURNING id INTO o_posting;
    INSERT INTO ledger_move (id, posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                             of_move_id)
    OVERRIDING SYSTEM VALUE
    SELECT m.id, o_posting, m.fc, m.tc, m.units, m.value, m.reason, m.origin, m.demand, m.claim, m.of_move
      FROM (SELECT unnest(o_moves) AS id, unnest(from_cell) AS fc, unnest(to_cell) AS tc, unnest(p_units) AS units,
                   unnest(o_values) AS value, unnest(p_reason) AS reason, unnest(p_origin) AS origin,
                   unnest(p_demand) AS demand, unnest(p_claim) AS claim, unnest(p_of_move) AS of_move) AS m;
    IF (SELECT bool_or(x <> 0) FROM unnest(variance) AS x) THEN
        PERFORM ledger_post_variance(o_posting, v_booked, from_cell, variance, p_origin);
    END IF;
END $$;

-- The cell with this key.
CREATE OR REPLACE FUNCTION ledger_cell_id(bigint, bigint, bigint, bigint, bigint, text) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT id FROM ledger_cell WHERE item_id = $1 AND location_id = $2 AND lot_id = $3 AND lpn_id = $4
               AND owner_id = $5 AND quality = $6);
END $$;

-- Ids for n new rows of a sequence, in order.
CREATE OR REPLACE FUNCTION ledger_next_ids(p_sequence regclass, n int) RETURNS bigint[]
    LANGUAGE sql AS $$ SELECT array_agg(nextval(p_sequence)) FROM generate_series(1, n) $$;
