-- ledger_reverse: the exact opposite of a posting. Claims go back the way they came (a pick becomes an un-pick).
CREATE OR REPLACE FUNCTION ledger_reverse(
    p_actor bigint, p_command bigint, p_device text, p_occurred timestamptz, p_posting bigint, p_reason text,
    OUT o_posting bigint, OUT o_moves bigint[], OUT o_values numeric[]
) LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_posting WHERE reverses_id = p_posting) THEN
        PERFORM ledger_refuse('already_reversed', '[]'::jsonb);
    END IF;
    SELECT array_agg(t.item_id ORDER BY m.id DESC) AS item, array_agg(t.lot_id ORDER BY m.id DESC) AS lot,
           array_agg(t.owner_id ORDER BY m.id DESC) AS owner,
           array_agg(t.location_id ORDER BY m.id DESC) AS floc, array_agg(t.lpn_id ORDER BY m.id DESC) AS flpn,
           array_agg(t.quality::text ORDER BY m.id DESC) AS fq,
           array_agg(f.location_id ORDER BY m.id DESC) AS tloc, array_agg(f.lpn_id ORDER BY m.id DESC) AS tlpn,
           array_agg(f.quality::text ORDER BY m.id DESC) AS tq,
           array_agg(m.units ORDER BY m.id DESC) AS units, array_agg(m.value ORDER BY m.id DESC) AS value,
           array_agg(p_reason ORDER BY m.id DESC) AS reason, array_agg(m.origin::text ORDER BY m.id DESC) AS origin,
           array_agg(m.demand::text ORDER BY m.id DESC) AS demand,
           array_agg(CASE m.claim WHEN 'pick' THEN 'unpick' WHEN 'unpick' THEN 'pick' WHEN 'ship' THEN '' ELSE m.claim
                     END::text ORDER BY m.id DESC) AS claim,
           array_agg(CASE WHEN m.units = 0 THEN m.of_move_id ELSE m.id END ORDER BY m.id DESC) AS of_move, count(*) AS n
      INTO r
      FROM ledger_move m
      JOIN ledger_cell f ON f.id = m.from_cell_id
      JOIN ledger_cell t ON t.id = m.to_cell_id
     WHERE m.posting_id = p_posting;
    IF r.n = 0 THEN
        RETURN;
    END IF;
    SELECT p.o_posting, p.o_moves, p.o_values INTO o_posting, o_moves, o_values
      FROM ledger_post(p_actor, p_command, p_device, p_occurred, p_posting, r.item, r.lot, r.owner, r.floc, r.flpn,
                       r.fq, r.tloc, r.tlpn, r.tq, r.units, r.value, r.reason, r.origin, r.demand, r.claim,
                       r.of_move) p;
END $$;
