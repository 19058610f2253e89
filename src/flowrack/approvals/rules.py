"""Decisions of approvals, free of the database: which policies ask, which steps follow, who may sit at which."""

from __future__ import annotations

import hashlib
import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flowrack.approvals.types import (
    NO_END_DAYS,
    TOTALS,
    Condition,
    DocumentKind,
    Fact,
    FactKind,
    NotYourStep,
    Policy,
    PolicyStep,
)
from flowrack.shared.errors import BadLine, DutiesConflict

OPERATORS = {
    ">": "more than",
    ">=": "at least",
    "<": "less than",
    "<=": "at most",
    "=": "equal to",
    "!=": "other than",
}
COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
MOST_DELEGATION = timedelta(days=14)
MOST_STEPS, MOST_CONDITIONS, MOST_PEOPLE, MOST_HOURS = 12, 12, 5, 24 * 60


def canonical(content: Mapping[str, Any]) -> str:
    """The content as canonical JSON: sorted names, no blanks, numbers of money as they are written."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def content_hash(content: Mapping[str, Any]) -> str:
    """The fingerprint of what is approved."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Considered:
    """A policy that was looked at: whether it asks, and the condition that decided it."""

    policy: Policy
    asks: bool
    because: str


def consider(policies: Sequence[Policy], facts: Mapping[str, Fact], kind: DocumentKind) -> list[Considered]:
    """What each policy says to these facts."""
    return [_considered(policy, facts, kind) for policy in policies]


def _considered(policy: Policy, facts: Mapping[str, Fact], kind: DocumentKind) -> Considered:
    if not policy.conditions:
        return Considered(policy, True, "It always asks.")
    held = [(c, holds(c, facts.get(c.field))) for c in policy.conditions]
    failed = [c for c, is_held in held if not is_held]
    told = failed[:1] or policy.conditions
    return Considered(policy, not failed, "; ".join(_because(c, facts.get(c.field), kind) for c in told) + ".")


def holds(condition: Condition, fact: Fact) -> bool:
    """Whether a fact meets a condition. What is not known meets none."""
    if fact is None:
        return False
    if isinstance(fact, bool | str):
        is_same = as_text(fact).lower() == condition.value.strip().lower()
        return is_same == (condition.operator == "=")
    return COMPARE[condition.operator](Decimal(fact), Decimal(condition.value))


def as_text(fact: Fact) -> str:
    """A fact as it is stored and shown; empty when it is not known."""
    if fact is None:
        return ""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return format(fact, "f") if isinstance(fact, Decimal) else str(fact)


def told(fact: FactKind, value: str) -> str:
    """A stored fact as people read it: 25000.00 -> 25,000.00; 7.5 -> 7.5 %."""
    if not value or fact.kind in ("flag", "text"):
        return value or "not known"
    if fact.kind == "days" and Decimal(value) >= NO_END_DAYS:
        return "no end"
    number = f"{Decimal(value):,.2f}" if fact.kind == "money" else f"{Decimal(value):,f}"
    return {"percent": f"{number} %", "days": f"{number} days"}.get(fact.kind, number)


def sentence(condition: Condition, kind: DocumentKind) -> str:
    """A condition in words: amount is more than 25,000.00."""
    fact = kind.fact(condition.field) or FactKind(condition.field, condition.field, "text")
    if fact.kind == "flag":
        is_yes = (condition.value.lower() == "yes") == (condition.operator == "=")
        return f"{fact.label}: {'yes' if is_yes else 'no'}"
    return f"{fact.label} is {OPERATORS[condition.operator]} {told(fact, condition.value)}"


def _because(condition: Condition, fact: Fact, kind: DocumentKind) -> str:
    known = kind.fact(condition.field) or FactKind(condition.field, condition.field, "text")
    if fact is None:
        return f"{known.label} is not known"
    yes = "is" if holds(condition, fact) else "is not"
    value = told(known, as_text(fact))
    if known.kind == "flag":
        return f"{known.label}: {value}"
    return f"{known.label} {value} {yes} {OPERATORS[condition.operator]} {told(known, condition.value)}"


