"""Transfers to other sites beside the waves: what of them is to be staged, by when, and who does it."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from flowrack.platform import sql
from flowrack.promise.rules_house import House
from flowrack.waves.rules_transfers import TransferWork, stage_until

MOST = 500

# What is kept for a transfer is to be staged, from the zone of the first bin where some of it is free.
_TO_GO = """
    SELECT t.id, t.number, t.state, d.code, t.due_on, t.truck,
           (SELECT coalesce(sum(x.units), 0) FROM storage_transferline x WHERE x.transfer_id = t.id)::bigint,
           coalesce(k.person, ''), coalesce(c.units, 0), coalesce(z.zone_id, 0)
    FROM (
        SELECT * FROM storage_transfer WHERE site_id = %(site)s AND state IN ('planned', 'released', 'staged')
        ORDER BY due_on NULLS LAST, id LIMIT %(limit)s
    ) AS t JOIN locations_site d ON d.id = t.to_site_id
    LEFT JOIN ledger_commitment c ON c.ref = 'storage.transfer:' || t.id LEFT JOIN ledger_pool p ON p.id = c.pool_id
    LEFT JOIN LATERAL (
        SELECT b.zone_id FROM ledger_cell e JOIN locations_location b ON b.id = e.location_id
        WHERE e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.site_id = p.site_id AND e.owner_id = p.owner_id
          AND e.quality = 'available' AND e.on_hand > e.reserved AND e.state IN ('reserve', 'forward_pick')
        ORDER BY e.state = 'forward_pick', b.pick_sequence, b.id LIMIT 1
    ) AS z ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(nullif(u.full_name, ''), u.username) AS person
        FROM tasks_task w JOIN platform_user u ON u.id = w.leased_by_id
        WHERE w.origin = 'storage.transfer:' || t.id AND w.state = 'leased' AND w.lease_until > %(now)s LIMIT 1
    ) AS k ON true
    ORDER BY t.due_on NULLS LAST, t.id, c.id
"""


def to_go(site_id: int, house: House, local: datetime, now: datetime) -> list[TransferWork]:
    """Transfers of a site that have not left, what must be there first comes first. One query."""
    rows = sql.fetch_all(_TO_GO, {"site": site_id, "now": now, "limit": MOST})
    found = []
    for head, of in groupby(rows, key=lambda row: row[:8]):
        transfer_id, number, state, to_site, due_on, truck, units, person = head
        seconds: dict[int, int] = {}
        left = lines = 0
        for row in of:
            if row[8]:
                left, lines = left + row[8], lines + 1
                seconds[row[9]] = seconds.get(row[9], 0) + house.policy.seconds_for(row[8])
        until = stage_until(house, due_on, local)
        found.append(
            TransferWork(
                transfer_id, number, state, to_site, due_on, until, units, units - left, lines,
                tuple(sorted(seconds.items())), person, truck,
            )
        )  # fmt: skip
    return found
