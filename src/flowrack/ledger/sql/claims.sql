-- Claims: commitments on pools and reservations on cells. A counter and its rows change in the same statement.

-- Promise what is free to each claim in order, at most what it asks; with p_all, refuse unless all get everything.
CREATE OR REPLACE FUNCTION ledger_commit(
    p_command bigint, p_item bigint[], p_lot bigint[], p_site bigint[], p_owner bigint[], p_units bigint[],
    p_ref text[], p_all boolean
) RETURNS bigint[] LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_pool bigint[]; granted bigint[];
    bad jsonb;
BEGIN
    SELECT array_agg((SELECT p.id FROM ledger_pool p WHERE p.item_id = m.item AND p.site_id = m.site
                         AND p.lot_id = m.lot AND p.owner_id = m.owner) ORDER BY m.n) INTO v_pool
      FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_site) AS site, unnest(p_owner) AS owner,
                   generate_series(1, cardinality(p_item)) AS n) AS m;
    PERFORM 1 FROM ledger_pool p WHERE p.id = ANY (v_pool) ORDER BY p.id FOR NO KEY UPDATE;
    SELECT array_agg(greatest(least(g.units, g.free - g.before), 0) ORDER BY g.n) INTO granted
      FROM (SELECT m.n, m.units, coalesce(p.reserve + p.forward_pick - p.committed, 0) AS free,
                   sum(m.units) OVER (PARTITION BY m.pool ORDER BY m.n) - m.units AS before
              FROM (SELECT unnest(v_pool) AS pool, unnest(p_units) AS units,
                           generate_series(1, cardinality(v_pool)) AS n) AS m
              LEFT JOIN (SELECT * FROM ledger_pool WHERE id = ANY (v_pool)) p ON p.id = m.pool) g;
    IF p_all THEN
        SELECT jsonb_agg(jsonb_build_object('line', m.n, 'sku', i.sku, 'ref', m.ref, 'wanted', m.units,
                                            'free', m.granted) ORDER BY m.n)
          INTO bad
          FROM (SELECT unnest(p_units) AS units, unnest(granted) AS granted, unnest(p_item) AS item,
                       unnest(p_ref) AS ref, generate_series(1, cardinality(p_units)) AS n) AS m
          LEFT JOIN catalog_item i ON i.id = m.item
         WHERE m.granted < m.units;
        IF bad IS NOT NULL THEN
            PERFORM ledger_refuse('not_free', bad);
        END IF;
    END IF;
    WITH promised AS (
        UPDATE ledger_pool p SET committed = p.committed + net.units
          FROM (SELECT m.pool, sum(m.units) AS units
                  FROM (SELECT unnest(v_pool) AS pool, unnest(granted) AS units) AS m
                 WHERE m.units > 0 GROUP BY 1) net
         WHERE p.id = net.pool AND p.id = ANY (v_pool)
    )
    INSERT INTO ledger_commitment AS c (pool_id, ref, units, command_id)
    SELECT m.pool, m.ref, sum(m.units), p_command
      FROM (SELECT unnest(v_pool) AS pool, unnest(p_ref) AS ref, unnest(granted) AS units) AS m
     WHERE m.units > 0 GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT commitment_once_per_demand_and_pool DO UPDATE SET units = c.units + excluded.units;
    RETURN granted;
END $$;

