"""What is to come, shared out day by day as it arrives: who gets how much of each delivery, what of it stays for quotes
and what is free. Pure.

No unit is told to two. What a run would give to a promise before its day needs it may still be promised to somebody
else: so a promised unit is told of the latest delivery that meets its day, and what that leaves of the sooner ones is
free, as it is for whoever asks for a promise (ADR 0029). A line is told what brings it nothing, and why: others get it
first, it stays for promised days, or it is of no use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from flowrack.allocation.rules import Claim, Pool, Share
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide
from flowrack.allocation.rules_free import HORIZON, Change, claimed_on, counted, free_by_day, free_on
from flowrack.allocation.rules_pegs import Supply
from flowrack.allocation.types_rules import RuleSet

DATELESS = (0, "", None)  # lot id, lot code and expiry of goods whose lot nobody knows yet


class Coming(NamedTuple):
    """Units of an item that can leave from a day on, as promises count it: a purchase order line, a transfer on its way
    ("po", "transfer", due on a day), or goods at the dock and in inspection ("dock"). A transfer that was planned for a
    line brings it `for_units` before it is anybody else's."""

    kind: str
    id: int
    number: str
    source: str
    item_id: int
    on: date
    units: int
    due_on: date | None = None
    po_line_id: int = 0
    for_line: int = 0
    for_units: int = 0


class Rest(NamedTuple):
    """Where the units of a delivery go that a line does not get: to other lines of its order, to those who rank before
    it and behind it, to quotes; and what stays free."""

    order: int = 0
    before: int = 0
    behind: int = 0
    quotes: int = 0
    free: int = 0


class Tried(NamedTuple):
    """A change and what the line gets by it: `units` of those that it lacks. `rest` tells who gets the others, `why`
    for what reason the line gets nothing. `sku` is named where the units are of another item of its order."""

    kind: str
    id: int
    name: str
    note: str
    units: int
    on: date | None = None
    offered: int = 0
    due_on: date | None = None
    item_id: int = 0
    rest: Rest = Rest()
    why: str = ""
    sku: str = ""


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


@dataclass(slots=True)
class Arrivals:
    """What deliveries bring a line, which of its item bring it nothing while it waits, who gets how much of each, what
    stays for which quote, and how all stand after the last. `by_run` are the days on which runs would give it units
    were nobody promised anything more, `states` how all stand then."""

    state: Inputs
    states: list[tuple[date, Inputs]] = field(default_factory=list)
    by_run: list[tuple[date, int]] = field(default_factory=list)
    brings: list[Tried] = field(default_factory=list)
    in_vain: list[Tried] = field(default_factory=list)
    shares: list[tuple[Coming, int, int]] = field(default_factory=list)
    quoted: list[tuple[Coming, Claim, int]] = field(default_factory=list)

    @property
    def units(self) -> int:
        """What the line gets in all."""
        return sum(one.units for one in self.brings)

    def by(self, day: date) -> Inputs | None:
        """How all stand once runs shared out what comes until a day; None where nothing comes."""
        return next((state for on, state in reversed(self.states) if on <= day), None)


def arriving(rules: RuleSet, inputs: Inputs, line_id: int, coming: Sequence[Coming]) -> Arrivals:
    """Deliveries day by day, each shared out as it comes: those who rank before the line are served before it.

    What somebody gets when a delivery comes counts as of it, also what stayed for a promise that it now covers.
    """
    found = Arrivals(inputs)
    ours = next(claim for claim in inputs.claims if claim.line_id == line_id)
    every = sorted(coming, key=by_day)
    pegged, inputs = with_pegs(inputs, every)
    order = [one._replace(units=one.units - units) for one, (_, units) in zip(every, pegged, strict=True)]
    state, steps = inputs, []
    got: list[tuple[int, Claim, int]] = []
    left: dict[int, int] = {}
    before: set[int] = set()
    for n, one in enumerate(order):
        wanted = units_of(state, line_id)
        still = _without(state.coming, [other for other in order[n:] if other.on == one.on])
        here = with_pool(state, one.item_id, one.units) if one.units else state
        arrived = replace(here, today=max(one.on, state.today), coming=still)
        decision = decide(rules, arrived)
        state = after(arrived, decision)
        found.states.append((one.on, state))
        share = next(share for share in decision.shares if share.claim.line_id == line_id)
        before = before or {one.claim.line_id for one in decision.shares[: decision.shares.index(share)]}
        left[n] = one.units
        for other in decision.shares:
            units = min(sum(take.units for take in other.takes), left[n]) if other.claim.item_id == one.item_id else 0
            if units:
                got.append((n, other.claim, units))
                left[n] -= units
        why = why_nothing(share) if wanted and one.item_id == ours.item_id and ours.policy != "complete" else ""
        steps.append((wanted - units_of(state, line_id), why))
    had = [sum(units for m, claim, units in got if m == n and claim.line_id == line_id) for n in range(len(order))]
    places = list(enumerate(order))
    room = rooms(inputs, places)
    got = put_off(places, got, left, room)
    quoted = put_off(places, stays_for(state, places, left), left, room)
    got = put_off(places, got, left, room)
    fixed = [(n, claim, units) for n, (claim, units) in enumerate(pegged) if claim is not None and units]
    got = sorted([*fixed, *got], key=lambda one: one[0])
    for n, (one, (by_run, why)) in enumerate(zip(every, steps, strict=True)):
        units = by_run - had[n] + sum(units for m, claim, units in got if m == n and claim.line_id == line_id)
        rest = _rest(ours, before, [(claim, got) for m, claim, got in got if m == n])
        rest = rest._replace(quotes=sum(held for m, _, held in quoted if m == n), free=left[n])
        is_early = ours.promised_on is not None and _claimed_on(ours) >= one.on
        is_put_off = by_run or (why and left[n] and is_early)
        reason = "" if units else "later" if is_put_off else why
        tried = Tried(
            one.kind, one.id, one.number, one.source, units, one.on, one.units, one.due_on, one.item_id, rest, reason
        )
        if units:
            found.brings.append(tried)
        elif reason:
            found.in_vain.append(tried)
    mine = [units if claim is not None and claim.line_id == line_id else 0 for claim, units in pegged]
    found.by_run = [(one.on, units + own) for one, (units, _), own in zip(every, steps, mine, strict=True)]
    found.shares = [(every[n], claim.line_id, units) for n, claim, units in got]
    found.quoted = [(every[n], claim, units) for n, claim, units in quoted]
    found.state = state
    return found


