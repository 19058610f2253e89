"""In which order the lots of an item are offered, and how a claim takes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flowrack.allocation import rules as core
from flowrack.allocation.rules import HAD, Free, Pool, Reject, Share, Take
from flowrack.allocation.types_rules import SupplyRule


class LotWish(NamedTuple):
    """A lot rule (same, new) and the lots that the customer had of the item, the last one first."""

    rule: str
    lots: tuple[int, ...]


def wished(share: Share, pools: Sequence[Pool], free: dict[int, int], wish: LotWish) -> list[Pool]:
    """The pools as a lot rule wants them: the lot that the customer had last first, or none that he had.

    What is passed over is noted on the share.
    """
    if wish.rule == "same":
        return sorted(pools, key=lambda pool: pool.lot_id != wish.lots[0])
    for pool in pools:
        if had(wish, pool) and free[pool.pool_id] > 0 and len(share.rejects) < core.NAMED_REJECTS:
            share.rejects.append(Reject(pool, free[pool.pool_id], HAD))
    return [pool for pool in pools if not had(wish, pool)]


def had(wish: LotWish | None, pool: Pool) -> bool:
    """Whether the customer had the lot, and takes none twice."""
    return wish is not None and wish.rule == "new" and pool.lot_id in wish.lots


def offered(pools: Iterable[Pool], supply: SupplyRule) -> dict[int, list[Pool]]:
    """Pools by item in the order in which they are offered. Ties go to the earlier pool."""
    if supply.pick_face_only:
        pools = [pool._replace(free=pool.face) for pool in pools]
    ordered = core.fefo_order(pools)
    if supply.order == "fifo":
        ordered.sort(key=lambda pool: (pool.arrival, pool.pool_id))
    by_item: dict[int, list[Pool]] = {}
    for pool in ordered:
        by_item.setdefault(pool.item_id, []).append(pool)
    return by_item


def take_neatly(
    share: Share, pools: Sequence[Pool], free: Free, most: int, supply: SupplyRule, packs: Iterable[int]
) -> None:
    """Take one lot that covers all before several, or whole packs before loose units, as the rule set says."""
    claim, wanted = share.claim, most
    if supply.one_lot:
        whole = next((pool for pool in pools if free[pool.pool_id] >= most and core.suits(claim, pool)), None)
        if whole is not None:
            pools = [whole]
    if supply.full_packs:
        for factor in sorted(packs, reverse=True):
            for pool in pools:
                units = min(wanted, free[pool.pool_id]) // factor * factor
                if units > 0 and core.suits(claim, pool):
                    free[pool.pool_id] -= units
                    share.takes.append(Take(pool, units))
                    share.units += units
                    share.found += units
                    wanted -= units
    if wanted:
        core.take_for(claim, pools, free, wanted, share)
