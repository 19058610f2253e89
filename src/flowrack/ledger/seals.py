"""The ledger's chain in the sealed audit trail: each posting with its moves."""

from __future__ import annotations

from flowrack.platform.seals import Chain

POSTING = Chain(
    name="posting",
    table="ledger_posting",
    content="""
        SELECT p.id, ROW(p.id, p.command_id, p.actor_id, p.device, extract(epoch FROM p.occurred_at),
                         extract(epoch FROM p.recorded_at), p.booked_on - DATE '2000-01-01', p.reverses_id)::text
               || coalesce(m.moves, '')
        FROM ledger_posting p
        LEFT JOIN LATERAL (
            SELECT string_agg(ROW(m.id, m.posting_id, m.from_cell_id, m.to_cell_id, m.units, m.value, m.reason,
                                  m.origin, m.demand, m.claim, m.of_move_id)::text, ';' ORDER BY m.id) AS moves
            FROM ledger_move m WHERE m.posting_id = p.id
        ) AS m ON true
        WHERE p.id > %(after)s AND p.id <= %(last)s
    """,
)
CHAINS = [POSTING]
