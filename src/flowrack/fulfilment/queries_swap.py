"""Reads for a swap of lots."""

from __future__ import annotations

from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules_swap import OtherLot
from flowrack.platform import sql


def other_lot(pick: LockedPick, code: str) -> tuple[int, int, OtherLot] | None:
    """(lot, cell to take it from, what the rule must know) of another lot in the pick's bin; None: no such lot there.

    Of several pallets of the lot in the bin, loose stock and the one with most is taken from. One query.
    """
    row = sql.fetch_one(
        """
        SELECT t.id, c.id, t.code, t.expires_on, c.on_hand - c.reserved,
               coalesce(pool.reserve + pool.forward_pick - pool.committed, 0), own.code, own.expires_on, l.lot_code,
               o.ship_by_on, o.min_life_days
        FROM catalog_lot t
        JOIN ledger_cell c ON c.lot_id = t.id AND c.item_id = t.item_id AND c.location_id = %(location)s
             AND c.owner_id = %(owner)s AND c.quality = %(quality)s AND c.on_hand > 0
        JOIN catalog_lot own ON own.id = %(own)s
        JOIN sales_orderline l ON l.id = %(line)s JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN ledger_pool pool ON pool.item_id = t.item_id AND pool.lot_id = t.id AND pool.site_id = %(site)s
             AND pool.owner_id = c.owner_id
        WHERE t.item_id = %(item)s AND t.code = %(code)s AND t.id <> %(own)s
        ORDER BY c.on_hand - c.reserved >= %(units)s DESC, c.lpn_id = 0 DESC, c.on_hand - c.reserved DESC, c.id LIMIT 1
        """,
        {
            "location": pick.location_id,
            "owner": pick.owner_id,
            "quality": pick.quality,
            "own": pick.lot_id,
            "line": pick.line_id,
            "site": pick.site_id,
            "item": pick.item_id,
            "code": code,
            "units": pick.units,
        },
    )
    return (row[0], row[1], OtherLot(*row[2:])) if row else None
