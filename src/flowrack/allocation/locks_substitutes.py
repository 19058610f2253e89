"""The locks of substitutes: after the order lines."""

from __future__ import annotations

from flowrack.platform import sql


def request_of(request_id: int) -> tuple[str, int] | None:
    """(State, order line) of a request, locked; None when there is none. One statement."""
    row = sql.fetch_one(
        "SELECT state, order_line_id FROM allocation_substituterequest WHERE id = %s FOR NO KEY UPDATE", (request_id,)
    )
    return (str(row[0]), int(row[1])) if row else None


def consent_of(customer_id: int, item_id: int, substitute_id: int) -> int:
    """The consent in force, locked; 0 when none. One statement."""
    return int(
        sql.fetch_value(
            """
            SELECT id FROM allocation_substituteconsent
            WHERE customer_id = %s AND item_id = %s AND replaces_with_id = %s AND ended_at IS NULL FOR NO KEY UPDATE
            """,
            (customer_id, item_id, substitute_id),
        )
        or 0
    )
