"""The lock of a request for an urgent order: after the order lines and before nothing but the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql


def request_state(request_id: int) -> str:
    """Where the request stands, locked; its order lines are locked before. One statement."""
    return str(
        sql.fetch_value("SELECT state FROM allocation_priorityrequest WHERE id = %s FOR NO KEY UPDATE", (request_id,))
    )


def notices(notice_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """(Id, state, site) of letters, locked. One statement."""
    return [
        (row[0], row[1], row[2])
        for row in sql.fetch_all(
            """
            SELECT n.id, n.state, o.site_id FROM allocation_customernotice n JOIN sales_order o ON o.id = n.order_id
            WHERE n.id = ANY(%s::bigint[]) ORDER BY n.id FOR NO KEY UPDATE OF n
            """,
            (list(notice_ids),),
        )
    ]