def with_pegs(inputs: Inputs, coming: Sequence[Coming]) -> tuple[list[tuple[Claim | None, int]], Inputs]:
    """Of each delivery the line that it was planned for with the units that are this line's before anybody else gets
    some, as far as it wants them still; and the inputs without what these lines want of it, and what it brings them."""
    claims = {claim.line_id: claim for claim in inputs.claims}
    found: list[tuple[Claim | None, int]] = []
    supply = list(inputs.coming)
    for one in coming:
        claim = claims.get(one.for_line)
        units = min(one.for_units, one.units, claim.units) if claim is not None else 0
        found.append((claim, units) if units else (None, 0))
        if claim is None or not units:
            continue
        claims[one.for_line] = claim._replace(units=claim.units - units)
        for n, known in enumerate(supply):
            if (known.item_id, known.po_line_id, known.number) == (one.item_id, one.po_line_id, one.number):
                supply[n] = known._replace(units=max(known.units - units, 0))
                break
    if not any(units for _, units in found):
        return found, inputs
    return found, replace(inputs, claims=[claims[claim.line_id] for claim in inputs.claims], coming=supply)


def _rest(ours: Claim, before: set[int], got: Sequence[tuple[Claim, int]]) -> Rest:
    """Who but the line gets units of a delivery."""
    order = sum(units for claim, units in got if claim.order_id == ours.order_id and claim.line_id != ours.line_id)
    others = [(claim, units) for claim, units in got if claim.order_id != ours.order_id]
    first = sum(units for claim, units in others if claim.line_id in before)
    return Rest(order, first, sum(units for _, units in others) - first)


def rooms(inputs: Inputs, coming: Sequence[tuple[int, Coming]]) -> dict[int, int]:
    """How many units of what comes until each delivery, itself and others of its day included, somebody new may be
    promised, by the rule by which promises are given."""
    found: dict[int, int] = {}
    for item_id in sorted({one.item_id for _, one in coming}):
        of_item = [(n, one) for n, one in coming if one.item_id == item_id]
        wants = [claim for claim in inputs.claims if claim.item_id == item_id]
        wants += [one.claim for one in inputs.beside if one.claim.item_id == item_id]
        dated = [Change(_claimed_on(claim), -claim.units) for claim in wants if claim.promised_on is not None]
        waiting = [Change(claim.ship_on, -claim.units) for claim in wants if claim.promised_on is None]
        steps = free_by_day(
            sum(pool.free for pool in inputs.pools if pool.item_id == item_id),
            [*(Change(one.on, one.units) for _, one in of_item), *counted(dated, waiting, today=inputs.today)],
            safety=0,
            today=inputs.today,
            until=max(one.on for _, one in of_item) + HORIZON,
        )
        here = steps[0].free if of_item[0][1].on > inputs.today else 0
        found |= {n: free_on(steps, max(one.on, inputs.today)) - here for n, one in of_item}
    return found


