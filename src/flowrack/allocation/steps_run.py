"""One run over claimed order lines: read, decide, promise, and store why. For commands that allocate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flowrack.allocation import locks, queries_inputs, queries_now, queries_rules, reasons
from flowrack.allocation.queries_inputs import NOBODY_ELSE
from flowrack.allocation.queries_pegs import Others
from flowrack.allocation.rules_certificates import Context as Told
from flowrack.allocation.rules_certificates import pack
from flowrack.allocation.rules_decide import Decision, Inputs, decide, moves_promises
from flowrack.allocation.rules_told import incomplete, with_rivals
from flowrack.allocation.types import PromisesAtRisk, PromiseTakenBack
from flowrack.allocation.types_rules import InForce
from flowrack.catalog import queries as catalog
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, OpenLine, UnitsChange
from flowrack.shared.refs import ref

NO_AIMS: Mapping[int, int] = {}


@dataclass(slots=True)
class Ran:
    """What came of a run: the decision, and by how many units the promise of each line changed."""

    decision: Decision
    gained: dict[int, int] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """Units that were promised."""
        return sum(units for units in self.gained.values() if units > 0)

    @property
    def unpromised(self) -> list[int]:
        """Lines that got units and have no promised day."""
        claims = (share.claim for share in self.decision.shares)
        return [c.line_id for c in claims if c.promised_on is None and self.gained.get(c.line_id, 0) > 0]

    @property
    def waiting(self) -> list[int]:
        """Units that each short line lacks."""
        return [share.missing for share in self.decision.shares if share.missing]


def told_beside(decision: Decision, site_id: int, today: date) -> Told:
    """Who has short items from earlier runs, what comes next, and what is held. Read before any balance is locked."""
    return queries_now.told_of({share.claim.item_id for share in decision.shares if share.missing}, site_id, today)


def ground(site_id: int, item_ids: Sequence[int]) -> tuple[dict[int, int], InForce]:
    """What cross-docks bring to lines of a site, and the rules in force there; promised days of items, and of the other
    items of complete orders that wait for them, are shared from here on. One query, up to three for many items."""
    if len(set(item_ids)) <= locks.FEW_ITEMS:
        found = queries_rules.shared_background(site_id, item_ids, locks.FEW_ITEMS)
        if found is not None:
            return found
    locks.share_promised_days_of([], site_id)
    return queries_rules.background(site_id)


def run(
    ctx: Context,
    site_id: int,
    lines: Sequence[OpenLine],
    on_the_way: Mapping[int, int],
    force: InForce,
    *,
    run_id: int = 0,
    may_move: bool = False,
    others: Others = NOBODY_ELSE,
    aims: Mapping[int, int] = NO_AIMS,
) -> Ran | None:
    """Decide claimed lines, promise what they get and store why; None when no line wants anything. Promised days of the
    items are shared by the caller, before he claimed the lines.

    `may_move`: the lines are all that wait for their items, so that classes which share may lose promises again.
    `others` says who was promised a day beside them, `aims` to how many units lines stand back.
    """
    today, claims = queries_inputs.claims_of(ctx.now, site_id, lines, on_the_way, force.rules)
    if not claims:
        return None
    is_moving = may_move and moves_promises(force.rules)
    items = sorted({claim.item_id for claim in claims})
    has_pools = is_moving or ctx.locks_first
    if has_pools:
        ledger.claim_pools(items, site_id)

    def read() -> Inputs:
        found = queries_inputs.inputs_of(
            site_id, today, claims, force.rules, is_moving=is_moving, now=ctx.now, others=others
        )
        return replace(found, aims=dict(aims)) if aims else found

    inputs = read()
    if not has_pools and not are_held(inputs, site_id):
        inputs = read()
    decision = decide(force.rules, inputs)
    told = told_beside(decision, site_id, today)
    ordered = {line.line_id: line.ordered_units for line in lines}
    decisions.record(ctx, explain(decision, told, force, today, ordered))
    store(ctx, site_id, inputs, decision, told, force, run_id=run_id)
    tell_at_risk(ctx, site_id, decision)
    return Ran(decision, promise(ctx, site_id, inputs, decision, force))


def are_held(inputs: Inputs, site_id: int) -> bool:
    """Hold the pools of items that somebody was promised for a day, for two runs at once might give away together what
    stays for him; whether they still are as they were read. No query where nobody was, one elsewhere."""
    kept = {claim.item_id for claim in inputs.claims if claim.promised_on is not None} | inputs.watched
    if not kept:
        return True
    held = ledger.claim_pools(sorted(kept), site_id)
    free = {pool_id: units for pool_id, units in held.items() if units > 0}
    return free == {pool.pool_id: pool.free for pool in inputs.pools if pool.item_id in kept}


def tell_at_risk(ctx: Context, site_id: int, decision: Decision) -> None:
    """Emit allocation.promises_at_risk where not all promised days can be kept."""
    items = sorted(item_id for item_id, pegs in decision.pegs.items() if not pegs.are_all_kept)
    if items:
        ctx.emit(PromisesAtRisk(site_id, items))


def store(
    ctx: Context, site_id: int, inputs: Inputs, decision: Decision, told: Told, force: InForce, *, run_id: int = 0
) -> None:
    """Keep the certificate; it travels with the commit."""
    packed = pack(inputs, decision, force.rule, told)
    ctx.at_last(
        """
        INSERT INTO allocation_certificate
               (command_id, site_id, rule_set_id, run_id, lines, decided_at, inputs, inputs_hash, result, result_hash)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (ctx.command_id, site_id, force.rule_set_id, run_id, len(inputs.claims), ctx.now, *packed),
    )


