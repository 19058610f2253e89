"""API tokens: `frk_<id>_<secret>`, shown once, stored as a SHA-256 digest, good for some scopes, sites and days."""

from __future__ import annotations

import hashlib
import hmac
import re

from django.db import connection

from flowrack.platform import sql
from flowrack.platform.http import Caller

TOKEN = re.compile(r"frk_([0-9A-Za-z]{8,16})_([0-9A-Za-z]{20,64})")


def digest_of(token: str) -> bytes:
    """What is stored of a token. A plain hash is enough: the secret has more than 128 bits of chance."""
    return hashlib.sha256(token.encode()).digest()


def caller_of_token(token: str) -> Caller | None:
    """The living owner of a valid token with the grants that the token narrows; None for anything else. One query.

    The stamp of last use is renewed once a minute, by a second statement.
    """
    match = TOKEN.fullmatch(token)
    row = match and sql.fetch_one(_LOOK_UP, (match[1],))
    if not row:
        return None
    # This look-up has just proved that the connection lives: spares a SELECT 1.
    connection.health_check_done = True  # type: ignore[attr-defined]
    token_id, user_id, name, digest, is_stale, grants = row
    if not hmac.compare_digest(bytes(digest), digest_of(token)):
        return None
    if is_stale:
        sql.execute("UPDATE platform_apitoken SET last_used_at = clock_timestamp() WHERE id = %s", (token_id,))
    return Caller(
        user_id=user_id,
        name=name,
        grants={permission: frozenset(sites) for permission, sites in (grants or {}).items()},
        token_id=token_id,
    )


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
       )
FROM platform_apitoken t JOIN platform_user u ON u.id = t.user_id AND u.is_active
WHERE t.public_id = %s AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
"""
