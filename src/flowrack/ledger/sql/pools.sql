-- Pools: units of an item at a site by state, and what is promised of them.

CREATE OR REPLACE FUNCTION ledger_change_pools(
    p_occurred timestamptz, p_item bigint[], p_lot bigint[], p_owner bigint[], from_site bigint[], to_site bigint[],
    from_state text[], to_state text[], p_units bigint[], p_claim text[], p_demand text[], from_cell bigint[]
) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    from_pool bigint[]; to_pool bigint[];
    v_changed bigint[]; v_old int; v_new int; v_sound int; v_made int;
BEGIN
    -- One line a pool, however many lines of the batch share it. A pool that is missing is made with its sums, one that
    -- is there is locked, in order of id, and changed where what is promised allows it.
    WITH leg AS (
        SELECT m.item, m.lot, m.site, m.owner, m.state, -m.units AS units,
               CASE WHEN m.claim IN ('pick', 'issue') THEN -m.units ELSE 0 END AS promised, false AS comes_in
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(from_site) AS site,
                       unnest(p_owner) AS owner, unnest(from_state) AS state, unnest(p_units) AS units,
                       unnest(p_claim) AS claim) AS m
         WHERE m.state <> '' OR m.claim IN ('pick', 'issue')
        UNION ALL
        SELECT m.item, m.lot, m.site, m.owner, m.state, m.units,
               CASE WHEN m.claim = 'unpick' THEN m.units ELSE 0 END, m.source = ''
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(to_site) AS site, unnest(p_owner) AS owner,
                       unnest(to_state) AS state, unnest(p_units) AS units, unnest(p_claim) AS claim,
                       unnest(from_state) AS source) AS m
         WHERE m.state <> '' OR m.claim = 'unpick'
    ), part AS (
        SELECT item, lot, site, owner, state, sum(units) AS units, sum(promised) AS promised,
               bool_or(comes_in AND state <> '') AS comes_in
          FROM leg GROUP BY item, lot, site, owner, state
    ), net AS MATERIALIZED (
        SELECT k.*, (SELECT p.id FROM ledger_pool p WHERE p.item_id = k.item AND p.site_id = k.site
                        AND p.lot_id = k.lot AND p.owner_id = k.owner) AS id
          FROM (
            SELECT item, lot, site, owner,
                   coalesce(sum(units) FILTER (WHERE state = 'receiving'), 0) AS receiving,
                   coalesce(sum(units) FILTER (WHERE state = 'inspection'), 0) AS inspection,
                   coalesce(sum(units) FILTER (WHERE state = 'quarantine'), 0) AS quarantine,
                   coalesce(sum(units) FILTER (WHERE state = 'reserve'), 0) AS reserve,
                   coalesce(sum(units) FILTER (WHERE state = 'forward_pick'), 0) AS forward_pick,
                   coalesce(sum(units) FILTER (WHERE state = 'staged'), 0) AS staged,
                   coalesce(sum(units) FILTER (WHERE state = 'in_transit'), 0) AS in_transit,
                   coalesce(sum(units) FILTER (WHERE state = 'return_review'), 0) AS return_review,
                   coalesce(sum(units) FILTER (WHERE state = 'damaged'), 0) AS damaged,
                   coalesce(sum(units) FILTER (WHERE state = 'hold'), 0) AS hold,
                   coalesce(sum(units) FILTER (WHERE state = 'expired'), 0) AS expired,
                   sum(promised) AS promised, bool_or(comes_in) AS comes_in
              FROM part GROUP BY item, lot, site, owner) k
    ), sound AS MATERIALIZED (
        SELECT * FROM net n
         WHERE n.id IS NULL AND n.promised <= n.reserve + n.forward_pick
           AND least(n.receiving, n.inspection, n.quarantine, n.reserve, n.forward_pick, n.staged, n.in_transit,
                     n.return_review, n.damaged, n.hold, n.expired, n.promised) >= 0
    ), made AS (
        INSERT INTO ledger_pool (item_id, lot_id, site_id, owner_id, arrived_at, receiving, inspection, quarantine,
                                 reserve, forward_pick, staged, in_transit, return_review, damaged, hold, expired,
                                 committed)
        SELECT n.item, n.lot, n.site, n.owner, p_occurred, n.receiving, n.inspection, n.quarantine, n.reserve,
               n.forward_pick, n.staged, n.in_transit, n.return_review, n.damaged, n.hold, n.expired, n.promised
          FROM sound n ORDER BY n.item, n.site, n.lot, n.owner
            ON CONFLICT ON CONSTRAINT pool_one_row_per_key DO NOTHING
        RETURNING id
    ), locked AS MATERIALIZED (
        SELECT p.id FROM ledger_pool p WHERE p.id = ANY (ARRAY (SELECT n.id FROM net n)) ORDER BY p.id FOR NO KEY UPDATE
    ), changed AS (
        UPDATE ledger_pool p
           SET receiving = p.receiving + net.receiving, inspection = p.inspection + net.inspection,
               quarantine = p.quarantine + net.quarantine, reserve = p.reserve + net.reserve,
               forward_pick = p.forward_pick + net.forward_pick, staged = p.staged + net.staged,
               in_transit = p.in_transit + net.in_transit, return_review = p.return_review + net.return_review,
               damaged = p.damaged + net.damaged, hold = p.hold + net.hold, expired = p.expired + net.expired,
               committed = p.committed + net.promised,
               arrived_at = CASE
                   WHEN NOT net.comes_in THEN p.arrived_at
                   WHEN p.receiving + p.inspection + p.quarantine + p.reserve + p.forward_pick + p.staged
                        + p.in_transit + p.return_review + p.damaged + p.hold + p.expired = 0 THEN p_occurred
                   ELSE least(p.arrived_at, p_occurred) END
          FROM net JOIN locked ON locked.id = net.id
         WHERE p.id = net.id AND p.id = ANY (ARRAY (SELECT n.id FROM net n))
           AND least(p.receiving + net.receiving, p.inspection + net.inspection, p.quarantine + net.quarantine,
                     p.reserve + net.reserve, p.forward_pick + net.forward_pick, p.staged + net.staged,
                     p.in_transit + net.in_transit, p.return_review + net.return_review, p.damaged + net.damaged,
                     p.hold + net.hold, p.expired + net.expired, p.committed + net.promised) >= 0
           AND p.committed + net.promised <= p.reserve + net.reserve + p.forward_pick + net.forward_pick
        RETURNING p.id
    )
    SELECT (SELECT count(*) FROM made), (SELECT coalesce(array_agg(id), '{}') FROM changed),
           (SELECT count(*) FROM sound), count(*) FILTER (WHERE id IS NULL), count(id)
      INTO v_made, v_changed, v_sound, v_new, v_old
      FROM net;
    IF v_made < v_sound THEN
        PERFORM ledger_try_again();  -- somebody made one meanwhile
    END IF;
    IF v_sound < v_new OR cardinality(v_changed) < v_old THEN
        PERFORM ledger_refuse_short(from_cell, p_units, p_claim, '{}');
        PERFORM ledger_refuse_promised(
            ledger_pool_ids(p_item, p_lot, from_site, p_owner), ledger_pool_ids(p_item, p_lot, to_site, p_owner),
            from_state, to_state, p_units, p_claim, v_changed);
    END IF;
    IF p_claim && ARRAY['pick', 'issue', 'unpick'] THEN
        from_pool := ledger_pool_ids(p_item, p_lot, from_site, p_owner);
        to_pool := ledger_pool_ids(p_item, p_lot, to_site, p_owner);
        PERFORM ledger_move_commitments(from_pool, to_pool, p_units, p_claim, p_demand);
    END IF;
