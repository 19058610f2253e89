"""Reads about people who decide: who may at all, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.approvals.queries import rights_of
from flowrack.approvals.types import KINDS
from flowrack.platform import sql
from flowrack.platform.roles import ROLES, permissions_of


def approver_roles() -> list[str]:
    """The roles that a policy may ask."""
    return [role for role in ROLES if "approvals.decide" in permissions_of(role)]


def deciders(user_ids: Sequence[int] | None = None) -> dict[int, str]:
    """Active people (of those named, or all) who hold a role that may decide, by id with their names. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT u.id, u.full_name FROM platform_user u JOIN platform_userrole held ON held.user_id = u.id
        JOIN platform_role r ON r.id = held.role_id AND 'approvals.decide' = ANY(r.permissions)
        WHERE u.is_active AND (%s::bigint[] IS NULL OR u.id = ANY(%s::bigint[])) ORDER BY u.full_name, u.id
        """,
        (None if user_ids is None else list(user_ids), None if user_ids is None else list(user_ids)),
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """A delegation with the names of both."""

    id: int
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    begins_at: datetime
    until: datetime
    kinds: list[str]
    revoked_at: datetime | None
    written_by: str


_DELEGATIONS = """
    SELECT d.id, d.from_person_id, f.full_name, d.to_person_id, t.full_name, d.begins_at, d.until, d.kinds,
           d.revoked_at, w.full_name
    FROM approvals_delegation d JOIN platform_user f ON f.id = d.from_person_id
    JOIN platform_user t ON t.id = d.to_person_id JOIN platform_user w ON w.id = d.written_by_id
"""


def delegation(delegation_id: int) -> DelegationRow | None:
    """One delegation. One query."""
    row = sql.fetch_one(_DELEGATIONS + " WHERE d.id = %s", (delegation_id,))
    return DelegationRow(*row) if row else None


def delegations(*, person_id: int, everybody: bool, before: int | None = None, limit: int = 100) -> list[DelegationRow]:
    """Delegations of a person in either direction, or of everybody; newest first. One query."""
    rows = sql.fetch_all(
        _DELEGATIONS
        + """
        WHERE (%s OR %s IN (d.from_person_id, d.to_person_id)) AND (%s::bigint IS NULL OR d.id < %s::bigint)
        ORDER BY d.id DESC LIMIT %s
        """,
        (everybody, person_id, before, before, limit),
    )
    return [DelegationRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DelegationLine:
    """A delegation as the list shows it."""

    id: int
    from_name: str
    to_name: str
    state: str
    begins_at: datetime
    until: datetime
    what: str
    written_by: str


def delegation_lines(*, person_id: int, at: datetime) -> list[DelegationLine]:
    """The delegations that a person sees: their own, or all for who writes policies. Two queries."""
    everybody = any("approvals.policy" in permissions_of(role) for right in rights_of(person_id, at)[:1]
                    for role, _ in right.roles if not right.delegation_id)  # fmt: skip
    return [
        DelegationLine(d.id, d.from_name, d.to_name, _state(d, at), d.begins_at, d.revoked_at or d.until,
                       ", ".join(KINDS[k].label if k in KINDS else k for k in d.kinds) or "everything", d.written_by)
        for d in delegations(person_id=person_id, everybody=everybody, limit=500)
    ]  # fmt: skip


def _state(row: DelegationRow, at: datetime) -> str:
    if row.revoked_at is not None or row.until <= at:
        return "over"
    return "later" if row.begins_at > at else "now"