def promise(ctx: Context, site_id: int, inputs: Inputs, decision: Decision, force: InForce) -> dict[int, int]:
    """Write what lines gain and lose: units by line. Gains are promised last of all, unless promises were moved: then
    the pools are locked already, and what goes back goes first."""
    lots = {pool.pool_id: (pool.item_id, pool.lot_id) for pool in inputs.pools}
    net: dict[tuple[int, int], int] = {}
    for share in decision.shares:
        for take in share.takes:
            key = (share.claim.line_id, take.pool.pool_id)
            net[key] = net.get(key, 0) + take.units
    for holding in decision.moved:
        key = (holding.line_id, holding.pool_id)
        net[key] = net.get(key, 0) - holding.units
    claims = {
        sign: [
            PoolClaim(lots[pool_id][0], site_id, sign * units, ref(LINE, line_id), lots[pool_id][1])
            for (line_id, pool_id), units in net.items()
            if sign * units > 0
        ]
        for sign in (1, -1)
    }
    gained: dict[int, int] = {}
    for (line_id, _), units in net.items():
        gained[line_id] = gained.get(line_id, 0) + units
    gained = {line_id: units for line_id, units in gained.items() if units}
    if decision.moved:
        ledger.uncommit(ctx, claims[-1])
        ledger.commit(ctx, claims[1])
        lost = {line_id: -units for line_id, units in gained.items() if units < 0}
        if lost:
            reason = f"shared out anew by {force.said}"
            ctx.emit(PromiseTakenBack(list(lost), list(lost.values()), reason, is_free=sum(gained.values()) < 0))
    elif ctx.locks_first:
        ledger.commit(ctx, claims[1])
    else:
        ledger.commit_at_last(ctx, claims[1])
    sales.apply_units(UnitsChange(line_id, allocated=units) for line_id, units in gained.items())
    return gained


def explain(
    decision: Decision,
    told: Told,
    force: InForce,
    today: date,
    ordered: Mapping[int, int],
    *,
    only: frozenset[int] | None = None,
) -> list[DecisionRow]:
    """One decision for each share in one sentence; the certificate holds the rest. At most one query.

    Rivals of this run (just ahead in rank) are named before older promises. `ordered` are the units of each line when
    it was ordered. `only` these lines are told, if given.
    """
    rows = []
    rule = force.rule
    lacking = incomplete(decision.shares)
    items = {share.claim.item_id for shares in lacking.values() for share in shares}
    codes = {item_id: item.sku for item_id, item in catalog.items(items).items()} if items else {}
    words = reasons.Words(told.held, told.incoming, codes, ordered)
    for ground in with_rivals(decision, told, force.rules, today):
        line_id = ground.share.claim.line_id
        if only is not None and line_id not in only:
            continue
        rows.append(DecisionRow("allocation", ref(LINE, line_id), reasons.sentence(ground, words), rule))
    return rows
