"""What may be sent instead of an item that is short, in which order, and what that earns: pure.

An edge of the graph leads from the ordered item to another one: at a ratio, in whole packs, on some days, to some
customers. Offer A holds what may be sent unasked, offer B also what somebody must agree to. Neither ever holds more
than was ordered: packs are rounded down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import gcd, lcm
from typing import NamedTuple

from flowrack.allocation.reasons import kept_for
from flowrack.allocation.rules import Pool, fefo_order, keeps_long_enough
from flowrack.allocation.rules_pegs import Pegs

COST_PLACES = Decimal("0.000001")


class Need(NamedTuple):
    """A short line: `held` is promised, picked or sent; `missing` still waits. Price and cost are per unit.

    A cost of None is not known. `min_life_days` counts from the day on which goods leave, days on the way and all.
    `takes` is what the customer says of substitutes in general: no, consent, yes. `had` are lots that he takes no more.
    """

    line_id: int
    item_id: int
    sku: str
    ordered: int
    held: int
    missing: int
    unit_price: Decimal
    unit_cost: Decimal | None
    ship_on: date
    min_life_days: int
    transit_days: int
    tier: str
    takes: str
    lot: str = ""
    had: frozenset[int] = frozenset()


class Edge(NamedTuple):
    """`num` units of the item for `den` units of the ordered one, in multiples of `multiple`.

    `consent` is what this customer said of this pair: yes, no, or nothing.
    """

    item_id: int
    sku: str
    num: int
    den: int
    multiple: int
    needs_consent: bool
    is_price_protected: bool
    excluded_tiers: tuple[str, ...]
    priority: int
    valid_from: date | None
    valid_until: date | None
    consent: str
    list_price: Decimal
    unit_cost: Decimal | None


class Rejected(NamedTuple):
    """Stock, or a whole substitute (no lot), that is not offered, and why in a few words."""

    sku: str
    lot: str
    units: int
    why: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Units of one substitute from pools, the units of the ordered item that they replace, price and margin.

    `asks` says what somebody must agree to; empty when it may be sent unasked. `margin_delta` compares with the
    same units of the ordered item.
    """

    edge: Edge
    takes: tuple[tuple[int, int], ...]  # (pool, units)
    units: int
    replaces: int
    unit_price: Decimal
    margin_delta: Decimal | None
    asks: str = ""


@dataclass(slots=True)
class Offer:
    """The ordered item as far as it is there, substitutes, and what is left to wait for."""

    name: str
    original: int
    portions: list[Portion] = field(default_factory=list)
    backorder: int = 0

    @property
    def replaced(self) -> int:
        """Units of the ordered item that substitutes stand for."""
        return sum(portion.replaces for portion in self.portions)

    @property
    def margin_delta(self) -> Decimal | None:
        """What the offer earns more (less) than the same units of the ordered item; None where a cost is not known."""
        return total_delta(self.portions)


@dataclass(slots=True)
class Offers:
    """The answer: own units that are free, offer A, offer B (None when nobody needs to agree to anything)."""

    own: list[tuple[int, int]]
    a: Offer
    b: Offer | None
    rejected: list[Rejected]


def left_for(need: Need, sku: str, pools: Sequence[Pool], pegs: Pegs, stays: list[Rejected]) -> list[Pool]:
    """The pools of an item with what a short line may have of each; what stays of them for promises is noted."""
    found = []
    for pool in fefo_order(pools):
        units = pool.free
        if units > 0 and not _unfit(need, pool, need.lot if pool.item_id == need.item_id else ""):
            units = min(pool.free, pegs.room(need.line_id, pool.pool_id))
            if units < pool.free:
                keeper = pegs.keeper(need.line_id, pool.pool_id)
                said = kept_for(pool.free - units, keeper, "").partition(" ")[2]
                stays.append(Rejected(sku, pool.lot_code, pool.free - units, said))
            pegs.take(need.line_id, pool.pool_id, units)
        found.append(pool._replace(free=units))
    return found


def offers(
    need: Need,
    edges: Sequence[Edge],
    pools: Mapping[int, Sequence[Pool]],
    today: date,
    *,
    agreed: Mapping[int, int] | None = None,
) -> Offers:
    """What may be sent of and instead of a short line.

    `pools` are the free pools of the item and of its substitutes. `agreed` (item -> units) is all that somebody agreed
    to: then only that is offered, without asking again.
    """
    rejected: list[Rejected] = []
    left, own = need.missing, []
    for pool in fefo_order(pools.get(need.item_id, ())):
        units = min(left, pool.free)
        if units > 0 and not _unfit(need, pool, need.lot):
            own.append((pool.pool_id, units))
            left -= units
    original = need.held + need.missing - left
    offered = [edge for edge in edges if agreed is None or edge.item_id in agreed]
    ranked = _ranked(need, offered, pools, today, agreed, rejected)
    a = Offer("A", original)
    for edge, fit in [(edge, fit) for edge, fit, asks in ranked if not asks]:
        portion = _portion(need, edge, fit, left, "", agreed)
        if portion is not None:
            a.portions.append(portion)
            left -= portion.replaces
    a.backorder = left
    b = Offer("B", original, list(a.portions))
    for edge, fit, asks in ranked:
        portion = _portion(need, edge, fit, left, asks, agreed) if asks else None
        if portion is not None:
            b.portions.append(portion)
            left -= portion.replaces
    b.backorder = left
    return Offers(own, a, b if len(b.portions) > len(a.portions) else None, rejected)


