"""The row locks of storage: planned moves first, then zones, then bins, each in id order, then the ledger's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.storage.queries_bins import BEAMS
from flowrack.storage.rules_putaway import Bin
from flowrack.storage.types_transfers import OpenLine, ReceiveSent


@dataclass(frozen=True, slots=True)
class LockedMove:
    """A planned move while it is locked."""

    planned_move_id: int
    kind: str
    state: str
    site_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    owner_id: int
    quality: str
    units: int
    done_units: int
    from_location_id: int
    to_location_id: int
    origin: str
    task_id: int


def plates(lpn_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and kind of plates, locked in the order of their ids, as loading and stacking lock them. One statement."""
    rows = sql.fetch_all(
        "SELECT id, code, kind FROM locations_lpn WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (list(lpn_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def planned_moves(ids: Sequence[int]) -> dict[int, LockedMove]:
    """Planned moves by id, locked; unknown ids are left out. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, kind, state, site_id, item_id, lot_id, lpn_id, owner_id, quality, units, done_units,
               from_location_id, coalesce(to_location_id, 0), origin, task_id
        FROM storage_plannedmove WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        (list(ids),),
    )
    return {row[0]: LockedMove(*row) for row in rows}


def bins(location_ids: Sequence[int], *, zone_ids: Sequence[int] = ()) -> None:
    """Lock bins that something is to be put into, so that their room is counted by one person at a time, and what
    hangs on the same beams.

    Hazardous goods lock their zones first: they depend on what others put near them.
    """
    zones(zone_ids)
    sql.fetch_all(*ask_bins(location_ids, location_ids))


def zones(zone_ids: Sequence[int]) -> None:
    """Lock zones, before the bins in them. One statement, none without zones."""
    if zone_ids:
        sql.fetch_all(
            "SELECT id FROM locations_zone WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            (sorted(set(zone_ids)),),
        )


def ask_bins(location_ids: Sequence[int], on_beams: Sequence[int]) -> sql.Asked:
    """Lock bins, and what hangs on the same beams as some of them; what is to be known of them is read afterwards."""
    if not on_beams:
        return (
            "SELECT id FROM locations_location WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            (sorted(set(location_ids)),),
        )
    return (
        f"""
        WITH {BEAMS}
        SELECT id FROM locations_location
        WHERE id = ANY(ARRAY(SELECT id FROM mates UNION SELECT unnest(%(ids)s::bigint[])))
        ORDER BY id FOR NO KEY UPDATE
        """,  # noqa: S608 - text of this module
        {"ids": list(location_ids), "on": list(on_beams)},
    )


def places(location_ids: Iterable[int], arriving: Iterable[int]) -> dict[int, Bin]:
    """Places by id with their own rules, not what fills them; those something is arriving at are locked, as by `bins`.

    Unknown ids are left out. One statement.
    """
    rows = sql.fetch_all(
        """
        WITH locked AS MATERIALIZED (
            SELECT id FROM locations_location WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        )
        SELECT l.id, l.code, l.role, l.pick_sequence, l.temperature, l.hazard_classes, l.max_volume_ml, l.max_weight_g,
               l.max_lpns, NOT l.is_active OR l.blocked_reason <> '', coalesce(f.item_id, 0), l.site_id,
               l.kind = 'virtual', l.max_height_mm, l.max_beam_weight_g, l.storage_classes, coalesce(l.zone_id, 0),
               (SELECT count(*) FROM locked)
        FROM locations_location l LEFT JOIN storage_pickface f ON f.location_id = l.id
        WHERE l.id = ANY(%s::bigint[])
        """,
        (sorted(set(arriving)), sorted(set(location_ids))),
    )
    return {
        row[0]: Bin(
            location_id=row[0],
            code=row[1],
            role=row[2],
            pick_sequence=row[3],
            temperature=row[4],
            hazard_classes=frozenset(row[5]),
            max_volume_ml=row[6],
            max_weight_g=row[7],
            max_lpns=row[8],
            is_blocked=row[9],
            face_of=row[10],
            site_id=row[11],
            is_virtual=row[12],
            max_height_mm=row[13],
            max_beam_weight_g=row[14],
            storage_classes=frozenset(row[15]),
            zone_id=row[16],
        )
        for row in rows
    }


def census(site_id: int) -> bool:
    """Lock what is known of a site's bins, unless somebody else has it; whether it is locked now."""
    found = sql.fetch_one("SELECT 1 FROM storage_bincensus WHERE site_id = %s FOR UPDATE SKIP LOCKED", (site_id,))
    return found is not None


def census_waiting(site_id: int) -> None:
    """Lock what is known of a site's bins."""
    sql.fetch_one("SELECT 1 FROM storage_bincensus WHERE site_id = %s FOR UPDATE", (site_id,))


def rule_sets(site_id: int) -> dict[int, tuple[int, str, int]]:
    """The versions of a site's putaway rules, locked: id -> (version, state, written by)."""
    rows = sql.fetch_all(
        """
        SELECT id, version, state, written_by_id FROM storage_putawayruleset WHERE site_id = %s
        ORDER BY id FOR NO KEY UPDATE
        """,
        (site_id,),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def open_transfer_lines(req: ReceiveSent) -> list[OpenLine]:
    """Lock what is on the way from a site to another (of one transfer, if it is named), the oldest first."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.transfer_id, l.item_id, l.lot_id, l.quality, l.units - l.received_units
        FROM storage_transfer t JOIN storage_transferline l ON l.transfer_id = t.id
        WHERE t.site_id = %s AND t.to_site_id = %s AND t.state = 'on_the_way' AND l.received_units < l.units
          AND (%s = 0 OR t.id = %s) AND l.item_id = ANY(%s::bigint[])
        ORDER BY l.id FOR UPDATE OF t, l
        """,
        (req.from_site_id, req.site_id, req.transfer_id, req.transfer_id, [line.item_id for line in req.lines]),
    )
    return [OpenLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LockedTransfer:
    """A transfer with what of it has not arrived."""

    transfer_id: int
    number: str
    state: str
    site_id: int
    due_on: date | None
    sent_at: datetime | None
    sent_by_id: int
    arrived_at: datetime | None
    missing: list[OpenLine]


@dataclass(frozen=True, slots=True)
class StagedTransfer:
    """A transfer that a command sends, plans or calls off."""

    transfer_id: int
    number: str
    state: str
    site_id: int
    to_site_id: int
    due_on: date | None
    note: str
    truck: str


def transfer(transfer_id: int) -> LockedTransfer | None:
    """A transfer and its open lines, locked. Two statements."""
    row = sql.fetch_one(
        """
        SELECT id, number, state, site_id, due_on, sent_at, sent_by_id, arrived_at FROM storage_transfer WHERE id = %s
        FOR NO KEY UPDATE
        """,
        (transfer_id,),
    )
    if row is None:
        return None
    rows = sql.fetch_all(
        """
        SELECT id, transfer_id, item_id, lot_id, quality, units - received_units FROM storage_transferline
        WHERE transfer_id = %s AND received_units < units ORDER BY id FOR NO KEY UPDATE
        """,
        (transfer_id,),
    )
    held_id, number, state, site_id, due_on, sent_at, sent_by_id, arrived_at = row
    missing = [OpenLine(*line) for line in rows]
    return LockedTransfer(held_id, number, state, site_id, due_on, sent_at, sent_by_id, arrived_at, missing)


def staged_transfers(transfer_ids: Sequence[int]) -> dict[int, StagedTransfer]:
    """Transfers by id, locked in the order of their ids. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, number, state, site_id, to_site_id, due_on, note, truck FROM storage_transfer
        WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        (list(transfer_ids),),
    )
    return {row[0]: StagedTransfer(*row) for row in rows}
