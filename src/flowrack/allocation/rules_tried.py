"""What would change how a line stands: each change is decided as a run would decide it, and told with what comes of it.

Nothing is offered because it sounds good: a delivery whose units others would get first brings nothing and is named as
that. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from flowrack.allocation.rules import Pool
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide
from flowrack.allocation.rules_pegs import Supply
from flowrack.allocation.types_rules import RuleSet

DATELESS = (0, "", None)  # lot id, lot code and expiry of goods whose lot nobody knows yet


class Coming(NamedTuple):
    """Units of an item that can leave from a day on, as promises count it: a purchase order line, a transfer on its way
    ("po", "transfer", due on a day), or goods at the dock and in inspection ("dock")."""

    kind: str
    id: int
    number: str
    source: str
    item_id: int
    on: date
    units: int
    due_on: date | None = None
    po_line_id: int = 0


class Elsewhere(NamedTuple):
    """Units of the item that are not to be had here now: blocked at the site, or free at another one."""

    kind: str  # "mend" or "site"
    id: int
    name: str
    note: str
    units: int
    lot_id: int = 0
    lot: str = ""
    expires_on: date | None = None


class Tried(NamedTuple):
    """A change and what the line gets by it: `units` of those that it lacks."""

    kind: str
    id: int
    name: str
    note: str
    units: int
    on: date | None = None
    offered: int = 0
    due_on: date | None = None


@dataclass(slots=True)
class Outlook:
    """How a line stands by a decision of now, what would change that, and what was tried and changes nothing.

    `now` are units that a run would give at once. `arrivals` tell which delivery brings it how much, and when;
    `complete_on` is the day on which the last unit is there, if all of what is known comes as planned.
    """

    wanted: int
    now: int = 0
    arrivals: list[Tried] = field(default_factory=list)
    expected_by: list[tuple[Coming, int, int]] = field(default_factory=list)  # delivery, line, units: who gets it
    ways: list[Tried] = field(default_factory=list)
    in_vain: list[Tried] = field(default_factory=list)

    @property
    def expected(self) -> int:
        """Units that it has when all arrived."""
        return self.now + sum(one.units for one in self.arrivals)

    @property
    def complete_on(self) -> date | None:
        """The day of the last unit; None when some are nowhere in sight, or all are here."""
        return self.arrivals[-1].on if self.arrivals and self.expected >= self.wanted else None


def with_pool(inputs: Inputs, item_id: int, units: int, lot: tuple[int, str, date | None] = DATELESS) -> Inputs:
    """The same with so many free units more, as the last that arrived."""
    key = min((pool.pool_id for pool in inputs.pools), default=0)
    arrival = max((pool.arrival for pool in inputs.pools), default=0) + 1
    pool = Pool(min(key, 0) - 1, item_id, *lot, arrival, units, units)
    return replace(inputs, pools=[*inputs.pools, pool])


def after(inputs: Inputs, decision: Decision) -> Inputs:
    """What a run would look at once a decision was carried out."""
    used: dict[tuple[int, int], int] = {}
    for share in decision.shares:
        for take in share.takes:
            key = (share.claim.line_id, take.pool.pool_id)
            used[key] = used.get(key, 0) + take.units
    for holding in decision.moved:
        key = (holding.line_id, holding.pool_id)
        used[key] = used.get(key, 0) - holding.units
    of_line: dict[int, int] = {}
    of_pool: dict[int, int] = {}
    for (line_id, pool_id), units in used.items():
        of_line[line_id] = of_line.get(line_id, 0) + units
        of_pool[pool_id] = of_pool.get(pool_id, 0) + units
    claims = [claim._replace(units=claim.units - of_line.get(claim.line_id, 0)) for claim in inputs.claims]
    pools = [
        pool._replace(free=left, face=min(pool.face, left))
        for pool in inputs.pools
        if (left := pool.free - of_pool.get(pool.pool_id, 0)) > 0 or inputs.holdings
    ]
    holdings = inputs.holdings
    if holdings:
        had = {(one.line_id, one.pool_id): one.units for one in holdings}
        for key, units in used.items():
            had[key] = had.get(key, 0) + units
        holdings = [Holding(*key, units) for key, units in sorted(had.items()) if units > 0]
    return replace(inputs, claims=claims, pools=pools, holdings=holdings)


def units_of(inputs: Inputs, line_id: int) -> int:
    """What a line still wants."""
    return next((claim.units for claim in inputs.claims if claim.line_id == line_id), 0)


def gain(rules: RuleSet, inputs: Inputs, line_id: int) -> int:
    """What a run over these inputs would give a line."""
    return units_of(inputs, line_id) - units_of(after(inputs, decide(rules, inputs)), line_id)


def given_back(inputs: Inputs, holding: Holding, pool: Pool) -> Inputs:
    """The same, with a promise of another line on a pool taken back: it is free, and that line waits for it."""
    claims = [
        claim._replace(units=claim.units + holding.units) if claim.line_id == holding.line_id else claim
        for claim in inputs.claims
    ]
    free = next((one.free for one in inputs.pools if one.pool_id == pool.pool_id), 0)
    pools = [one for one in inputs.pools if one.pool_id != pool.pool_id]
    pools.append(pool._replace(free=free + holding.units, face=free + holding.units))
    holdings = [one for one in inputs.holdings if one != holding]
    return replace(inputs, claims=claims, pools=pools, holdings=holdings)


def alone(inputs: Inputs, order_id: int) -> Inputs:
    """The same, if the customer took what there is."""
    claims = [claim._replace(policy="partial") if claim.order_id == order_id else claim for claim in inputs.claims]
    return replace(inputs, claims=claims)


@dataclass(slots=True)
class Arrivals:
    """What deliveries bring a line, which of its item bring it nothing while it waits, who gets how much of each, and
    how all stand after the last."""

    state: Inputs
    brings: list[Tried] = field(default_factory=list)
    in_vain: list[Tried] = field(default_factory=list)
    shares: list[tuple[Coming, int, int]] = field(default_factory=list)

    @property
    def units(self) -> int:
        """What the line gets in all."""
        return sum(one.units for one in self.brings)


def arriving(rules: RuleSet, inputs: Inputs, line_id: int, coming: Sequence[Coming]) -> Arrivals:
    """Deliveries day by day, each shared out as it comes: those who rank before the line are served before it."""
    found = Arrivals(inputs)
    ours = next(claim for claim in inputs.claims if claim.line_id == line_id)
    state = inputs
    for one in sorted(coming, key=_by_day):
        wanted = units_of(state, line_id)
        still = _without(state.coming, one)
        arrived = replace(with_pool(state, one.item_id, one.units), today=max(one.on, state.today), coming=still)
        pool_id = arrived.pools[-1].pool_id
        decision = decide(rules, arrived)
        state = after(arrived, decision)
        units = wanted - units_of(state, line_id)
        tried = Tried(one.kind, one.id, one.number, one.source, units, one.on, one.units, one.due_on)
        if units:
            found.brings.append(tried)
        elif wanted and one.item_id == ours.item_id and ours.policy != "complete":
            found.in_vain.append(tried)
        for share in decision.shares:
            got = sum(take.units for take in share.takes if take.pool.pool_id == pool_id)
            if got:
                found.shares.append((one, share.claim.line_id, got))
    found.state = state
    return found


def _by_day(one: Coming) -> tuple[date, str, int, int]:
    return (one.on, one.kind, one.id, one.item_id)


def _without(coming: Sequence[Supply], one: Coming) -> list[Supply]:
    """What is still to come once a delivery is here."""
    left = list(coming)
    for n, supply in enumerate(left):
        if (supply.item_id, supply.po_line_id, supply.number) == (one.item_id, one.po_line_id, one.number):
            del left[n]
            break
    return left


def outlook(
    rules: RuleSet,
    inputs: Inputs,
    line_id: int,
    coming: Sequence[Coming],
    elsewhere: Sequence[Elsewhere] = (),
    promised: Sequence[tuple[Holding, Pool]] = (),
    later: Inputs | None = None,
) -> Outlook:
    """How a line stands now, and what each change would bring it: best first what can be done today.

    `promised` are promises of others that no picker has, with their pools, each tried alone. `later` are the inputs as
    deliveries will find them, where they hold more: promises of a day of which there is no stock yet.
    """
    claim = next((one for one in inputs.claims if one.line_id == line_id), None)
    if claim is None or not claim.units:
        return Outlook(0)
    first = after(inputs, decide(rules, inputs))
    left = units_of(first, line_id)
    found = Outlook(claim.units, claim.units - left)
    then = first if later is None else after(later, decide(rules, later))
    arrivals = arriving(rules, then, line_id, coming)
    found.arrivals, found.in_vain, found.expected_by = arrivals.brings, arrivals.in_vain, arrivals.shares
    if not left:
        found.in_vain = []
        return found
    for one in elsewhere:
        more = with_pool(first, claim.item_id, one.units, (one.lot_id, one.lot, one.expires_on))
        units = gain(rules, more, line_id)
        _sort_in(found, Tried(one.kind, one.id, one.name, one.note, units, offered=one.units))
    for holding, pool in promised:
        units = gain(rules, given_back(first, holding, pool), line_id)
        if units:
            found.ways.append(Tried("promise", holding.line_id, "", "", units, offered=holding.units))
    if claim.policy in ("complete", "line"):
        units = gain(rules, alone(first, claim.order_id), line_id)
        if units:
            found.ways.append(Tried("split", claim.order_id, "", claim.policy, units))
    if claim.min_life_days > 0:
        units = gain(rules, _undemanding(first, line_id), line_id)
        if units:
            found.ways.append(Tried("life", line_id, "", "", units))
    found.ways += _sooner(rules, then, line_id, claim.ship_on, coming, found)
    if not any(one.kind != "sooner" for one in found.ways):
        found.ways += _bought(rules, arrivals.state, line_id, claim.item_id)
    return found


def _bought(rules: RuleSet, last: Inputs, line_id: int, item_id: int) -> list[Tried]:
    """How many units must be bought so that the line gets what nothing that is known gives it: at least its own, and
    those of all who stand before it where these would get them first."""
    rest = units_of(last, line_id)
    if not rest:
        return []
    shares = decide(rules, last).shares
    place = next(n for n, share in enumerate(shares) if share.claim.line_id == line_id)
    before = sum(share.missing for share in shares[:place] if share.claim.item_id == item_id)
    for units in dict.fromkeys((rest, rest + before)):
        if gain(rules, with_pool(last, item_id, units), line_id) == rest:
            return [Tried("buy", 0, "", "", rest, offered=units)]
    return []


def _sort_in(found: Outlook, tried: Tried) -> None:
    (found.ways if tried.units else found.in_vain).append(tried)


def _undemanding(inputs: Inputs, line_id: int) -> Inputs:
    claims = [claim._replace(min_life_days=0) if claim.line_id == line_id else claim for claim in inputs.claims]
    return replace(inputs, claims=claims)


def _sooner(
    rules: RuleSet, first: Inputs, line_id: int, wanted_on: date, coming: Sequence[Coming], found: Outlook
) -> list[Tried]:
    """The first late delivery that serves the line, or else the first that is late, if it served it on the day by
    which the line should leave. One trial: each is a run over all that wait."""
    day = max(wanted_on, first.today)
    in_time = [one for one in coming if one.on <= day]
    had = sum(one.units for one in found.arrivals if one.on is not None and one.on <= day)
    late = [one for one in sorted(coming, key=_by_day) if one.on > day and one.kind == "po"]
    serves = {(one.id, one.on) for one in found.arrivals}
    one = next((one for one in late if (one.id, one.on) in serves), late[0] if late else None)
    if one is None:
        return []
    units = arriving(rules, first, line_id, [*in_time, one._replace(on=day)]).units - had
    tried = Tried("sooner", one.id, one.number, one.source, units, day, one.units, one.due_on)
    return [tried] if units > 0 else []