def asks_for(need: Need, edge: Edge) -> str:
    """What somebody must agree to before this is sent; empty when nothing."""
    if edge.consent == "yes":
        return ""
    if need.tier in edge.excluded_tiers:
        return f"not for class {need.tier} without approval"
    if edge.needs_consent:
        return "needs the customer's consent"
    return "" if need.takes == "yes" else "this customer is asked first"


def _ranked(
    need: Need,
    edges: Sequence[Edge],
    pools: Mapping[int, Sequence[Pool]],
    today: date,
    agreed: Mapping[int, int] | None,
    rejected: list[Rejected],
) -> list[tuple[Edge, list[Pool], str]]:
    """Substitutes in the order in which they are offered: priority, unasked first, more margin, sooner expiry, item."""
    found = []
    for edge in edges:
        free = sum(pool.free for pool in pools.get(edge.item_id, ()))
        why = _barred(need, edge, today)
        if why:
            rejected.append(Rejected(edge.sku, "", free, why))
            continue
        fit = []
        for pool in fefo_order(pools.get(edge.item_id, ())):
            unfit = _unfit(need, pool, "")
            if unfit and pool.free > 0:
                rejected.append(Rejected(edge.sku, pool.lot_code, pool.free, unfit))
            elif pool.free > 0:
                fit.append(pool)
        asks = "" if agreed is not None else asks_for(need, edge)
        soonest = min((pool.expires_on for pool in fit if pool.expires_on), default=date.max)
        found.append(
            (
                (edge.priority, bool(asks), -(_margin(need, edge, 1) or Decimal(0)), soonest, edge.item_id),
                (edge, fit, asks),
            )
        )
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _barred(need: Need, edge: Edge, today: date) -> str:
    if edge.consent == "no":
        return "the customer does not take it"
    if need.takes == "no" and edge.consent != "yes":
        return "the customer takes no substitutes"
    if edge.valid_from and today < edge.valid_from:
        return f"valid from {edge.valid_from.isoformat()}"
    if edge.valid_until and today > edge.valid_until:
        return f"valid until {edge.valid_until.isoformat()}"
    return ""


def _unfit(need: Need, pool: Pool, lot: str) -> str:
    """Why goods of a pool do not do for this customer; empty when they do."""
    if lot and pool.lot_code != lot:
        return "another lot"
    if pool.lot_id in need.had:
        return "he had this lot before"
    if keeps_long_enough(pool, ship_on=need.ship_on, min_life_days=need.min_life_days):
        return ""
    assert pool.expires_on is not None, "undated goods keep"
    life = (pool.expires_on - need.ship_on).days - need.transit_days
    return f"remaining life {life} < {need.min_life_days - need.transit_days}"


def _portion(
    need: Need, edge: Edge, fit: Sequence[Pool], left: int, asks: str, agreed: Mapping[int, int] | None
) -> Portion | None:
    """As many whole packs as are there and still wanted; None when not even one."""
    step = lcm(edge.multiple, edge.num // gcd(edge.num, edge.den))
    most = min(sum(pool.free for pool in fit), left * edge.num // edge.den)
    most = most if agreed is None else min(most, agreed[edge.item_id])
    units = most // step * step
    if units <= 0:
        return None
    takes, wanted = [], units
    for pool in fit:
        taken = min(wanted, pool.free)
        if taken > 0:
            takes.append((pool.pool_id, taken))
            wanted -= taken
    replaces = units * edge.den // edge.num
    assert replaces * edge.num == units * edge.den and replaces <= left
    return Portion(edge, tuple(takes), units, replaces, price_of(need, edge), _margin(need, edge, replaces), asks)


def total_delta(portions: Sequence[Portion]) -> Decimal | None:
    """The margin of portions against the ordered item; None where a cost is not known."""
    known = [portion.margin_delta for portion in portions if portion.margin_delta is not None]
    return sum(known, Decimal(0)) if len(known) == len(portions) else None


def price_of(need: Need, edge: Edge) -> Decimal:
    """The price of one unit of a substitute: the ordered item's by the ratio where it is protected, else its own."""
    if not edge.is_price_protected:
        return edge.list_price
    return (need.unit_price * edge.den / edge.num).quantize(COST_PLACES)


def _margin(need: Need, edge: Edge, replaces: int) -> Decimal | None:
    """What so many replaced units earn more than the ordered item would have; None where a cost is not known."""
    if edge.unit_cost is None or need.unit_cost is None:
        return None
    units = Decimal(replaces * edge.num) / edge.den
    mine = (price_of(need, edge) - edge.unit_cost) * units
    return mine - (need.unit_price - need.unit_cost) * replaces


def fill(ordered: int, original: int, replaced: int) -> tuple[Decimal, Decimal]:
    """Percent of the ordered units that are filled with the ordered item, and with substitutes as well."""
    if ordered <= 0:
        return Decimal(0), Decimal(0)
    tenth = Decimal("0.1")
    return (
        (Decimal(100 * original) / ordered).quantize(tenth),
        (Decimal(100 * (original + replaced)) / ordered).quantize(tenth),
    )
