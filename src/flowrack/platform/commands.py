"""The platform's own commands: people, roles, tokens, and events that failed."""

from __future__ import annotations

import secrets
import string
from datetime import timedelta

from flowrack.platform import duties, passwords, sql
from flowrack.platform.roles import PERMISSIONS, ROLES, permissions_of
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.platform.tokens import digest_of
from flowrack.platform.types import (
    ChangePassword,
    ChangeUser,
    CreateToken,
    CreateUser,
    Done,
    GrantRole,
    HeldRole,
    RetryEvents,
    RevokeRole,
    RevokeToken,
    RoleConflict,
    TokenMade,
    UserMade,
)
from flowrack.shared.errors import BadLine, DutiesConflict, Invalid, NotFound
from flowrack.shared.refs import ref

LETTERS = string.ascii_letters + string.digits
LONGEST_TOKEN_DAYS = 365

refuse_on(
    "platform_user_username_key",
    lambda: Invalid("There is a user with this name already.", lines=[BadLine(0, "username", "Choose another name.")]),
)


@command(permission="platform.users", result=UserMade)
def create_user(ctx: Context, req: CreateUser) -> UserMade:
    """Make a person who can sign in, with roles. Refuses with Invalid or RoleConflict, naming each role."""
    username = req.username.strip().lower()
    lines = []
    if not username or len(username) > 80 or any(c.isspace() for c in username):
        lines.append(BadLine(0, "username", "A user name has 1 to 80 characters and no spaces."))
    if sql.fetch_value("SELECT EXISTS (SELECT FROM platform_user WHERE lower(username) = %s)", (username,)):
        lines.append(BadLine(0, "username", f"There is a user {username} already.", "Choose another name."))
    if not req.full_name.strip():
        lines.append(BadLine(0, "full_name", "The name is missing."))
    lines += _unknown_roles(req.roles)
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    passwords.check_new(req.password, username=username, full_name=req.full_name)
    _refuse_conflicts(req.roles)
    user_id = sql.fetch_value(
        """
        INSERT INTO platform_user (username, full_name, email, password, is_active)
        VALUES (%s, %s, %s, %s, true) RETURNING id
        """,
        (username, req.full_name.strip(), req.email.strip(), passwords.hash_of(req.password)),
    )
    _grant(ctx, user_id, req.roles)
    ctx.subject = ref("platform.user", user_id)
    return UserMade(user_id)


@command(permission="platform.users", result=Done)
def change_user(ctx: Context, req: ChangeUser) -> Done:
    """Disable or enable a person. Disabling revokes their API tokens in the same transaction."""
    ctx.require_other_person(req.user_id, rule="S20", sentence="You cannot disable or enable yourself.")
    _lock_user(ctx, req.user_id)
    sql.execute("UPDATE platform_user SET is_active = %s WHERE id = %s", (req.is_active, req.user_id))
    revoked = 0
    if not req.is_active:
        revoked = sql.execute(
            "UPDATE platform_apitoken SET revoked_at = %s WHERE user_id = %s AND revoked_at IS NULL",
            (ctx.now, req.user_id),
        )
    return Done(1 + revoked)


@command(permission="platform.users", result=Done)
def grant_role(ctx: Context, req: GrantRole) -> Done:
    """Give a person a role. Refuses a role of one's own, and roles that no one may hold together (RoleConflict)."""
    _not_oneself(ctx, req.user_id)
    _lock_user(ctx, req.user_id)
    lines = _unknown_roles([HeldRole(req.role, req.site_id)])
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    _refuse_conflicts([*_held(req.user_id), HeldRole(req.role, req.site_id)])
    return Done(_grant(ctx, req.user_id, [HeldRole(req.role, req.site_id)]))


@command(permission="platform.users", result=Done)
def revoke_role(ctx: Context, req: RevokeRole) -> Done:
    """Take a role from a person; it ends with their next request."""
    _not_oneself(ctx, req.user_id)
    _lock_user(ctx, req.user_id)
    count = sql.execute(
        """
        DELETE FROM platform_userrole held USING platform_role r
        WHERE r.id = held.role_id AND held.user_id = %s AND r.code = %s AND held.site_id = %s
        """,
        (req.user_id, req.role, req.site_id),
    )
    if not count:
        raise NotFound("This person does not hold this role at this site.")
    return Done(count)


@command(permission="platform.self", result=Done)
def change_password(ctx: Context, req: ChangePassword) -> Done:
    """Change one's own password; every other session of the person ends."""
    row = sql.fetch_one("SELECT password, username, full_name FROM platform_user WHERE id = %s", (ctx.actor_id,))
    assert row is not None
    if not passwords.fits(req.old, row[0]):
        raise Invalid("The old password is wrong.", lines=[BadLine(0, "old", "The old password is wrong.")])
    passwords.check_new(req.new, username=row[1], full_name=row[2])
    ctx.subject = ref("platform.user", ctx.actor_id)
    return Done(
        sql.execute("UPDATE platform_user SET password = %s WHERE id = %s", (passwords.hash_of(req.new), ctx.actor_id))
    )


