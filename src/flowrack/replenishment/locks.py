"""The row locks of replenishment: faces first, then refills, then storage's planned moves, then the ledger's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql


def faces(site_id: int, item_ids: Sequence[int] = (), location_ids: Sequence[int] = ()) -> None:
    """Lock pick faces of a site (all, those of items, or those at places): one plan or landing at a time looks at a
    face. One statement."""
    sql.fetch_all(
        """
        SELECT f.id FROM storage_pickface f JOIN locations_location l ON l.id = f.location_id
        WHERE l.site_id = %s AND (%s::bigint[] = '{}' OR f.item_id = ANY(%s::bigint[]))
          AND (%s::bigint[] = '{}' OR f.location_id = ANY(%s::bigint[]))
        ORDER BY f.id FOR NO KEY UPDATE OF f
        """,
        (site_id, list(item_ids), list(item_ids), list(location_ids), list(location_ids)),
    )


@dataclass(frozen=True, slots=True)
class LockedRefill:
    """A refill while it is locked."""

    refill_id: int
    site_id: int
    location_id: int
    item_id: int
    state: str
    units: int
    landed_units: int
    planned_move_id: int
    hand_over_id: int
    is_handed_over: bool
    land_by: datetime | None
    start_by: datetime | None
    lifted_by: int


_REFILL = """
    SELECT id, site_id, location_id, item_id, state, units, landed_units, planned_move_id, coalesce(hand_over_id, 0),
           is_handed_over, land_by, start_by, coalesce(lifted_by_id, 0)
    FROM replenishment_refill WHERE {which} ORDER BY id FOR NO KEY UPDATE
"""


def refills(refill_ids: Sequence[int]) -> dict[int, LockedRefill]:
    """Refills by id. One statement."""
    rows = sql.fetch_all(_REFILL.format(which="id = ANY(%s::bigint[])"), (list(refill_ids),))
    return {row[0]: LockedRefill(*row) for row in rows}


def open_refills(site_id: int, item_ids: Sequence[int] = (), location_ids: Sequence[int] = ()) -> set[int]:
    """The open refills of a site (all, those of items, or those at places), locked: nobody lifts one, puts it down or
    lands it while a plan decides. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id FROM replenishment_refill
        WHERE site_id = %s AND ended_at IS NULL AND (%s::bigint[] = '{}' OR item_id = ANY(%s::bigint[]))
          AND (%s::bigint[] = '{}' OR location_id = ANY(%s::bigint[]))
        ORDER BY id FOR NO KEY UPDATE
        """,
        (site_id, list(item_ids), list(item_ids), list(location_ids), list(location_ids)),
    )
    return {row[0] for row in rows}


def refills_of_moves(planned_move_ids: Sequence[int]) -> dict[int, LockedRefill]:
    """Refills by the planned move of storage that carries them now. One statement."""
    rows = sql.fetch_all(_REFILL.format(which="planned_move_id = ANY(%s::bigint[])"), (list(planned_move_ids),))
    return {row[7]: LockedRefill(*row) for row in rows}


def draws(site_id: int, origin: str) -> list[tuple[int, int]]:
    """What was told under a name, the last to leave first: (id, units). One statement."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT id, units FROM replenishment_draw WHERE site_id = %s AND origin = %s
            ORDER BY until_at DESC, from_at DESC, id DESC FOR UPDATE
            """,
            (site_id, origin),
        )
    ]


def slot_suggestion(suggestion_id: int) -> tuple[int, str] | None:
    """A suggestion: (site, state). One statement."""
    row = sql.fetch_one(
        "SELECT site_id, state FROM replenishment_slotsuggestion WHERE id = %s FOR UPDATE", (suggestion_id,)
    )
    return (row[0], row[1]) if row else None
