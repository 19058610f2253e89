"""Reads of transfers before they leave: what is kept for them, what of them is to be staged, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.shared.refs import ref
from flowrack.storage.queries_transfers import TRANSFER as ROWS
from flowrack.storage.rules_transfers import FreePool
from flowrack.storage.types_transfer_plans import LeftToStage
from flowrack.storage.types_transfers import TRANSFER, TransferRow

PoolKey = tuple[int, int, int, int]  # item, lot, site, owner


def free_pools(item_ids: Iterable[int], site_id: int) -> list[FreePool]:
    """What of our own stock of items is free at a site, by lot. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.item_id, p.lot_id, p.reserve + p.forward_pick - p.committed, lot.expires_on
        FROM ledger_pool p JOIN catalog_lot lot ON lot.id = p.lot_id
        WHERE p.item_id = ANY(%s::bigint[]) AND p.site_id = %s AND p.owner_id = 1
          AND p.reserve + p.forward_pick > p.committed
        ORDER BY p.item_id, p.lot_id
        """,
        (sorted(set(item_ids)), site_id),
    )
    return [FreePool(*row) for row in rows]


def left_to_stage(transfer_ids: Sequence[int]) -> dict[int, list[LeftToStage]]:
    """What is kept for transfers and not staged. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id, p.item_id, p.lot_id, c.units
        FROM unnest(%s::bigint[], %s::text[]) AS t(id, ref) JOIN ledger_commitment c ON c.ref = t.ref
        JOIN ledger_pool p ON p.id = c.pool_id ORDER BY t.id, p.item_id, p.lot_id
        """,
        (list(transfer_ids), [ref(TRANSFER, one) for one in transfer_ids]),
    )
    found: dict[int, list[LeftToStage]] = {one: [] for one in transfer_ids}
    for transfer_id, *line in rows:
        found[transfer_id].append(LeftToStage(*line))
    return found


def kept_of(keys: Sequence[PoolKey]) -> dict[PoolKey, list[tuple[int, int]]]:
    """For pools (item, lot, site, owner) the transfers that keep some of them, and how many units. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.item_id, p.lot_id, p.site_id, p.owner_id, substr(c.ref, 18)::bigint, c.units
        FROM (SELECT unnest(%s::bigint[]) AS item, unnest(%s::bigint[]) AS lot, unnest(%s::bigint[]) AS site,
                     unnest(%s::bigint[]) AS owner) AS k
        JOIN ledger_pool p ON p.item_id = k.item AND p.lot_id = k.lot AND p.site_id = k.site AND p.owner_id = k.owner
        JOIN ledger_commitment c ON c.pool_id = p.id AND c.ref LIKE 'storage.transfer:%%'
        ORDER BY p.id, c.id
        """,
        tuple([key[n] for key in keys] for n in range(4)),
    )
    found: dict[PoolKey, list[tuple[int, int]]] = {}
    for item_id, lot_id, site_id, owner_id, transfer_id, units in rows:
        found.setdefault((item_id, lot_id, site_id, owner_id), []).append((transfer_id, units))
    return found


def live_for(for_ref: str, item_id: int) -> list[tuple[TransferRow, int]]:
    """Transfers that were planned for a demand and have not ended, with the units of an item that are still to come.
    One query."""
    rows = sql.fetch_all(
        f"""
        SELECT w.*, (SELECT coalesce(sum(x.units - x.received_units), 0)::bigint FROM storage_transferline x
                     WHERE x.transfer_id = w.id AND x.item_id = %s)
        FROM ({ROWS} WHERE t.for_ref = %s AND t.state IN ('planned', 'released', 'staged', 'on_the_way')) AS w
        ORDER BY w.id
        """,  # noqa: S608 - a constant
        (item_id, for_ref),
    )
    return [(TransferRow(*row[:-1]), row[-1]) for row in rows]


def late(now: datetime, *, limit: int = 500) -> list[int]:
    """Transfers that have not left though their day is past where they go; that of one without a day is unknown, and
    these come last. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id FROM storage_transfer t JOIN locations_site d ON d.id = t.to_site_id
        WHERE t.state IN ('planned', 'released', 'staged')
          AND coalesce(t.due_on < (%s::timestamptz AT TIME ZONE d.timezone)::date, true)
        ORDER BY t.due_on NULLS LAST, t.id LIMIT %s
        """,
        (now, limit),
    )
    return [row[0] for row in rows]


def items_of(transfer_ids: Sequence[int]) -> dict[int, list[int]]:
    """The items of transfers. One query."""
    rows = sql.fetch_all(
        """
        SELECT transfer_id, array_agg(DISTINCT item_id) FROM storage_transferline
        WHERE transfer_id = ANY(%s::bigint[]) GROUP BY 1
        """,
        (list(transfer_ids),),
    )
    return dict(rows)


_FOR_ME = """
    (%(me)s = 0 OR NOT EXISTS (
        SELECT FROM tasks_task k WHERE k.origin = 'storage.transfer:' || t.id AND k.state = 'leased'
          AND k.leased_by_id <> %(me)s AND k.lease_until > %(now)s::timestamptz))