END $$;

-- The pools with these keys, in order; NULL where there is none.
CREATE OR REPLACE FUNCTION ledger_pool_ids(p_item bigint[], p_lot bigint[], p_site bigint[], p_owner bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN ARRAY (
        SELECT (SELECT p.id FROM ledger_pool p WHERE p.item_id = m.item AND p.site_id = m.site AND p.lot_id = m.lot
                   AND p.owner_id = m.owner)
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_site) AS site, unnest(p_owner) AS owner,
                       generate_series(1, cardinality(p_item)) AS n) AS m
         ORDER BY m.n);
END $$;

-- Commitments that picks use up (and un-picks give back).
CREATE OR REPLACE FUNCTION ledger_move_commitments(
    from_pool bigint[], to_pool bigint[], p_units bigint[], p_claim text[], p_demand text[]
) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    bad jsonb;
BEGIN
    IF 'pick' = ANY (p_claim) OR 'issue' = ANY (p_claim) THEN
        WITH net AS (
            SELECT m.pool, m.demand AS ref, sum(m.units)::bigint AS units, min(m.n) AS line
              FROM (SELECT unnest(from_pool) AS pool, unnest(p_demand) AS demand, unnest(p_units) AS units,
                           unnest(p_claim) AS claim, generate_series(1, cardinality(from_pool)) AS n) AS m
             WHERE m.claim IN ('pick', 'issue') GROUP BY 1, 2
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
    END IF;
    IF 'unpick' = ANY (p_claim) THEN
        INSERT INTO ledger_commitment AS c (pool_id, ref, units, command_id)
        SELECT m.pool, m.demand, sum(m.units), 0
          FROM (SELECT unnest(to_pool) AS pool, unnest(p_demand) AS demand, unnest(p_units) AS units,
                       unnest(p_claim) AS claim) AS m
         WHERE m.claim = 'unpick' GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT ON CONSTRAINT commitment_once_per_demand_and_pool DO UPDATE SET units = c.units + excluded.units;
    END IF;
END $$;

-- Name every source that has too few free units, but for cells that were covered and are changed already. Returns
-- quietly when all are covered.
CREATE OR REPLACE FUNCTION ledger_refuse_short(
    from_cell bigint[], p_units bigint[], p_claim text[], p_changed bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bad jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
               'line', s.line, 'sku', i.sku, 'location', l.code, 'lot', lot.code, 'wanted', s.units,
               'on_hand', c.on_hand, 'reserved', c.reserved, 'free', c.on_hand - c.reserved, 'quality', c.quality,
               'claimed', s.claimed) ORDER BY s.line)
      INTO bad
      FROM (SELECT m.cell, min(m.n) AS line, sum(m.units) AS units, bool_or(m.claim NOT IN ('', 'issue')) AS claimed,
                   sum(m.units) FILTER (WHERE m.claim NOT IN ('', 'issue')) AS held
              FROM (SELECT unnest(from_cell) AS cell, unnest(p_units) AS units, unnest(p_claim) AS claim,
                           generate_series(1, cardinality(from_cell)) AS n) AS m GROUP BY 1) s
      JOIN ledger_cell c ON c.id = s.cell AND NOT c.is_virtual
      JOIN catalog_item i ON i.id = c.item_id
      JOIN catalog_lot lot ON lot.id = c.lot_id
      JOIN locations_location l ON l.id = c.location_id
     WHERE (c.on_hand - s.units < c.reserved - coalesce(s.held, 0) OR c.reserved < coalesce(s.held, 0))
       AND s.cell <> ALL (coalesce(p_changed, '{}'));
    IF bad IS NOT NULL THEN
        PERFORM ledger_refuse('insufficient_stock', bad);
    END IF;
