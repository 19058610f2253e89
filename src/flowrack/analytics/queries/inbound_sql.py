"""The statements behind the numbers of receiving, each row one thing that can be opened.

Look-ups by id are LATERAL with OFFSET 0: on tables without statistics a plain join reads the whole table instead of
following the index (ADR 0011 has the story).
"""

from __future__ import annotations

# One row for each pallet (what stood on one LPN) or loose line whose available units came into their bin on a day of
# the period. A putaway names what caused it: the count itself, the verdict of an inspection, the release of a hold, or
# a lot that was not inspected; from there the way back to the count is by record. Goods that arrive in their bin by
# policy are put away when they are counted. The truck is that of the ASN which the count was made against.
PALLETS = """
    WITH done AS MATERIALIZED (
        SELECT m.id, m.site_id, split_part(m.origin, ':', 1) AS cause, split_part(m.origin, ':', 2)::bigint AS key,
               coalesce(nullif(m.task_id, 0), -m.id) AS pallet, m.item_id, m.lot_id, m.lpn_id, m.done_units AS units,
               m.ended_at, m.to_location_id, m.ended_in_id, m.reason
        FROM storage_plannedmove m JOIN locations_site site ON site.id = m.site_id
        WHERE m.kind = 'putaway' AND m.state = 'done' AND m.quality = 'available'
          AND m.ended_at >= %(start)s::date - 1 AND m.ended_at < %(end)s::date + 2
          AND (m.ended_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
          AND (%(site)s::bigint = 0 OR m.site_id = %(site)s::bigint)
          AND m.origin ~ '^(inbound[.]line|inbound[.]receipt|inspection[.]inspection|inspection[.]hold):[0-9]+$'
    ), counted AS MATERIALIZED (
        SELECT d.*, l.id AS line_id, l.receipt_id, l.posting_id, l.received_at, n.decided_at,
               h.released_at
        FROM done d
        CROSS JOIN LATERAL (
            SELECT CASE d.cause
                WHEN 'inbound.line' THEN d.key
                WHEN 'inspection.inspection' THEN (
                    SELECT x.receipt_line_id FROM inspection_inspectionline x
                    WHERE x.inspection_id = d.key AND NOT x.is_dropped
                    ORDER BY x.lpn_id <> d.lpn_id, x.receipt_line_id LIMIT 1)
                WHEN 'inspection.hold' THEN (
                    SELECT x.receipt_line_id FROM inspection_hold k
                    JOIN inspection_inspectionline x ON x.inspection_id = k.inspection_id AND NOT x.is_dropped
                    WHERE k.id = d.key ORDER BY x.lpn_id <> d.lpn_id, x.receipt_line_id LIMIT 1)
                ELSE (
                    SELECT x.id FROM inbound_receiptline x
                    WHERE x.receipt_id = d.key AND x.item_id = d.item_id AND x.lot_id = d.lot_id
                      AND x.taken_back_at IS NULL
                    ORDER BY x.lpn_id <> d.lpn_id, x.id LIMIT 1) END AS line_id
            OFFSET 0
        ) o
        CROSS JOIN LATERAL (
            SELECT x.id, x.receipt_id, x.posting_id, x.received_at FROM inbound_receiptline x
            WHERE x.id = o.line_id AND x.taken_back_at IS NULL OFFSET 0
        ) l
        LEFT JOIN LATERAL (
            SELECT n.decided_at FROM inspection_inspectionline x
            JOIN inspection_inspection n ON n.id = x.inspection_id AND n.state = 'decided'
            WHERE x.receipt_line_id = l.id AND n.decided_at <= d.ended_at OFFSET 0
        ) n ON true
        LEFT JOIN LATERAL (
            SELECT max(x.released_at) AS released_at FROM inspection_holdrelease x
            WHERE d.cause = 'inspection.hold' AND x.hold_id = d.key AND x.released_at <= d.ended_at OFFSET 0
        ) h ON true
        UNION ALL
        SELECT -l.id, r.site_id, 'inbound.line', l.id, CASE WHEN l.lpn_id > 0 THEN -l.posting_id ELSE -l.id END,
               l.item_id, l.lot_id, l.lpn_id, l.units, l.received_at, NULL, NULL, '', l.id, l.receipt_id, l.posting_id,
               l.received_at, NULL, NULL
        FROM inbound_receiptline l
        CROSS JOIN LATERAL (SELECT x.site_id FROM inbound_receipt x WHERE x.id = l.receipt_id OFFSET 0) r
        JOIN locations_site site ON site.id = r.site_id
        WHERE l.received_at >= %(start)s::date - 1 AND l.received_at < %(end)s::date + 2
          AND (l.received_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
          AND l.available = 'on_receipt' AND l.quality = 'available' AND l.taken_back_at IS NULL
          AND (%(site)s::bigint = 0 OR r.site_id = %(site)s::bigint)
    ), pallets AS MATERIALIZED (
        SELECT min(c.id) AS id, c.site_id, c.lpn_id, min(c.item_id) AS item_id, count(DISTINCT c.item_id) AS items,
               sum(c.units)::bigint AS units, min(c.receipt_id) AS receipt_id, min(c.posting_id) AS posting_id,
               min(c.received_at) AS received_at, max(c.decided_at) AS inspected_at, max(c.released_at) AS released_at,
               max(c.ended_at) AS put_away_at, min(c.to_location_id) AS to_location_id,
               max(c.ended_in_id) AS ended_in_id, max(c.reason) AS reason, min(c.line_id) AS line_id,
               bool_or(c.to_location_id IS NOT NULL) AS is_suggested,
               bool_or(c.to_location_id IS NOT NULL AND (c.ended_in_id <> c.to_location_id OR c.reason <> ''))
                   AS is_overridden
        FROM counted c GROUP BY c.site_id, c.pallet, c.lpn_id
    ), trucks AS MATERIALIZED (
        SELECT p.posting_id, a.id AS appointment_id, a.number, a.checked_in_at
        FROM (SELECT posting_id, min(received_at) AS received_at FROM pallets GROUP BY posting_id) p
        CROSS JOIN LATERAL (
            SELECT x.asn_id FROM inbound_packcount k JOIN dock_asnline x ON x.id = k.asn_line_id
            WHERE k.posting_id = p.posting_id LIMIT 1
        ) k
        CROSS JOIN LATERAL (
            SELECT t.id, t.number, t.checked_in_at FROM dock_appointmentasn b
            JOIN dock_appointment t ON t.id = b.appointment_id
            WHERE b.asn_id = k.asn_id AND t.checked_in_at <= p.received_at
            ORDER BY t.checked_in_at DESC LIMIT 1
        ) a
    ), timed AS (
        SELECT p.*, r.number AS receipt, r.supplier_id, t.appointment_id, t.number AS appointment, t.checked_in_at,
               (p.put_away_at AT TIME ZONE site.timezone)::date AS put_away_on, site.code AS site,
               greatest(p.received_at, p.inspected_at, p.released_at) AS free_at
        FROM pallets p
        CROSS JOIN LATERAL (
            SELECT x.number, x.supplier_id FROM inbound_receipt x WHERE x.id = p.receipt_id OFFSET 0
        ) r
        JOIN locations_site site ON site.id = p.site_id
        LEFT JOIN trucks t ON t.posting_id = p.posting_id
        WHERE (%(supplier)s::bigint = 0 OR r.supplier_id = %(supplier)s::bigint)
    ), pallet AS (
        SELECT x.*, date_trunc('week', x.put_away_on)::date AS week,
               extract(epoch FROM x.put_away_at - x.checked_in_at) / 60 AS dock_to_stock,
               extract(epoch FROM x.put_away_at - x.checked_in_at - (x.free_at - x.received_at)) / 60 AS without_qc,
               extract(epoch FROM x.put_away_at - x.received_at) / 60 AS received_to_stock,
               extract(epoch FROM x.received_at - x.checked_in_at) / 60 AS unload,
               extract(epoch FROM x.inspected_at - x.received_at) / 60 AS inspect,
               extract(epoch FROM x.released_at - coalesce(x.inspected_at, x.received_at)) / 60 AS hold,
               extract(epoch FROM x.put_away_at - x.free_at) / 60 AS putaway
        FROM timed x
    )
"""

