"""Reads of policies for pages and API: the newest version of each, and the history of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flowrack.approvals import rules
from flowrack.approvals.types import KINDS, Condition, PolicyStep
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.roles import ROLES
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of a policy."""

    id: int
    kind: str
    code: str
    version: int
    name: str
    is_active: bool
    effective_from: datetime
    reason: str
    written_by: str
    written_at: datetime
    conditions: tuple[Condition, ...]
    steps: tuple[PolicyStep, ...]

    @property
    def kind_label(self) -> str:
        """The kind as people call it."""
        return KINDS[self.kind].label if self.kind in KINDS else self.kind

    @property
    def since(self) -> datetime | None:
        """From when it counts; None for what came with Flowrack."""
        return self.effective_from if self.effective_from.year > 1970 else None

    @property
    def state(self) -> str:
        """on or off, or later when it has not begun yet."""
        if self.effective_from > now():
            return "later"
        return "on" if self.is_active else "off"

    @property
    def when(self) -> str:
        """The conditions in words."""
        kind = KINDS.get(self.kind)
        if not self.conditions or kind is None:
            return "always"
        return " and ".join(rules.sentence(c, kind) for c in self.conditions)

    @property
    def asks(self) -> str:
        """The steps in words."""
        by_place: dict[int, list[str]] = {}
        for step in self.steps:
            by_place.setdefault(step.sequence, []).append(_step_words(step))
        return ", then ".join(" and ".join(by_place[place]) for place in sorted(by_place))


def _step_words(step: PolicyStep) -> str:
    who = " or ".join(ROLES.get(role, role) for role in step.roles)
    many = f"{step.needed} of {who}" if step.needed > 1 else who
    until = f" within {step.deadline_hours} h" if step.deadline_hours else ""
    after = f", after that {ROLES.get(step.escalation_role, step.escalation_role)} too" if step.escalation_role else ""
    return f"{many}{until}{after}"


_VERSIONS = """
    SELECT p.id, p.kind, p.code, p.version, p.name, p.is_active, p.effective_from, p.reason,
           coalesce(u.full_name, 'Flowrack') AS written_by, p.written_at,
           (SELECT coalesce(json_agg(json_build_array(field, operator, value) ORDER BY line_no), '[]')
            FROM approvals_policycondition WHERE policy_id = p.id) AS conditions,
           (SELECT coalesce(json_agg(json_build_array(sequence, roles, needed, deadline_hours, escalation_role)
                                     ORDER BY line_no), '[]')
            FROM approvals_policystep WHERE policy_id = p.id) AS steps
    FROM approvals_policy p LEFT JOIN platform_user u ON u.id = p.written_by_id
"""


def _row(row: tuple[Any, ...]) -> PolicyRow:
    conditions = tuple(Condition(*c) for c in row[10])
    steps = tuple(PolicyStep(s[0], tuple(s[1]), *s[2:]) for s in row[11])
    return PolicyRow(*[*row[:10], conditions, steps])


def newest() -> list[PolicyRow]:
    """The newest version of every policy, by kind; those that ask first. One query."""
    rows = sql.fetch_all(
        _VERSIONS  # noqa: S608
        + """
        WHERE p.version = (SELECT max(version) FROM approvals_policy n WHERE n.kind = p.kind AND n.code = p.code)
        ORDER BY p.kind, p.is_active DESC, p.id
        """
    )
    return [_row(row) for row in rows]


def policy(policy_id: int) -> PolicyRow:
    """One version. One query. Refuses with NotFound."""
    row = sql.fetch_one(_VERSIONS + " WHERE p.id = %s", (policy_id,))
    if row is None:
        raise NotFound(f"There is no policy with id {policy_id}.")
    return _row(row)


def versions(kind: str, code: str) -> list[PolicyRow]:
    """The versions of a policy, newest first. One query."""
    rows = sql.fetch_all(_VERSIONS + " WHERE p.kind = %s AND p.code = %s ORDER BY p.version DESC", (kind, code))
    return [_row(row) for row in rows]