END $$;

-- Name the commitments that stand in the way of taking stock out of the allocatable states.
CREATE OR REPLACE FUNCTION ledger_refuse_promised(
    from_pool bigint[], to_pool bigint[], from_state text[], to_state text[], p_units bigint[], p_claim text[],
    p_changed bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bad jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
               'line', d.line, 'sku', i.sku, 'lot', lot.code, 'allocatable', p.reserve + p.forward_pick,
               'committed', p.committed, 'taken', -d.allocatable,
               'commitments', (SELECT jsonb_agg(jsonb_build_object('ref', c.ref, 'units', c.units) ORDER BY c.id)
                                 FROM ledger_commitment c WHERE c.pool_id = p.id)) ORDER BY d.line)
      INTO bad
      FROM (SELECT x.pool, min(x.n) AS line, sum(x.allocatable) AS allocatable, sum(x.promised) AS promised
              FROM (SELECT m.pool, m.n, CASE WHEN m.state IN ('reserve', 'forward_pick') THEN -m.units ELSE 0 END
                           AS allocatable, CASE WHEN m.claim IN ('pick', 'issue') THEN -m.units ELSE 0 END
               AS promised
                      FROM (SELECT unnest(from_pool) AS pool, unnest(from_state) AS state, unnest(p_units) AS units,
                                   unnest(p_claim) AS claim, generate_series(1, cardinality(from_pool)) AS n) AS m
                    UNION ALL
                    SELECT m.pool, m.n, CASE WHEN m.state IN ('reserve', 'forward_pick') THEN m.units ELSE 0 END,
                           CASE WHEN m.claim = 'unpick' THEN m.units ELSE 0 END
                      FROM (SELECT unnest(to_pool) AS pool, unnest(to_state) AS state, unnest(p_units) AS units,
                                   unnest(p_claim) AS claim, generate_series(1, cardinality(to_pool)) AS n) AS m) x
             GROUP BY x.pool) d
      JOIN ledger_pool p ON p.id = d.pool
      JOIN catalog_item i ON i.id = p.item_id
      JOIN catalog_lot lot ON lot.id = p.lot_id
     WHERE (p.committed + d.promised > p.reserve + p.forward_pick + d.allocatable OR p.committed + d.promised < 0)
       AND d.pool <> ALL (coalesce(p_changed, '{}'));
    PERFORM ledger_refuse('committed_stock', coalesce(bad, '[]'::jsonb));
END $$;