PALLET_ROWS = f"""
    {PALLETS}
    SELECT p.id, p.site_id, p.site, coalesce(nullif(lpn.code, ''), '') AS lpn, i.sku, i.name, p.item_id,
           p.items - 1 AS more_items, p.units, s.code AS supplier, p.receipt_id, p.receipt, p.appointment_id,
           p.appointment, p.checked_in_at, p.received_at, p.inspected_at, p.released_at, p.put_away_at, p.put_away_on,
           round(p.unload, 1) AS unload, round(p.inspect, 1) AS inspect, round(p.hold, 1) AS hold,
           round(p.putaway, 1) AS putaway, round(p.dock_to_stock, 1) AS dock_to_stock,
           round(p.received_to_stock, 1) AS received_to_stock, coalesce(t.code, '') AS suggested,
           coalesce(e.code, '') AS went_to, p.is_overridden AS overridden, p.is_suggested AS has_suggestion, p.reason
    FROM pallet p
    CROSS JOIN LATERAL (SELECT x.sku, x.name FROM catalog_item x WHERE x.id = p.item_id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT x.code FROM locations_lpn x WHERE x.id = p.lpn_id OFFSET 0) lpn
    CROSS JOIN LATERAL (SELECT x.code FROM parties_party x WHERE x.id = p.supplier_id OFFSET 0) s
    LEFT JOIN LATERAL (SELECT x.code FROM locations_location x WHERE x.id = p.to_location_id OFFSET 0) t ON true
    LEFT JOIN LATERAL (SELECT x.code FROM locations_location x WHERE x.id = p.ended_in_id OFFSET 0) e ON true
"""  # noqa: S608 - our own text

