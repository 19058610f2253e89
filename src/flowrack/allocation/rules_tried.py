"""What would change how a line stands: each change is decided as a run would decide it, and told with what comes of it.

Nothing is offered because it sounds good: a delivery whose units others would get first brings nothing and is named as
that. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from flowrack.allocation.rules import Claim, Pool, Share
from flowrack.allocation.rules_arrivals import (
    Arrivals,
    Coming,
    Tried,
    after,
    arriving,
    by_day,
    units_of,
    why_nothing,
    with_pegs,
    with_pool,
)
from flowrack.allocation.rules_decide import Decision, Holding, Inputs, decide
from flowrack.allocation.rules_told import incomplete
from flowrack.allocation.types_rules import RuleSet

SERVED = "served"  # what comes anyway serves the line as soon


class Elsewhere(NamedTuple):
    """Units that are not to be had here now: blocked at the site, or free at another one. `sku` names another item of
    the line's complete order. Sent today, they can leave here from a day on (None = at once, or nobody can say)."""

    kind: str  # "mend" or "site"
    id: int
    name: str
    note: str
    units: int
    lot_id: int = 0
    lot: str = ""
    expires_on: date | None = None
    item_id: int = 0
    sku: str = ""
    on: date | None = None


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
    quoted: list[tuple[Coming, Claim, int]] = field(default_factory=list)  # what of it stays for which quote
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
    deliveries will find them, where they hold more: promises of a day of which there is no stock yet. What a transfer
    brings that was planned for the line is not missing any more, and what comes as soon as another site could send it
    need not be sent.
    """
    claim = next((one for one in inputs.claims if one.line_id == line_id), None)
    if claim is None or not claim.units:
        return Outlook(0)
    first = after(inputs, decide(rules, inputs))
    left = units_of(first, line_id)
    found = Outlook(claim.units, claim.units - left)
    then = first if later is None else after(later, decide(rules, later))
    arrivals = arriving(rules, then, line_id, coming)
    found.arrivals, found.in_vain = arrivals.brings, arrivals.in_vain
    found.expected_by, found.quoted = arrivals.shares, arrivals.quoted
    _, first = with_pegs(first, sorted(coming, key=by_day))
    claim = claim._replace(units=min(claim.units, units_of(first, line_id) + found.now))
    if not units_of(first, line_id):
        found.in_vain = []
        return found
    for day in sorted({one.on for one in elsewhere}, key=lambda on: on or date.min):
        here = [one for one in elsewhere if one.on == day]
        then_here = (arrivals.by(day) if day else None) or first
        is_served = not units_of(then_here, line_id)
        tried = [_needless(one) for one in here] if is_served else _from_elsewhere(rules, then_here, claim, here)
        _sort_in(found, tried)
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
    found.ways += _sooner(rules, then, line_id, claim.ship_on, coming, arrivals)
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


def _from_elsewhere(rules: RuleSet, first: Inputs, claim: Claim, elsewhere: Sequence[Elsewhere]) -> list[Tried]:
    """What units from elsewhere bring a line: no more are asked for than it takes, with what those before it get first.
    Of a complete order those items that it lacks are tried, each alone, and all together where no one is enough."""
    if not elsewhere:
        return []
    decision = decide(rules, first)
    lacks = _lacking(decision, claim)
    tried = []
    for one in elsewhere:
        item_id = one.item_id or claim.item_id
        if item_id not in lacks:
            continue
        most, why = _brought(rules, with_pool(first, item_id, one.units, _lot(one)), claim.line_id)
        units = one.units
        for few in sorted({min(few, one.units) for few in lacks[item_id]}) if one.kind == "site" and most else ():
            if gain(rules, with_pool(first, item_id, few), claim.line_id) == most:
                units = few
                break
        tried.append(
            Tried(one.kind, one.id, one.name, one.note, most, offered=units, item_id=item_id, why=why, sku=one.sku)
        )
    if len(lacks) > 1 and not any(one.units for one in tried):
        together = _together(rules, first, claim, elsewhere, lacks)
        tried = together or tried
    return tried


def _needless(one: Elsewhere) -> Tried:
    """Units that would come no sooner than what comes anyway."""
    return Tried(one.kind, one.id, one.name, one.note, 0, offered=one.units, item_id=one.item_id, why=SERVED)


def _together(
    rules: RuleSet, first: Inputs, claim: Claim, elsewhere: Sequence[Elsewhere], lacks: dict[int, tuple[int, int]]
) -> list[Tried]:
    """One transfer for each item that a complete order lacks, where they help together."""
    chosen: list[Tried] = []
    state = first
    for item_id, (_, few) in lacks.items():
        sites = [one for one in elsewhere if one.kind == "site" and (one.item_id or claim.item_id) == item_id]
        one = next((one for one in sites if one.units >= few), None)
        if one is None:
            return []
        state = with_pool(state, item_id, few)
        chosen.append(Tried("site", one.id, one.name, "together", 0, offered=few, item_id=item_id, sku=one.sku))
    units = gain(rules, state, claim.line_id)
    return [one._replace(units=units) for one in chosen] if units else []


def _lacking(decision: Decision, claim: Claim) -> dict[int, tuple[int, int]]:
    """The items of which a line, or its complete order, lacks units: how many, and with what those lack before it."""
    place = next(n for n, share in enumerate(decision.shares) if share.claim.line_id == claim.line_id)
    ours: list[Share] = incomplete(decision.shares).get(claim.order_id, []) if claim.policy == "complete" else []
    lacks: dict[int, int] = {}
    for share in ours:
        lacks[share.claim.item_id] = lacks.get(share.claim.item_id, 0) + share.claim.units - share.found
    if not lacks:
        share = decision.shares[place]
        found = share.found if share.held_back == "line" else share.units
        lacks[claim.item_id] = max(share.claim.units - found, 0)
    before = dict.fromkeys(lacks, 0)
    for share in decision.shares[:place]:
        if share.claim.item_id in lacks and share.claim.order_id != claim.order_id:
            before[share.claim.item_id] += share.missing
    return {item_id: (units, units + before[item_id]) for item_id, units in lacks.items() if units}


def _lot(one: Elsewhere) -> tuple[int, str, date | None]:
    return one.lot_id, one.lot, one.expires_on


def _brought(rules: RuleSet, inputs: Inputs, line_id: int) -> tuple[int, str]:
    """What a run over these inputs would give a line, and if it is nothing, why."""
    decision = decide(rules, inputs)
    units = units_of(inputs, line_id) - units_of(after(inputs, decision), line_id)
    share = next(share for share in decision.shares if share.claim.line_id == line_id)
    return units, "" if units else why_nothing(share)


def _sort_in(found: Outlook, tried: Sequence[Tried]) -> None:
    for one in tried:
        (found.ways if one.units else found.in_vain).append(one)


def _undemanding(inputs: Inputs, line_id: int) -> Inputs:
    claims = [claim._replace(min_life_days=0) if claim.line_id == line_id else claim for claim in inputs.claims]
    return replace(inputs, claims=claims)


def _sooner(
    rules: RuleSet, first: Inputs, line_id: int, wanted_on: date, coming: Sequence[Coming], found: Arrivals
) -> list[Tried]:
    """The first late delivery that serves the line, or else the first that is late, if it served it on the day by
    which the line should leave. One trial: each is a run over all that wait."""
    day = max(wanted_on, first.today)
    in_time = [one for one in coming if one.on <= day]
    had = sum(units for on, units in found.by_run if on <= day)
    late = [one for one in sorted(coming, key=by_day) if one.on > day and one.kind == "po"]
    serves = {(one.id, one.on) for one in found.brings}
    one = next((one for one in late if (one.id, one.on) in serves), late[0] if late else None)
    if one is None:
        return []
    units = arriving(rules, first, line_id, [*in_time, one._replace(on=day)]).units - had
    tried = Tried("sooner", one.id, one.number, one.source, units, day, one.units, one.due_on)
    return [tried] if units > 0 else []
