"""Who gets which stock, and why not more: pure, deterministic, the same input gives the same answer.

Claims come in rank order (tier, requested date, age, id). A claim looks at the pools of its item: dated lots first-
expired-first-out, others in the order in which they arrived; lots with less life than the customer asks for are passed
over. What a customer's policy does not allow to be split is taken whole or left for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

NAMED_REJECTS = 4
NAMED_RIVALS = 3
HAD = "had"  # a pool passed over because the customer had its lot before


class Pool(NamedTuple):
    """Free units of one lot at the site. `arrival` grows with the day of first receipt; `face` of the free units stand
    on pick faces."""

    pool_id: int
    item_id: int
    lot_id: int
    lot_code: str
    expires_on: date | None
    arrival: int
    free: int
    face: int = 0


class Claim(NamedTuple):
    """One open order line. What stands after `lot` is only looked at by rule sets that rank by it: `ordered_at` counts
    microseconds, `age` days, `margin` percent (-1 = not known), `ready` are units `of_order` promised or picked. On
    `promised_on` it is to leave, where a customer was told so."""

    line_id: int
    order_id: int
    number: str
    item_id: int
    units: int
    tier: str
    ship_on: date
    policy: str
    min_life_days: int
    lot: str = ""
    customer: int = 0
    ordered_at: int = 0
    line_no: int = 0
    family: int = 0
    margin: int = -1
    age: int = 0
    ready: int = 0
    of_order: int = 0
    promised_on: date | None = None
    channel: str = ""
    order_type: str = ""
    contract: str = ""


class Take(NamedTuple):
    """Units promised from one pool."""

    pool: Pool
    units: int


class Reject(NamedTuple):
    """A pool that had free units and was passed over."""

    pool: Pool
    free: int
    rule: str


class Keeper(NamedTuple):
    """For whom stock is kept: the first of so many lines, and the latest day that was promised to one of them."""

    order_id: int
    number: str
    lines: int
    on: date


class Free(Protocol):
    """Free units by pool."""

    def __getitem__(self, pool_id: int, /) -> int: ...

    def __setitem__(self, pool_id: int, units: int, /) -> None: ...


@dataclass(slots=True)
class Share:
    """What one claim gets: the takes, what was passed over, how much was left when it looked, and how many units of
    stock are kept from it for whom."""

    claim: Claim
    units: int = 0
    takes: list[Take] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    found: int = 0
    held_back: str = ""
    kept: int = 0
    keeper: Keeper | None = None

    @property
    def missing(self) -> int:
        return self.claim.units - self.units


def fefo_order(pools: Iterable[Pool]) -> list[Pool]:
    """Dated lots first, soonest expiry first; then undated ones by arrival. Ties go to the earlier pool."""
    return sorted(pools, key=lambda p: (p.expires_on or date.max, p.arrival, p.pool_id))


def keeps_long_enough(pool: Pool, *, ship_on: date, min_life_days: int) -> bool:
    """Whether the lot has the life that this customer asks for; goods past their date never have."""
    return pool.expires_on is None or (pool.expires_on - ship_on).days >= max(min_life_days, 0)


def suits(claim: Claim, pool: Pool) -> bool:
    """Whether a claim may get this lot at all."""
    return (not claim.lot or pool.lot_code == claim.lot) and keeps_long_enough(
        pool, ship_on=claim.ship_on, min_life_days=claim.min_life_days
    )


def take_for(
    claim: Claim, pools: Sequence[Pool], free: Free, most: int | None = None, into: Share | None = None
) -> Share:
    """Take what the claim wants, at most `most`, from pools in their order; `free` (pool -> units left) is used up as
    it goes. What is taken is added to the share `into`, where there is one."""
    share = Share(claim) if into is None else into
    asked = wanted = claim.units if most is None else most
    for pool in pools:
        left = free[pool.pool_id]
        if left <= 0 or (claim.lot and pool.lot_code != claim.lot):
            continue
        if pool.expires_on is not None and not keeps_long_enough(
            pool, ship_on=claim.ship_on, min_life_days=claim.min_life_days
        ):
            if len(share.rejects) < NAMED_REJECTS:
                share.rejects.append(Reject(pool, left, "life"))
            continue
        share.found += left
        if wanted <= 0:
            break
        units = min(wanted, left)
        free[pool.pool_id] = left - units
        share.takes.append(Take(pool, units))
        wanted -= units
        if wanted == 0:
            break
    assert 0 <= wanted <= asked
    share.units += asked - wanted
    return share


def give_back(share: Share, free: Free, why: str) -> None:
    """Undo the takes of a share: its customer does not want them in this way."""
    for take in share.takes:
        free[take.pool.pool_id] += take.units
    share.takes, share.units = [], 0
    share.held_back = why


def share_out(claims: Sequence[Claim], pools: Iterable[Pool]) -> list[Share]:
    """One share for each claim, in the order of the claims, which must be their rank and keep orders together."""
    by_item: dict[int, list[Pool]] = {}
    for pool in fefo_order(pools):
        by_item.setdefault(pool.item_id, []).append(pool)
    free = {pool.pool_id: pool.free for of_item in by_item.values() for pool in of_item}
    nothing: list[Pool] = []
    shares: list[Share] = []
    for _, of_order in groupby(claims, key=attrgetter("order_id")):
        group = [take_for(claim, by_item.get(claim.item_id, nothing), free) for claim in of_order]
        for share in group:
            if share.claim.policy == "line" and 0 < share.units < share.claim.units:
                give_back(share, free, "line")
        if group[0].claim.policy == "complete" and any(share.missing for share in group):
            for share in group:
                give_back(share, free, "order")
        shares.extend(group)
    return shares


def victims(shortfall: int, promises: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Which promises give way to a shortfall: `promises` (line, units) come best rank first, the last gives first."""
    left = shortfall
    out: list[tuple[int, int]] = []
    for line_id, units in reversed(promises):
        if left <= 0:
            break
        lost = min(units, left)
        out.append((line_id, lost))
        left -= lost
    return out


def spread(waiting: Sequence[tuple[int, int]], coming: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Who may expect what comes: (coming, claim, units), the first to come going to the claim of the best rank.

    `waiting` are (claim, units) in rank order, `coming` are (delivery, units) by day. An expectation, not a promise.
    """
    left = [[claim, units] for claim, units in waiting if units > 0]
    shares: list[tuple[int, int, int]] = []
    for delivery, units in coming:
        rest = units
        while rest > 0 and left:
            take = min(rest, left[0][1])
            shares.append((delivery, left[0][0], take))
            rest -= take
            left[0][1] -= take
            if left[0][1] == 0:
                left.pop(0)
    return shares
