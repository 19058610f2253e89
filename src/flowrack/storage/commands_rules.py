"""The door of the putaway rules: write a version, try it on the past, let another person activate it."""

from __future__ import annotations

from flowrack.platform import jobs
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_rules, queries_simulate, steps_census, steps_rules, steps_simulate
from flowrack.storage.queries_rules import RuleSetRow
from flowrack.storage.states import RULE_TRANSITIONS, RuleState
from flowrack.storage.types_putaway import (
    ActivatePutawayRules,
    DiscardPutawayRules,
    NotSimulated,
    RulesActivated,
    RuleSetSaved,
    RulesNotDraft,
    Simulated,
    SimulatePutaways,
    SimulationStarted,
    WritePutawayRules,
)

SIMULATION = "storage.simulate_putaways"
MOST_DAYS = 400


@command(permission="storage.rules", result=RuleSetSaved)
def write_putaway_rules(ctx: Context, req: WritePutawayRules) -> RuleSetSaved:
    """Write the putaway rules of a site as a new version, or change a draft. Nothing changes until it is activated.

    Refuses with BadRules, naming every bad field, or RulesNotDraft.
    """
    ctx.require("storage.rules", req.site_id)
    steps_rules.check(req.site_id, req.rules)
    known = locks.rule_sets(req.site_id)
    version = 1 + max((version for version, _, _ in known.values()), default=0)
    if req.rule_set_id:
        if req.rule_set_id not in known:
            raise NotFound("This site has no such version of the putaway rules.", fix="See the list of versions.")
        version = known[req.rule_set_id][0]
        _refuse_unless(known[req.rule_set_id][1], "write")
    rule_set_id = steps_rules.write(ctx, req, version)
    ctx.subject = ref("storage.putaway_rules", rule_set_id)
    return RuleSetSaved(rule_set_id, req.site_id, version, RuleState.DRAFT)


@command(permission="storage.rules", result=SimulationStarted)
def start_putaway_simulation(ctx: Context, req: SimulatePutaways) -> SimulationStarted:
    """Queue the simulation of a version as a background job with progress. Refuses with Invalid or RulesNotDraft."""
    row = _to_simulate(ctx, req)
    title = f"Try putaway rules v{row.version} of {row.site} on {req.from_on} to {req.to_on}"
    receipts = queries_simulate.count_between(row.site_id, req.from_on, req.to_on)
    arguments = {"rule_set_id": row.id, "from_on": req.from_on, "to_on": req.to_on, "receipts": receipts}
    ctx.subject = ref("storage.putaway_rules", row.id)
    return SimulationStarted(jobs.start(ctx, SIMULATION, arguments, title=title, total=receipts), row.id)


@command(permission="storage.rules", result=Simulated)
def simulate_putaways(ctx: Context, req: SimulatePutaways) -> Simulated:
    """Try a version on the putaways of past days: what would have gone where, metres walked, what it refuses.

    Posts nothing; replaces what an earlier simulation of the version found. Refuses with Invalid or RulesNotDraft.
    """
    row = _to_simulate(ctx, req)
    steps_census.follow(ctx, row.site_id)
    done = steps_simulate.simulate(ctx, row, req.from_on, req.to_on)
    ctx.subject = ref("storage.putaway_rules", row.id)
    return done


@command(permission="storage.approve_rules", result=RuleSetSaved)
def activate_putaway_rules(ctx: Context, req: ActivatePutawayRules) -> RuleSetSaved:
    """Choose bins by this version from now on; the one in use is retired. Emits storage.putaway_rules_activated.

    Refuses with RulesNotDraft, DutiesConflict (S25: whoever wrote it), NotSimulated, and NothingPlaceable, which names
    the items that would lose their bins.
    """
    row = _locked(ctx, req.rule_set_id, "storage.approve_rules", "activate")
    ctx.require_other_person(
        row.written_by_id, rule="S25", sentence="You wrote this version; somebody else activates it."
    )
    if not any(found.ran_at >= row.written_at for found in queries_rules.simulations(row.id)):
        raise NotSimulated(
            f"Version {row.version} was not tried on past putaways since it was last changed.", fix="Simulate it first."
        )
    steps_census.follow(ctx, row.site_id)
    steps_rules.refuse_if_nothing_fits(ctx, row)
    active = queries_rules.in_use(row.site_id)
    if active.rule_set_id:
        steps_rules.end(ctx, active.rule_set_id, RULE_TRANSITIONS[(RuleState.ACTIVE, "retire")])
    steps_rules.activate(ctx, row.id)
    ctx.subject = ref("storage.putaway_rules", row.id)
    ctx.emit(RulesActivated(row.site_id, row.id, row.version))
    return RuleSetSaved(row.id, row.site_id, row.version, RuleState.ACTIVE)


@command(permission="storage.rules", result=RuleSetSaved)
def discard_putaway_rules(ctx: Context, req: DiscardPutawayRules) -> RuleSetSaved:
    """Drop a draft that is not wanted. Refuses with RulesNotDraft."""
    row = _locked(ctx, req.rule_set_id, "storage.rules", "discard")
    steps_rules.end(ctx, row.id, RuleState.DROPPED)
    ctx.subject = ref("storage.putaway_rules", row.id)
    return RuleSetSaved(row.id, row.site_id, row.version, RuleState.DROPPED)


def _locked(ctx: Context, rule_set_id: int, permission: str, action: str) -> RuleSetRow:
    """The version, with all of its site locked, if the action may start from its state."""
    seen = queries_rules.rule_set(rule_set_id, [0])
    ctx.require(permission, seen.site_id)
    locks.rule_sets(seen.site_id)
    row = queries_rules.rule_set(rule_set_id, [0])
    _refuse_unless(row.state, action)
    return row


def _to_simulate(ctx: Context, req: SimulatePutaways) -> RuleSetRow:
    row = queries_rules.rule_set(req.rule_set_id, [0])
    ctx.require("storage.rules", row.site_id)
    _refuse_unless(row.state, "simulate")
    if not 0 <= (req.to_on - req.from_on).days < MOST_DAYS:
        raise Invalid(f"A simulation takes 1 to {MOST_DAYS} days.", fix="Choose the first day, then a later one.")
    return row


def _refuse_unless(state: str, action: str) -> None:
    if (RuleState(state), action) not in RULE_TRANSITIONS:
        raise RulesNotDraft(f"This version is {state}.", fix="Edit it as a new version.")
