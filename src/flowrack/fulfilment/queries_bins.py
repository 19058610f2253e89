"""What lies in the bins of picks beside what is to be picked, and where else there is more of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class Alternative:
    """Where else free units of the same item and lot are; `lpn` names another pallet of the same bin."""

    location: str
    lpn: str
    units: int

    @property
    def words(self) -> str:
        """How much is where, as the screen says it."""
        return f"{self.lpn} in this bin has {self.units:,}" if self.lpn else f"{self.location} has {self.units:,}"


def elsewhere(pick_ids: Sequence[int], *, limit: int = 2) -> dict[int, list[Alternative]]:
    """For picks: other pallets of the bin with free units of item and lot, then other bins in picking order. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, x.code, x.lpn, x.units
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        CROSS JOIN LATERAL (
            SELECT b.code, CASE WHEN b.id = p.location_id THEN coalesce(nullif(n.code, ''), 'Loose stock') ELSE ''
                   END AS lpn, sum(c.on_hand - c.reserved)::bigint AS units,
                   row_number() OVER (ORDER BY b.id <> p.location_id, c.state <> 'forward_pick', b.pick_sequence, b.id,
                                      min(n.code)) AS place
            FROM ledger_cell c
            JOIN locations_location b ON b.id = c.location_id AND b.is_active AND b.blocked_reason = ''
            JOIN locations_lpn n ON n.id = c.lpn_id
            WHERE c.item_id = p.item_id AND c.lot_id = p.lot_id AND c.site_id = w.site_id AND c.owner_id = 1
              AND (c.location_id, c.lpn_id) <> (p.location_id, p.lpn_id)
              AND c.state IN ('reserve', 'forward_pick') AND c.on_hand > c.reserved
            GROUP BY b.id, b.code, c.state, b.pick_sequence, 2
        ) AS x
        WHERE p.id = ANY(%s::bigint[]) AND x.place <= %s ORDER BY p.id, x.place
        """,
        (list(pick_ids), limit),
    )
    found: dict[int, list[Alternative]] = {}
    for pick_id, *other in rows:
        found.setdefault(pick_id, []).append(Alternative(*other))
    return found


@dataclass(frozen=True, slots=True)
class Mixed:
    """A pick whose bin holds other lots of its item; on its plate, the plate does not tell the lot either."""

    pick_id: int
    on_its_plate: bool


def mixed(pick_ids: Sequence[int]) -> dict[int, Mixed]:
    """Those of the picks of a lot whose bin holds another lot of the item: the item alone does not tell it. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT p.id, bool_or(c.lpn_id = p.lpn_id)
        FROM fulfilment_pickline p
        JOIN ledger_cell c ON c.location_id = p.location_id AND c.item_id = p.item_id AND c.lot_id <> p.lot_id
             AND c.on_hand > 0
        WHERE p.id = ANY(%s::bigint[]) AND p.lot_id > 0 GROUP BY p.id
        """,
        (list(pick_ids),),
    )
    return {row[0]: Mixed(*row) for row in rows}
