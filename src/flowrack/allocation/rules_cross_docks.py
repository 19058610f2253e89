"""Which waiting lines get goods straight from the dock: pure, by the same rank and rules as a run.

Arriving goods are offered together with the free stock, so that first-expired-first-out holds between them; only what
falls to arriving goods is cross-docked, the rest is for allocation to promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from flowrack.allocation.reasons import kept_for
from flowrack.allocation.rules import HAD, Claim, Pool, Share, share_out

RULE = "cross-dock/1"
LAST = 1 << 62  # undated arriving goods come after all that is in stock
NAMED = 3


class Arrival(NamedTuple):
    """Units of a receipt line at the dock. `is_stored`: they stand in a bin already, by their availability policy."""

    item_id: int
    lot_id: int
    lot: str
    expires_on: date | None
    units: int
    quality: str
    is_ours: bool = True
    is_stored: bool = False
    family_id: int = 0


class Given(NamedTuple):
    """Units of one arrival (its place from 0) for one waiting line."""

    arrival: int
    claim: Claim
    units: int


@dataclass(slots=True)
class Offer:
    """What became of one arrival: who gets how much of it, and why not more."""

    given: list[Given] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def units(self) -> int:
        """Units that go to the door."""
        return sum(one.units for one in self.given)


NOT_FIT = {
    "inspection": "they are inspected first",
    "hold": "they are on hold",
    "quarantine": "they are in quarantine",
    "damaged": "they are damaged",
    "expired": "they are past their date",
}


def refusal(arrival: Arrival, families: frozenset[int]) -> str:
    """Why an arrival cannot be cross-docked at all, in words; "" when it can."""
    if arrival.quality in NOT_FIT:
        return NOT_FIT[arrival.quality]
    if not arrival.is_ours:
        return "they belong to another owner, and orders take our own stock"
    if arrival.is_stored:
        return "they stand in their bin at once, and allocation promises them from there"
    if families and arrival.family_id not in families:
        return "goods of this family are not cross-docked here"
    return ""


def at_the_dock(arrivals: Sequence[Arrival], families: frozenset[int]) -> tuple[list[Offer], list[Pool]]:
    """Arrivals as pools that are offered beside the stock, and an offer for each with why it may not be one."""
    offers = [Offer() for _ in arrivals]
    pools = []
    for n, arrival in enumerate(arrivals):
        why_not = refusal(arrival, families)
        if why_not:
            offers[n].reasons.append(why_not)
        else:
            pools.append(
                Pool(-1 - n, arrival.item_id, arrival.lot_id, arrival.lot, arrival.expires_on, LAST + n, arrival.units)
            )
    return offers, pools


def offer(
    claims: Sequence[Claim], stock: Sequence[Pool], arrivals: Sequence[Arrival], families: frozenset[int]
) -> list[Offer]:
    """What becomes of each arrival by the shipped rules; `claims` come in rank order, without what is on its way to
    them already."""
    offers, pools = at_the_dock(arrivals, families)
    return shared(offers, share_out(claims, [*stock, *pools]), arrivals)


def shared(offers: list[Offer], shares: Sequence[Share], arrivals: Sequence[Arrival]) -> list[Offer]:
    """The offers with what claims get of them, and why not more."""
    mixed = {s.claim.order_id for s in shares if s.claim.policy == "complete" and _from_stock(s.takes)}
    for share in shares:
        claim = share.claim
        for reject in share.rejects:
            if reject.pool.pool_id < 0 and reject.rule != HAD:
                offers[-1 - reject.pool.pool_id].reasons.append(_too_short(claim, reject.pool))
        waits = claim.order_id in mixed or (claim.policy == "line" and _from_stock(share.takes))
        for take in share.takes:
            if take.pool.pool_id >= 0:
                continue
            one = offers[-1 - take.pool.pool_id]
            if waits:
                one.reasons.append(f"{claim.number} takes it only whole, and a part of it is in stock")
            else:
                one.given.append(Given(-1 - take.pool.pool_id, claim, take.units))
        if share.held_back:
            whole = f"{claim.number} takes it only whole, and not all of it is there"
            why = kept_for(share.kept, share.keeper, "") if share.held_back == "kept" else whole
            _tell_held_back(offers, arrivals, claim, why)
    return offers


def _from_stock(takes: Sequence[tuple[Pool, int]]) -> bool:
    return any(pool.pool_id >= 0 for pool, _ in takes)


def _too_short(claim: Claim, pool: Pool) -> str:
    assert pool.expires_on is not None, "only dated lots are passed over for their life"
    days = (pool.expires_on - claim.ship_on).days
    return f"{claim.number} asks for {claim.min_life_days} days of life, they have {days}"


def _tell_held_back(offers: Sequence[Offer], arrivals: Sequence[Arrival], claim: Claim, why: str) -> None:
    for one, arrival in zip(offers, arrivals, strict=True):
        if arrival.item_id == claim.item_id:
            one.reasons.append(why)


def sentence(one: Offer, units: int) -> str:
    """ "Cross-docked: 10 to SO-1001 (tier A), ... ; 5 to put away." or why not."""
    reasons = list(dict.fromkeys(one.reasons))[:NAMED]
    if not one.given:
        return f"Put away, not cross-docked: {'; '.join(reasons) or 'nobody waits for them'}."
    to = ", ".join(f"{g.units} to {g.claim.number} (tier {g.claim.tier})" for g in one.given)
    rest = units - one.units
    if not rest:
        return f"Cross-docked in allocation order: {to}; nothing to put away."
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return f"Cross-docked in allocation order: {to}; {rest} to put away{why}."


def trimmed(planned: Sequence[tuple[int, int]], waiting: int) -> list[int]:
    """Which cross-docks of one line go when it waits for fewer units: (id, units), the newest goes first, whole."""
    total = sum(units for _, units in planned)
    gone: list[int] = []
    for cross_dock_id, units in sorted(planned, reverse=True):
        if total <= waiting:
            break
        gone.append(cross_dock_id)
        total -= units
    return gone


def without_goods(planned: Sequence[tuple[int, int]], on_hand: int, put_away: int) -> dict[int, int]:
    """Which cross-docks from one place end when `on_hand` units are left there: (id, units) -> units to put away.

    The oldest keep what is left, each whole; what suffices for none of those that end needs a bin, apart from the
    `put_away` units there that have a putaway already.
    """
    left = on_hand
    ended: list[tuple[int, int]] = []
    for cross_dock_id, units in sorted(planned):
        if units <= left:
            left -= units
        else:
            ended.append((cross_dock_id, units))
    left = max(left - put_away, 0)
    needed: dict[int, int] = {}
    for cross_dock_id, units in ended:
        needed[cross_dock_id] = min(units, left)
        left -= needed[cross_dock_id]
    return needed
