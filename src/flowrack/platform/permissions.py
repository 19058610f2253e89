"""What a person may do where: roles grant permissions `stage.verb` at one site or (site 0) at all."""

from __future__ import annotations

from flowrack.platform import sql


def grants_of(user_id: int) -> dict[str, frozenset[int]]:
    """Permission -> sites of an active user; empty for anybody else. One query, read anew for every request."""
    rows = sql.fetch_all(
        """
        SELECT p.permission, array_agg(DISTINCT held.site_id)
        FROM platform_userrole held
        JOIN platform_user u ON u.id = held.user_id AND u.is_active
        JOIN platform_role r ON r.id = held.role_id
        CROSS JOIN LATERAL unnest(r.permissions) AS p(permission)
        WHERE held.user_id = %s
        GROUP BY p.permission
        """,
        (user_id,),
    )
    return {permission: frozenset(sites) for permission, sites in rows}