@command(permission="platform.tokens", result=TokenMade)
def create_token(ctx: Context, req: CreateToken) -> TokenMade:
    """Make an API token. Its scopes may not go beyond what its owner may do; its text is shown this once.

    Whoever makes a token reads it, and could act in the owner's name. So it is for oneself or for an integration client
    only; for a person it is refused with DutiesConflict (S21).
    """
    _lock_user(ctx, req.user_id)
    held = _held(req.user_id)
    if req.user_id != ctx.actor_id and {one.role for one in held} != {"integration"}:
        raise DutiesConflict(
            "A token for a person could be used in that person's name.",
            fix="Make a user with the integration client role and give it the token.",
            rule="S21",
        )
    owned = {p for one in held for p in permissions_of(one.role)}
    lines = [
        BadLine(number, "scopes", f"The owner does not hold {scope}." if scope in PERMISSIONS else f"No such: {scope}.")
        for number, scope in enumerate(req.scopes, 1)
        if scope not in owned
    ]
    if not req.name.strip():
        lines.append(BadLine(0, "name", "Say what the token is for."))
    if not 1 <= req.days <= LONGEST_TOKEN_DAYS:
        lines.append(BadLine(0, "days", f"A token lives 1 to {LONGEST_TOKEN_DAYS} days."))
    if lines:
        raise Invalid(lines[0].message, lines=lines)
    public_id = "".join(secrets.choice(LETTERS) for _ in range(12))
    token = f"frk_{public_id}_{''.join(secrets.choice(LETTERS) for _ in range(43))}"
    token_id = sql.fetch_value(
        """
        INSERT INTO platform_apitoken (user_id, name, public_id, digest, scopes, site_ids, expires_at)
        VALUES (%s, %s, %s, %s, %s::text[], %s::bigint[], %s) RETURNING id
        """,
        (
            req.user_id,
            req.name.strip()[:80],
            public_id,
            digest_of(token),
            req.scopes,
            req.site_ids,
            ctx.now + timedelta(days=req.days),
        ),
    )
    return TokenMade(token_id, token)


@command(permission="platform.tokens", result=Done)
def revoke_token(ctx: Context, req: RevokeToken) -> Done:
    """End an API token at once."""
    user_id = sql.fetch_value(
        "UPDATE platform_apitoken SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL RETURNING user_id",
        (ctx.now, req.token_id),
    )
    if user_id is None:
        raise NotFound("There is no such token, or it is revoked already.")
    ctx.subject = ref("platform.user", user_id)
    return Done(1)


@command(permission="platform.outbox", result=Done)
def retry_events(ctx: Context, req: RetryEvents) -> Done:
    """Deliver parked events again, from the first attempt."""
    return Done(
        sql.execute(
            """
            UPDATE platform_outboxevent SET parked_reason = '', attempts = 0, next_try_at = clock_timestamp()
            WHERE id = ANY(%s::bigint[]) AND done_at IS NULL AND parked_reason <> ''
            """,
            (req.event_ids,),
        )
    )


def _lock_user(ctx: Context, user_id: int) -> None:
    """Hold the person's row, so that two grants at once cannot add up to a conflict."""
    ctx.subject = ref("platform.user", user_id)
    row = sql.fetch_one("SELECT username FROM platform_user WHERE id = %s FOR NO KEY UPDATE", (user_id,))
    if row is None:
        raise NotFound("There is no such user.")
    if row[0] == "system":
        raise Invalid("This user is Flowrack itself and cannot be changed.")


def _not_oneself(ctx: Context, user_id: int) -> None:
    ctx.require_other_person(user_id, rule="S20", sentence="You cannot change your own roles.")


def _held(user_id: int) -> list[HeldRole]:
    rows = sql.fetch_all(
        """
        SELECT r.code, held.site_id FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s ORDER BY 1, 2
        """,
        (user_id,),
    )
    return [HeldRole(*row) for row in rows]


def _unknown_roles(roles: list[HeldRole]) -> list[BadLine]:
    return [
        BadLine(number, "role", f"There is no role {one.role} to give.")
        for number, one in enumerate(roles, 1)
        if one.role not in ROLES or one.role == "system"
    ]


def _refuse_conflicts(roles: list[HeldRole]) -> None:
    found = [c for c in duties.conflicts(roles, permissions_of) if c.severity == "H"]
    if found:
        lines = [
            BadLine(0, "role", f"{c.rule}: {ROLES[c.left_role]} with {ROLES[c.right_role]} ({c.risk}).") for c in found
        ]
        raise RoleConflict(lines[0].message, fix="Give one of the two roles to a colleague.", lines=lines)


def _grant(ctx: Context, user_id: int, roles: list[HeldRole]) -> int:
    return sql.execute(
        """
        INSERT INTO platform_userrole (user_id, role_id, site_id, granted_by_id)
        SELECT %s, r.id, g.site_id, %s FROM unnest(%s::text[], %s::bigint[]) AS g(role, site_id)
        JOIN platform_role r ON r.code = g.role
        ON CONFLICT (user_id, role_id, site_id) DO NOTHING
        """,
        (user_id, ctx.actor_id, [one.role for one in roles], [one.site_id for one in roles]),
    )
