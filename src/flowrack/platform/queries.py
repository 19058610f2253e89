"""Reads for the platform's pages: people, tokens, the audit trail, refusals and events that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person in the list."""

    id: int
    username: str
    full_name: str
    roles: str
    state: str
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role that a person holds."""

    id: int
    code: str
    name: str
    site_id: int
    site: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An API token."""

    id: int
    name: str
    public_id: str
    owner_id: int
    owner: str
    scopes: str
    state: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One accepted command."""

    id: int
    recorded_at: datetime
    occurred_at: datetime
    actor: str
    command: str
    subject: str
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class RefusalEntry:
    """One refused command or turned-away request."""

    id: int
    recorded_at: datetime
    actor: str
    command: str
    code: str
    message: str
    address: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event that is not delivered yet."""

    id: int
    kind: str
    state: str
    attempts: int
    reason: str
    occurred_at: datetime
    next_try_at: datetime


_USERS = """
    SELECT u.id, u.username, u.full_name,
           coalesce((SELECT string_agg(DISTINCT r.name, ', ' ORDER BY r.name) FROM platform_userrole held
                     JOIN platform_role r ON r.id = held.role_id WHERE held.user_id = u.id), '') AS roles,
           CASE WHEN u.is_active THEN 'active' ELSE 'disabled' END AS state, u.last_login
    FROM platform_user u WHERE u.username <> 'system'
"""


def user_list(query: ListQuery) -> Page[UserRow]:
    """People by name. Two queries."""
    return sql_page(query, UserRow, _USERS, search=("username", "full_name", "roles"))


def user(user_id: int) -> UserRow | None:
    """One person. One query."""
    row = sql.fetch_one(f"SELECT * FROM ({_USERS}) u WHERE u.id = %s", (user_id,))  # noqa: S608
    return UserRow(*row) if row else None


def roles_of(user_id: int) -> list[RoleRow]:
    """The roles that a person holds. One query."""
    rows = sql.fetch_all(
        """
        SELECT held.id, r.code, r.name, held.site_id,
               CASE WHEN held.site_id = 0 THEN 'every site' ELSE coalesce(s.code, 'site ' || held.site_id) END,
               coalesce(g.full_name, ''), held.granted_at
        FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        LEFT JOIN platform_user g ON g.id = held.granted_by_id LEFT JOIN locations_site s ON s.id = held.site_id
        WHERE held.user_id = %s ORDER BY r.name, held.site_id
        """,
        (user_id,),
    )
    return [RoleRow(*row) for row in rows]


_TOKENS = """
    SELECT t.id, t.name, t.public_id, u.id AS owner_id, u.full_name AS owner,
           CASE WHEN t.scopes = '{}' THEN 'all of its owner' ELSE array_to_string(t.scopes, ', ') END AS scopes,
           CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN NOT u.is_active THEN 'owner disabled'
                WHEN t.expires_at <= now() THEN 'expired' ELSE 'active' END AS state,
           t.created_at, t.expires_at, t.last_used_at
    FROM platform_apitoken t JOIN platform_user u ON u.id = t.user_id
"""


def token_list(query: ListQuery) -> Page[TokenRow]:
    """API tokens. Two queries."""
    return sql_page(query, TokenRow, _TOKENS, search=("name", "public_id", "owner"))


def tokens_of(user_id: int) -> list[TokenRow]:
    """A person's tokens, newest first. One query."""
    rows = sql.fetch_all(
        f"SELECT * FROM ({_TOKENS}) t WHERE t.owner_id = %s ORDER BY t.id DESC LIMIT 100",  # noqa: S608
        (user_id,),
    )
    return [TokenRow(*row) for row in rows]


def audit_list(query: ListQuery) -> Page[AuditEntry]:
    """Accepted commands. Two queries."""
    return sql_page(
        query,
        AuditEntry,
        """
        SELECT c.id, c.recorded_at, c.occurred_at, u.full_name AS actor, c.command, c.subject, c.device,
               coalesce(host(c.address), '') AS address
        FROM platform_commandrecord c JOIN platform_user u ON u.id = c.actor_id
        """,
        search=("command", "subject", "actor", "device"),
    )


def refusal_list(query: ListQuery) -> Page[RefusalEntry]:
    """Refused commands and turned-away requests. Two queries."""
    return sql_page(
        query,
        RefusalEntry,
        """
        SELECT f.id, f.recorded_at, coalesce(u.full_name, 'nobody') AS actor, f.command, f.code, f.message,
               coalesce(host(f.address), '') AS address
        FROM platform_refusal f LEFT JOIN platform_user u ON u.id = f.actor_id
        """,
        search=("command", "code", "message", "actor"),
    )


def event_list(query: ListQuery) -> Page[EventRow]:
    """Events that are not delivered: waiting, tried again, or parked for a person. Two queries."""
    return sql_page(
        query,
        EventRow,
        """
        SELECT e.id, e.kind,
               CASE WHEN e.parked_reason <> '' THEN 'parked' WHEN e.attempts > 0 THEN 'retrying' ELSE 'waiting' END
                   AS state,
               e.attempts, CASE WHEN e.parked_reason <> '' THEN e.parked_reason ELSE e.last_error END AS reason,
               e.occurred_at, e.next_try_at
        FROM platform_outboxevent e WHERE e.done_at IS NULL
        """,
        search=("kind", "reason"),
    )


def roles_held(user_id: int) -> set[str]:
    """The codes of the roles that a person has at any site. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT r.code FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id"
        " WHERE held.user_id = %s",
        (user_id,),
    )
    return {code for (code,) in rows}
