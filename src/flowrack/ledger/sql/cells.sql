-- Cells that a batch needs and that do not exist yet: made with what the batch puts there, so that a batch of new stock
-- writes each of them once. What must be guarded stays at 0 for the general path to change: sources without stock,
-- plates (their triggers look at the source, too) and serial numbers.

CREATE OR REPLACE FUNCTION ledger_new_cells(
    p_item bigint[], p_lot bigint[], p_owner bigint[], p_from_loc bigint[], p_from_lpn bigint[], p_from_quality text[],
    p_to_loc bigint[], p_to_lpn bigint[], p_to_quality text[], from_state text[], to_state text[], from_site bigint[],
    to_site bigint[], from_account text[], to_account text[], p_serial boolean[], p_units bigint[], p_claim text[],
    INOUT from_cell bigint[], INOUT to_cell bigint[], OUT o_settled bigint[], OUT o_all_settled boolean
) LANGUAGE plpgsql
AS $$
BEGIN
    WITH key AS MATERIALIZED (
        SELECT x.item, x.lot, x.loc, x.lpn, x.owner, x.quality, min(x.state) AS state, min(x.site) AS site,
               min(x.account) AS account, bool_or(x.serial) AS serial, sum(x.units) AS units, sum(x.held) AS held,
               sum(x.held) >= 0 AND x.lpn = 0 AND NOT bool_or(x.serial)
               AND CASE min(x.state) WHEN '' THEN sum(x.held) = 0 ELSE sum(x.units) >= sum(x.held) END AS settled
          FROM (
            SELECT m.item, m.lot, m.loc, m.lpn, m.owner, m.quality, m.state, m.site, m.account, m.serial,
                   -m.units AS units, CASE WHEN m.claim NOT IN ('', 'issue') THEN -m.units ELSE 0 END AS held
              FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                           unnest(p_from_loc) AS loc, unnest(p_from_lpn) AS lpn, unnest(p_from_quality) AS quality,
                           unnest(from_state) AS state, unnest(from_site) AS site, unnest(from_account) AS account,
                           unnest(p_serial) AS serial, unnest(p_units) AS units, unnest(p_claim) AS claim,
                           unnest(from_cell) AS cell) AS m
             WHERE m.cell IS NULL
            UNION ALL
            SELECT m.item, m.lot, m.loc, m.lpn, m.owner, m.quality, m.state, m.site, m.account, m.serial, m.units,
                   CASE WHEN m.claim IN ('pick', 'carry', 'unpick') THEN m.units ELSE 0 END
              FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                           unnest(p_to_loc) AS loc, unnest(p_to_lpn) AS lpn, unnest(p_to_quality) AS quality,
                           unnest(to_state) AS state, unnest(to_site) AS site, unnest(to_account) AS account,
                           unnest(p_serial) AS serial, unnest(p_units) AS units, unnest(p_claim) AS claim,
                           unnest(to_cell) AS cell) AS m
             WHERE m.cell IS NULL
          ) x GROUP BY x.item, x.lot, x.loc, x.lpn, x.owner, x.quality
    ), made AS (
        INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                                 is_virtual, is_serial, on_hand, reserved)
        SELECT k.item, k.lot, k.loc, k.lpn, k.owner, k.quality, k.state, k.site, k.account, k.state = '', k.serial,
               CASE WHEN k.settled THEN k.units ELSE 0 END, CASE WHEN k.settled THEN k.held ELSE 0 END
          FROM key k ORDER BY k.item, k.loc, k.lot, k.lpn, k.owner, k.quality
            ON CONFLICT ON CONSTRAINT cell_one_row_per_key DO NOTHING
        RETURNING id, item_id, lot_id, location_id, lpn_id, owner_id, quality
    ), ready AS MATERIALIZED (
        SELECT m.id, k.item, k.lot, k.loc, k.lpn, k.owner, k.quality, k.settled
          FROM made m JOIN key k ON k.item = m.item_id AND k.loc = m.location_id AND k.lot = m.lot_id
               AND k.lpn = m.lpn_id AND k.owner = m.owner_id AND k.quality = m.quality
    )
    SELECT array_agg(r.fc), array_agg(r.tc), bool_and(r.settled), (SELECT coalesce(array_agg(id), '{}') FROM ready
                                                                    WHERE settled)
      INTO from_cell, to_cell, o_all_settled, o_settled
      FROM (
        SELECT coalesce(m.fc, f.id) AS fc, coalesce(m.tc, t.id) AS tc,
               coalesce(f.settled AND t.settled, false) AS settled
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                       unnest(p_from_loc) AS floc, unnest(p_from_lpn) AS flpn, unnest(p_from_quality) AS fq,
                       unnest(p_to_loc) AS tloc, unnest(p_to_lpn) AS tlpn, unnest(p_to_quality) AS tq,
                       unnest(from_cell) AS fc, unnest(to_cell) AS tc,
                       generate_series(1, cardinality(p_item)) AS n) AS m
          LEFT JOIN ready f ON m.fc IS NULL AND f.item = m.item AND f.loc = m.floc AND f.lot = m.lot
               AND f.lpn = m.flpn AND f.owner = m.owner AND f.quality = m.fq
          LEFT JOIN ready t ON m.tc IS NULL AND t.item = m.item AND t.loc = m.tloc AND t.lot = m.lot
               AND t.lpn = m.tlpn AND t.owner = m.owner AND t.quality = m.tq
         ORDER BY m.n) r;
    IF array_position(from_cell, NULL) IS NOT NULL OR array_position(to_cell, NULL) IS NOT NULL THEN
        -- Those that somebody else made meanwhile are looked up; only another statement can see them.
        SELECT array_agg(coalesce(m.fc, ledger_cell_id(m.item, m.floc, m.lot, m.flpn, m.owner, m.fq)) ORDER BY m.n),
               array_agg(coalesce(m.tc, ledger_cell_id(m.item, m.tloc, m.lot, m.tlpn, m.owner, m.tq)) ORDER BY m.n)
          INTO from_cell, to_cell
          FROM (SELECT unnest(p_item) AS item, unnest(p_lot) AS lot, unnest(p_owner) AS owner,
                       unnest(p_from_loc) AS floc, unnest(p_from_lpn) AS flpn, unnest(p_from_quality) AS fq,
                       unnest(p_to_loc) AS tloc, unnest(p_to_lpn) AS tlpn, unnest(p_to_quality) AS tq,
                       unnest(from_cell) AS fc, unnest(to_cell) AS tc,
                       generate_series(1, cardinality(p_item)) AS n) AS m;
    END IF;
END $$;
