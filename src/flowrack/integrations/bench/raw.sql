-- The yardstick: hand-written SQL for the same rows as the kernel writes, without its checks, refusals and claims.

-- Moves between two physical places with a change of state (a putaway): posting, moves, cells, pool.
CREATE FUNCTION raw_putaway(p_actor bigint, p_command bigint, p_item bigint[], p_from bigint[], p_to bigint[],
                            p_units bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_posting bigint;
BEGIN
    INSERT INTO ledger_posting (command_id, actor_id, device, occurred_at, booked_on)
    VALUES (p_command, p_actor, '', now(), current_date) RETURNING id INTO v_posting;
    INSERT INTO ledger_move (posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                             of_move_id)
    SELECT v_posting, f.id, t.id, m.units, 0, 'putaway', '', '', '', 0
      FROM (SELECT unnest(p_item) AS item, unnest(p_from) AS floc, unnest(p_to) AS tloc, unnest(p_units) AS units) AS m
      JOIN ledger_cell f ON f.item_id = m.item AND f.location_id = m.floc AND f.lot_id = 0 AND f.lpn_id = 0
           AND f.owner_id = 1 AND f.quality = 'available'
      JOIN ledger_cell t ON t.item_id = m.item AND t.location_id = m.tloc AND t.lot_id = 0 AND t.lpn_id = 0
           AND t.owner_id = 1 AND t.quality = 'available';
    UPDATE ledger_cell c SET on_hand = c.on_hand + net.units
      FROM (SELECT x.item, x.loc, sum(x.units) AS units FROM (
                SELECT unnest(p_item) AS item, unnest(p_from) AS loc, -unnest(p_units) AS units
                UNION ALL SELECT unnest(p_item), unnest(p_to), unnest(p_units)) x
             GROUP BY 1, 2) net
     WHERE c.item_id = net.item AND c.location_id = net.loc AND c.lot_id = 0 AND c.lpn_id = 0 AND c.owner_id = 1
       AND c.quality = 'available';
    UPDATE ledger_pool p SET receiving = p.receiving - net.units, reserve = p.reserve + net.units
      FROM (SELECT item, sum(units) AS units
              FROM (SELECT unnest(p_item) AS item, unnest(p_units) AS units) AS m GROUP BY 1) net,
           locations_location l
     WHERE p.item_id = net.item AND l.id = p_from[1] AND p.site_id = l.site_id AND p.lot_id = 0 AND p.owner_id = 1;
END $$;

-- Receipts into an empty ledger: posting, cells, pools, books, months, FIFO layers, moves.
CREATE FUNCTION raw_receipt(p_actor bigint, p_command bigint, p_site bigint, p_supplier bigint, p_item bigint[],
                            p_to bigint[], p_units bigint[], p_value numeric[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_posting bigint;
BEGIN
    INSERT INTO ledger_posting (command_id, actor_id, device, occurred_at, booked_on)
    VALUES (p_command, p_actor, '', now(), current_date) RETURNING id INTO v_posting;
    INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                             is_virtual, is_serial, on_hand)
    SELECT item, 0, p_supplier, 0, 1, 'available', '', p_site, 'grni', true, false, -sum(units)
      FROM (SELECT unnest(p_item) AS item, unnest(p_units) AS units) AS m GROUP BY item
    UNION ALL
    SELECT item, 0, loc, 0, 1, 'available', 'receiving', p_site, 'inventory', false, false, sum(units)
      FROM (SELECT unnest(p_item) AS item, unnest(p_to) AS loc, unnest(p_units) AS units) AS m GROUP BY item, loc;
    INSERT INTO ledger_pool (item_id, lot_id, site_id, owner_id, arrived_at, receiving)
    SELECT item, 0, p_site, 1, now(), sum(units)
      FROM (SELECT unnest(p_item) AS item, unnest(p_units) AS units) AS m GROUP BY item;
    INSERT INTO ledger_book (item_id, lot_id, site_id, account, units, value, unit_cost)
    SELECT item, 0, p_site, a.account, a.sign * sum(units), a.sign * sum(value),
           CASE WHEN a.sign > 0 THEN round(sum(value) / sum(units), 6) ELSE 0 END
      FROM (SELECT unnest(p_item) AS item, unnest(p_units) AS units, unnest(p_value) AS value) AS m
     CROSS JOIN (VALUES ('inventory', 1), ('grni', -1)) AS a(account, sign) GROUP BY item, a.account, a.sign;
    INSERT INTO ledger_bookmonth (book_id, month, units, value)
    SELECT id, date_trunc('month', current_date), units, value FROM ledger_book WHERE item_id = ANY (p_item);
    INSERT INTO ledger_move (posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                             of_move_id)
    SELECT v_posting, f.id, t.id, m.units, m.value, 'receipt', '', '', '', 0
      FROM (SELECT unnest(p_item) AS item, unnest(p_to) AS tloc, unnest(p_units) AS units,
                   unnest(p_value) AS value) AS m
      JOIN ledger_cell f ON f.item_id = m.item AND f.location_id = p_supplier
      JOIN ledger_cell t ON t.item_id = m.item AND t.location_id = m.tloc;
    INSERT INTO ledger_layer (book_id, move_id, units, value, units_left, value_left)
    SELECT b.id, m.id, m.units, m.value, m.units, m.value
      FROM ledger_move m JOIN ledger_cell t ON t.id = m.to_cell_id
      JOIN ledger_book b ON b.item_id = t.item_id AND b.account = 'inventory' WHERE m.posting_id = v_posting;
END $$;
