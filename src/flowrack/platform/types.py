"""Requests, results and refusals of the platform's own commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import PlainSerializer

from flowrack.shared.errors import FlowrackError

# A text that is never written down: the command record keeps "" in its place.
Secret = Annotated[str, PlainSerializer(lambda _: "")]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at a site (0 = every site)."""

    role: str
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class CreateUser:
    """Make a person who can sign in."""

    username: str
    full_name: str
    password: Secret
    email: str = ""
    roles: list[HeldRole] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UserMade:
    """The new person."""

    user_id: int


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """Let a person sign in again, or no more; disabling revokes their tokens and ends their sessions."""

    user_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Give a person a role at a site (0 = every site)."""

    user_id: int
    role: str
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class RevokeRole:
    """Take a role from a person."""

    user_id: int
    role: str
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Change one's own password."""

    old: Secret
    new: Secret


@dataclass(frozen=True, slots=True)
class CreateToken:
    """Make an API token of a person; without scopes and sites it may do what its owner may."""

    user_id: int
    name: str
    scopes: list[str] = field(default_factory=list)
    site_ids: list[int] = field(default_factory=list)
    days: int = 90


@dataclass(frozen=True, slots=True)
class TokenMade:
    """The new token. Its text is shown this once; a repeated request answers with an empty one."""

    token_id: int
    token: Secret


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """End an API token at once."""

    token_id: int


@dataclass(frozen=True, slots=True)
class RetryEvents:
    """Deliver parked events again."""

    event_ids: list[int]


@dataclass(frozen=True, slots=True)
class Done:
    """How many rows a command changed."""

    count: int


class RoleConflict(FlowrackError):
    """Two roles that no one person may hold together (segregation of duties)."""

    code = "role_conflict"
    status = 409


class SignInRefused(FlowrackError):
    """Name and password do not fit, or there were too many attempts; the sentence does not say which is wrong."""

    code = "sign_in_refused"
    status = 401
