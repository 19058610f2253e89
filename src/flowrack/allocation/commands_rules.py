"""The door of the allocation rules: write a version, ask for it, what people decided, and its end."""

from __future__ import annotations

from flowrack.allocation import (
    locks,
    queries_own,
    queries_rules,
    queries_trials,
    queries_try,
    reasons_trials,
    steps_rule_sets,
)
from flowrack.allocation.queries_rules import RuleSetRow
from flowrack.allocation.states_rules import RuleSetState
from flowrack.allocation.steps_rule_sets import Tried, advance
from flowrack.allocation.types_rules import (
    RULE_SET,
    SHIPPED,
    ActivateRuleSet,
    ApplyRuleSet,
    BadRuleSet,
    EndRuleSet,
    InForce,
    RuleSetActivated,
    RuleSetAsked,
    RuleSetMoved,
    RuleSetSaved,
    WriteRuleSet,
)
from flowrack.allocation.types_trials import TODAY, RulesNotTried
from flowrack.platform.runner import Context, command
from flowrack.platform.web.format import currency_symbol
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shared.refs import ref


@command(permission="allocation.rules", result=RuleSetSaved)
def write_rule_set(ctx: Context, req: WriteRuleSet) -> RuleSetSaved:
    """Write allocation rules as a new draft, or change a draft; nothing is promised by them until they are activated.

    Tells which rules match none of the site's open lines today. Refuses with BadRuleSet, naming every bad field and
    every pair of rules that contradict each other, and RuleSetNotDraft. A draft that asked for approval asks no more.
    """
    ctx.require("allocation.rules", req.site_id)
    steps_rule_sets.check(req.rules, req.site_id)
    if not req.name.strip():
        raise BadRuleSet("The rules need a name.", lines=[BadLine(0, "name", "The rules need a name.", "")])
    known = locks.rule_sets(req.site_id)
    version = 1 + max(known.values(), default=0)
    if req.rule_set_id:
        if req.rule_set_id not in known:
            raise NotFound("This site has no such version of the allocation rules.", fix="See the list of versions.")
        row = queries_rules.rule_set(req.rule_set_id)
        advance(row, "write")
        version = row.version
        if row.state == RuleSetState.ASKED:
            steps_rule_sets.void(ctx, row.id, "The rules were changed.")
    rule_set_id = steps_rule_sets.write(ctx, req, version)
    ctx.subject = ref(RULE_SET, rule_set_id)
    sites = [site_id for site_id, _ in queries_rules.sites_of(req.site_id)]
    warnings = queries_try.warnings_of(req.rules, sites, ctx.now)
    return RuleSetSaved(rule_set_id, req.site_id, version, RuleSetState.DRAFT, warnings)


@command(permission="allocation.rules", result=RuleSetAsked)
def ask_rule_set(ctx: Context, req: ActivateRuleSet) -> RuleSetAsked:
    """Ask that a draft decides from now on; where no policy asks it does so at once.

    `instead_of` is the version that was in force when the person decided: refuses with RuleSetMoved when another one
    is by now, so that two people who activate at once do not undo each other unseen. Refuses with RulesNotTried where
    the draft was not tried as it is on today's orders and on history, unless one says why; with RuleSetNotDraft and
    RejectedBefore. Emits allocation.rules_activated when it is active.
    """
    row = _locked(ctx, req.rule_set_id)
    state = advance(row, "ask")
    steps_rule_sets.check(row.rules, row.site_id)
    before = _in_force_of(row.site_id)
    _refuse_if_moved(before, req.instead_of)
    tried = _tried(row, req.untried_because.strip())
    steps_rule_sets.mark_asked(row.id, before.rule_set_id)
    asked = queries_rules.rule_set(row.id)
    reason = " ".join(part for part in (row.note, tried.untried) if part)
    outcome = steps_rule_sets.submit(ctx, asked, before, tried, reason)
    if outcome.is_approved:
        state = _activate(ctx, asked, before)
    return RuleSetAsked(row.id, row.version, state, outcome.number)


