"""Locks of allocation: promised days, order lines (by sales), cross-docks, pools, then the ledger's cells; in id order.

Promised days of items are locked by key, not by row: runs share them, and who promises a day has them alone, so that no
day is promised from stock that a run gives away in the same moment.
"""

from __future__ import annotations

import random
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


FEW_ITEMS = 64  # a run of more items keeps the days of the whole site from those who promise, not from other runs
SLOTS = [-4, -3, -2, -1]  # so many such runs at once do not wait for each other
_KEY = "hashtextextended('promised days ' || {} || ' ' || %s::bigint, 0)"


def share_promised_days(item_ids: Sequence[int], site_id: int) -> None:
    """Nobody is promised a day of items at a site until the command ends. Before any row is locked. One statement."""
    items = sorted(set(item_ids))
    if len(items) > FEW_ITEMS:
        _own_site(site_id)
    else:
        sql.execute(
            f"SELECT pg_advisory_xact_lock_shared({_KEY.format('k.item')}) FROM unnest(%s::bigint[]) AS k(item)",  # noqa: S608
            (site_id, items),
        )


def share_promised_days_of(order_ids: Sequence[int], site_id: int) -> None:
    """The same for the items that orders wait for; no orders = all of the site. One statement, two for many items."""
    if not 0 < len(order_ids) <= FEW_ITEMS:
        _own_site(site_id)
        return
    items = sql.fetch_all(
        f"""
        SELECT CASE WHEN k.items <= %s THEN pg_advisory_xact_lock_shared({_KEY.format("k.item_id")}) END
        FROM (SELECT i.item_id, count(*) OVER () AS items
              FROM (SELECT DISTINCT item_id FROM sales_orderline WHERE order_id = ANY(%s::bigint[]) AND open_units > 0
                    LIMIT %s) AS i
              ORDER BY i.item_id OFFSET 0) AS k
        """,  # noqa: S608 - our own text
        (FEW_ITEMS, site_id, list(order_ids), FEW_ITEMS + 1),
    )
    if len(items) > FEW_ITEMS:
        _own_site(site_id)


def _own_site(site_id: int) -> None:
    """Lock one of the site's keys alone, the first that is free: runs do not wait for each other, and who promises a
    day shares all of the keys."""
    free = f"pg_try_advisory_xact_lock({_KEY.format('k.slot')})"
    took = sql.fetch_all(
        f"SELECT k.slot FROM unnest(%s::bigint[]) AS k(slot) WHERE {free} LIMIT 1",  # noqa: S608 - our own text
        (SLOTS, site_id),
    )
    if not took:
        sql.execute(f"SELECT pg_advisory_xact_lock({_KEY.format('%s::bigint')})", (random.choice(SLOTS), site_id))


def own_promised_days(pairs: Sequence[tuple[int, int]]) -> None:
    """No run gives units of items at sites until the command ends. Before any row is locked. One statement."""
    sql.execute(*ask_own_promised_days(pairs))


def ask_own_promised_days(pairs: Sequence[tuple[int, int]]) -> sql.Asked:
    """The statement of `own_promised_days`."""
    whole = {(site_id, slot) for _, site_id in pairs for slot in SLOTS}
    keys = sorted({(site_id, item_id) for item_id, site_id in pairs} | whole)
    return (
        """
        SELECT CASE WHEN k.item < 0 THEN pg_advisory_xact_lock_shared(hashtextextended(k.key, 0))
                    ELSE pg_advisory_xact_lock(hashtextextended(k.key, 0)) END
        FROM (SELECT item, 'promised days ' || item || ' ' || site AS key
              FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS u(site, item, n) ORDER BY n OFFSET 0) AS k
        """,
        ([site_id for site_id, _ in keys], [item_id for _, item_id in keys]),
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
