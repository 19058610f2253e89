"""Reads of transfers that wait in staging for their truck."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.shared.refs import ref
from flowrack.storage.types_transfers import TRANSFER, StagedGoods


def goods(transfer_ids: Sequence[int]) -> list[StagedGoods]:
    """What is reserved in staging for transfers, in the order of transfers and cells. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id, c.id, c.item_id, c.lot_id, c.lpn_id, c.location_id, c.quality, c.owner_id, r.units
        FROM unnest(%s::bigint[], %s::text[]) AS t(id, ref) JOIN ledger_reservation r ON r.ref = t.ref
        JOIN ledger_cell c ON c.id = r.cell_id ORDER BY t.id, c.id
        """,
        (list(transfer_ids), [ref(TRANSFER, one) for one in transfer_ids]),
    )
    return [StagedGoods(*row) for row in rows]


def ids_of(numbers: Sequence[str]) -> dict[str, int]:
    """Transfers by number; unknown ones are left out. One query."""
    return dict(
        sql.fetch_all("SELECT number, id FROM storage_transfer WHERE number = ANY(%s::text[])", (list(numbers),))
    )