-- Promise to each claim what it was seen to get, and leave so many units of its pool free for others (p_left, 0 = none);
-- SQLSTATE FR003, at which the door begins again, if that cannot be done now.
DROP FUNCTION IF EXISTS ledger_commit_as_read(bigint, bigint[], bigint[], bigint[], bigint[], bigint[], text[]);
CREATE OR REPLACE FUNCTION ledger_commit_as_read(
    p_command bigint, p_item bigint[], p_lot bigint[], p_site bigint[], p_owner bigint[], p_units bigint[],
    p_ref text[], p_left bigint[]
) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    v_pool bigint;
BEGIN
    IF cardinality(p_item) = 1 AND p_units[1] > 0 THEN  -- the unit that many want: two statements do it
        UPDATE ledger_pool p SET committed = p.committed + p_units[1]
         WHERE p.item_id = p_item[1] AND p.site_id = p_site[1] AND p.lot_id = p_lot[1] AND p.owner_id = p_owner[1]
           AND p.reserve + p.forward_pick - p.committed >= p_units[1] + p_left[1]
        RETURNING p.id INTO v_pool;
        IF v_pool IS NULL THEN
            RAISE EXCEPTION 'what was free is promised to others' USING ERRCODE = 'FR003';
        END IF;
        INSERT INTO ledger_commitment AS c (pool_id, ref, units, command_id)
        VALUES (v_pool, p_ref[1], p_units[1], p_command)
            ON CONFLICT ON CONSTRAINT commitment_once_per_demand_and_pool DO UPDATE SET units = c.units + excluded.units;
        RETURN;
    END IF;
    IF ledger_commit(p_command, p_item, p_lot, p_site, p_owner, p_units, p_ref, false) <> p_units THEN
        RAISE EXCEPTION 'what was free is promised to others' USING ERRCODE = 'FR003';
    END IF;
    IF 0 < ANY (p_left) AND EXISTS (
        SELECT FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_site) AS site,
                            unnest(p_owner) AS owner, unnest(p_left) AS units) AS m
         WHERE m.units > (SELECT p.reserve + p.forward_pick - p.committed FROM ledger_pool p
                           WHERE p.item_id = m.item AND p.site_id = m.site AND p.lot_id = m.lot AND p.owner_id = m.owner)
    ) THEN
        RAISE EXCEPTION 'what was free is spoken for by others' USING ERRCODE = 'FR003';
    END IF;
END $$;

-- Take promises back. A demand that holds less than is released refuses the whole call.
CREATE OR REPLACE FUNCTION ledger_uncommit(
    p_item bigint[], p_lot bigint[], p_site bigint[], p_owner bigint[], p_units bigint[], p_ref text[]
) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_pool bigint[];
    bad jsonb;
BEGIN
    SELECT array_agg((SELECT p.id FROM ledger_pool p WHERE p.item_id = m.item AND p.site_id = m.site
                         AND p.lot_id = m.lot AND p.owner_id = m.owner) ORDER BY m.n) INTO v_pool
      FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_site) AS site, unnest(p_owner) AS owner,
                   generate_series(1, cardinality(p_item)) AS n) AS m;
    PERFORM 1 FROM ledger_pool p WHERE p.id = ANY (v_pool) ORDER BY p.id FOR NO KEY UPDATE;
    WITH net AS (
        SELECT m.pool, m.ref, sum(m.units)::bigint AS units, min(m.n) AS line
          FROM (SELECT unnest(v_pool) AS pool, unnest(p_ref) AS ref, unnest(p_units) AS units,
                       generate_series(1, cardinality(v_pool)) AS n) AS m GROUP BY 1, 2
    ), held AS MATERIALIZED (
        SELECT net.*, c.id, c.units AS had
          FROM net
          LEFT JOIN LATERAL (SELECT t.id, t.units FROM ledger_commitment t
                              WHERE t.pool_id = net.pool AND t.ref = net.ref OFFSET 0) c ON true
    ), gone AS (
        DELETE FROM ledger_commitment c WHERE c.id = ANY (ARRAY (SELECT h.id FROM held h WHERE h.had = h.units))
    ), less AS (
        UPDATE ledger_commitment c SET units = c.units - h.units
          FROM held h
         WHERE c.id = h.id AND h.had > h.units
           AND c.id = ANY (ARRAY (SELECT x.id FROM held x WHERE x.had > x.units))
    )
    SELECT jsonb_agg(jsonb_build_object('line', h.line, 'ref', h.ref, 'wanted', h.units)) INTO bad
      FROM held h WHERE h.id IS NULL OR h.had < h.units;
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('nothing_claimed', bad);
    END IF;
    UPDATE ledger_pool p SET committed = p.committed - net.units
      FROM (SELECT m.pool, sum(m.units) AS units
              FROM (SELECT unnest(v_pool) AS pool, unnest(p_units) AS units) AS m GROUP BY 1) net
     WHERE p.id = net.pool AND p.id = ANY (v_pool);