def looks_at_totals(policies: Sequence[Policy]) -> bool:
    """Whether any condition looks at what a person submitted before."""
    names = {fact.name for fact in TOTALS}
    return any(c.field in names for policy in policies for c in policy.conditions)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a request, with the policies that ask for it."""

    step: PolicyStep
    policy_ids: tuple[int, ...]


def plan(asking: Sequence[Policy]) -> list[PlannedStep]:
    """The steps of all policies that ask: same sequence and roles are one step, the stricter of each."""
    merged: dict[tuple[int, tuple[str, ...]], PlannedStep] = {}
    for policy in asking:
        for step in policy.steps:
            key = (step.sequence, tuple(sorted(step.roles)))
            before = merged.get(key)
            merged[key] = (
                PlannedStep(step, (policy.policy_id,)) if before is None else _stricter(before, step, policy.policy_id)
            )
    return [merged[key] for key in sorted(merged)]


def _stricter(before: PlannedStep, step: PolicyStep, policy_id: int) -> PlannedStep:
    hours = [s.deadline_hours for s in (before.step, step) if s.deadline_hours is not None]
    return PlannedStep(
        PolicyStep(
            sequence=step.sequence,
            roles=before.step.roles,
            needed=max(before.step.needed, step.needed),
            deadline_hours=min(hours) if hours else None,
            escalation_role=before.step.escalation_role or step.escalation_role,
        ),
        (*before.policy_ids, policy_id),
    )


def due_at(step: PolicyStep, opened_at: datetime) -> datetime | None:
    """Until when an opened step should be decided."""
    return None if step.deadline_hours is None else opened_at + timedelta(hours=step.deadline_hours)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that may be decided now, as the seating looks at it."""

    step_id: int
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hand:
    """A person's roles at the document's site: one's own, or (with a delegation) of whom one stands in for."""

    person_id: int
    roles: frozenset[str]
    delegation_id: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a verdict counts and for whom it is given."""

    step_id: int
    for_id: int
    delegation_id: int


def seat(
    *,
    number: str,
    steps: Sequence[OpenStep],
    hands: Sequence[Hand],
    actor_id: int,
    barred: frozenset[int],
    used: frozenset[int],
) -> Seat:
    """The step at which the actor's verdict counts: by one's own roles first, then for others in order of delegation.

    Where several steps fit, the one with the fewest roles, so that steps that others can fill stay free for them.
    Refuses with DutiesConflict or NotYourStep.
    """
    if actor_id in barred:
        raise DutiesConflict(
            f"You asked for {number} or wrote it, so somebody else must decide.",
            fix="Ask a colleague to do this step.",
            rule="requester_is_not_approver",
        )
    if actor_id in used:
        raise DutiesConflict(
            f"You had a part in an earlier verdict on {number}, so somebody else must decide.",
            fix="Ask a colleague to do this step.",
            rule="nobody_twice",
        )
    for hand in hands:
        if hand.person_id in barred or hand.person_id in used:
            continue
        fitting = [step for step in steps if step.roles & hand.roles]
        if fitting:
            best = min(fitting, key=lambda step: (len(step.roles), step.step_id))
            return Seat(best.step_id, hand.person_id, hand.delegation_id)
    wanted = sorted({role.replace("_", " ") for step in steps for role in step.roles})
    raise NotYourStep(
        f"{number} does not ask you now: it waits for {' or '.join(wanted) or 'nobody'}.",
        fix="Leave it to them, or have somebody of them let you stand in.",
    )


def is_code(text: str) -> bool:
    """Whether a text can name a policy."""
    return bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text)) and len(text) <= 40


def policy_faults(
    conditions: Sequence[Condition], steps: Sequence[PolicyStep], kind: DocumentKind, roles: Sequence[str]
) -> list[BadLine]:
    """What is wrong with a policy: conditions are lines 1, 2, ..., steps go on counting after them."""
    bad: list[BadLine] = []
    for line, condition in enumerate(conditions, start=1):
        bad += _condition_faults(line, condition, kind)
    for line, step in enumerate(steps, start=len(conditions) + 1):
        bad += _step_faults(line, step, roles)
    if not steps:
        bad.append(BadLine(0, "steps", "Nobody is asked.", "Name at least one step, or end the policy."))
    if len(steps) > MOST_STEPS or len(conditions) > MOST_CONDITIONS:
        bad.append(BadLine(0, "steps", f"At most {MOST_CONDITIONS} conditions and {MOST_STEPS} steps.", "Split it."))
    return bad


def _condition_faults(line: int, condition: Condition, kind: DocumentKind) -> list[BadLine]:
    fact = kind.fact(condition.field)
    if fact is None:
        known = ", ".join(f.name for f in (*kind.facts,))
        return [BadLine(line, "field", f"{kind.label} has no “{condition.field}”.", f"Choose amount or: {known}.")]
    if condition.operator not in OPERATORS:
        return [BadLine(line, "operator", f"“{condition.operator}” compares nothing.", "Use >, >=, <, <=, = or !=.")]
    if fact.kind in ("flag", "text"):
        bad = []
        if condition.operator not in ("=", "!="):
            bad.append(BadLine(line, "operator", f"{fact.label} is not a number.", "Use = or !=."))
        if fact.kind == "flag" and condition.value.strip().lower() not in ("yes", "no"):
            bad.append(BadLine(line, "value", f"{fact.label} is yes or no.", "Type yes or no."))
        return bad
    try:
        is_number = Decimal(condition.value).is_finite()
    except InvalidOperation:
        is_number = False
    return [] if is_number else [BadLine(line, "value", f"“{condition.value}” is not a number.", "Type a number.")]


def _step_faults(line: int, step: PolicyStep, roles: Sequence[str]) -> list[BadLine]:
    bad = []
    if not step.roles:
        bad.append(BadLine(line, "roles", "No role is asked.", "Name a role that may approve."))
    for role in (*step.roles, *([step.escalation_role] if step.escalation_role else [])):
        if role not in roles:
            bad.append(BadLine(line, "roles", f"“{role}” may not approve.", f"Choose of: {', '.join(roles)}."))
    if not 1 <= step.sequence <= MOST_STEPS:
        bad.append(BadLine(line, "sequence", f"{step.sequence} is no place.", f"Type 1 to {MOST_STEPS}."))
    if not 1 <= step.needed <= MOST_PEOPLE:
        bad.append(BadLine(line, "needed", f"{step.needed} people cannot be asked.", f"Type 1 to {MOST_PEOPLE}."))
    if step.deadline_hours is not None and not 1 <= step.deadline_hours <= MOST_HOURS:
        bad.append(BadLine(line, "deadline_hours", "That is no deadline.", f"Type 1 to {MOST_HOURS} hours."))
    if step.escalation_role and step.deadline_hours is None:
        bad.append(BadLine(line, "deadline_hours", "Escalation needs a deadline.", "Type the hours."))
    return bad


def delegation_faults(
    *, from_id: int, to_id: int, begins_at: datetime, until: datetime, now: datetime
) -> list[BadLine]:
    """What is wrong with a delegation."""
    bad = []
    if from_id == to_id:
        bad.append(BadLine(0, "to_id", "Nobody stands in for oneself.", "Choose somebody else."))
    if until <= begins_at or until <= now:
        bad.append(BadLine(0, "until", "It ends before it begins.", "Choose a later end."))
    elif until - begins_at > MOST_DELEGATION:
        bad.append(
            BadLine(0, "until", f"At most {MOST_DELEGATION.days} days.", "Choose an earlier end; renew it then.")
        )
    return bad
