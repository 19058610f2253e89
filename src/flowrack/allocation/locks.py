"""Row locks of allocation: order lines (by sales), cross-docks, pools, then the ledger's cells; each in id order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql

PoolKey = tuple[int, int, int, int]  # item, lot, site, owner


def pools(keys: Sequence[PoolKey]) -> None:
    """Hold pools, so that nothing more is promised from them until the command ends. One statement."""
    sql.fetch_all(
        """
        SELECT p.id FROM (SELECT unnest(%s::bigint[]) AS item, unnest(%s::bigint[]) AS lot,
                                 unnest(%s::bigint[]) AS site, unnest(%s::bigint[]) AS owner) AS k
        JOIN ledger_pool p ON p.item_id = k.item AND p.lot_id = k.lot AND p.site_id = k.site AND p.owner_id = k.owner
        ORDER BY p.id FOR NO KEY UPDATE OF p
        """,
        tuple(list(column) for column in zip(*keys, strict=True)),
    )


def pools_of_items(item_ids: Sequence[int], site_id: int) -> None:
    """Hold all our own pools of items at a site. One statement."""
    sql.fetch_all(
        """
        SELECT p.id FROM ledger_pool p WHERE p.item_id = ANY(%s::bigint[]) AND p.site_id = %s AND p.owner_id = 1
        ORDER BY p.id FOR NO KEY UPDATE
        """,
        (list(item_ids), site_id),
    )


def rule_sets(site_id: int) -> dict[int, int]:
    """Version by id of all rule sets of a site (0 = of the company), locked. One statement."""
    return dict(
        sql.fetch_all(
            """
            SELECT id, version FROM allocation_rulesetversion
            WHERE site_id IS NOT DISTINCT FROM nullif(%s, 0) ORDER BY id FOR NO KEY UPDATE
            """,
            (site_id,),
        )
    )


@dataclass(frozen=True, slots=True)
class LockedCrossDock:
    """A cross-dock while it is locked."""

    cross_dock_id: int
    number: str
    state: str
    site_id: int
    order_line_id: int
    receipt_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    staged_lpn_id: int
    units: int
    from_location_id: int
    staging_id: int
    task_id: int


_CROSS_DOCKS = """
    SELECT id, number, state, site_id, order_line_id, receipt_line_id, item_id, lot_id, lpn_id,
           coalesce(staged_lpn_id, 0), units, from_location_id, staging_id, task_id
    FROM allocation_crossdock
"""


def cross_docks(cross_dock_ids: Sequence[int]) -> list[LockedCrossDock]:
    """Cross-docks by id, locked; their order lines are locked before. One statement."""
    rows = sql.fetch_all(
        _CROSS_DOCKS + " WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE", (list(cross_dock_ids),)
    )
    return [LockedCrossDock(*row) for row in rows]


def cross_docks_of_receipt(receipt_line_ids: Sequence[int]) -> list[LockedCrossDock]:
    """Those of receipt lines, locked. One statement."""
    rows = sql.fetch_all(
        _CROSS_DOCKS + " WHERE receipt_line_id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (list(receipt_line_ids),),
    )
    return [LockedCrossDock(*row) for row in rows]


def policy_of(site_id: int) -> tuple[int, int]:
    """(id in force, newest version) of a site's policy, (0, 0) before the first; the site is locked. Two statements."""
    sql.fetch_all("SELECT id FROM locations_site WHERE id = %s FOR NO KEY UPDATE", (site_id,))
    row = sql.fetch_one(
        """
        SELECT coalesce(max(id) FILTER (WHERE ended_at IS NULL), 0), coalesce(max(version), 0)
        FROM allocation_crossdockpolicy WHERE site_id = %s
        """,
        (site_id,),
    )
    assert row is not None, "an aggregate gives one row"
    return int(row[0]), int(row[1])