END $$;

CREATE OR REPLACE FUNCTION ledger_reserve(p_command bigint, p_cell bigint[], p_units bigint[], p_ref text[])
RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    bad jsonb;
BEGIN
    PERFORM 1 FROM ledger_cell c WHERE c.id = ANY (p_cell) ORDER BY c.id FOR NO KEY UPDATE;
    WITH net AS (
        SELECT m.cell, sum(m.units) AS units, min(m.n) AS line
          FROM (SELECT unnest(p_cell) AS cell, unnest(p_units) AS units,
                       generate_series(1, cardinality(p_cell)) AS n) AS m GROUP BY 1
    ), changed AS (
        UPDATE ledger_cell c SET reserved = c.reserved + net.units FROM net
         WHERE c.id = net.cell AND c.id = ANY (p_cell) AND NOT c.is_virtual
           AND c.on_hand - c.reserved >= net.units
        RETURNING c.id
    )
    SELECT jsonb_agg(jsonb_build_object('line', net.line, 'sku', i.sku, 'location', l.code, 'wanted', net.units,
                                        'free', c.on_hand - c.reserved) ORDER BY net.line)
      INTO bad
      FROM (SELECT * FROM net WHERE net.cell NOT IN (SELECT id FROM changed)) net
      LEFT JOIN LATERAL (SELECT * FROM ledger_cell WHERE id = net.cell OFFSET 0) c ON true
      LEFT JOIN LATERAL (SELECT * FROM catalog_item WHERE id = c.item_id OFFSET 0) i ON true
      LEFT JOIN LATERAL (SELECT * FROM locations_location WHERE id = c.location_id OFFSET 0) l ON true;
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('not_free', bad);
    END IF;
    INSERT INTO ledger_reservation AS r (cell_id, ref, units, command_id)
    SELECT m.cell, m.ref, sum(m.units), p_command
      FROM (SELECT unnest(p_cell) AS cell, unnest(p_ref) AS ref, unnest(p_units) AS units) AS m
     GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT reservation_once_per_demand_and_cell DO UPDATE SET units = r.units + excluded.units;
END $$;

