"""Who loses a promise to units that vanish: the lowest rank of the rule set in force, and those who give way first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.allocation import queries, queries_rank
from flowrack.allocation.queries import Promise
from flowrack.allocation.types import GivenUp, PoolShortfall, Victim
from flowrack.purchasing.queries import business_days
from flowrack.storage.queries_transfer_plans import kept_of
from flowrack.storage.rules_transfers import gives_way


def by_rank(
    gaps: Sequence[PoolShortfall], found: Sequence[tuple[int, list[Promise]]], now: datetime
) -> list[tuple[int, list[Promise]]]:
    """The promises on each pool (with its free units), those that are kept longest first. Three queries and more for
    each site where promises must give way and a rule set says more than tier, day and number."""
    lines: dict[int, set[int]] = {}
    for gap, (free, promises) in zip(gaps, found, strict=True):
        if free < gap.units:
            lines.setdefault(gap.site_id, set()).update(promise.line_id for promise in promises)
    if not lines:
        return list(found)
    days = business_days(sorted(lines), now=now)
    places = {site_id: queries_rank.places(sorted(ids), site_id, days[site_id]) for site_id, ids in lines.items()}
    return [
        (free, sorted(promises, key=lambda one: at[one.line_id].keeps) if at and free < gap.units else promises)
        for gap, (free, promises) in zip(gaps, found, strict=True)
        for at in [places.get(gap.site_id, {})]
    ]


def would_lose(shortfalls: Sequence[PoolShortfall], given_up: Sequence[GivenUp], now: datetime) -> list[Victim]:
    """Who would lose how much if these units vanished now, after planned transfers; refuses as the displacement
    would. Two queries at most, and those of `by_rank`."""
    wanted: dict[tuple[int, int, int, int], int] = {}
    for gap in shortfalls:
        wanted[queries.pool_of(gap)] = wanted.get(queries.pool_of(gap), 0) + gap.units
    gaps = [PoolShortfall(*key, units) for key, units in sorted(wanted.items())]
    found = queries.promises_on(sorted(wanted)) if wanted else []
    kept = kept_of(sorted(wanted)) if any(free < gap.units for gap, (free, _) in zip(gaps, found, strict=True)) else {}
    found = [
        (free + sum(units for _, units in kept.get(queries.pool_of(gap), [])), promises)
        for gap, (free, promises) in zip(gaps, found, strict=True)
    ]
    standing = by_rank(gaps, found, now) if wanted else []
    return [
        victim
        for gap, (free, promises) in zip(gaps, standing, strict=True)
        for victim in queries.victims_of(gap, free, promises, given_up)
    ]


def transfers_lose(shortfalls: Sequence[PoolShortfall]) -> dict[int, int]:
    """How many units planned transfers would lose if these vanished now, before any order does; transfer -> units.
    Two queries at most."""
    wanted: dict[tuple[int, int, int, int], int] = {}
    for gap in shortfalls:
        wanted[queries.pool_of(gap)] = wanted.get(queries.pool_of(gap), 0) + gap.units
    keys = sorted(wanted)
    free = {key: units for key, (units, _) in zip(keys, queries.promises_on(keys) if keys else [], strict=True)}
    short = [key for key in keys if free[key] < wanted[key]]
    lost: dict[int, int] = {}
    for key, kept in (kept_of(short) if short else {}).items():
        for loss in gives_way(key, kept, wanted[key] - free[key]):
            lost[loss.transfer_id] = lost.get(loss.transfer_id, 0) + loss.units
    return lost