def put_off(
    coming: Sequence[tuple[int, Coming]],
    got: Sequence[tuple[int, Claim, int]],
    left: dict[int, int],
    room: Mapping[int, int],
) -> list[tuple[int, Claim, int]]:
    """The same units of deliveries for the same claims, but for those that were promised for a day and that somebody
    else may still be promised, as `room` says: these are of the latest delivery that is in time and has units free. Who
    is late already keeps the first. What is free of each, in `left`, moves to the sooner ones."""
    found, of = list(got), dict(coming)
    for late, target in reversed(coming):
        for at in range(len(found) - 1, -1, -1):
            n, claim, units = found[at]
            is_dated = claim.promised_on is not None and _claimed_on(claim) >= target.on
            if n >= late or claim.item_id != target.item_id or not is_dated:
                continue
            between = [m for m in range(n, late) if of[m].item_id == claim.item_id and of[m].on < target.on]
            moved = min(units, left[late], max((room[m] - _until(of, left, m) for m in between), default=0))
            if moved > 0:
                found[at] = (n, claim, units - moved)
                found.append((late, claim, moved))
                left[late] -= moved
                left[n] += moved
    return _added(found)


def _claimed_on(claim: Claim) -> date:
    return claimed_on(claim.promised_on, claim.ship_on, claim.policy)


def _until(of: Mapping[int, Coming], left: Mapping[int, int], last: int) -> int:
    """What is free of the deliveries of an item until a day."""
    day, item_id = of[last].on, of[last].item_id
    return sum(left[n] for n, one in of.items() if one.item_id == item_id and one.on <= day)


def _added(got: Sequence[tuple[int, Claim, int]]) -> list[tuple[int, Claim, int]]:
    """One row for each delivery and claim, in order of delivery and rank."""
    units: dict[tuple[int, int], int] = {}
    claims: dict[int, Claim] = {}
    for n, claim, of in got:
        claims[claim.line_id] = claim
        units[n, claim.line_id] = units.get((n, claim.line_id), 0) + of
    ranks = {line_id: rank for rank, line_id in enumerate(claims)}
    order = sorted(units, key=lambda key: (key[0], ranks[key[1]]))
    return [(n, claims[line_id], units[n, line_id]) for n, line_id in order if units[n, line_id]]


def stays_for(
    state: Inputs, coming: Sequence[tuple[int, Coming]], rest: dict[int, int]
) -> list[tuple[int, Claim, int]]:
    """What of deliveries stays for quotes, and is taken off what is left: each has the latest that meets its day, the
    soonest day first, then what stays of the stock for it; what none of that meets stays of what comes later."""
    found: list[tuple[int, Claim, int]] = []
    stock: dict[int, int] = {}
    for pool in state.pools:
        stock[pool.item_id] = stock.get(pool.item_id, 0) + pool.free
    for n, one in coming:
        stock[one.item_id] = stock.get(one.item_id, 0) - rest[n]
    quotes = [one.claim for one in state.beside if not one.claim.order_id]
    for claim in sorted(quotes, key=lambda claim: (claim.promised_on or claim.ship_on, claim.number)):
        on, wanted = claim.promised_on or claim.ship_on, claim.units
        of_item = sorted((pair for pair in coming if pair[1].item_id == claim.item_id), key=lambda pair: pair[1].on)
        in_time = [n for n, one in of_item if one.on <= on]
        for n in reversed(in_time):
            wanted -= _stays(found, n, claim, wanted, rest)
        here = min(wanted, max(stock.get(claim.item_id, 0), 0))
        if here:
            stock[claim.item_id] -= here
            wanted -= here
        for n in (n for n, one in of_item if one.on > on):
            wanted -= _stays(found, n, claim, wanted, rest)
    return found


def _stays(found: list[tuple[int, Claim, int]], n: int, claim: Claim, wanted: int, rest: dict[int, int]) -> int:
    """Units of a delivery that stay for a quote."""
    units = min(wanted, rest[n])
    if units:
        found.append((n, claim, units))
        rest[n] -= units
    return units


def why_nothing(share: Share) -> str:
    """Why a claim got nothing of what came (`later` is told beside these: its promised day does not need that yet, and
    somebody else may still be promised it): `before` others got it, `kept` for promised days, its order leaves only
    complete and `other` lines lack units, it lacks them itself and goes only `whole`, `lot`, or the `rules`."""
    if share.held_back == "order":
        return "other" if share.found >= share.claim.units else "whole"
    if share.held_back in ("line", "kept"):
        return "whole" if share.held_back == "line" else "kept"
    if share.held_back:
        return "rules"
    return "lot" if share.rejects else "before"


def by_day(one: Coming) -> tuple[date, str, int, int]:
    """The order in which deliveries come."""
    return (one.on, one.kind, one.id, one.item_id)


def _without(coming: Sequence[Supply], here: Sequence[Coming]) -> list[Supply]:
    """What is still to come once deliveries are here: others of their day stand for nobody whose stock would be given
    away for them."""
    left = list(coming)
    for one in here:
        for n, supply in enumerate(left):
            if (supply.item_id, supply.po_line_id, supply.number) == (one.item_id, one.po_line_id, one.number):
                del left[n]
                break
    return left
