"""The lock of overrides: after the order lines, before the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql


def overrides(override_ids: Sequence[int]) -> dict[int, tuple[bool, str]]:
    """(Whether it is over, verdict) of overrides, locked. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, ended_at IS NOT NULL, verdict FROM allocation_override
        WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        (sorted(set(override_ids)),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
