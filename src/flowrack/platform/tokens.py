"""API tokens: `frk_<id>_<secret>`, shown once, stored as a SHA-256 digest, good for some scopes, sites and days."""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import time
from dataclasses import replace

from django.db import connection

from flowrack.platform import sql
from flowrack.platform.http import Caller
from flowrack.platform.runner import Remembered
from flowrack.shared.errors import NotSignedIn

TOKEN = re.compile(r"frk_([0-9A-Za-z]{8,16})_([0-9A-Za-z]{20,64})")
REMEMBERED_SECONDS = 5
MOST_REMEMBERED = 1_000

_remembered: dict[bytes, tuple[float, Caller]] = {}  # digest -> good until, caller


def digest_of(token: str) -> bytes:
    """What is stored of a token. A plain hash is enough: the secret has more than 128 bits of chance."""
    return hashlib.sha256(token.encode()).digest()


def caller_of_token(token: str) -> Caller | None:
    """The living owner of a valid token with the grants that the token narrows; None for anything else. One query.

    The stamp of last use is renewed once a minute, by a second statement.
    """
    match = TOKEN.fullmatch(token)
    return _look_up(match[1], digest_of(token)) if match else None


def remembered_caller_of_token(token: str) -> Caller | None:
    """As caller_of_token, from memory when this process looked the token up a moment ago.

    Only for requests whose writes pass the door: it proves at its claim that no rights changed since.
    """
    found = _remembered.get(digest_of(token))
    return found[1] if found and found[0] > time.monotonic() else caller_of_token(token)


def forget_callers() -> None:
    """Remember no token any more."""
    _remembered.clear()


def _look_up(public_id: str, asked: bytes) -> Caller | None:
    row = sql.fetch_one(_LOOK_UP, (public_id,))
    if not row:
        return None
    # This look-up has just proved that the connection lives: spares a SELECT 1.
    connection.health_check_done = True  # type: ignore[attr-defined]
    token_id, user_id, name, digest, is_stale, grants, version, seconds_left = row
    if not hmac.compare_digest(bytes(digest), asked):
        return None
    if is_stale:
        sql.execute("UPDATE platform_apitoken SET last_used_at = clock_timestamp() WHERE id = %s", (token_id,))
    caller = Caller(
        user_id=user_id,
        name=name,
        grants={permission: frozenset(sites) for permission, sites in (grants or {}).items()},
        token_id=token_id,
    )
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    proof = Remembered(version, functools.partial(_renewed_grants, public_id, asked))
    _remembered[asked] = time.monotonic() + min(seconds_left, REMEMBERED_SECONDS), replace(caller, remembered=proof)
    return caller


def _renewed_grants(public_id: str, asked: bytes) -> dict[str, frozenset[int]]:
    _remembered.pop(asked, None)
    caller = _look_up(public_id, asked)
    if caller is None:
        raise NotSignedIn("This API token is not valid.", fix="It may be mistyped, expired or revoked.")
    return caller.grants


# A token without sites has its owner's; a token with sites has those of them at which its owner holds the permission.
_LOOK_UP = """
SELECT t.id, u.id, u.full_name, t.digest,
       t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute',
       (
           SELECT json_object_agg(g.permission, g.sites)
           FROM (
               SELECT p.permission, array_agg(DISTINCT s.site_id) AS sites
               FROM platform_userrole held
               JOIN platform_role r ON r.id = held.role_id
               CROSS JOIN LATERAL unnest(r.permissions) AS p(permission)
               CROSS JOIN LATERAL unnest(
                   CASE WHEN t.site_ids = '{}' THEN ARRAY[held.site_id] ELSE t.site_ids END
               ) AS s(site_id)
               WHERE held.user_id = u.id
                 AND (t.scopes = '{}' OR p.permission = ANY(t.scopes))
                 AND (held.site_id = 0 OR held.site_id = s.site_id)
               GROUP BY p.permission
           ) AS g
       ),
       coalesce((SELECT version FROM platform_rightsversion), 0),
       extract(epoch FROM t.expires_at - clock_timestamp())::float8
FROM platform_apitoken t JOIN platform_user u ON u.id = t.user_id AND u.is_active
WHERE t.public_id = %s AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
"""