# One row for each receipt line counted on a day of the period and not taken back, with what was wrong with it.
LINES = """
    WITH line AS MATERIALIZED (
        SELECT l.id, l.receipt_id, l.item_id, l.lpn_id, l.posting_id, l.units, l.quality, l.received_by_id,
               l.received_at, r.site_id, r.supplier_id, r.number AS receipt, site.code AS site,
               (l.received_at AT TIME ZONE site.timezone)::date AS received_on
        FROM inbound_receiptline l
        CROSS JOIN LATERAL (
            SELECT x.site_id, x.supplier_id, x.number FROM inbound_receipt x WHERE x.id = l.receipt_id OFFSET 0
        ) r
        JOIN locations_site site ON site.id = r.site_id
        WHERE l.received_at >= %(start)s::date - 1 AND l.received_at < %(end)s::date + 2
          AND (l.received_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
          AND l.taken_back_at IS NULL AND (%(site)s::bigint = 0 OR r.site_id = %(site)s::bigint)
          AND (%(supplier)s::bigint = 0 OR r.supplier_id = %(supplier)s::bigint)
    ), wrong AS MATERIALIZED (
        SELECT line.id, d.kinds, d.records FROM line CROSS JOIN LATERAL (
            SELECT string_agg(DISTINCT x.kind, ', ') AS kinds, count(*) AS records FROM inbound_discrepancy x
            WHERE x.receipt_line_id = line.id AND x.state <> 'withdrawn' OFFSET 0
        ) d WHERE d.records > 0
    )
"""
LINE_ROWS = f"""
    {LINES}
    SELECT l.id, l.site_id, l.site, l.receipt_id, l.receipt, s.code AS supplier, i.sku, i.name, l.item_id,
           coalesce(lpn.code, '') AS lpn, l.units, l.quality, u.full_name AS received_by, l.received_at, l.received_on,
           l.posting_id, coalesce(w.kinds, '') AS kinds, w.id IS NOT NULL AS wrong
    FROM line l LEFT JOIN wrong w ON w.id = l.id
    CROSS JOIN LATERAL (SELECT x.sku, x.name FROM catalog_item x WHERE x.id = l.item_id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT x.code FROM locations_lpn x WHERE x.id = l.lpn_id OFFSET 0) lpn
    CROSS JOIN LATERAL (SELECT x.code FROM parties_party x WHERE x.id = l.supplier_id OFFSET 0) s
    CROSS JOIN LATERAL (SELECT x.full_name FROM platform_user x WHERE x.id = l.received_by_id OFFSET 0) u
"""  # noqa: S608 - our own text

# One row for each truck whose slot began on a day of the period and that was not cancelled. The slot of a truck that
# came moves when it gets another door or time: what it was due for does not.
TRUCKS = """
    SELECT a.id, a.site_id, site.code AS site, a.number, coalesce(c.code, '') AS carrier, a.reference, a.state,
           d.due AS slot_at, a.checked_in_at,
           (d.due AT TIME ZONE site.timezone)::date AS slot_on,
           round(extract(epoch FROM a.checked_in_at - d.due) / 60)::int AS minutes_after,
           CASE WHEN a.is_walk_in THEN 'walk_in'
                WHEN a.state = 'no_show' THEN 'no_show'
                WHEN a.checked_in_at > d.due + make_interval(mins => %(late)s::int) THEN 'late'
                WHEN a.checked_in_at < d.due - make_interval(mins => %(early)s::int) THEN 'early'
                WHEN a.checked_in_at IS NOT NULL THEN 'on_time'
                WHEN %(now)s::timestamptz > d.due + make_interval(mins => %(late)s::int) THEN 'late'
                ELSE 'undecided' END AS verdict
    FROM dock_appointment a JOIN locations_site site ON site.id = a.site_id
    CROSS JOIN LATERAL (SELECT coalesce(a.due_at, lower(a.slot)) AS due) d
    LEFT JOIN parties_party c ON c.id = a.carrier_id
    WHERE coalesce(a.due_at, lower(a.slot)) >= %(start)s::date - 1 AND a.state <> 'cancelled'
      AND coalesce(a.due_at, lower(a.slot)) < %(end)s::date + 2
      AND (d.due AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
      AND (%(site)s::bigint = 0 OR a.site_id = %(site)s::bigint)
      AND (%(supplier)s::bigint = 0 OR EXISTS (
          SELECT FROM dock_appointmentasn b JOIN dock_asn n ON n.id = b.asn_id
          WHERE b.appointment_id = a.id AND n.supplier_id = %(supplier)s::bigint))
"""