-- Use up reservations of the given demands on the given cells; names every one that holds less.
CREATE OR REPLACE FUNCTION ledger_drop_reservations(p_cell bigint[], p_units bigint[], p_ref text[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    bad jsonb;
BEGIN
    WITH net AS (
        SELECT m.cell, m.ref, sum(m.units)::bigint AS units, min(m.n) AS line
          FROM (SELECT unnest(p_cell) AS cell, unnest(p_ref) AS ref, unnest(p_units) AS units,
                       generate_series(1, cardinality(p_cell)) AS n) AS m GROUP BY 1, 2
    ), held AS MATERIALIZED (
        SELECT net.*, c.id, c.units AS had
          FROM net
          LEFT JOIN LATERAL (SELECT t.id, t.units FROM ledger_reservation t
                              WHERE t.cell_id = net.cell AND t.ref = net.ref OFFSET 0) c ON true
    ), gone AS (
        DELETE FROM ledger_reservation c WHERE c.id = ANY (ARRAY (SELECT h.id FROM held h WHERE h.had = h.units))
    ), less AS (
        UPDATE ledger_reservation c SET units = c.units - h.units
          FROM held h
         WHERE c.id = h.id AND h.had > h.units
           AND c.id = ANY (ARRAY (SELECT x.id FROM held x WHERE x.had > x.units))
    )
    SELECT jsonb_agg(jsonb_build_object('line', h.line, 'ref', h.ref, 'wanted', h.units)) INTO bad
      FROM held h WHERE h.id IS NULL OR h.had < h.units;
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('nothing_claimed', bad);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger_unreserve(p_cell bigint[], p_units bigint[], p_ref text[]) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = on SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM 1 FROM ledger_cell c WHERE c.id = ANY (p_cell) ORDER BY c.id FOR NO KEY UPDATE;
    PERFORM ledger_drop_reservations(p_cell, p_units, p_ref);
    UPDATE ledger_cell c SET reserved = c.reserved - net.units
      FROM (SELECT m.cell, sum(m.units) AS units
              FROM (SELECT unnest(p_cell) AS cell, unnest(p_units) AS units) AS m GROUP BY 1) net
     WHERE c.id = net.cell AND c.id = ANY (p_cell);
END $$;

-- Reservations that travel with a posting; the cells' counters were changed by ledger_post.
CREATE OR REPLACE FUNCTION ledger_move_reservations(
    p_command bigint, from_cell bigint[], to_cell bigint[], p_units bigint[], p_claim text[], p_demand text[]
) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    cells bigint[]; units bigint[]; refs text[];
BEGIN
    SELECT array_agg(m.cell), array_agg(m.units), array_agg(m.demand) INTO cells, units, refs
      FROM (SELECT unnest(from_cell) AS cell, unnest(p_units) AS units, unnest(p_demand) AS demand,
                   unnest(p_claim) AS claim) AS m
     WHERE m.claim NOT IN ('', 'issue');
    PERFORM ledger_drop_reservations(cells, units, refs);
    INSERT INTO ledger_reservation AS r (cell_id, ref, units, command_id)
    SELECT m.cell, m.demand, sum(m.units), p_command
      FROM (SELECT unnest(to_cell) AS cell, unnest(p_units) AS units, unnest(p_demand) AS demand,
                   unnest(p_claim) AS claim) AS m
     WHERE m.claim IN ('pick', 'carry', 'unpick') GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT reservation_once_per_demand_and_cell DO UPDATE SET units = r.units + excluded.units;
END $$;

-- Where each serial number is: it leaves its old place before it takes a new one, so a second place cannot be.
CREATE OR REPLACE FUNCTION ledger_place_serials(
    p_lot bigint[], p_serial boolean[], from_cell bigint[], to_cell bigint[], from_state text[], to_state text[]
) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    bad jsonb;
BEGIN
    DELETE FROM ledger_serialplace s
     USING (SELECT unnest(p_lot) AS lot, unnest(p_serial) AS serial, unnest(from_cell) AS cell,
                   unnest(from_state) AS state) AS m
     WHERE m.serial AND m.state <> '' AND s.lot_id = m.lot AND s.cell_id = m.cell AND s.lot_id = ANY (p_lot);
    SELECT jsonb_agg(jsonb_build_object('line', m.n, 'lot', lot.code, 'location', l.code) ORDER BY m.n) INTO bad
      FROM (SELECT unnest(p_lot) AS lot, unnest(p_serial) AS serial, unnest(to_state) AS state,
                   generate_series(1, cardinality(p_lot)) AS n) AS m
      JOIN (SELECT * FROM ledger_serialplace WHERE lot_id = ANY (p_lot)) s ON s.lot_id = m.lot
      JOIN LATERAL (SELECT * FROM ledger_cell WHERE id = s.cell_id OFFSET 0) c ON true
      JOIN LATERAL (SELECT * FROM locations_location WHERE id = c.location_id OFFSET 0) l ON true
      JOIN LATERAL (SELECT * FROM catalog_lot WHERE id = m.lot OFFSET 0) lot ON true
     WHERE m.serial AND m.state <> '';
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('serial_taken', bad);
    END IF;
    INSERT INTO ledger_serialplace (lot_id, cell_id)
    SELECT m.lot, m.cell
      FROM (SELECT unnest(p_lot) AS lot, unnest(p_serial) AS serial, unnest(to_cell) AS cell,
                   unnest(to_state) AS state) AS m
     WHERE m.serial AND m.state <> '' ORDER BY m.lot;
END $$;