@command(permission="allocation.apply_rules", result=RuleSetSaved)
def apply_rule_set(ctx: Context, req: ApplyRuleSet) -> RuleSetSaved:
    """Do what people decided on a draft: it comes into force, or is a draft again.

    So it is as well where another version came into force meanwhile, or where it is not what was approved.
    """
    row = _locked(ctx, req.rule_set_id, needs="allocation.apply_rules")
    if row.state != RuleSetState.ASKED:
        return RuleSetSaved(row.id, row.site_id, row.version, row.state)
    before = _in_force_of(row.site_id)
    is_same = steps_rule_sets.content_hash(row) == req.content_hash and before.rule_set_id == row.instead_of
    if req.state == "approved" and is_same:
        state = _activate(ctx, row, before)
    else:
        state = advance(row, "reject")
        steps_rule_sets.set_state(ctx, row.id, state)
        if req.state == "approved":
            steps_rule_sets.tell_overtaken(ctx, row, before)
    return RuleSetSaved(row.id, row.site_id, row.version, state)


@command(permission="allocation.rules", result=RuleSetSaved)
def end_rule_set(ctx: Context, req: EndRuleSet) -> RuleSetSaved:
    """Drop a draft, or end the version in force: then the company's rules decide, or those that come with Flowrack.

    To end one takes the permission allocation.end_rules, which who writes rules does not have. Refuses with
    RuleSetNotDraft what is over already.
    """
    row = _locked(ctx, req.rule_set_id)
    if row.state == RuleSetState.ACTIVE:
        ctx.require("allocation.end_rules", row.site_id)
    state = advance(row, "end" if row.state == RuleSetState.ACTIVE else "drop")
    if row.state == RuleSetState.ASKED:
        steps_rule_sets.void(ctx, row.id, "The draft was dropped.")
    steps_rule_sets.set_state(ctx, row.id, state, reason=req.reason)
    return RuleSetSaved(row.id, row.site_id, row.version, state)


def _locked(ctx: Context, rule_set_id: int, *, needs: str = "allocation.rules") -> RuleSetRow:
    """The version, with all of its site locked."""
    seen = queries_rules.rule_set(rule_set_id)
    ctx.require(needs, seen.site_id)
    locks.rule_sets(seen.site_id)
    ctx.subject = ref(RULE_SET, rule_set_id)
    return queries_rules.rule_set(rule_set_id)


def _in_force_of(site_id: int) -> InForce:
    """What decides by rules of the site's own (0 = the company's); the shipped rules where there are none."""
    found = queries_own.own_in_force(site_id)
    return queries_rules.SHIPPED_RULES if found is None else found


def _refuse_if_moved(before: InForce, instead_of: int) -> None:
    if before.rule_set_id != instead_of:
        is_own = before.rule_set_id != SHIPPED
        now = f"Version {before.version} is in force now" if is_own else "No version of the site's own is in force now"
        raise RuleSetMoved(
            f"{now}: somebody else activated or ended one since you looked.",
            fix="Try your draft against it, then ask again.",
            in_force=before.rule_set_id,
        )


def _activate(ctx: Context, row: RuleSetRow, before: InForce) -> RuleSetState:
    if before.rule_set_id != SHIPPED:
        steps_rule_sets.set_state(ctx, before.rule_set_id, RuleSetState.ENDED, reason=f"version {row.version} followed")
    state = advance(row, "activate")
    steps_rule_sets.set_state(ctx, row.id, state)
    ctx.emit(RuleSetActivated(row.site_id, row.id, row.version))
    return state


def _tried(row: RuleSetRow, because: str) -> Tried:
    """What trials of the version came to, for who approves it, and why it was not tried."""
    count = queries_trials.counting(row.id, row.site_id, row.rules)
    missing = reasons_trials.missing(count.found, count.trials)
    if missing and not because:
        raise RulesNotTried(f"Version {row.version} was n{missing[1:]}", fix="Try it, or say why not.")
    today = count.found.get(TODAY)
    facts = {}
    if today is not None:
        facts = {"lines_gain": today.lines_gain, "lines_lose": today.lines_lose, "units_moved": today.units_moved}
    return Tried(
        facts,
        reasons_trials.told(count.found, count.figures),
        reasons_trials.changes(count.found, count.figures, currency_symbol()),
        f"{missing.rstrip('.')}: {because}" if missing else "",
    )
