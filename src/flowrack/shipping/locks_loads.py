"""Row locks of loads: the load before its shipments and order lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedLoad:
    """A load that a command works on."""

    load_id: int
    number: str
    site_id: int
    state: str
    door_id: int | None
    carrier_id: int | None
    carrier: str
    trailer: str
    cut_off_at: datetime | None
    max_weight_g: int
    max_volume_ml: int
    signed_by: str
    carrier_reason: str


def load(load_id: int) -> LockedLoad | None:
    """The load, locked: who loads one truck waits for who loads the same. One statement."""
    row = sql.fetch_one(
        """
        WITH held AS MATERIALIZED (SELECT * FROM shipping_load WHERE id = %s FOR NO KEY UPDATE)
        SELECT held.id, held.number, held.site_id, held.state, held.door_id, held.carrier_id, coalesce(p.name, ''),
               held.trailer, held.cut_off_at, held.max_weight_g, held.max_volume_ml, held.signed_by,
               held.carrier_reason
        FROM held LEFT JOIN parties_party p ON p.id = held.carrier_id
        """,
        (load_id,),
    )
    return LockedLoad(*row) if row else None


def plate(lpn_id: int) -> None:
    """A pallet, carton or tote, locked: stacking onto it and loading it wait for each other. One statement."""
    sql.execute("SELECT FROM locations_lpn WHERE id = %s FOR NO KEY UPDATE", (lpn_id,))


def plates(lpn_ids: Sequence[int]) -> None:
    """Plates, locked in id order: one is not opened while it is loaded or stacked. One statement."""
    sql.execute(
        "SELECT FROM locations_lpn WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE", (list(lpn_ids),)
    )