"""


def to_stage(site_id: int, now: datetime, *, but_of: int = 0, limit: int = 50) -> list[TransferRow]:
    """Released transfers of a site, what must be there first comes first; for a person without those that a colleague
    stages now. One query."""
    rows = sql.fetch_all(
        ROWS
        + f" WHERE t.site_id = %(site)s AND t.state = 'released' AND {_FOR_ME}"
        + " ORDER BY t.due_on NULLS LAST, t.id LIMIT %(limit)s",
        {"site": site_id, "me": but_of, "now": now, "limit": limit},
    )
    return [TransferRow(*row) for row in rows]


def sites_to_stage() -> list[tuple[int, str, int]]:
    """Sites with released transfers: id, code, how many. One query."""
    return sql.fetch_all(
        """
        SELECT s.id, s.code, count(*) FROM storage_transfer t JOIN locations_site s ON s.id = t.site_id
        WHERE t.state = 'released' GROUP BY s.id ORDER BY s.code
        """
    )


def to_stage_count(site_id: int, now: datetime, *, but_of: int = 0) -> int:
    """How many released transfers a site should stage, as its page counts them for a person. One query."""
    return int(
        sql.fetch_value(
            f"""
            SELECT count(*) FROM storage_transfer t
            WHERE t.state = 'released' AND t.site_id = %(site)s AND {_FOR_ME}
            """,  # noqa: S608 - a constant
            {"site": site_id, "me": but_of, "now": now},
        )
    )


@dataclass(frozen=True, slots=True)
class ToStageRow:
    """Units of an item and lot that are to be staged, and the first place where some are free ("" = nowhere)."""

    item_id: int
    sku: str
    name: str
    base_uom: str
    lot_id: int
    lot: str
    units: int
    place: str
    there: int


def rows_to_stage(transfer_id: int) -> list[ToStageRow]:
    """What is left to stage of a transfer in the order of the walk, with the first bin that has some. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.base_uom, lot.id, CASE WHEN lot.id = 0 THEN '' ELSE lot.code END, c.units,
               coalesce(b.code, ''), coalesce(b.free, 0)
        FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
        JOIN catalog_item i ON i.id = p.item_id JOIN catalog_lot lot ON lot.id = p.lot_id
        LEFT JOIN LATERAL (
            SELECT l.code, l.pick_sequence, e.on_hand - e.reserved AS free
            FROM ledger_cell e JOIN locations_location l ON l.id = e.location_id
            WHERE e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.site_id = p.site_id AND e.owner_id = p.owner_id
              AND e.quality = 'available' AND e.on_hand > e.reserved AND l.role IN ('reserve', 'forward_pick')
            ORDER BY l.role = 'forward_pick', l.pick_sequence, l.id LIMIT 1
        ) AS b ON true
        WHERE c.ref = %s ORDER BY b.pick_sequence NULLS LAST, i.sku, lot.id
        """,
        (ref(TRANSFER, transfer_id),),
    )
    return [ToStageRow(*row) for row in rows]


# The id out of the reference, so that each transfer is found by its key and not by reading every one there ever was.
KEPT_ON = """
    SELECT DISTINCT ON (n.id) n.id, n.code, t.number
    FROM ledger_cell e JOIN locations_lpn n ON n.id = e.lpn_id JOIN ledger_reservation r ON r.cell_id = e.id
    JOIN storage_transfer t
         ON t.id = CASE WHEN r.ref LIKE 'storage.transfer:%%' THEN substr(r.ref, 18)::bigint END
    WHERE e.lpn_id = ANY(%s::bigint[]) AND e.reserved > 0 ORDER BY n.id, t.id
"""


def kept_on(lpn_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Plates on which goods of transfers wait for their truck: code of the plate and number of the transfer. One
    query."""
    rows = sql.fetch_all(KEPT_ON, (list(lpn_ids),))
    return {row[0]: (row[1], row[2]) for row in rows}
