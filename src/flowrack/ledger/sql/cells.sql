-- Cells that a batch needs and that do not exist yet: made with what the batch puts there, so that a batch of new stock
-- writes each of them once. What must be guarded stays at 0 for the general path to change: sources without stock,
-- plates (their triggers look at the source, too) and serial numbers.

CREATE OR REPLACE FUNCTION ledger_new_cells(
    p_item bigint[], p_lot bigint[], p_owner bigint[], p_from_loc bigint[], p_from_lpn bigint[], p_from_quality text[],
    p_to_loc bigint[], p_to_lpn bigint[], p_to_quality text[], from_state text[], to_state text[], from_site bigint[],
    to_site bigint[], from_account text[], to_account text[], p_serial boolean[], p_units bigint[], p_claim text[],
    INOUT from_cell bigint[], INOUT to_cell bigint[], OUT o_settled bigint[]
) LANGUAGE plpgsql
AS $$
DECLARE
    k_id bigint[]; k_item bigint[]; k_lot bigint[]; k_loc bigint[]; k_lpn bigint[]; k_owner bigint[]; k_quality text[];
BEGIN
    WITH key AS (
        SELECT x.item, x.lot, x.loc, x.lpn, x.owner, x.quality, x.state, x.site, x.account, x.serial,
               sum(x.units) AS units, sum(x.held) AS held,
               sum(x.held) >= 0 AND x.lpn = 0 AND NOT x.serial
               AND (CASE x.state WHEN '' THEN sum(x.held) = 0 ELSE sum(x.units) >= sum(x.held) END) AS settled
          FROM (
            SELECT m.item, m.lot, m.loc, m.lpn, m.owner, m.quality, m.state, m.site, m.account, m.serial,
                   -m.units AS units, CASE WHEN m.claim NOT IN ('', 'issue') THEN -m.units ELSE 0 END AS held
              FROM unnest(p_item, p_lot, p_owner, p_from_loc, p_from_lpn, p_from_quality, from_state, from_site,
                          from_account, p_serial, p_units, p_claim, from_cell)
                   AS m(item, lot, owner, loc, lpn, quality, state, site, account, serial, units, claim, cell)
             WHERE m.cell IS NULL
            UNION ALL
            SELECT m.item, m.lot, m.loc, m.lpn, m.owner, m.quality, m.state, m.site, m.account, m.serial, m.units,
                   CASE WHEN m.claim IN ('pick', 'carry', 'unpick') THEN m.units ELSE 0 END
              FROM unnest(p_item, p_lot, p_owner, p_to_loc, p_to_lpn, p_to_quality, to_state, to_site,
                          to_account, p_serial, p_units, p_claim, to_cell)
                   AS m(item, lot, owner, loc, lpn, quality, state, site, account, serial, units, claim, cell)
             WHERE m.cell IS NULL
          ) x GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ), made AS (
        INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                                 is_virtual, is_serial, on_hand, reserved)
        SELECT k.item, k.lot, k.loc, k.lpn, k.owner, k.quality, k.state, k.site, k.account, k.state = '', k.serial,
               CASE WHEN k.settled THEN k.units ELSE 0 END, CASE WHEN k.settled THEN k.held ELSE 0 END
          FROM key k ORDER BY k.item, k.loc, k.lot, k.lpn, k.owner, k.quality
            ON CONFLICT ON CONSTRAINT cell_one_row_per_key DO NOTHING
        RETURNING id, item_id, lot_id, location_id, lpn_id, owner_id, quality
    )
    SELECT array_agg(m.id), array_agg(m.item_id), array_agg(m.lot_id), array_agg(m.location_id), array_agg(m.lpn_id),
           array_agg(m.owner_id), array_agg(m.quality), coalesce(array_agg(m.id) FILTER (WHERE k.settled), '{}')
      INTO k_id, k_item, k_lot, k_loc, k_lpn, k_owner, k_quality, o_settled
      FROM made m JOIN key k ON k.item = m.item_id AND k.loc = m.location_id AND k.lot = m.lot_id
           AND k.lpn = m.lpn_id AND k.owner = m.owner_id AND k.quality = m.quality;
    -- Those that somebody else made meanwhile are looked up; only this statement can see them.
    SELECT array_agg(coalesce(m.fc, f.id, ledger_cell_id(m.item, m.floc, m.lot, m.flpn, m.owner, m.fq)) ORDER BY m.n),
           array_agg(coalesce(m.tc, t.id, ledger_cell_id(m.item, m.tloc, m.lot, m.tlpn, m.owner, m.tq)) ORDER BY m.n)
      INTO from_cell, to_cell
      FROM unnest(p_item, p_lot, p_owner, p_from_loc, p_from_lpn, p_from_quality, p_to_loc, p_to_lpn, p_to_quality,
                  from_cell, to_cell) WITH ORDINALITY
           AS m(item, lot, owner, floc, flpn, fq, tloc, tlpn, tq, fc, tc, n)
      LEFT JOIN unnest(k_id, k_item, k_lot, k_loc, k_lpn, k_owner, k_quality)
           AS f(id, item, lot, loc, lpn, owner, quality)
        ON f.item = m.item AND f.loc = m.floc AND f.lot = m.lot AND f.lpn = m.flpn AND f.owner = m.owner
           AND f.quality = m.fq
      LEFT JOIN unnest(k_id, k_item, k_lot, k_loc, k_lpn, k_owner, k_quality)
           AS t(id, item, lot, loc, lpn, owner, quality)
        ON t.item = m.item AND t.loc = m.tloc AND t.lot = m.lot AND t.lpn = m.tlpn AND t.owner = m.owner
           AND t.quality = m.tq;
END $$;
