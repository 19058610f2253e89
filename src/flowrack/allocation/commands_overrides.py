"""The door of overrides: give units by hand, let the rules decide again, review what somebody else decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.allocation import (
    locks,
    locks_overrides,
    queries_given,
    queries_inputs,
    queries_overrides,
    queries_rules,
    queries_runs,
    reasons,
    rules_overrides,
    steps_overrides,
    steps_runs,
)
from flowrack.allocation.queries_overrides import LineFacts
from flowrack.allocation.rules import HAD, Claim, Pool, Share, Take, take_for
from flowrack.allocation.rules_decide import Inputs
from flowrack.allocation.rules_offered import offered, wished
from flowrack.allocation.rules_overrides import Missed
from flowrack.allocation.rules_rank import class_of, rank, with_life
from flowrack.allocation.steps_overrides import Decided, Part
from flowrack.allocation.types import PromiseTakenBack
from flowrack.allocation.types_overrides import (
    MOST_DAYS,
    OVERRIDE,
    RULE,
    BadOverride,
    CannotGive,
    EndOverride,
    GiveUnits,
    LapseOverrides,
    NoSuchOverride,
    OverrideKind,
    OverrideOver,
    OverridesEnded,
    OverridesReviewed,
    ReviewOverrides,
    UnitsGiven,
    Verdict,
)
from flowrack.allocation.types_rules import InForce
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import OWN, PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries_open as open_lines
from flowrack.sales import steps as sales
from flowrack.sales.states import OrderState
from flowrack.sales.states import advance as advance_order
from flowrack.sales.types import LINE, ORDER, OrderNotFound, UnitsChange
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

LAPSED = "its time was over"


@dataclass(slots=True)
class _Case:
    """A line that is to get units by hand: what a run would look at, and the pools that it may take from."""

    line: LineFacts
    source: LineFacts | None
    force: InForce
    inputs: Inputs
    claim: Claim
    pools: list[Pool]


@command(permission="allocation.override", result=UnitsGiven)
def give_units(ctx: Context, req: GiveUnits) -> UnitsGiven:
    """Give a line units of its item out of rank, until a day; only rank is broken, never life, lot, owner or a hold.

    Free units, or those of one other line that no picker has. It is written down with who would have had them, unless
    the rules give them, too, and with whose promise breaks by it. Emits allocation.overridden. Refuses with
    BadOverride, CannotGive, OrderNotFound and WrongState.
    """
    line, source = _lines(ctx, req)
    today = queries_overrides.end_of(line.site_id, req.until_on, ctx.now).today
    steps_overrides.refuse(steps_overrides.faults(req.units, req.reason, req.until_on, today, MOST_DAYS))
    locks.share_promised_days([line.item_id], line.site_id)
    sales.claim_lines(sorted({req.line_id, *([req.from_line_id] if req.from_line_id else [])}))
    ledger.claim_pools([line.item_id], line.site_id)
    case = _case(ctx, *_lines(ctx, req))
    share = _taken(case, req.units)
    lost, own, why = steps_overrides.losers(case.force.rules, case.inputs, [] if source else share.takes, req.line_id)
    if source:
        lost = {source.line_id: req.units}
    missed = queries_given.would_miss(case.line, req.units, req.from_line_id, today, ctx.now)
    _move(ctx, case, share)
    ctx.about(ORDER, [line.order_id])
    if not lost and not missed and own >= req.units:
        said = f"{req.units:,} reserved by hand: {req.reason.strip().rstrip('.')}. The rules give them, too."
        decisions.record(ctx, [DecisionRow("override", ref(LINE, req.line_id), said, RULE, {"units": req.units})])
        return UnitsGiven(0, "", req.line_id, req.units)
    lots: dict[int, int] = {}
    for take in share.takes:
        lots[take.pool.lot_id] = lots.get(take.pool.lot_id, 0) + take.units
    parts = [Part(req.line_id, units, lot_id) for lot_id, units in lots.items()]
    late = {one.line_id: one.units for one in missed if one.line_id > 0}
    about = queries_overrides.line_facts([req.line_id, *lost, *late])
    broken = _broken(case, lost, about, own, why, missed)
    lost = {**late, **lost}
    override_id, number = steps_overrides.record(
        ctx,
        Decided(
            OverrideKind.GIVEN,
            line.site_id,
            case.force.rule,
            case.force.rule_set_id,
            broken,
            req.reason,
            parts + [Part(line_id, -units) for line_id, units in lost.items()],
            req.until_on,
        ),
        facts=about,
    )
    return UnitsGiven(override_id, number, req.line_id, req.units)


def _lines(ctx: Context, req: GiveUnits) -> tuple[LineFacts, LineFacts | None]:
    """The line that gets units and the one that gives them, if any."""
    found = queries_overrides.line_facts([req.line_id, req.from_line_id])
    line, source = found.get(req.line_id), found.get(req.from_line_id)
    if line is None or not ctx.may("allocation.override", line.site_id):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    advance_order(OrderState(line.state), "change")
    if line.is_held:
        raise CannotGive(f"Line {line.line_no} of {line.number} is on hold.", fix="Have the hold released first.")
    if req.from_line_id:
        same = source and (source.item_id, source.site_id) == (line.item_id, line.site_id)
        if not same or req.from_line_id == req.line_id:
            bad = BadLine(
                0, "from_line_id", f"It is no other line for {line.sku} at the site.", "Choose one of the list."
            )
            raise BadOverride(bad.message, lines=[bad], fix=bad.fix)
    return line, source


def _case(ctx: Context, line: LineFacts, source: LineFacts | None) -> _Case:
    on_the_way, force = queries_rules.background(line.site_id)
    inputs = steps_runs.looked_at(ctx, line.site_id, [line.item_id], on_the_way, force)
    waiting = [one for one in open_lines.lines_waiting(line.site_id, [line.item_id]) if one.line_id == line.line_id]
    if not waiting:
        raise CannotGive(f"Nothing of line {line.line_no} of {line.number} waits.", fix="Look at the order again.")
    _, claims = queries_inputs.claims_of(ctx.now, line.site_id, waiting, {}, force.rules)
    pools = [pool for pool in inputs.pools if pool.item_id == line.item_id]
    if source is not None:
        held = {
            promise.lot_id: promise.units
            for promise in sales.claim_promises([source.line_id])
            if promise.owner_id == OWN and promise.site_id == line.site_id
        }
        every = queries_runs.all_pools([line.item_id], line.site_id)
        pools = [pool._replace(free=held[pool.lot_id], face=0) for pool in every if held.get(pool.lot_id, 0) > 0]
    return _Case(line, source, force, inputs, claims[0], pools)


def _taken(case: _Case, units: int) -> Share:
    """The goods that the line gets: as many as asked, or a refusal that says what stands against it."""
    line, claim = case.line, case.claim
    if units > line.waiting:
        bad = BadLine(0, "units", f"{line.number} waits for {max(line.waiting, 0):,} only.", "Give no more than waits.")
        raise BadOverride(bad.message, lines=[bad], fix=bad.fix)
    is_whole = units == line.waiting
    if (claim.policy == "line" and not is_whole) or (
        claim.policy == "complete" and (not is_whole or queries_overrides.other_waiting(line.order_id, line.line_id))
    ):
        what = "lines only whole" if claim.policy == "line" else "one complete delivery"
        raise CannotGive(f"{line.customer} takes {what}.", fix=f"Give all {line.waiting:,}, or change his terms.")
    rules = case.force.rules
    [one] = with_life(rank([claim], rules, today=case.inputs.today.toordinal()), rules)
    life = max(one.claim.min_life_days, rules.supply.min_life_days)
    share = Share(claim._replace(units=units, min_life_days=life))
    pools = offered(case.pools, case.force.rules.supply).get(claim.item_id, [])
    if case.source is not None:
        pools = sorted(case.pools, key=lambda pool: (pool.expires_on is None, pool.expires_on, pool.arrival))
    free = {pool.pool_id: pool.free for pool in pools}
    if line.line_id in case.inputs.lots:
        pools = wished(share, pools, free, case.inputs.lots[line.line_id])
    take_for(share.claim, pools, free, units, share)
    if share.units < units:
        raise CannotGive(_why_not(case, share), fix="Give fewer, or take them from a line that holds some.")
    return share


def _why_not(case: _Case, share: Share) -> str:
    """Why no more can be given."""
    of = f"of {case.source.number}" if case.source else "that are free"
    head = f"{share.units:,} of the units {of} will do for {case.line.number}"
    passed = [
        f"lot {reject.pool.lot_code} was delivered to him before"
        if reject.rule == HAD
        else f"lot {reject.pool.lot_code} has too little life left"
        for reject in share.rejects
    ]
    if share.claim.lot:
        passed.append(f"only lot {share.claim.lot} will do")
    return f"{head}: {'; '.join(passed)}." if passed else f"{head}."


def _broken(
    case: _Case, lost: dict[int, int], about: dict[int, LineFacts], own: int, why: str, missed: Sequence[Missed]
) -> str:
    """What the rules would have done, in words, and whose promise breaks."""
    rule = case.force.said
    named = steps_overrides.named(lost, about)
    if named or missed:
        if case.source:
            said = rules_overrides.promise_broken(rule, named)
        elif named:
            said = rules_overrides.rank_broken(rule, named, case.line.number)
        else:
            said = rules_overrides.kept_for_promises(rule, missed)
        return f"{said} {rules_overrides.would_miss(missed, 'misses')}".rstrip()
    ranked = rank([case.claim], case.force.rules, today=case.inputs.today.toordinal())[0]
    its_class = class_of(case.force.rules, ranked.class_no)
    cause = (
        "it takes its goods only whole."
        if why in ("line", "order", "")
        else reasons.cause(Share(case.claim, held_back=why), its_class, case.force.rules, case.inputs.today)
    )
    return rules_overrides.held_back(rule, case.line.number, own, cause)


def _move(ctx: Context, case: _Case, share: Share) -> None:
    """Promise the goods to the line; what another line gives goes back first."""
    line = case.line

    def claims(line_id: int, takes: Sequence[Take]) -> list[PoolClaim]:
        return [PoolClaim(t.pool.item_id, line.site_id, t.units, ref(LINE, line_id), t.pool.lot_id, OWN) for t in takes]

    changes = [UnitsChange(line.line_id, allocated=share.units)]
    if case.source is not None:
        ledger.uncommit(ctx, claims(case.source.line_id, share.takes))
        changes.append(UnitsChange(case.source.line_id, allocated=-share.units))
        ctx.emit(PromiseTakenBack([case.source.line_id], [share.units], f"given by hand to {line.number}"))
    ledger.commit(ctx, claims(line.line_id, share.takes))
    sales.apply_units(changes)


@command(permission="allocation.override", result=OverridesEnded)
def end_override(ctx: Context, req: EndOverride) -> OverridesEnded:
    """Let the rules decide again before the day: what was given by hand and no picker has goes back.

    Emits allocation.overrides_ended. Refuses with NoSuchOverride, OverrideOver, BadOverride without a reason.
    """
    found = queries_overrides.made([req.override_id])
    if not found or not ctx.may("allocation.override", found[0].site_id):
        raise NoSuchOverride("There is no such override.", fix="Look at the list.")
    if found[0].is_over:
        raise OverrideOver(f"{found[0].number} is over.", fix="Look at it again.")
    if not req.reason.strip():
        steps_overrides.refuse([BadLine(0, "reason", "It needs a reason.", "Say why it ends.")])
    units = steps_overrides.end(ctx, found, req.reason.strip())
    return OverridesEnded([req.override_id], units)


@command(permission="allocation.follow", result=OverridesEnded)
def lapse_overrides(ctx: Context, req: LapseOverrides) -> OverridesEnded:
    """End the overrides whose day is over: the rules decide again. Emits allocation.overrides_ended."""
    past = queries_overrides.past(ctx.now)
    named = set(req.override_ids or past)
    found = queries_overrides.made([one for one in past if one in named])
    units = steps_overrides.end(ctx, found, LAPSED) if found else 0
    return OverridesEnded([one.id for one in found], units)


@command(permission="allocation.review_overrides", result=OverridesReviewed)
def review_overrides(ctx: Context, req: ReviewOverrides) -> OverridesReviewed:
    """Confirm overrides of others, or object with a text. Nothing moves by it.

    Refuses with NoSuchOverride, OverrideOver when one is reviewed, DutiesConflict for one's own, BadOverride.
    """
    bad = []
    if req.verdict not in (Verdict.CONFIRMED, Verdict.OBJECTED):
        bad.append(BadLine(0, "verdict", f"“{req.verdict}” is no verdict.", "Confirm, or object."))
    if req.verdict == Verdict.OBJECTED and not req.note.strip():
        bad.append(BadLine(0, "note", "An objection says why.", "A few words are enough."))
    steps_overrides.refuse(bad)
    ids = sorted(set(req.override_ids))
    found = queries_overrides.made(ids)
    if not ids or len(found) != len(ids):
        raise NoSuchOverride("There is no such override.", fix="Look at the list again.")
    for one in found:
        ctx.require("allocation.review_overrides", one.site_id)
        said = f"{one.number} is your own decision."
        ctx.require_other_person(one.made_by_id, rule="S27", sentence=said)
    locked = locks_overrides.overrides(ids)
    gone = [one.number for one in found if locked[one.id][1] != Verdict.OPEN]
    if gone:
        raise OverrideOver(f"{gone[0]} is reviewed already.", fix="Look at the list again.")
    steps_overrides.review(ctx, ids, Verdict(req.verdict), req.note.strip())
    ctx.about(OVERRIDE, ids)
    return OverridesReviewed(ids, req.verdict)
