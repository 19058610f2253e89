"""Row locks of allocation. Order: order lines (by sales), then pools, then the ledger's cells; each by ascending id."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql

PoolKey = tuple[int, int, int, int]  # item, lot, site, owner


def pools(keys: Sequence[PoolKey]) -> None:
    """Hold pools, so that nothing more is promised from them until the command ends. One statement."""
    sql.fetch_all(
        """
        SELECT p.id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS k(item, lot, site, owner)
        JOIN ledger_pool p ON p.item_id = k.item AND p.lot_id = k.lot AND p.site_id = k.site AND p.owner_id = k.owner
        ORDER BY p.id FOR NO KEY UPDATE OF p
        """,
        tuple(list(column) for column in zip(*keys, strict=True)),
    )
