"""The door of approvals: give verdicts, stand in for each other, write policies, escalate."""

from __future__ import annotations

from flowrack.approvals import queries_people, rules, steps_decide, steps_policies
from flowrack.approvals.types import (
    KINDS,
    BadDelegation,
    BadPolicy,
    Decide,
    Delegate,
    Delegated,
    Escalate,
    Escalated,
    PolicyWritten,
    RevokeDelegation,
    VerdictsGiven,
    WritePolicy,
)
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref

MOST_AT_ONCE = 500


@command(permission="approvals.decide", result=VerdictsGiven)
def decide(ctx: Context, req: Decide) -> VerdictsGiven:
    """Approve or reject requests, all of them or none.

    Emits approvals.decided for those that ended. Refuses with WrongState, ContentChanged, DutiesConflict, NotYourStep,
    ReasonMissing, NotFound.
    """
    if len(req.requests) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} requests at once.", fix="Decide them in parts.")
    done = steps_decide.decide(ctx, req.requests, req.verdict, reason=req.reason)
    if len(done) == 1:
        ctx.subject = done[0].subject
    return VerdictsGiven(done)


@command(permission="approvals.decide", result=Delegated)
def delegate(ctx: Context, req: Delegate) -> Delegated:
    """Let a person stand in for oneself; who writes policies may also do it for somebody who is away, but not to
    oneself.

    Refuses with BadDelegation, NotPermitted, DutiesConflict.
    """
    from_id = ctx.actor_id if req.from_id is None else req.from_id
    if from_id != ctx.actor_id:
        ctx.require("approvals.policy")
        ctx.require_other_person(
            req.to_id,
            rule="no_right_taken",
            sentence="Nobody takes the right of somebody else: they must give it, or a third person must.",
        )
    begins_at = req.begins_at or ctx.now
    bad = rules.delegation_faults(from_id=from_id, to_id=req.to_id, begins_at=begins_at, until=req.until, now=ctx.now)
    deciders = queries_people.deciders([from_id, req.to_id])
    for name, person in (("from_id", from_id), ("to_id", req.to_id)):
        if person not in deciders:
            bad.append(BadLine(0, name, "This person holds no role that may decide.", "Choose somebody who does."))
    bad += [BadLine(0, "kinds", f"There is no kind “{k}”.", "Choose known ones.") for k in req.kinds if k not in KINDS]
    if bad:
        raise BadDelegation(bad[0].message, lines=bad, fix=bad[0].fix)
    delegation_id = steps_policies.insert_delegation(ctx, req, from_id=from_id, begins_at=begins_at)
    ctx.subject = ref("approvals.delegation", delegation_id)
    return Delegated(delegation_id)


@command(permission="approvals.decide", result=Delegated)
def revoke_delegation(ctx: Context, req: RevokeDelegation) -> Delegated:
    """End a delegation now: one's own, one that was given to one, or any by who writes policies.

    Refuses with NotFound, BadDelegation.
    """
    found = queries_people.delegation(req.delegation_id)
    may_see = found is not None and (ctx.actor_id in (found.from_id, found.to_id) or ctx.may("approvals.policy"))
    if found is None or not may_see:
        raise NotFound(f"There is no delegation with id {req.delegation_id}.")
    if not steps_policies.end_delegation(ctx, req.delegation_id):
        raise BadDelegation("This delegation is over already.", fix="Nothing needs to be done.")
    ctx.subject = ref("approvals.delegation", req.delegation_id)
    return Delegated(req.delegation_id)


@command(permission="approvals.policy", result=PolicyWritten)
def write_policy(ctx: Context, req: WritePolicy) -> PolicyWritten:
    """Write the next version of a policy, or the first of a new one, in force from a time on.

    Requests that wait keep the steps that they were asked with. Refuses with BadPolicy.
    """
    kind = KINDS.get(req.kind)
    if kind is None:
        raise BadPolicy(f"There is no kind of document “{req.kind}”.", lines=[BadLine(0, "kind", "Not known.")])
    effective_from = req.effective_from or ctx.now
    bad = rules.policy_faults(req.conditions, req.steps, kind, queries_people.approver_roles())
    if not req.name.strip() or len(req.name) > 120:
        bad.append(BadLine(0, "name", "A policy needs a name of up to 120 characters.", "Say when it asks."))
    if not rules.is_code(req.code):
        bad.append(BadLine(0, "code", f"“{req.code}” is no code.", "Use small letters, digits and hyphens."))
    if not req.reason.strip():
        bad.append(BadLine(0, "reason", "A change of policy needs a reason.", "Say in a few words why."))
    if effective_from < ctx.now:
        bad.append(BadLine(0, "effective_from", "That is past.", "Choose now or later."))
    if bad:
        raise BadPolicy(bad[0].message if len(bad) == 1 else f"Mend {len(bad)} things.", lines=bad, fix=bad[0].fix)
    policy_id, version = steps_policies.insert_version(ctx, req, effective_from=effective_from)
    ctx.subject = ref("approvals.policy", policy_id)
    return PolicyWritten(policy_id, req.code, version)


@command(permission="approvals.escalate", result=Escalated)
def escalate(ctx: Context, req: Escalate) -> Escalated:
    """Open steps whose deadline is over to their escalation role; those that were decided meanwhile are left out."""
    return Escalated(steps_policies.escalate(ctx, req.step_ids))
